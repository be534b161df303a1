//! What the programs are measured on: a real API server full of objects, and one that repeats its answers.

use super::cases::Place;
use super::programs::Programs;
use crate::apiserver::{ApiServer, Features};
use crate::cargo::succeed;
use kubeset_rest::{Config, KubeconfigOverrides, RestClient};
use serde_json::Value;
use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Both servers, stopped on drop, and the recorded answers.
#[derive(Debug)]
pub(super) struct Scene {
    replay: Replay,
    server: ApiServer,
    recorded: PathBuf,
    _folder: TempDir,
}

impl Scene {
    /// Starts and fills the real server, records its answers, and starts the other one with them.
    ///
    /// # Errors
    ///
    /// If a server does not start, or the real one refuses what it is to be filled with.
    pub(super) fn set(programs: &Programs) -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::with_prefix("kubeset-bench-")?;
        let recorded = folder.path().join("recorded");
        let server = ApiServer::start_with(Features::Released)?;
        succeed(Command::new(programs.seed()).arg(&recorded).env("KUBECONFIG", server.kubeconfig()))?;
        let replay = Replay::start(&programs.replay(), &recorded, folder.path().join("kubeconfig"))?;
        Ok(Self { replay, server, recorded, _folder: folder })
    }

    /// The kubeconfig for the server that answers.
    ///
    /// # Errors
    ///
    /// If one that is needed for the place cannot be written.
    pub(super) fn kubeconfig(&self, place: Place) -> Result<PathBuf, Box<dyn Error>> {
        match place {
            Place::Server | Place::Memory => Ok(self.server.kubeconfig().to_owned()),
            Place::Replay => Ok(self.replay.kubeconfig.clone()),
            Place::Informers { pods, changes } => self.replay.informers(pods, changes),
        }
    }

    /// The folder of recorded answers.
    pub(super) fn recorded(&self) -> &Path {
        &self.recorded
    }

    /// How many bytes the server that answers has sent so far, if it counts them.
    ///
    /// # Errors
    ///
    /// If it should tell and does not.
    pub(super) fn sent(&self, place: Place) -> Result<Option<u64>, Box<dyn Error>> {
        match place {
            Place::Server | Place::Memory => Ok(None),
            Place::Replay | Place::Informers { .. } => self.replay.sent().map(Some),
        }
    }
}

/// The server that repeats answers. It ends when its standard input does: on drop, or when this program dies.
#[derive(Debug)]
struct Replay {
    process: Child,
    kubeconfig: PathBuf,
}

impl Replay {
    fn start(program: &Path, recorded: &Path, kubeconfig: PathBuf) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(program);
        command.arg(recorded).arg(&kubeconfig).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut replay = Self { process: command.spawn()?, kubeconfig };
        let mut line = String::new();
        if let Some(output) = replay.process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        if line.trim() == "ready" { Ok(replay) } else { Err("the replay server did not start".into()) }
    }

    /// A kubeconfig for the paths below which the server answers informers.
    fn informers(&self, pods: usize, changes: usize) -> Result<PathBuf, Box<dyn Error>> {
        let mut kubeconfig: Value = serde_json::from_slice(&fs::read(&self.kubeconfig)?)?;
        let server = &mut kubeconfig["clusters"][0]["cluster"]["server"];
        let url = server.as_str().ok_or("the replay server's kubeconfig names no server")?;
        *server = format!("{url}/informers/{pods}/{changes}").into();
        let path = self.kubeconfig.with_file_name(format!("kubeconfig-{pods}-{changes}"));
        fs::write(&path, kubeconfig.to_string())?;
        Ok(path)
    }

    fn sent(&self) -> Result<u64, Box<dyn Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let config = Config::from_kubeconfig(Some(&self.kubeconfig), &KubeconfigOverrides::default())?;
            let answer = RestClient::unversioned(&config)?.get().abs_path("/sent").send_raw().await?;
            Ok(std::str::from_utf8(&answer.body)?.parse()?)
        })
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            eprintln!("bench: cannot wait for the replay server to stop: {error}");
        }
    }
}
