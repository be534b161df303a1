//! A server on loopback, plain or with TLS, HTTP/1.1 or HTTP/2, that notes what reaches it.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the server noted about a request and the connection it came over.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) request: Request<()>,
    pub(super) peer: Peer,
}

/// What the server knows of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    /// Counts the server's connections.
    pub(super) connection: usize,
    pub(super) server_name: Option<String>,
    pub(super) client_certificates: Vec<CertificateDer<'static>>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).map(|value| value.to_str().expect("text"))
    }
}

type Answer = dyn Fn(&Request<()>) -> Response<Bytes> + Send + Sync;

/// An answer with this header begins over HTTP/2 and does not end, like a watch.
pub(super) const STAYS_OPEN: &str = "x-stays-open";

/// After an answer with this header, an HTTP/2 connection stays open, and the server neither reads nor writes.
pub(super) const GOES_SILENT: &str = "x-goes-silent";

/// Instead of an answer with this header, an HTTP/2 connection says that it goes away.
pub(super) const GOES_AWAY: &str = "x-goes-away";

/// As many requests at once as API servers allow on a connection.
const MAX_STREAMS: u32 = 100;

/// A running server. It stops with the test's runtime.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    answer: Arc<Answer>,
}

impl Server {
    /// Starts a server that answers everything with 200.
    pub(super) async fn start(tls: Option<rustls::ServerConfig>) -> Self {
        Self::answering(tls, |_| Response::new(Bytes::from_static(b"fine"))).await
    }

    pub(super) async fn answering(
        tls: Option<rustls::ServerConfig>,
        answer: impl Fn(&Request<()>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let server =
            Self { address, seen: Arc::default(), connections: Arc::default(), answer: Arc::new(answer) };
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, acceptor) = (accepting.clone(), acceptor.clone());
                let connection = server.connections.fetch_add(1, Ordering::Relaxed);
                let peer = Peer { connection, ..Peer::default() };
                // A refused handshake is what some tests want.
                tokio::spawn(async move { server.serve(stream, acceptor, peer).await });
            }
        });
        server
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the notes").clone()
    }

    async fn serve(
        &self,
        stream: TcpStream,
        acceptor: Option<TlsAcceptor>,
        mut peer: Peer,
    ) -> io::Result<()> {
        let Some(acceptor) = acceptor else {
            return self.http1(stream, peer).await;
        };
        let stream = acceptor.accept(stream).await?;
        let session = stream.get_ref().1;
        peer.server_name = session.server_name().map(str::to_owned);
        peer.client_certificates = session
            .peer_certificates()
            .unwrap_or_default()
            .iter()
            .map(|one| one.clone().into_owned())
            .collect();
        if session.alpn_protocol() == Some(b"h2") {
            self.http2(stream, peer).await
        } else {
            self.http1(stream, peer).await
        }
    }

    fn answer(&self, request: Request<()>, peer: &Peer) -> Response<Bytes> {
        let answer = (self.answer)(&request);
        self.seen.lock().expect("the notes").push(Seen { request, peer: peer.clone() });
        answer
    }

    async fn http2<S>(&self, stream: S, peer: Peer) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut connection = h2::server::Builder::new()
            .max_concurrent_streams(MAX_STREAMS)
            .handshake(stream)
            .await
            .map_err(io::Error::other)?;
        let mut open = Vec::new();
        while let Some(next) = connection.accept().await {
            let (request, mut respond) = next.map_err(io::Error::other)?;
            let (head, body) = self.answer(request.map(drop), &peer).into_parts();
            if head.headers.contains_key(GOES_AWAY) {
                connection.abrupt_shutdown(h2::Reason::NO_ERROR);
                continue;
            }
            let silent = head.headers.contains_key(GOES_SILENT);
            let ends = !silent && !head.headers.contains_key(STAYS_OPEN);
            let mut stream =
                respond.send_response(Response::from_parts(head, ()), false).map_err(io::Error::other)?;
            stream.send_data(body, ends).map_err(io::Error::other)?;
            if !ends {
                open.push(stream);
            }
            if silent {
                let _written = tokio::time::timeout(Duration::from_millis(200), connection.accept()).await;
                std::future::pending::<()>().await;
            }
        }
        Ok(())
    }

    async fn http1<S>(&self, mut stream: S, peer: Peer) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut buffer = Vec::new();
        loop {
            let end = loop {
                if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                    break at + 4;
                }
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            };
            let request = parse(&buffer[..end]);
            let length: usize = request
                .headers()
                .get("content-length")
                .map_or(0, |length| length.to_str().expect("text").parse().expect("a number"));
            while buffer.len() < end + length {
                stream.read_buf(&mut buffer).await?;
            }
            buffer.drain(..end + length);
            let answer = self.answer(request, &peer);
            stream.write_all(&written(&answer)).await?;
        }
    }
}

fn parse(head: &[u8]) -> Request<()> {
    let head = str::from_utf8(head).expect("text");
    let mut lines = head.trim_end().split("\r\n");
    let mut first = lines.next().expect("a request line").split(' ');
    let mut request =
        Request::builder().method(first.next().expect("a method")).uri(first.next().expect("a path"));
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        request = request.header(name, value);
    }
    request.body(()).expect("a request")
}

fn written(answer: &Response<Bytes>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", answer.status(), answer.body().len());
    for (name, value) in answer.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().expect("text")));
    }
    [head.as_bytes(), b"\r\n", answer.body()].concat()
}

/// A certificate authority made for one test.
pub(in crate::transport) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(in crate::transport) pem: String,
}

/// A certificate and its key.
pub(in crate::transport) struct Identity {
    pub(in crate::transport) certificate: String,
    pub(in crate::transport) key: String,
}

impl Authority {
    pub(in crate::transport) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(in crate::transport) fn issue(&self, names: &[&str]) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).expect("names");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Identity { certificate, key: key.serialize_pem() }
    }

    /// A server's configuration with a certificate for these names.
    pub(in crate::transport) fn server(
        &self,
        names: &[&str],
        alpn: &[&str],
        clients: Option<&Authority>,
    ) -> rustls::ServerConfig {
        let identity = self.issue(names);
        let provider = crate::transport::tls::provider();
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(certificate(&authority.pem)).expect("a root");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
        let mut config =
            builder.with_single_cert(vec![certificate(&identity.certificate)], key).expect("a pair");
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config
    }
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")
}
