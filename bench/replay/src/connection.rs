//! Connections: accepted and served, and the bytes on them counted.

use crate::body::Pieces;
use crate::recordings::Recordings;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The path that answers how many bytes were sent before.
const SENT: &str = "/sent";

/// Serves every connection, until one cannot be accepted.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: TlsAcceptor,
    recordings: Arc<Recordings>,
) -> io::Error {
    let sent = Arc::new(AtomicU64::new(0));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => return error,
        };
        tokio::spawn(serve(stream, tls.clone(), Arc::clone(&recordings), Arc::clone(&sent)));
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, recordings: Arc<Recordings>, sent: Arc<AtomicU64>) {
    let _ = stream.set_nodelay(true);
    // What goes wrong with a connection, its client tells.
    let Ok(stream) = tls.accept(Counted { stream, sent: Arc::clone(&sent) }).await else { return };
    let service = service_fn(move |request| {
        let answer = answer(&request, &recordings, &sent);
        async move { Ok::<_, Infallible>(answer) }
    });
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

fn answer<T>(request: &Request<T>, recordings: &Recordings, sent: &AtomicU64) -> Response<Pieces> {
    if request.uri().path() == SENT {
        return Response::new(Bytes::from(sent.load(Ordering::Relaxed).to_string()).into());
    }
    recordings.answer(request).unwrap_or_else(|| {
        let mut response = Response::new(Bytes::from_static(b"nothing like this was recorded").into());
        *response.status_mut() = StatusCode::NOT_FOUND;
        response
    })
}

/// A stream that counts what is written to it.
struct Counted {
    stream: TcpStream,
    sent: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(bytes)) = written {
            self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
