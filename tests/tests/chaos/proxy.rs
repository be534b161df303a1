//! The network between an informer and the API server: a proxy for TCP connections that does to them what networks do.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long to wait before a port is tried again.
const RETRY: Duration = Duration::from_millis(50);

/// A port on the loopback address that leads to another one. Dropping it ends it with all its connections.
pub(crate) struct Proxy {
    port: u16,
    network: watch::Sender<Network>,
    listener: JoinHandle<()>,
}

/// How the network is.
#[derive(Clone, Copy, Debug)]
struct Network {
    door: Door,
    /// Whether nobody comes in, whatever the door says.
    isolated: bool,
    flow: Flow,
    /// How often connections were cut, and how the last time.
    cuts: u64,
    ending: Ending,
    /// How often connections fell silent.
    silences: u64,
}

/// What becomes of new connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// They lead to the server.
    Open,
    /// Nobody listens.
    Refuses,
    /// They are accepted and closed at once.
    HangsUp,
}

/// How bytes pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// As they come.
    Free,
    /// Not at all.
    Frozen,
    /// So many in a second, in each direction of each connection.
    Limited(u32),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As if the other side had finished.
    Fin,
    /// As if the other side knew nothing of it.
    Reset,
}

impl Proxy {
    /// Listens on a free port and leads to `upstream` on the loopback address.
    pub(crate) async fn start(upstream: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let network = watch::Sender::new(Network {
            door: Door::Open,
            isolated: false,
            flow: Flow::Free,
            cuts: 0,
            ending: Ending::Fin,
            silences: 0,
        });
        let listener = tokio::spawn(listen(listener, upstream, network.subscribe()));
        Ok(Self { port, network, listener })
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Sets what becomes of new connections. Those that there are go on.
    pub(crate) fn door(&self, door: Door) {
        self.network.send_modify(|network| network.door = door);
    }

    /// Sets how bytes pass on all connections.
    pub(crate) fn flow(&self, flow: Flow) {
        self.network.send_modify(|network| network.flow = flow);
    }

    /// Ends all connections that there are.
    pub(crate) fn cut(&self, ending: Ending) {
        self.network.send_modify(|network| {
            network.cuts += 1;
            network.ending = ending;
        });
    }

    /// From now on nothing passes on the connections that there are, and neither side is told. New ones work.
    pub(crate) fn silence(&self) {
        self.network.send_modify(|network| network.silences += 1);
    }

    /// Ends all connections and lets nobody in, or lets them in again. What else happens to the network does not change
    /// that.
    pub(crate) fn isolate(&self, isolated: bool) {
        self.network.send_modify(|network| {
            network.isolated = isolated;
            network.cuts += u64::from(isolated);
        });
    }

    /// All is well again, except for connections that fell silent, and unless it is isolated.
    pub(crate) fn heal(&self) {
        self.network.send_modify(|network| (network.door, network.flow) = (Door::Open, Flow::Free));
    }
}

impl Network {
    fn lets_in(&self) -> bool {
        self.door != Door::Refuses && !self.isolated
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(listener: TcpListener, upstream: u16, network: watch::Receiver<Network>) {
    let address = listener.local_addr();
    let mut listener = Some(listener);
    let (mut open, mut refuses) = (network.clone(), network.clone());
    while open.wait_for(Network::lets_in).await.is_ok() {
        let Some(listener) = listen_again(&mut listener, address.as_ref().ok()).await else { continue };
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((client, _)) = accepted else { continue };
                    if network.borrow().door == Door::Open {
                        tokio::spawn(forward(client, upstream, network.clone()));
                    }
                }
                refuses = refuses.wait_for(|network| !network.lets_in()) => {
                    drop(refuses);
                    break;
                }
            }
        }
    }
}

/// The listener that there is, or another one on the same port. None if the port is taken, for a moment.
async fn listen_again(
    listener: &mut Option<TcpListener>,
    address: Option<&SocketAddr>,
) -> Option<TcpListener> {
    if let Some(listener) = listener.take() {
        return Some(listener);
    }
    let listener = TcpListener::bind(address?).await.ok();
    if listener.is_none() {
        tokio::time::sleep(RETRY).await;
    }
    listener
}

/// Leads one connection to the server until one side ends it, or it is cut.
async fn forward(mut client: TcpStream, upstream: u16, mut network: watch::Receiver<Network>) {
    let born = *network.borrow();
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, upstream)).await else { return };
    let passage = Passage { network: network.clone(), silences: born.silences };
    let ending = {
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        tokio::select! {
            _ = passage.clone().pump(from_client, to_server, Side::Client) => None,
            _ = passage.pump(from_server, to_client, Side::Server) => None,
            cut = network.wait_for(|network| network.cuts > born.cuts) => cut.ok().map(|network| network.ending),
        }
    };
    match ending {
        Some(Ending::Reset) => drop(client.set_zero_linger()),
        Some(Ending::Fin) | None => drop(client.shutdown().await),
    }
}

/// Where bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// The way of one connection through the network.
#[derive(Clone)]
struct Passage {
    network: watch::Receiver<Network>,
    /// How often connections had fallen silent when this one began.
    silences: u64,
}

