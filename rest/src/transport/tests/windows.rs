//! What an answer that nobody reads costs: its window, and its neighbours nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::server::Authority;
use crate::config::{Config, PemSource};
use crate::transport::HttpClient;
use crate::transport::connections::STREAM_WINDOW;

/// How many answers are left unread.
const UNREAD: usize = 4;

/// A server over HTTP/2 whose answers do not end, but for those at `/short`. It counts the bytes that it may send.
async fn endless(tls: rustls::ServerConfig, sent: Arc<AtomicUsize>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let stream = acceptor.accept(stream).await.expect("a handshake");
        let mut connection = h2::server::handshake(stream).await.expect("HTTP/2");
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            let short = request.uri().path() == "/short";
            let mut answer = respond.send_response(Response::new(()), false).expect("an answer");
            if short {
                answer.send_data(Bytes::from_static(b"x"), true).expect("its body");
                continue;
            }
            let sent = Arc::clone(&sent);
            tokio::spawn(async move {
                let block = Bytes::from(vec![0; 1 << 16]);
                loop {
                    answer.reserve_capacity(block.len());
                    let capacity = std::future::poll_fn(|context| answer.poll_capacity(context)).await;
                    let Some(Ok(capacity)) = capacity else { return };
                    let part = block.slice(..capacity.min(block.len()));
                    sent.fetch_add(part.len(), Ordering::Relaxed);
                    if answer.send_data(part, false).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

/// The number once it has not changed for a while.
async fn settled(number: &AtomicUsize) -> usize {
    let mut before = usize::MAX;
    loop {
        let now = number.load(Ordering::Relaxed);
        if now == before {
            return now;
        }
        before = now;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_hold_their_windows_and_do_not_hold_up_others() {
    let ca = Authority::new();
    let sent = Arc::new(AtomicUsize::new(0));
    let port = endless(ca.server(&["localhost"], &["h2"], None), Arc::clone(&sent)).await;
    let mut config = Config::new(format!("https://localhost:{port}"));
    config.tls.ca = Some(PemSource::data(ca.pem));
    let client = HttpClient::new(&config).expect("a client");
    let base = client.base_url(&config).expect("an address");
    let get = |path| client.execute(reqwest::Request::new(http::Method::GET, base.url(path, None)));

    let mut unread = Vec::new();
    for _ in 0..UNREAD {
        unread.push(get("/endless").await.expect("an answer"));
    }
    assert_eq!(settled(&sent).await, UNREAD * STREAM_WINDOW as usize);
    let short = tokio::time::timeout(Duration::from_secs(10), get("/short")).await;
    let body = short.expect("it is not held up").expect("an answer").bytes().await.expect("its body");
    assert_eq!(body.len(), 1);

    let mut read = 0;
    while read < STREAM_WINDOW as usize {
        read += unread[0].chunk().await.expect("it goes on").expect("it does not end").len();
    }
    assert!(settled(&sent).await > UNREAD * STREAM_WINDOW as usize, "what is read makes room");
}
