//! One layer that is an async function.

use std::{
    convert::Infallible,
    future::Future,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response, routing::Route};
use futures_util::{FutureExt as _, future::BoxFuture};
use tower::{Layer, Service};

/// What axum's `from_fn` is, for less. That one clones all that is inside of it, down to the
/// handler, with each request: a few of them around each other cost more than a handler does.
pub(in crate::http) struct Around<F>(Arc<F>);

impl<F, A> Around<F>
where
    F: Fn(Request, Inside) -> A + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    pub(in crate::http) fn new(function: F) -> Self {
        Self(Arc::new(function))
    }
}

/// What a layer is around: other layers, and the handler.
pub(in crate::http) struct Inside(Arc<Route>);

impl Inside {
    pub(in crate::http) async fn answer(&self, request: Request) -> Response {
        // Only an owner can call it.
        let mut route = (*self.0).clone();
        match route.call(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}

/// A route with the function around it.
pub(in crate::http) struct Surrounded<F> {
    function: Arc<F>,
    route: Arc<Route>,
}

impl<F> Layer<Route> for Around<F> {
    type Service = Surrounded<F>;

    fn layer(&self, route: Route) -> Surrounded<F> {
        Surrounded {
            function: self.0.clone(),
            route: Arc::new(route),
        }
    }
}

impl<F, A> Service<Request> for Surrounded<F>
where
    F: Fn(Request, Inside) -> A,
    A: Future<Output = Response> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let inside = Inside(self.route.clone());
        (self.function)(request, inside).map(Ok).boxed()
    }
}

impl<F> Clone for Around<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F> Clone for Surrounded<F> {
    fn clone(&self) -> Self {
        Self {
            function: self.function.clone(),
            route: self.route.clone(),
        }
    }
}
