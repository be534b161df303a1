//! Connections: accepted, served, and ended with the server.

use super::{Server, exchange};
use crate::auth::Peer;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How often a connection is asked whether it has sent what it was given.
const GLANCE: Duration = Duration::from_millis(1);

/// After how many glances nobody waits any longer: the client does not read.
const GLANCES: usize = 2000;

/// How many glances may see bytes of other answers.
const OTHERS: usize = 5;

/// One connection, as the requests on it see it.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    peer: Peer,
    cut: watch::Sender<bool>,
    gone: watch::Sender<bool>,
    written: AtomicU64,
    /// How much had been written when everything was last handed to the operating system.
    flushed: AtomicU64,
}

impl Connection {
    fn new(peer: Peer) -> Self {
        Self { peer, ..Self::default() }
    }

    /// Whose it is, as far as the connection itself says so.
    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Cuts the connection, and waits until it is closed.
    pub(crate) async fn cut(&self) {
        self.begin_to_cut();
        // The sender lives as long as this call.
        let _ = self.gone.subscribe().wait_for(|gone| *gone).await;
    }

    /// Cuts the connection, soon.
    pub(crate) fn begin_to_cut(&self) {
        self.cut.send_replace(true);
    }

    /// How many bytes have been handed to the operating system.
    pub(crate) fn flushed(&self) -> u64 {
        self.flushed.load(Ordering::Acquire)
    }

    /// Waits until more than so many bytes have been handed to the operating system, and what else was to be sent
    /// with them, unless the client does not read them.
    pub(crate) async fn until_flushed(self: Arc<Self>, bytes: u64) {
        let (mut last, mut enough) = (0, 0);
        for _ in 0..GLANCES {
            tokio::time::sleep(GLANCE).await;
            let flushed = self.flushed();
            if flushed > bytes {
                enough += 1;
                // Other answers on the connection may go on for ever.
                if flushed == last || enough > OTHERS {
                    return;
                }
            }
            last = flushed;
        }
    }
}

/// Serves every connection until the server stops.
pub(super) async fn accept(server: Arc<Server>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(server.clone(), stream));
            }
            // Such as too many open files: others may be closed meanwhile.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(server: Arc<Server>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(feature = "tls")]
    if let Some(tls) = &server.tls {
        let accepted = tokio::select! {
            accepted = tls.accept(stream) => accepted,
            () = server.stopped() => None,
        };
        if let Some((stream, peer)) = accepted {
            serve_on(&server, peer, stream).await;
        }
        return;
    }
    serve_on(&server, Peer::Unknown, stream).await;
}

async fn serve_on<T>(server: &Arc<Server>, peer: Peer, stream: T)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = Arc::new(Connection::new(peer));
    let mut cut = connection.cut.subscribe();
    let mut all_cut = server.all_cut.subscribe();
    let service = service_fn(|request| exchange::answer(server.clone(), connection.clone(), request));
    let builder = auto::Builder::new(TokioExecutor::new());
    let stream = Counted { stream: TokioIo::new(stream), connection: connection.clone() };
    tokio::select! {
        // What went wrong with a connection, its client knows.
        _ = builder.serve_connection(stream, service) => {}
        _ = cut.wait_for(|cut| *cut) => {}
        _ = all_cut.changed() => {}
        () = server.stopped() => {}
    }
    // What has waited for the end of the connection, such as a request that cut it, goes on.
    connection.gone.send_replace(true);
}

/// A stream that tells its connection how much it has written.
struct Counted<T> {
    stream: T,
    connection: Arc<Connection>,
}

impl<T> Counted<T> {
    fn count(&self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(bytes)) = written {
            self.connection.written.fetch_add(*bytes as u64, Ordering::AcqRel);
        }
    }
}

impl<T: Read + Unpin> Read for Counted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<T: Write + Unpin> Write for Counted<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.count(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.count(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        let written = self.connection.written.load(Ordering::Acquire);
        self.connection.flushed.store(written, Ordering::Release);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
