//! Whether the process lives, and whether it can do its work.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Json,
    extract::{FromRef, State},
};
use ports::DatabaseError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    openapi::{OPERATION, Problems},
    parameters::NoParameters,
    problem::{self, Problem, ProblemKind, kind},
};
use crate::lifecycle::{Lifecycle, Phase};

/// The longest time that `/readyz` waits for the database. Whoever asks gives up soon, too.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the service can not do without.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Fails while it is not there.
    async fn check(&self) -> Result<(), DatabaseError>;
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "status": "ok" }))]
struct Health {
    #[schema(inline)]
    status: Status,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(alive))
        .routes(routes!(ready))
}

impl FromRef<Shared> for Arc<dyn Readiness> {
    fn from_ref(api: &Shared) -> Self {
        api.readiness.clone()
    }
}

impl FromRef<Shared> for Lifecycle {
    fn from_ref(api: &Shared) -> Self {
        api.lifecycle.clone()
    }
}

/// Whether the process lives
#[utoipa::path(get, path = "/healthz", operation_id = "isAlive", tag = OPERATION,
    responses(
        (status = OK, description = "It does", body = Health),
        Problems<(kind::Malformed, kind::UnknownParameter)>,
    )
)]
async fn alive(_: NoParameters) -> Json<Health> {
    well()
}

/// Whether the service can do its work
#[utoipa::path(get, path = "/readyz", operation_id = "isReady", tag = OPERATION,
    responses(
        (status = OK, description = "It can", body = Health),
        Problems<(
            kind::Malformed,
            kind::UnknownParameter,
            kind::DatabaseUnavailable,
            kind::Stopping,
        )>,
    )
)]
async fn ready(
    State(readiness): State<Arc<dyn Readiness>>,
    State(lifecycle): State<Lifecycle>,
    _: NoParameters,
) -> Result<Json<Health>, Problem> {
    match lifecycle.phase() {
        Phase::Serving => {}
        Phase::Starting => return Err(problem::not_ready_yet()),
        Phase::Stopping => {
            let text = "the service is about to end: send requests to another instance";
            return Err(Problem::new(ProblemKind::Stopping, text));
        }
    }
    let unavailable = Problem::new(
        ProblemKind::DatabaseUnavailable,
        "the service can not do its work until the database is back",
    );
    match tokio::time::timeout(PATIENCE, readiness.check()).await {
        Ok(Ok(())) => Ok(well()),
        Ok(Err(error)) => Err(unavailable.because(error)),
        Err(late) => Err(unavailable.because(late)),
    }
}

fn well() -> Json<Health> {
    Json(Health { status: Status::Ok })
}
