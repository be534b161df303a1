//! A real API server for tests: etcd and kube-apiserver on free loopback ports, with their own certificates.
//!
//! Nothing of it outlives this program, whatever ends it: see [`guard`].

mod arguments;
mod binaries;
mod certificates;
mod guard;
mod kubeconfig;
mod readiness;

pub(crate) use binaries::cache;

use crate::Outcome;
use certificates::Certificates;
use guard::Server;
use kubeconfig::Contexts;
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tempfile::TempDir;

/// A running API server, stopped on drop with all its files removed.
///
/// The order of the fields is the order of stopping: kube-apiserver, etcd, the folder.
#[derive(Debug)]
pub(crate) struct ApiServer {
    /// None while it is stopped.
    apiserver: Option<Server>,
    _etcd: Server,
    program: PathBuf,
    arguments: Vec<String>,
    layout: Layout,
    kubeconfig: PathBuf,
    _folder: TempDir,
}

/// How kube-apiserver ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is asked to, and finishes what is under way.
    Terminate,
    /// It is killed.
    Kill,
}

/// What a server can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Features {
    /// Everything that it has, for tests.
    All,
    /// What is on unless somebody asks for more, as in most clusters.
    Released,
}

impl ApiServer {
    /// Starts one with everything that it has, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// As [`start_with`](Self::start_with).
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        Self::start_with(Features::All)
    }

    /// Starts one and waits until it is ready. Builds its programs first if there are none yet.
    ///
    /// # Errors
    ///
    /// If the programs cannot be had, or do not get ready in time: the end of the log is in the message.
    pub(crate) fn start_with(features: Features) -> Result<Self, Box<dyn Error>> {
        let binaries = binaries::find_or_build()?;
        let start = Instant::now();
        let folder = TempDir::with_prefix("kubeset-apiserver-")?;
        let layout = Layout::new(folder.path())?;
        let kubeconfig = layout.write_credentials()?;
        let mut etcd = Server::start(
            &binaries.etcd,
            &arguments::etcd(&layout),
            &layout.path("etcd.log"),
            Some(folder.path()),
        )?;
        readiness::accepts(&mut etcd, layout.etcd_port)?;
        let arguments = arguments::apiserver(&layout, features);
        let program = binaries.apiserver;
        let mut server =
            Self { apiserver: None, _etcd: etcd, program, arguments, layout, kubeconfig, _folder: folder };
        let version = server.start_apiserver()?;
        eprintln!("apiserver: Kubernetes {version} ready after {:.1?}", start.elapsed());
        Ok(server)
    }

    /// Ends kube-apiserver alone. What is stored stays. Does nothing if it does not run.
    ///
    /// # Errors
    ///
    /// If it cannot be told to end.
    pub(crate) fn stop_apiserver(&mut self, how: Stop) -> io::Result<()> {
        match (self.apiserver.take(), how) {
            (Some(apiserver), Stop::Kill) => apiserver.kill(),
            (apiserver, _) => {
                drop(apiserver);
                Ok(())
            }
        }
    }

    /// Starts kube-apiserver, on the same port each time, and waits until it is ready. Says which version it is.
    ///
    /// # Errors
    ///
    /// If it does not get ready in time: the end of its log is in the message.
    pub(crate) fn start_apiserver(&mut self) -> Result<String, Box<dyn Error>> {
        let log = self.layout.path("kube-apiserver.log");
        let apiserver = Server::start(&self.program, &self.arguments, &log, None)?;
        readiness::is_ready(self.apiserver.insert(apiserver), &self.kubeconfig)
    }

    /// The kubeconfig file, whose contexts [`kubeconfig`] lists.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Where the server's etcd is, for tests that take history away from the server.
    pub(crate) fn etcd_url(&self) -> String {
        self.layout.etcd_url()
    }
}

/// Starts a server for a person, who stops it with Ctrl-C or by ending standard input.
///
/// # Errors
///
/// If the server does not start.
pub(crate) fn run() -> Outcome {
    let server = ApiServer::start()?;
    writeln!(io::stdout(), "export KUBECONFIG={}", server.kubeconfig().display())?;
    eprintln!("apiserver: stops at Ctrl-C, or at the end of standard input");
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

/// Where the files and ports of one server are.
#[derive(Debug)]
struct Layout {
    folder: PathBuf,
    etcd_port: u16,
    etcd_peer_port: u16,
    port: u16,
}

impl Layout {
    fn new(folder: &Path) -> io::Result<Self> {
        let [etcd_port, etcd_peer_port, port] = free_ports()?;
        Ok(Self { folder: folder.to_owned(), etcd_port, etcd_peer_port, port })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn etcd_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.etcd_port)
    }

    /// Writes certificates, keys and tokens, and the kubeconfig that uses them, whose path is returned.
    fn write_credentials(&self) -> Result<PathBuf, Box<dyn Error>> {
        let certificates = Certificates::generate()?;
        for (name, content) in certificates.files() {
            write_private(&self.path(name), content)?;
        }
        for (name, content) in certificates.service_account_files() {
            write_private(&self.path(name), &content)?;
        }
        write_private(&self.path("tokens.csv"), &certificates.tokens.csv())?;
        let path = self.path("kubeconfig");
        let contexts = Contexts { port: self.port, certificates: &certificates };
        write_private(&path, &contexts.kubeconfig())?;
        Ok(path)
    }
}

/// Ports that were free a moment ago. All are taken at once, so that no two are the same.
fn free_ports<const N: usize>() -> io::Result<[u16; N]> {
    let mut ports = [0; N];
    let mut listeners = Vec::with_capacity(N);
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, content: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content.as_bytes())
}

/// The last lines of a log, for an error message.
fn tail(log: &Path) -> String {
    const LINES: usize = 40;
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
