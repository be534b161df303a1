//! Credentials from a plugin: a program that is run when they are needed, and not before.
//!
//! Many requests at once wait for one run. What it gave is used until it expires or the server refuses it.

mod command;
mod policy;
mod protocol;

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use rustls::sign::CertifiedKey;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::Instant;

use self::protocol::{Answer, Cluster};
use super::failure::Failure;
use super::{CredentialError, Proof};
use crate::config::{Compression, Config, ExecConfig, ExecPolicy, PemSource, ProxyConfig};
use crate::metrics::Metrics;

/// Takes the client certificate that a plugin gave, or that it gave none.
pub(crate) type OnCertificate = Box<dyn Fn(Option<Arc<CertifiedKey>>) + Send + Sync>;

/// A credential plugin and what it gave last.
pub(crate) struct ExecPlugin {
    config: ExecConfig,
    policy: ExecPolicy,
    server: Arc<Server>,
    on_certificate: OnCertificate,
    metrics: Option<Arc<dyn Metrics>>,
    /// Held while the plugin runs, so that many requests at once run it once.
    last: Mutex<Last>,
}

/// The server that the plugin may be told about.
struct Server {
    host: String,
    server_name: Option<String>,
    insecure: bool,
    ca: Option<PemSource>,
    disable_compression: bool,
    proxy: ProxyConfig,
}

/// What came of the last run.
#[derive(Default)]
struct Last {
    issued: Option<Issued>,
    failure: Failure,
}

/// What the plugin gave.
struct Issued {
    header: Option<HeaderValue>,
    certificate: Option<Arc<CertifiedKey>>,
    expires: Option<SystemTime>,
    at: Instant,
    /// Grows with each change, so that a refused request knows whether there is something newer.
    serial: u64,
}

impl ExecPlugin {
    /// The plugin of a configuration. It is not run yet.
    pub(super) fn new(exec: &ExecConfig, config: &Config, on_certificate: OnCertificate) -> Self {
        let server = Server {
            host: config.host.clone(),
            server_name: config.tls.server_name.clone(),
            insecure: config.tls.insecure,
            ca: config.tls.ca.clone(),
            disable_compression: config.compression == Compression::Never,
            proxy: config.proxy.clone(),
        };
        Self {
            config: exec.clone(),
            policy: config.exec_policy.clone(),
            server: Arc::new(server),
            on_certificate,
            metrics: config.metrics.clone(),
            last: Mutex::default(),
        }
    }

    /// What to send now. Runs the plugin if it has given nothing yet or what it gave has expired.
    pub(super) async fn proof(&self) -> Result<Proof, CredentialError> {
        let arrived = Instant::now();
        let mut last = self.last.lock().await;
        if let Some(issued) = last.issued.as_ref().filter(|issued| !issued.is_expired()) {
            return Ok(issued.proof());
        }
        self.issue(&mut last, arrived).await
    }

    /// Whether there is something else to send than what was refused to a request that `began` then.
    ///
    /// Runs the plugin unless it already ran after that.
    pub(super) async fn renewed(&self, refused: &Proof, began: Instant) -> Result<bool, CredentialError> {
        let arrived = Instant::now();
        let mut last = self.last.lock().await;
        if let Some(issued) = &last.issued
            && (issued.serial != refused.serial || issued.at >= began)
        {
            return Ok(issued.serial != refused.serial);
        }
        let proof = self.issue(&mut last, arrived).await?;
        Ok(proof.serial != refused.serial)
    }

    /// Runs the plugin for a request that `arrived` then. What it gave before stays as it is if that fails.
    async fn issue(&self, last: &mut Last, arrived: Instant) -> Result<Proof, CredentialError> {
        let explain = |reason| CredentialError::Exec { command: self.config.command.clone(), reason };
        last.failure.since(arrived).map_err(explain)?;
        let begin = Instant::now();
        let outcome = self.run().await;
        self.measure(&outcome, begin.elapsed());
        last.failure.note(&outcome);
        let answer = outcome.map_err(explain)?;
        tracing::debug!(
            target: "kubeset::rest",
            command = %self.config.command.display(),
            "the credential plugin was run"
        );
        (self.on_certificate)(answer.certificate.clone());
        let issued = Issued::new(answer, last.issued.as_ref());
        Ok(last.issued.insert(issued).proof())
    }

    fn measure(&self, outcome: &Result<Answer, String>, duration: Duration) {
        let Some(metrics) = &self.metrics else { return };
        metrics.exec_plugin(&self.config.command, outcome.is_ok(), duration);
        if let Ok(Answer { certificate: Some(_), expires: Some(expiry), .. }) = outcome {
            metrics.client_certificate_expiry(*expiry);
        }
    }

    async fn run(&self) -> Result<Answer, String> {
        let interactive = command::interactive(self.config.interactive)?;
        let (program, cluster) = self.prepared().await?;
        let info = protocol::question(self.config.api_version, interactive, cluster.as_ref())?;
        let printed = command::run(&self.config, &program, interactive, &info).await?;
        protocol::answer(self.config.api_version, printed.expose_secret())
    }

    /// What must be read from the file system before, without holding up the runtime.
    async fn prepared(&self) -> Result<(PathBuf, Option<Cluster>), String> {
        let (policy, command) = (self.policy.clone(), self.config.command.clone());
        let server = self.config.provide_cluster_info.then(|| Arc::clone(&self.server));
        let config = self.config.cluster_config.clone();
        let work = move || {
            let program = policy::program(&policy, &command)?;
            let cluster = server.map(|server| server.describe(config)).transpose()?;
            Ok((program, cluster))
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|_| Err("is not run: the runtime is shutting down".to_owned()))
    }
}

impl Server {
    fn describe(&self, config: Option<serde_json::Value>) -> Result<Cluster, String> {
        let ca = match &self.ca {
            None => None,
            Some(PemSource::Data(pem)) => Some(protocol::encoded(pem.expose_secret())),
            Some(PemSource::File(path)) => Some(protocol::encoded(&fs::read(path).map_err(|error| {
                format!("cannot be told about the cluster: cannot read {}: {error}", path.display())
            })?)),
        };
        let proxy_url = match &self.proxy {
            ProxyConfig::Url(url) => Some(url.expose_secret().to_owned()),
            ProxyConfig::Environment | ProxyConfig::None => None,
        };
        Ok(Cluster {
            proxy_url,
            server: self.host.clone(),
            tls_server_name: self.server_name.clone(),
            insecure_skip_tls_verify: self.insecure,
            certificate_authority_data: ca,
            disable_compression: self.disable_compression,
            config,
        })
    }
}

impl Issued {
    fn new(answer: Answer, before: Option<&Self>) -> Self {
        let Answer { header, certificate, expires } = answer;
        let chain = |pair: &Option<Arc<CertifiedKey>>| pair.as_ref().map(|pair| pair.cert.clone());
        let serial = match before {
            None => 1,
            Some(before) => {
                let same = before.header == header && chain(&before.certificate) == chain(&certificate);
                if same { before.serial } else { before.serial + 1 }
            }
        };
        Self { header, certificate, expires, at: Instant::now(), serial }
    }

    /// client-go uses credentials to their last second, and plugins reckon with that.
    fn is_expired(&self) -> bool {
        self.expires.is_some_and(|expires| expires <= SystemTime::now())
    }

    fn proof(&self) -> Proof {
        Proof { header: self.header.clone(), serial: self.serial }
    }
}

impl fmt::Debug for ExecPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecPlugin").field("config", &self.config).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
