//! One of the two servers, and kubectl on it.

use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, and what kubectl remembers of it.
#[derive(Debug)]
pub(crate) struct Side {
    /// Tells the two apart, in names.
    pub(crate) letter: char,
    /// The server's URL.
    pub(crate) url: String,
    kubectl: String,
    kubeconfig: Value,
    /// Of kubectl: what it discovers on one server must not be used on the other.
    home: TempDir,
}

/// Where a script runs on a server.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) side: &'a Side,
    /// The name of the script's namespace, and of all that lies in none.
    pub(crate) unique: String,
    /// The working directory.
    folder: TempDir,
}

/// What a command printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Side {
    /// The server of the context `admin`.
    pub(crate) fn new(letter: char, kubectl: &str, kubeconfig: &str) -> Self {
        // Both servers' files are JSON.
        let kubeconfig: Value = serde_json::from_str(kubeconfig).unwrap();
        let named = |list: &str, name: &Value| {
            let found = kubeconfig[list].as_array().unwrap().iter().find(|entry| entry["name"] == *name);
            found.unwrap().clone()
        };
        let context = named("contexts", &json!("admin"));
        let url = named("clusters", &context["context"]["cluster"])["cluster"]["server"]
            .as_str()
            .unwrap()
            .to_owned();
        let home = TempDir::with_prefix("kubeset-kubectl-").unwrap();
        Self { letter, url, kubectl: kubectl.to_owned(), kubeconfig, home }
    }

    /// A place for a script with a name of its own, as long on one server as on the other.
    pub(crate) fn place(&self, index: usize) -> Place<'_> {
        // The process tells runs on a server that stays apart.
        let unique = format!("kubectl-{:05x}-{index:02}-{}", std::process::id() & 0xf_ffff, self.letter);
        let folder = TempDir::with_prefix("kubeset-kubectl-").unwrap();
        let mut kubeconfig = self.kubeconfig.clone();
        kubeconfig["current-context"] = json!("admin");
        for context in kubeconfig["contexts"].as_array_mut().unwrap() {
            context["context"]["namespace"] = json!(unique);
        }
        fs::write(folder.path().join("kubeconfig"), kubeconfig.to_string()).unwrap();
        Place { side: self, unique, folder }
    }
}

impl Place<'_> {
    /// The working directory.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Folders whose names say nothing.
    pub(crate) fn folders(&self) -> [PathBuf; 2] {
        [self.folder().to_owned(), self.side.home.path().to_owned()]
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = Command::new(&self.side.kubectl);
        command.args(words).current_dir(self.folder()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.side.home.path()).env("TMPDIR", self.folder());
        command.env("KUBECACHEDIR", self.side.home.path().join("cache"));
        command.env("KUBECONFIG", self.folder().join("kubeconfig"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs kubectl to its end, or until nobody would wait for it any longer.
    pub(crate) fn run(&self, words: &[String], stdin: Option<&str>, editor: Option<&str>) -> Printed {
        let mut command = self.command(words);
        command.envs(editor.map(|editor| ("KUBE_EDITOR", editor)));
        if stdin.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().unwrap();
        if let (Some(text), Some(mut pipe)) = (stdin, child.stdin.take()) {
            // It may end without reading.
            let _ = pipe.write_all(text.as_bytes());
        }
        let (output, errors) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
        let end = Instant::now() + PATIENCE;
        let code = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status.code(),
                None if Instant::now() > end => {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        Printed { code, output: output.join().unwrap(), errors: errors.join().unwrap() }
    }

    /// Starts kubectl.
    pub(crate) fn start(&self, words: &[String]) -> Child {
        self.command(words).spawn().unwrap()
    }
}

/// Reads all that comes, so that the command never waits for it.
fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Ends a command that has been started, and reads what it printed as errors.
pub(crate) fn stop(mut child: Child) -> String {
    // It may have ended by itself.
    let _ = child.kill();
    let mut errors = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut errors).unwrap();
    child.wait().unwrap();
    String::from_utf8_lossy(&errors).into_owned()
}