impl Passage {
    /// Hands bytes on until there are no more.
    async fn pump(
        mut self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        side: Side,
    ) -> io::Result<()> {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let count = from.read(&mut buffer).await.unwrap_or(0);
            let (open, limit) = self.pass().await;
            match (open, count, side) {
                // The client is told nothing, not even that the server is gone.
                (false, 0, Side::Server) => std::future::pending().await,
                (_, 0, _) => return Ok(()),
                (false, _, _) => {}
                (true, _, _) => write(&mut to, &buffer[..count], limit).await?,
            }
        }
    }

    /// Waits while the network is frozen. Whether anything passes after that, and how many bytes a second.
    async fn pass(&mut self) -> (bool, Option<u32>) {
        let silences = self.silences;
        let passes = |network: &Network| network.flow != Flow::Frozen || network.silences > silences;
        let network = self.network.wait_for(passes).await;
        let Ok(network) = network else { return (true, None) };
        let limit = match network.flow {
            Flow::Limited(limit) => Some(limit),
            Flow::Free | Flow::Frozen => None,
        };
        (network.silences == silences, limit)
    }
}

/// Writes everything, at most so many bytes a second.
async fn write(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8], limit: Option<u32>) -> io::Result<()> {
    let Some(limit) = limit else { return to.write_all(bytes).await };
    for piece in bytes.chunks(1024) {
        let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
        tokio::time::sleep(Duration::from_secs(1) * length / limit.max(1)).await;
        to.write_all(piece).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);
    const MOMENT: Duration = Duration::from_millis(100);

    /// A proxy to a server that sends back what it gets.
    async fn echo() -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        Proxy::start(port).await.unwrap()
    }

    async fn connect(proxy: &Proxy) -> io::Result<TcpStream> {
        TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).await
    }

    /// Sends a byte. What comes back.
    async fn ask(stream: &mut TcpStream) -> io::Result<usize> {
        stream.write_all(b"a").await?;
        let mut answer = [0];
        tokio::time::timeout(SOON, stream.read(&mut answer)).await.expect("something comes back")
    }

    async fn hears_nothing(stream: &mut TcpStream) -> bool {
        stream.write_all(b"a").await.unwrap();
        tokio::time::timeout(MOMENT, stream.read(&mut [0])).await.is_err()
    }

    #[tokio::test]
    async fn connections_are_cut_and_new_ones_work() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await.unwrap();
        assert_eq!(ask(&mut stream).await.unwrap(), 1);
        proxy.cut(Ending::Fin);
        assert_eq!(tokio::time::timeout(SOON, stream.read(&mut [0])).await.unwrap().unwrap(), 0);

        let mut stream = connect(&proxy).await.unwrap();
        assert_eq!(ask(&mut stream).await.unwrap(), 1);
        proxy.cut(Ending::Reset);
        let error = tokio::time::timeout(SOON, stream.read(&mut [0])).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_frozen_connection_goes_on_and_a_silent_one_does_not() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await.unwrap();
        assert_eq!(ask(&mut stream).await.unwrap(), 1);
        proxy.flow(Flow::Frozen);
        assert!(hears_nothing(&mut stream).await);
        proxy.heal();
        assert_eq!(ask(&mut stream).await.unwrap(), 1);

        proxy.silence();
        proxy.heal();
        let mut other = connect(&proxy).await.unwrap();
        assert_eq!(ask(&mut other).await.unwrap(), 1);
        // The answer to the first byte, which was frozen, may still be read before.
        while tokio::time::timeout(MOMENT, stream.read(&mut [0])).await.is_ok() {}
        assert!(hears_nothing(&mut stream).await);
    }

    #[tokio::test]
    async fn a_closed_door_opens_again_on_the_same_port() {
        let proxy = echo().await;
        proxy.door(Door::HangsUp);
        let mut stream = connect(&proxy).await.unwrap();
        assert!(matches!(ask(&mut stream).await, Ok(0) | Err(_)));
        proxy.heal();
        proxy.isolate(true);
        refused(&proxy).await;
        proxy.isolate(false);
        opened(&proxy).await;
        proxy.door(Door::Refuses);
        refused(&proxy).await;
        proxy.heal();
        opened(&proxy).await;
    }

    async fn refused(proxy: &Proxy) {
        let refused = async {
            while connect(proxy).await.is_ok() {
                tokio::time::sleep(RETRY).await;
            }
        };
        tokio::time::timeout(SOON, refused).await.unwrap();
    }

    async fn opened(proxy: &Proxy) {
        let opened = async {
            loop {
                if let Ok(mut stream) = connect(proxy).await
                    && matches!(ask(&mut stream).await, Ok(1))
                {
                    break;
                }
                tokio::time::sleep(RETRY).await;
            }
        };
        tokio::time::timeout(SOON, opened).await.unwrap();
    }

    #[tokio::test]
    async fn a_limit_takes_its_time() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await.unwrap();
        proxy.flow(Flow::Limited(10_000));
        let start = std::time::Instant::now();
        stream.write_all(&[0; 4_000]).await.unwrap();
        tokio::time::timeout(SOON, stream.read_exact(&mut [0; 4_000])).await.unwrap().unwrap();
        assert!(start.elapsed() >= Duration::from_millis(390), "{:?}", start.elapsed());
    }
}
