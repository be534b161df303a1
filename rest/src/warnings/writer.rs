//! Warnings for people at a terminal.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::{Warning, WarningHandler};

/// How many different warnings are remembered: a hostile server can make up any number.
const MAX_REMEMBERED: usize = 1_000;

/// Writes each warning of code 299 as a line, `Warning: …`, as command line tools do.
///
/// ```
/// use std::sync::Arc;
/// use kubeset_rest::{Config, WriteWarnings};
///
/// let mut config = Config::new("https://cluster.example");
/// config.warning_handler = Some(Arc::new(WriteWarnings::new(std::io::stderr()).deduplicate()));
/// ```
pub struct WriteWarnings<W> {
    state: Mutex<State<W>>,
    deduplicate: bool,
    color: bool,
}

struct State<W> {
    writer: W,
    written: BTreeSet<String>,
}

impl<W: Write + Send> WriteWarnings<W> {
    /// Writes to `writer`. That it fails (the terminal is gone) is passed over: no call depends on it.
    pub fn new(writer: W) -> Self {
        let state = Mutex::new(State { writer, written: BTreeSet::new() });
        Self { state, deduplicate: false, color: false }
    }

    /// Writes the same warning only once.
    #[must_use]
    pub fn deduplicate(mut self) -> Self {
        self.deduplicate = true;
        self
    }

    /// Writes the word `Warning` in the terminal's yellow.
    #[must_use]
    pub fn color(mut self) -> Self {
        self.color = true;
        self
    }
}

impl<W: Write + Send> WarningHandler for WriteWarnings<W> {
    fn handle(&self, warning: &Warning) {
        if warning.code != super::KUBERNETES || warning.text.is_empty() {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.deduplicate {
            if state.written.len() >= MAX_REMEMBERED {
                state.written.clear();
            }
            if !state.written.insert(warning.text.clone()) {
                return;
            }
        }
        let label = if self.color { "\u{1b}[33;1mWarning:\u{1b}[0m" } else { "Warning:" };
        // See `new`: there is nobody to tell.
        let _ = writeln!(state.writer, "{label} {}", warning.text);
    }
}

impl<W> fmt::Debug for WriteWarnings<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WriteWarnings")
            .field("deduplicate", &self.deduplicate)
            .field("color", &self.color)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn warning(code: u16, text: &str) -> Warning {
        Warning { code, agent: "-".to_owned(), text: text.to_owned() }
    }

    fn written(configure: fn(WriteWarnings<Written>) -> WriteWarnings<Written>) -> String {
        let output = Written::default();
        let handler = configure(WriteWarnings::new(output.clone()));
        for text in ["old", "older", "old", ""] {
            handler.handle(&warning(299, text));
        }
        handler.handle(&warning(199, "not ours"));
        String::from_utf8(output.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn each_warning_is_a_line() {
        assert_eq!(written(|handler| handler), "Warning: old\nWarning: older\nWarning: old\n");
    }

    #[test]
    fn a_warning_can_be_written_once() {
        assert_eq!(written(WriteWarnings::deduplicate), "Warning: old\nWarning: older\n");
    }

    #[test]
    fn the_word_can_be_colored() {
        assert!(written(WriteWarnings::color).starts_with("\u{1b}[33;1mWarning:\u{1b}[0m old\n"));
    }
}
