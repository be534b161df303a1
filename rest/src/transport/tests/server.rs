//! A server on loopback, plain or with TLS, HTTP/1.1 or HTTP/2, that notes what reaches it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

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
    pub(super) server_name: Option<String>,
    pub(super) client_certificates: usize,
    /// The client's own certificate, in DER.
    pub(super) client_certificate: Option<Vec<u8>>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).map(|value| value.to_str().expect("text"))
    }
}

/// What a handshake said about the client.
#[derive(Default)]
struct Peer {
    server_name: Option<String>,
    certificates: Vec<Vec<u8>>,
}

type Answer = dyn Fn(&Request<()>) -> Response<Bytes> + Send + Sync;

/// A running server. It stops with the test's runtime.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
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
        let server = Self { address, seen: Arc::default(), answer: Arc::new(answer) };
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, acceptor) = (accepting.clone(), acceptor.clone());
                // A refused handshake is what some tests want.
                tokio::spawn(async move { server.serve(stream, acceptor).await });
            }
        });
        server
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the notes").clone()
    }

    async fn serve(&self, stream: TcpStream, acceptor: Option<TlsAcceptor>) -> io::Result<()> {
        let Some(acceptor) = acceptor else {
            return self.http1(stream, Peer::default()).await;
        };
        let stream = acceptor.accept(stream).await?;
        let session = stream.get_ref().1;
        let certificates = session.peer_certificates().unwrap_or_default();
        let peer = Peer {
            server_name: session.server_name().map(str::to_owned),
            certificates: certificates.iter().map(|certificate| certificate.to_vec()).collect(),
        };
        if session.alpn_protocol() == Some(b"h2") {
            self.http2(stream, peer).await
        } else {
            self.http1(stream, peer).await
        }
    }

    fn answer(&self, request: Request<()>, peer: &Peer) -> Response<Bytes> {
        let answer = (self.answer)(&request);
        let seen = Seen {
            request,
            server_name: peer.server_name.clone(),
            client_certificates: peer.certificates.len(),
            client_certificate: peer.certificates.first().cloned(),
        };
        self.seen.lock().expect("the notes").push(seen);
        answer
    }

    async fn http2<S>(&self, stream: S, peer: Peer) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut connection = h2::server::handshake(stream).await.map_err(io::Error::other)?;
        while let Some(next) = connection.accept().await {
            let (request, mut respond) = next.map_err(io::Error::other)?;
            let (head, body) = self.answer(request.map(drop), &peer).into_parts();
            let mut stream =
                respond.send_response(Response::from_parts(head, ()), false).map_err(io::Error::other)?;
            stream.send_data(body, true).map_err(io::Error::other)?;
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
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
}

/// A certificate and its key.
pub(super) struct Identity {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(super) fn issue(&self, names: &[&str]) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).expect("names");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Identity { certificate, key: key.serialize_pem() }
    }

    /// A server's configuration with a certificate for these names.
    pub(super) fn server(
        &self,
        names: &[&str],
        alpn: &[&str],
        clients: Option<&Authority>,
    ) -> rustls::ServerConfig {
        let identity = self.issue(names);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
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
