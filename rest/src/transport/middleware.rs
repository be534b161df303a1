//! Middleware: tower layers around the connections, for programs that must see or change every request.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use reqwest::{Body, ResponseBuilderExt as _};
use tower::util::{BoxCloneSyncService, ServiceExt as _};

use super::TransportError;
use super::pool::Pool;
use crate::error::BoxError;

/// What a layer wraps, and is then itself: a service that sends a request to the server.
pub type HttpService = BoxCloneSyncService<http::Request<Bytes>, http::Response<ResponseBody>, BoxError>;

/// The body of an answer as layers see it, and may replace it by another.
pub struct ResponseBody {
    body: Body,
}

impl ResponseBody {
    /// A body that was not read from the server, but is the layer's own.
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Sync + 'static,
    {
        Self { body: Body::wrap(body) }
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.body).poll_frame(context).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}

/// The innermost service: the connections themselves.
pub(super) fn innermost(pool: Pool) -> HttpService {
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let pool = pool.clone();
        async move {
            let answer = pool.execute(request.map(Body::from).try_into()?).await?;
            Ok::<_, BoxError>(http::Response::from(answer).map(|body| ResponseBody { body }))
        }
    }))
}

/// Sends a request through the layers.
pub(super) async fn call(
    service: HttpService,
    request: reqwest::Request,
) -> Result<reqwest::Response, TransportError> {
    let url = request.url().clone();
    let (head, body) = http::Request::<Body>::try_from(request)?.into_parts();
    let request = http::Request::from_parts(head, whole(body).await?);
    let (mut head, body) = service.oneshot(request).await.map_err(own_error)?.into_parts();
    // Whoever reads the answer asks where it is from.
    if let Ok(named) = http::Response::builder().url(url).body(()) {
        head.extensions.extend(named.into_parts().0.extensions);
    }
    Ok(http::Response::from_parts(head, Body::wrap(body)).into())
}

/// The bytes of a request's body, which are at hand in one piece.
async fn whole(mut body: Body) -> Result<Bytes, reqwest::Error> {
    let mut bytes = Bytes::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame?.into_data() else { continue };
        bytes = match bytes.is_empty() {
            true => data,
            false => BytesMut::from_iter(bytes.into_iter().chain(data)).freeze(),
        };
    }
    Ok(bytes)
}

/// An error of the connections passes the layers as what it is; any other is a layer's.
fn own_error(error: BoxError) -> TransportError {
    match error.downcast::<TransportError>() {
        Ok(own) => *own,
        Err(other) => TransportError::Layer(other),
    }
}
