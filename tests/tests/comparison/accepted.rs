//! The differences that are accepted, each with its reason.

use serde::Deserialize;
use std::fs;
use std::path::Path;

/// The list, and how often each entry has accepted something.
#[derive(Debug)]
pub(crate) struct Accepted {
    entries: Vec<(Entry, usize)>,
}

/// Patterns, in which `*` stands for anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The file and the name of a script, as reports show them.
    script: String,
    /// The step or the command line as reports show it, without its number.
    #[serde(default = "anything", alias = "command")]
    step: String,
    /// What differs, as reports show it: where in the answer, or which line.
    #[serde(alias = "line")]
    path: String,
    reason: String,
}

fn anything() -> String {
    "*".to_owned()
}

impl Accepted {
    /// Reads `accepted.yaml` of a folder.
    pub(crate) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("accepted.yaml")).unwrap();
        let entries: Option<Vec<Entry>> = serde_saphyr::from_str(&text).unwrap();
        let entries = entries.unwrap_or_default();
        for entry in &entries {
            assert!(!entry.reason.trim().is_empty(), "accepted.yaml: an entry needs a reason: {entry:?}");
        }
        Self { entries: entries.into_iter().map(|entry| (entry, 0)).collect() }
    }

    /// Whether a difference is accepted. Each entry that accepts it counts it.
    pub(crate) fn accepts(&mut self, script: &str, step: &str, path: &str) -> bool {
        let mut accepts = false;
        for (entry, count) in &mut self.entries {
            if matches(&entry.script, script) && matches(&entry.step, step) && matches(&entry.path, path) {
                *count += 1;
                accepts = true;
            }
        }
        accepts
    }

    /// How many differences are accepted.
    pub(crate) fn count(&self) -> usize {
        self.entries.iter().map(|(_, count)| count).sum()
    }

    /// The entries that accept nothing.
    pub(crate) fn unused(&self) -> Vec<String> {
        let unused = self.entries.iter().filter(|(_, count)| *count == 0);
        unused.map(|(entry, _)| format!("{} / {} / {}", entry.script, entry.step, entry.path)).collect()
    }
}

/// Whether a text is what a pattern says.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(after, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_anything() {
        assert!(matches("*", "") && matches("a*c", "abbc") && matches("a*b*", "axbx") && matches("a", "a"));
        assert!(!matches("a*c", "abb") && !matches("a", "ab"));
    }
}
