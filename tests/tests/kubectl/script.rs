//! The format of scripts, which `tests/kubectl/README.md` describes.

use crate::comparison;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Some commands that belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    pub(crate) name: String,
    /// Files by name, in the folder where the commands run.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    commands: Vec<Command>,
    #[serde(skip)]
    file: String,
}

/// The arguments of kubectl, or more about a command.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Command {
    Plain(String),
    Detailed(Detailed),
}

/// A command, and how it is run and compared.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Detailed {
    /// The arguments of kubectl.
    pub(crate) run: String,
    /// What it reads from standard input.
    pub(crate) stdin: Option<String>,
    /// The program that `kubectl edit` runs on a file.
    pub(crate) editor: Option<String>,
    /// Whether the order of lines does not matter.
    #[serde(default)]
    pub(crate) unordered: bool,
    /// Only lines with this text are compared.
    pub(crate) only: Option<String>,
    /// Seconds to wait before.
    pub(crate) wait: Option<f64>,
    /// For a command that goes on until it is stopped.
    pub(crate) follow: Option<Follow>,
    /// Repeats the command until it prints this.
    pub(crate) until: Option<String>,
    /// Whether only the effect matters, and what is printed does not.
    #[serde(default)]
    pub(crate) silent: bool,
}

/// A command that goes on until it is stopped, such as a watch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Follow {
    /// How many lines it prints before anything is done.
    #[serde(default)]
    pub(crate) first: usize,
    /// What is done meanwhile.
    #[serde(default, rename = "while")]
    pub(crate) commands: Vec<String>,
    /// After how many lines it is stopped.
    pub(crate) lines: usize,
}

impl Script {
    /// The file and the name.
    pub(crate) fn title(&self) -> String {
        format!("{}: {}", self.file, self.name)
    }

    /// The commands, after the one that makes the namespace.
    pub(crate) fn all(&self) -> Vec<Detailed> {
        let plain = |run: &str| Detailed { run: run.to_owned(), ..Detailed::default() };
        let commands = self.commands.iter().map(|command| match command {
            Command::Plain(run) => plain(run),
            Command::Detailed(detailed) => detailed.clone(),
        });
        std::iter::once(plain("create namespace {unique}")).chain(commands).collect()
    }
}

/// All scripts, in the order of their files.
pub(crate) fn read(folder: &Path) -> Vec<Script> {
    let scripts = comparison::scripts::<Script>(folder).into_iter();
    scripts.map(|(file, script)| Script { file, ..script }).collect()
}

/// Cuts a command line into words: at blanks that do not stand in quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_end_at_blanks_outside_of_quotes() {
        assert_eq!(words("get  pods -l 'a in (b, c)'"), ["get", "pods", "-l", "a in (b, c)"]);
        assert_eq!(words(r#"patch x -p '{"a": "b c"}' "" "#), ["patch", "x", "-p", r#"{"a": "b c"}"#, ""]);
        assert_eq!(words("-o=jsonpath='{.a}'"), ["-o=jsonpath={.a}"]);
    }
}
