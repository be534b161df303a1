//! A client for tests of this crate, over each version of HTTP.

use super::TestServer;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::rt::{Read, Write};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(5);

/// Both versions of HTTP, to run a test with each.
pub(crate) const BOTH: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// One connection to a server.
pub(crate) struct Client {
    sender: Sender,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// An answer whose body may still be on its way.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) code: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    /// What has come, and is no whole line yet.
    rest: Vec<u8>,
}

impl Client {
    pub(crate) async fn new(server: &TestServer, protocol: Protocol) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        Self::over(TokioIo::new(stream), protocol).await
    }

    /// Over TLS, with the version of HTTP that the server picks, and a certificate.
    #[cfg(feature = "tls")]
    pub(crate) async fn encrypted(
        server: &TestServer,
        protocol: Protocol,
        certificate: Option<&crate::ClientCertificate>,
    ) -> Self {
        use rustls::pki_types::pem::PemObject as _;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
        use std::sync::Arc;
        use tokio_rustls::{TlsConnector, rustls};
        let pem = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(pem(&server.authority().unwrap())).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let mut config = match certificate {
            None => config.with_no_client_auth(),
            Some(of) => {
                let key = PrivateKeyDer::from_pem_slice(of.key.as_bytes()).unwrap();
                config.with_client_auth_cert(vec![pem(&of.certificate)], key).unwrap()
            }
        };
        let alpn = if protocol == Protocol::Http2 { "h2" } else { "http/1.1" };
        config.alpn_protocols = vec![alpn.into()];
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(alpn.as_bytes()));
        Self::over(TokioIo::new(stream), protocol).await
    }

    async fn over<T: Read + Write + Unpin + Send + 'static>(stream: T, protocol: Protocol) -> Self {
        let sender = match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await.unwrap();
                tokio::spawn(connection);
                Sender::Http1(sender)
            }
            Protocol::Http2 => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
        };
        Self { sender }
    }

    /// Sends a request of which only the beginning of the answer is waited for.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answered, hyper::Error> {
        self.send_bytes(method, path, headers, Bytes::from(body.to_owned())).await
    }

    /// The same with a body that need not be text.
    pub(crate) async fn send_bytes(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answered, hyper::Error> {
        let uri = format!("http://testserver{path}");
        let mut request = Request::builder().method(method).uri(uri).header("host", "testserver");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body)).unwrap();
        let response = match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
            Sender::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
        };
        let (parts, body) = response.into_parts();
        Ok(Answered { code: parts.status, headers: parts.headers, body, rest: Vec::new() })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Answered, hyper::Error> {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Result<Answered, hyper::Error> {
        self.send("POST", path, &[("content-type", "application/json")], &body.to_string()).await
    }

    /// A connection over HTTP/1.1 to a server, on which there is a namespace `x`.
    pub(crate) async fn with_namespace(server: &TestServer) -> Self {
        let mut client = Self::new(server, Protocol::Http1).await;
        let namespace = serde_json::json!({"metadata": {"name": "x"}});
        assert_eq!(client.ask("POST", "/api/v1/namespaces", &namespace).await.0, 201);
        client
    }

    /// Sends a document, which for `PATCH` is a merge patch and if it is null is none, and reads the answer.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.json(method, path, &[("content-type", kind)], &body).await
    }

    /// Sends a request and reads the answer, which must be JSON.
    pub(crate) async fn json(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, Value) {
        let answered = self.send(method, path, headers, body).await.unwrap();
        let code = answered.code.as_u16();
        (code, serde_json::from_slice(&answered.bytes().await.0).unwrap_or_default())
    }
}

impl Answered {
    /// What comes, and whether it ended properly.
    pub(crate) async fn bytes(self) -> (Vec<u8>, Result<(), hyper::Error>) {
        let Self { mut body, rest: mut bytes, .. } = self;
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => bytes.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
                Err(error) => return (bytes, Err(error)),
            }
        }
        (bytes, Ok(()))
    }

    /// The next line of a watch; none at the end, an error if it breaks off, and a panic if nothing comes.
    pub(crate) async fn event(&mut self) -> Option<Result<Value, hyper::Error>> {
        tokio::time::timeout(PATIENCE, self.line()).await.expect("an event or an end")
    }

    /// Whether nothing comes for a while, not even an end.
    pub(crate) async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(100), self.line()).await.is_err()
    }

    /// The next event of a watch in protobuf.
    pub(crate) async fn frame(&mut self) -> Value {
        loop {
            if let Some((length, rest)) = self.rest.split_first_chunk()
                && let Some(event) = rest.get(..u32::from_be_bytes(*length) as usize)
            {
                let message = kubeset_protobuf::Message::of_kind("v1", "WatchEvent").unwrap();
                let value = message.decode(event, kubeset_protobuf::Options::default()).unwrap();
                let end = length.len() + event.len();
                self.rest.drain(..end);
                return value;
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("an event");
            self.rest.extend_from_slice(frame.unwrap().unwrap().data_ref().unwrap());
        }
    }

    async fn line(&mut self) -> Option<Result<Value, hyper::Error>> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(Ok(serde_json::from_slice(&line).unwrap()));
            }
            match self.body.frame().await? {
                Ok(frame) => self.rest.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
