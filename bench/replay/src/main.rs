//! Serves recorded answers from memory, over TLS, by HTTP/1.1 and HTTP/2: `bench-replay <folder> <kubeconfig>`.
//!
//! The folder is what `bench-seed` recorded. The kubeconfig is written when the server is ready, and tells how to reach
//! it. The server ends with its standard input. Answers come at the speed of memory, so that a client's own cost shows.

mod body;
mod certificate;
mod connection;
mod informers;
mod pods;
mod protobuf;
mod recordings;

use certificate::Certificate;
use recordings::Recordings;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

/// What programs fail with.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(kubeconfig)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bench-replay <folder> <kubeconfig>".into());
    };
    let recordings = Arc::new(Recordings::read(&folder)?);
    let certificate = Certificate::new()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    std::fs::write(&kubeconfig, certificate.kubeconfig(listener.local_addr()?.port()))?;
    writeln!(io::stdout(), "ready")?;
    let tls = certificate.acceptor()?;
    tokio::select! {
        failure = connection::accept(listener, tls, recordings) => Err(failure.into()),
        ended = async { tokio::io::stdin().read_to_end(&mut Vec::new()).await } => Ok(ended.map(|_| ())?),
    }
}
