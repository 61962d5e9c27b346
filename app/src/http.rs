//! The HTTP API.
//!
//! A handler reads: parse, call the use case, answer. What a failure answers is decided in
//! `problem/table.rs` and nowhere else.
//!
//! To add a route: write its handler in the file of its noun, merge the noun's router below,
//! and give each new failure its row in the table.

pub mod etag;
pub mod extract;
mod health;
mod middleware;
pub mod page;
pub mod parameters;
mod problem;
pub mod whole_number;
// sample: begin
mod accounts;
mod transfers;
// sample: end

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit};
use ports::Ids;

pub use health::Readiness;
pub(crate) use problem::chain;
pub use problem::{Problem, ProblemKind};

use crate::{config::HttpConfig, services::Services};

/// What the API stands on.
pub struct Api {
    /// The use cases.
    pub services: Services,
    /// What `/readyz` asks.
    pub readiness: Arc<dyn Readiness>,
    /// Where request ids come from.
    pub ids: Arc<dyn Ids>,
}

/// The whole API as one service.
pub fn router(api: Api, config: &HttpConfig) -> Router {
    let Api {
        services,
        readiness,
        ids,
    } = api;
    let resources = resources(services)
        .fallback(problem::unknown_path)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(DefaultBodyLimit::max(config.max_body_size));
    let limited = middleware::limit(resources, config);
    // Whoever watches a busy service still gets an answer: health is outside of the limits.
    let all = limited.merge(health::router(readiness));
    middleware::observe(all, ids)
}

fn resources(services: Services) -> Router {
    let Services {
        // sample: begin
        accounts,
        transfers,
        // sample: end
    } = services;
    let router = Router::new();
    // sample: begin
    let router = router
        .merge(accounts::router(accounts))
        .merge(transfers::router(transfers));
    // sample: end
    router
}
