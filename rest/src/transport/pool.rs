//! The connections, and their replacement while the client lives.
//!
//! A [`Pool`] makes a new connection pool when the trust or the client's certificate has changed. Requests that
//! begin then use it; what is under way on the old one either finishes or is ended as a lost connection.
//!
//! It also makes one when many requests are under way: a server allows only so many on an HTTP/2 connection, and
//! reqwest lets further ones wait for those to end, which watches do not.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use reqwest::{Body, Request, Response, ResponseBuilderExt as _};
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use tokio::sync::watch;

use super::TransportError;

/// How many requests may be under way on one connection: what API servers and most proxies allow at least.
const REQUESTS_PER_CONNECTION: usize = 100;

/// Makes a connection pool that uses this TLS configuration.
type Build = dyn Fn(ClientConfig) -> Result<reqwest::Client, reqwest::Error> + Send + Sync;

/// The connections to one server. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool {
    state: Arc<Mutex<State>>,
    /// How to make another one. A ready-made pool stays as it is.
    recipe: Option<Arc<Build>>,
}

struct State {
    first: Lane,
    /// More of the same, for when the ones before are full.
    more: Vec<Lane>,
    tls: Option<ClientConfig>,
    /// Dropped to end what is under way. None if that is never wanted.
    open: Option<watch::Sender<()>>,
}

/// A reqwest client, which has one HTTP/2 connection at most.
struct Lane {
    client: reqwest::Client,
    /// Cloned by each request that is under way.
    busy: Arc<()>,
}

/// What a request needs of the pool while it is under way.
struct Lease {
    client: reqwest::Client,
    busy: Arc<()>,
    closed: Option<Closed>,
}

impl Pool {
    /// A pool that is used as it is.
    pub(super) fn ready(client: reqwest::Client) -> Self {
        let state = State { first: Lane::new(client), more: Vec::new(), tls: None, open: None };
        Self { state: Arc::new(Mutex::new(state)), recipe: None }
    }

    /// A pool that can be made again. `ends` says whether what is under way may have to be ended then.
    pub(super) fn new(
        tls: ClientConfig,
        ends: bool,
        build: impl Fn(ClientConfig) -> Result<reqwest::Client, reqwest::Error> + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let first = Lane::new(build(tls.clone())?);
        let open = ends.then(|| watch::Sender::new(()));
        let state = State { first, more: Vec::new(), tls: Some(tls), open };
        Ok(Self { state: Arc::new(Mutex::new(state)), recipe: Some(Arc::new(build)) })
    }

    /// The client that new requests use.
    #[cfg(test)]
    pub(crate) fn current(&self) -> reqwest::Client {
        self.lease().client
    }

    /// Sends a request. If the pool is renewed before the answer was read, the connection counts as lost.
    pub(super) async fn execute(&self, request: Request) -> Result<Response, TransportError> {
        if self.recipe.is_none() {
            let client = self.lock().first.client.clone();
            return Ok(client.execute(request).await?);
        }
        let Lease { client, busy, mut closed } = self.lease();
        let mut answer = pin!(client.execute(request));
        let first = poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => poll_closed(&mut closed, context).map(|()| None),
        });
        match first.await {
            Some(answer) => Ok(bound(answer?, closed, busy)),
            None => Err(TransportError::Replaced(lost())),
        }
    }

    /// Leaves the connections for new ones and ends what is under way on them.
    pub(crate) fn renew(&self) {
        self.replace(|state| {
            if let Some(open) = &mut state.open {
                *open = watch::Sender::new(());
            }
        });
    }

    /// Trusts whom `verifier` trusts, from the next request on. What is under way may finish.
    pub(super) fn trust(&self, verifier: Arc<dyn ServerCertVerifier>) {
        self.replace(|state| {
            if let Some(tls) = &mut state.tls {
                tls.dangerous().set_certificate_verifier(verifier);
            }
        });
    }

    fn replace(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        if let Some(tls) = &mut state.tls {
            // A resumed session would keep the old certificate and the old trust.
            tls.resumption = Resumption::default();
        }
        if let Some(lane) = self.lane(&state) {
            state.first = lane;
            state.more.clear();
        }
    }

    /// The first lane with room, else a new one.
    fn lease(&self) -> Lease {
        let mut state = self.lock();
        if !state.lanes().any(Lane::has_room)
            && let Some(lane) = self.lane(&state)
        {
            state.more.push(lane);
        }
        let lane = state.lanes().find(|lane| lane.has_room()).unwrap_or(&state.first);
        let closed = state.open.as_ref().map(|open| Box::pin(closed(open.subscribe())) as Closed);
        Lease { client: lane.client.clone(), busy: Arc::clone(&lane.busy), closed }
    }

    fn lane(&self, state: &State) -> Option<Lane> {
        match self.recipe.as_ref()?(state.tls.clone()?) {
            Ok(client) => Some(Lane::new(client)),
            Err(error) => {
                tracing::warn!(%error, "no new connection pool can be made, the old one is used");
                None
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn lanes(&self) -> impl Iterator<Item = &Lane> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

impl Lane {
    fn new(client: reqwest::Client) -> Self {
        Self { client, busy: Arc::new(()) }
    }

    fn has_room(&self) -> bool {
        // One count is the lane's own.
        Arc::strong_count(&self.busy) <= REQUESTS_PER_CONNECTION
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// Ends when the pool that the receiver is of was renewed. Nothing is ever sent.
async fn closed(mut open: watch::Receiver<()>) {
    while open.changed().await.is_ok() {}
}

type Closed = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

fn poll_closed(closed: &mut Option<Closed>, context: &mut Context<'_>) -> Poll<()> {
    closed.as_mut().map_or(Poll::Pending, |closed| closed.as_mut().poll(context))
}

/// The same answer, with a body that counts as under way and breaks off when `closed` ends.
fn bound(answer: Response, closed: Option<Closed>, busy: Arc<()>) -> Response {
    let url = answer.url().clone();
    let (mut head, body) = http::Response::from(answer).into_parts();
    if let Ok(named) = http::Response::builder().url(url).body(()) {
        head.extensions.extend(named.into_parts().0.extensions);
    }
    http::Response::from_parts(head, Body::wrap(Bound { body, closed, _busy: busy })).into()
}

/// A body that breaks off when its connection may no longer be used.
struct Bound {
    body: Body,
    closed: Option<Closed>,
    _busy: Arc<()>,
}

impl http_body::Body for Bound {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        poll_closed(&mut self.closed, context).map(|()| Some(Err(lost().into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a request sees whose connection was given up.
fn lost() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionReset,
        "the connection was closed, because the client's certificate changed",
    )
}
