//! The HTTP API.
//!
//! A handler reads: parse, call the use case, answer. What a failure answers is decided in
//! `problem/table.rs` and nowhere else.
//!
//! To add a route: write its handler in the file of its noun, with what its callers should know
//! in `#[utoipa::path(..)]`; name it in the noun's `routes`, which are merged below; and give
//! each new failure its row in the table.

pub mod access;
mod docs;
pub mod etag;
pub mod extract;
mod health;
pub mod idempotency;
pub mod members;
mod metrics;
mod middleware;
mod openapi;
pub mod page;
pub mod parameters;
mod problem;
mod timestamp;
// sample: begin
mod accounts;
mod ledger_schemas;
mod transfers;
// sample: end

use std::{ops::Deref, sync::Arc};

use axum::{Extension, Router};
use ports::{Authenticator, Ids};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use health::Readiness;
pub use metrics::Metrics;
use middleware::{Admission, Middleware};
pub(crate) use problem::chain;
pub use problem::{Document, Faults, FieldError, Kind, Place, Problem, ProblemKind, kind};

use crate::{config::HttpConfig, lifecycle::Lifecycle, services::Services};

/// What the API stands on.
#[derive(Clone)]
pub struct Api {
    /// The use cases.
    pub services: Services,
    /// What `/readyz` asks.
    pub readiness: Arc<dyn Readiness>,
    /// Where request ids come from.
    pub ids: Arc<dyn Ids>,
    /// Whether it can do its work yet, and for how much longer.
    pub lifecycle: Lifecycle,
    /// What `/metrics` tells.
    pub metrics: Metrics,
    /// Who tells callers apart; without one, everybody may do everything.
    pub authenticator: Option<Arc<dyn Authenticator>>,
}

/// The [`Api`] as the state of every handler, each of which takes its part. Handlers are cloned
/// with each request: this is one count, not one for each part.
#[derive(Clone)]
struct Shared(Arc<Api>);

impl Deref for Shared {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.0
    }
}

/// The whole API as one service.
pub fn router(api: Api, config: &HttpConfig) -> Router {
    let api = Shared(Arc::new(api));
    let resources = Router::from(resources()).with_state(api.clone());
    let (resources, served) = match &api.authenticator {
        Some(authenticator) => (access::guard(resources, authenticator.clone()), document()),
        None => (resources, openapi::open(document())),
    };
    let resources = resources
        .fallback(problem::unknown_path)
        .method_not_allowed_fallback(problem::wrong_method);
    let operation = Router::from(operation())
        .with_state(api.clone())
        .layer(Extension(openapi::Sent::new(&served)))
        .method_not_allowed_fallback(problem::wrong_method);
    let middleware = Arc::new(Middleware::new(&api, config));
    let admission = Admission::new(&api, config);
    let resources = middleware.clone().around(resources, Some(admission));
    // Whoever watches a busy service still gets an answer: this is not limited.
    resources.merge(middleware.around(operation, None))
}

/// What the API takes and answers, as OpenAPI 3.1.
pub fn document() -> OpenApi {
    openapi::document(resources().merge(operation()))
}

/// What the service is there for.
fn resources() -> OpenApiRouter<Shared> {
    let routes = OpenApiRouter::default();
    // sample: begin
    let routes = routes.merge(accounts::routes()).merge(transfers::routes());
    // sample: end
    routes
}

/// What its operators need.
fn operation() -> OpenApiRouter<Shared> {
    health::routes()
        .merge(metrics::routes())
        .merge(openapi::routes())
        .merge(docs::routes())
}
