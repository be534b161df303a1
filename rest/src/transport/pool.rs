//! The connections, and their replacement while the client lives.
//!
//! A [`Pool`] makes a new connection pool when the trust or the client's certificate has changed. Requests that
//! begin then use it; what is under way on the old one either finishes or is ended as a lost connection.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use reqwest::{Body, Request, Response, ResponseBuilderExt as _};
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use tokio::sync::watch;

use super::TransportError;

/// Makes a connection pool that uses this TLS configuration.
type Build = dyn Fn(ClientConfig) -> Result<reqwest::Client, reqwest::Error> + Send + Sync;

/// The connections to one server. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool {
    state: Arc<RwLock<State>>,
    /// How to make another one. A ready-made pool stays as it is.
    recipe: Option<Arc<Build>>,
}

struct State {
    client: reqwest::Client,
    tls: Option<ClientConfig>,
    /// Dropped to end what is under way. None if that is never wanted.
    open: Option<watch::Sender<()>>,
}

impl Pool {
    /// A pool that is used as it is.
    pub(super) fn ready(client: reqwest::Client) -> Self {
        Self { state: Arc::new(RwLock::new(State { client, tls: None, open: None })), recipe: None }
    }

    /// A pool that can be made again. `ends` says whether what is under way may have to be ended then.
    pub(super) fn new(
        tls: ClientConfig,
        ends: bool,
        build: impl Fn(ClientConfig) -> Result<reqwest::Client, reqwest::Error> + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let client = build(tls.clone())?;
        let state = State { client, tls: Some(tls), open: ends.then(|| watch::Sender::new(())) };
        Ok(Self { state: Arc::new(RwLock::new(state)), recipe: Some(Arc::new(build)) })
    }

    /// The client that new requests use.
    #[cfg(test)]
    pub(crate) fn current(&self) -> reqwest::Client {
        self.lease().0
    }

    /// Sends a request. If the pool is renewed before the answer was read, the connection counts as lost.
    pub(super) async fn execute(&self, request: Request) -> Result<Response, TransportError> {
        let (client, open) = self.lease();
        let Some(open) = open else {
            return Ok(client.execute(request).await?);
        };
        let mut closed: Closed = Box::pin(closed(open));
        let mut answer = pin!(client.execute(request));
        let first = poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => closed.as_mut().poll(context).map(|()| None),
        });
        match first.await {
            Some(answer) => Ok(bound(answer?, closed)),
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
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let (Some(build), Some(tls)) = (&self.recipe, &mut state.tls) else {
            return;
        };
        // A resumed session would keep the old certificate and the old trust.
        tls.resumption = Resumption::default();
        match build(tls.clone()) {
            Ok(client) => state.client = client,
            Err(error) => tracing::warn!(%error, "no new connection pool can be made, the old one is used"),
        }
    }

    fn lease(&self) -> (reqwest::Client, Option<watch::Receiver<()>>) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        (state.client.clone(), state.open.as_ref().map(watch::Sender::subscribe))
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

/// The same answer, with a body that breaks off when `closed` ends.
fn bound(answer: Response, closed: Closed) -> Response {
    let url = answer.url().clone();
    let (mut head, body) = http::Response::from(answer).into_parts();
    if let Ok(named) = http::Response::builder().url(url).body(()) {
        head.extensions.extend(named.into_parts().0.extensions);
    }
    http::Response::from_parts(head, Body::wrap(Bound { body, closed })).into()
}

/// A body that breaks off when its connection may no longer be used.
struct Bound {
    body: Body,
    closed: Closed,
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
        self.closed.as_mut().poll(context).map(|()| Some(Err(lost().into())))
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
