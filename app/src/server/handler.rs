//! The API, as one connection sees it.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    BoxError, Router,
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request},
    response::Response,
};
use futures_util::{FutureExt as _, future::BoxFuture};
use http_body_util::BodyExt as _;
use tower::Service;

use super::meter::Meter;

/// Tells the API who is asking, and the meter when a request begins and ends.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) router: Router,
    pub(super) peer: SocketAddr,
    pub(super) meter: Arc<Meter>,
}

impl<B> Service<Request<B>> for Handler
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let working = self.meter.begin();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.router.call(request);
        async move {
            let answer = answer.await?;
            // The body keeps the count for as long as there is something of it to be sent.
            Ok(answer.map(|body| {
                Body::new(body.map_err(move |error| {
                    let _ = &working;
                    error
                }))
            }))
        }
        .boxed()
    }
}
