//! Warnings that API servers send beside an answer (a deprecated API, a field that will go away).
//!
//! They come in `Warning` headers (RFC 7234, section 5.5); Kubernetes uses code 299.

mod encoded_words;
mod writer;

use std::fmt;

use http::HeaderMap;
use http::header::WARNING;

pub use writer::WriteWarnings;

/// The code of all warnings that Kubernetes sends.
const KUBERNETES: u16 = 299;
/// The most warnings that are read from one answer: a hostile server may send a header of any length.
const MAX_WARNINGS: usize = 64;

/// One warning of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// What kind of warning it is; 299 for all that Kubernetes sends.
    pub code: u16,
    /// Who warns; `-` when unknown, which is what Kubernetes sends.
    pub agent: String,
    /// The text for people.
    pub text: String,
}

/// Gets the warnings of every answer that carries some.
pub trait WarningHandler: fmt::Debug + Send + Sync {
    /// Takes one warning. Called on the task that awaits the answer, so it should not block.
    fn handle(&self, warning: &Warning);
}

/// Logs warnings of code 299 through `tracing`, at the warning level. The default.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct LogWarnings;

impl WarningHandler for LogWarnings {
    fn handle(&self, warning: &Warning) {
        if warning.code == KUBERNETES && !warning.text.is_empty() {
            tracing::warn!(target: "kubeset::warnings", "{}", warning.text);
        }
    }
}

/// Drops every warning.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoWarnings;

impl WarningHandler for NoWarnings {
    fn handle(&self, _: &Warning) {}
}

/// Hands the warnings in `headers` to `handler`. What cannot be read as a warning is passed over.
pub(crate) fn report(headers: &HeaderMap, handler: &dyn WarningHandler) {
    let lines: Vec<_> =
        headers.get_all(WARNING).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    for warning in lines.iter().flat_map(|line| Parser::new(line)).take(MAX_WARNINGS) {
        handler.handle(&warning);
    }
}

/// Reads `299 agent "text" ["date"]`, again and again with commas between.
struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn new(line: &'a str) -> Self {
        Self { rest: line }
    }

    fn warning(&mut self) -> Option<Warning> {
        self.rest = self.rest.trim_start_matches([' ', '\t', ',']);
        let (code, rest) = self.rest.split_once(' ')?;
        if code.len() != 3 {
            return None;
        }
        let code = code.parse().ok()?;
        let (agent, rest) = rest.trim_start().split_once(' ')?;
        let (text, rest) = quoted(rest.trim_start())?;
        let rest = rest.trim_start();
        self.rest = quoted(rest).map_or(rest, |(_date, rest)| rest.trim_start());
        let ended = self.rest.is_empty() || self.rest.starts_with(',');
        ended.then(|| Warning {
            code,
            agent: agent.to_owned(),
            text: printable(&encoded_words::decode(&text)),
        })
    }
}

impl Iterator for Parser<'_> {
    type Item = Warning;

    fn next(&mut self) -> Option<Warning> {
        let warning = self.warning();
        if warning.is_none() {
            self.rest = "";
        }
        warning
    }
}

/// The text with blanks in place of control characters, which could change what a terminal shows.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Splits a quoted string with `\` escapes off the front of `text`.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut unquoted = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((unquoted, &inner[at + 1..])),
            '\\' => unquoted.push(characters.next()?.1),
            other => unquoted.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        Parser::new(line).map(|warning| warning.text).collect()
    }

    #[test]
    fn commas_inside_quotes_do_not_split_a_warning() {
        assert_eq!(texts(r#"299 - "a, b", 299 - "c""#), ["a, b", "c"]);
    }

    #[test]
    fn escapes_are_undone_and_a_date_is_passed_over() {
        let line = r#"299 kube "say \"hi\"" "Wed, 21 Oct 2015 07:28:00 GMT", 199 - "x""#;
        assert_eq!(texts(line), [r#"say "hi""#, "x"]);
    }

    #[test]
    fn what_is_not_a_warning_ends_the_line_without_a_panic() {
        for line in ["", ",", "299", "299 -", "299 - text", r#"299 - "open"#, r#"29 - "x""#, r#"299 - "x" y"#]
        {
            assert_eq!(texts(line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn a_warning_cannot_control_a_terminal() {
        for line in ["299 - \"\u{1b}[2J\"", "299 - \"\\\u{1b}[2J\"", r#"299 - "=?utf-8?q?=1B[2J?=""#] {
            assert_eq!(texts(line), [" [2J"], "{line}");
        }
    }

    #[test]
    fn agent_and_code_are_kept() {
        let warnings: Vec<_> = Parser::new(r#"299 kube-apiserver "old""#).collect();
        assert_eq!(warnings, [Warning { code: 299, agent: "kube-apiserver".into(), text: "old".into() }]);
    }
}
