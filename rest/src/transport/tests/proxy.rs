//! A proxy on loopback that notes what it is asked for, and leads everything to one server.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A running proxy. It stops with the test's runtime.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    /// What it was asked for: of HTTP the head of the request, of SOCKS the target and who asks.
    seen: Arc<Mutex<Vec<String>>>,
    server: SocketAddr,
}

impl Proxy {
    /// A proxy that speaks HTTP, over TLS if it has a configuration for that.
    pub(super) async fn http(server: SocketAddr, tls: Option<rustls::ServerConfig>) -> Self {
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        Self::start(server, move |proxy, stream| {
            let acceptor = acceptor.clone();
            async move {
                match acceptor {
                    None => proxy.serve_http(stream).await,
                    Some(acceptor) => proxy.serve_http(acceptor.accept(stream).await?).await,
                }
            }
        })
        .await
    }

    /// A proxy that speaks SOCKS version 5. It asks for a user if it is offered one.
    pub(super) async fn socks5(server: SocketAddr) -> Self {
        Self::start(server, |proxy, stream| async move { proxy.serve_socks(stream).await }).await
    }

    async fn start<F>(server: SocketAddr, serve: impl Fn(Self, TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy =
            Self { address: listener.local_addr().expect("its address"), seen: Arc::default(), server };
        let accepting = proxy.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(accepting.clone(), stream));
            }
        });
        proxy
    }

    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("the notes").clone()
    }

    fn note(&self, what: String) {
        self.seen.lock().expect("the notes").push(what);
    }

    async fn serve_http<S: AsyncRead + AsyncWrite + Unpin>(&self, mut client: S) -> io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await?);
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let tunnel = text.starts_with("CONNECT ");
        self.note(text);
        let mut server = TcpStream::connect(self.server).await?;
        if tunnel {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        } else {
            server.write_all(&head).await?;
        }
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }

    async fn serve_socks(&self, mut client: TcpStream) -> io::Result<()> {
        assert_eq!(client.read_u8().await?, 5);
        let methods = counted(&mut client).await?;
        let mut user = String::new();
        if methods.contains(&2) {
            client.write_all(&[5, 2]).await?;
            client.read_u8().await?;
            let (name, password) = (counted(&mut client).await?, counted(&mut client).await?);
            user =
                format!(" as {} with {}", String::from_utf8_lossy(&name), String::from_utf8_lossy(&password));
            client.write_all(&[1, 0]).await?;
        } else {
            client.write_all(&[5, 0]).await?;
        }
        let mut request = [0; 4];
        client.read_exact(&mut request).await?;
        assert_eq!(request, [5, 1, 0, 3], "the name is for the proxy to look up");
        let name = counted(&mut client).await?;
        let port = client.read_u16().await?;
        self.note(format!("{}:{port}{user}", String::from_utf8_lossy(&name)));
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
        let mut server = TcpStream::connect(self.server).await?;
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }
}

/// Bytes that come after their number.
async fn counted(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}
