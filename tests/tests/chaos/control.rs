//! Asking the command that started this program to end and to start the API server.
//!
//! A request is a line on standard output, and its answer a line on standard input.

use std::io::{self, BufRead as _, Write as _};
use std::thread;

use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What a request begins with. The harness of tests writes to standard output too.
const PREFIX: &str = "chaos: ";

/// The way to the command that started this program.
pub(crate) struct Control {
    answers: Mutex<UnboundedReceiver<String>>,
}

impl Control {
    /// Begins to listen. The program ends when nobody is there any more to answer.
    pub(crate) fn new() -> Self {
        let (sender, answers) = unbounded_channel();
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_ok_and(|line| sender.send(line).is_err()) {
                    return;
                }
            }
            eprintln!("chaos: whoever started this is gone: it is `cargo xtask chaos` that does");
            std::process::exit(1);
        });
        Self { answers: Mutex::new(answers) }
    }

    /// Ends the API server without a chance to say goodbye.
    pub(crate) async fn kill(&self) -> Result<(), String> {
        self.ask("kill").await
    }

    /// Asks the API server to end, and waits until it has.
    pub(crate) async fn terminate(&self) -> Result<(), String> {
        self.ask("terminate").await
    }

    /// Starts the API server, and waits until it is ready.
    pub(crate) async fn start(&self) -> Result<(), String> {
        self.ask("start").await
    }

    async fn ask(&self, request: &str) -> Result<(), String> {
        let mut answers = self.answers.lock().await;
        let mut output = io::stdout().lock();
        // The harness may have begun a line.
        let written = write!(output, "\n{PREFIX}{request}\n").and_then(|()| output.flush());
        drop(output);
        written.map_err(|error| format!("nobody reads what this program writes: {error}"))?;
        match answers.recv().await.as_deref() {
            Some("ok") => Ok(()),
            Some(error) => Err(format!("the API server does not {request}: {error}")),
            None => Err("nobody answers".to_owned()),
        }
    }
}
