//! Whether the process lives, and whether it can do its work.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::get};
use ports::DatabaseError;
use serde_json::{Value, json};

use super::problem::{self, Problem, ProblemKind};

/// The longest time that `/readyz` waits for the database. Whoever asks gives up soon, too.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the service can not do without.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Fails while it is not there.
    async fn check(&self) -> Result<(), DatabaseError>;
}

pub(super) fn router(readiness: Arc<dyn Readiness>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(readiness)
}

async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn ready(State(readiness): State<Arc<dyn Readiness>>) -> Result<Json<Value>, Problem> {
    let unavailable = Problem::new(
        ProblemKind::DatabaseUnavailable,
        "the service can not do its work until the database is back",
    );
    match tokio::time::timeout(PATIENCE, readiness.check()).await {
        Ok(Ok(())) => Ok(alive().await),
        Ok(Err(error)) => Err(unavailable.because(error)),
        Err(late) => Err(unavailable.because(late)),
    }
}
