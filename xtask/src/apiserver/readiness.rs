//! Waiting until a server does its work.

use super::guard::Server;
use kubeset_rest::{Config, KubeconfigOverrides, RateLimit, RestClient};
use serde_json::Value;
use std::error::Error;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until something listens on the server's port.
pub(super) fn accepts(server: &mut Server, port: u16) -> Result<(), Box<dyn Error>> {
    until(server, || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(|error| error.to_string()))?;
    Ok(())
}

/// Waits until the API server is ready and has made the namespace `default`, and says which version it is.
pub(super) fn is_ready(server: &mut Server, kubeconfig: &Path) -> Result<String, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _context = runtime.enter();
    let mut config = Config::from_kubeconfig(Some(kubeconfig), &KubeconfigOverrides::default())?;
    config.rate_limit = RateLimit::Unlimited;
    let client = RestClient::unversioned(&config)?;
    let get = |path: &str| {
        let request = client.get().abs_path(path).max_retries(0).timeout(Some(Duration::from_secs(5)));
        let answer = runtime.block_on(request.send_raw());
        answer.map_err(|error| crate::with_causes(&error))
    };
    until(server, || get("/readyz"))?;
    until(server, || get("/api/v1/namespaces/default"))?;
    let version: Value = serde_json::from_slice(&until(server, || get("/version"))?.body)?;
    Ok(version["gitVersion"].as_str().unwrap_or("of an unknown version").to_owned())
}

/// Tries until it works, the server ends, or the time is up.
fn until<T>(server: &mut Server, check: impl Fn() -> Result<T, String>) -> Result<T, Box<dyn Error>> {
    let start = Instant::now();
    loop {
        server.must_run()?;
        match check() {
            Ok(answer) => return Ok(answer),
            Err(error) if start.elapsed() > PATIENCE => {
                return Err(server.failure(&format!("was not ready after {PATIENCE:?} ({error})")));
            }
            Err(_) => sleep(PAUSE),
        }
    }
}
