//! The differences that are accepted, each with its reason.

use crate::compare::Outcome;
use crate::script::Script;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// The list, and how many lines each entry has accepted.
#[derive(Debug)]
pub(crate) struct Accepted {
    entries: Vec<(Entry, usize)>,
}

/// Patterns, in which `*` stands for anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The file and the name of a script, as reports show them.
    #[serde(default = "anything")]
    script: String,
    /// The command line.
    #[serde(default = "anything")]
    command: String,
    /// The line that differs, as reports show it.
    line: String,
    reason: String,
}

fn anything() -> String {
    "*".to_owned()
}

impl Accepted {
    /// Reads the list.
    pub(crate) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("accepted.yaml")).unwrap();
        let entries: Option<Vec<Entry>> = serde_saphyr::from_str(&text).unwrap();
        let entries = entries.unwrap_or_default();
        for entry in &entries {
            assert!(!entry.reason.trim().is_empty(), "accepted.yaml: an entry needs a reason: {entry:?}");
        }
        Self { entries: entries.into_iter().map(|entry| (entry, 0)).collect() }
    }

    /// Takes out what is accepted.
    pub(crate) fn apply(&mut self, script: &Script, mut outcome: Outcome) -> Outcome {
        let title = script.title();
        outcome.lines.retain(|line| {
            let mut accepted = false;
            for (entry, count) in &mut self.entries {
                let patterns =
                    [(&entry.script, &title), (&entry.command, &outcome.command), (&entry.line, line)];
                if patterns.iter().all(|(pattern, text)| matches(pattern, text)) {
                    *count += 1;
                    accepted = true;
                }
            }
            !accepted
        });
        outcome
    }

    /// How many lines are accepted.
    pub(crate) fn count(&self) -> usize {
        self.entries.iter().map(|(_, count)| count).sum()
    }

    /// The entries that accept nothing.
    pub(crate) fn unused(&self) -> Vec<String> {
        let unused = self.entries.iter().filter(|(_, count)| *count == 0);
        unused.map(|(entry, _)| format!("{} / {} / {}", entry.script, entry.command, entry.line)).collect()
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
