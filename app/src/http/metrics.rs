//! `/metrics`: what Prometheus is told.

mod requests;

use std::sync::Arc;

use adapters::seaorm::Databases;
use axum::{
    extract::{FromRef, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use prometheus_client::{
    encoding::text,
    metrics::{gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use requests::Flight;
use requests::Requests;

use super::{
    Shared,
    openapi::Problems,
    parameters::NoParameters,
    problem::{Problem, ProblemKind, kind},
};

/// The format that Prometheus asks for first.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// The metrics of one service, in a registry of its own: two services in one process do not
/// mix. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Requests,
    databases: Databases,
}

impl Metrics {
    /// Adds the service's own metrics to what is in the registry already.
    pub fn new(mut registry: Registry, now: DateTime<Utc>) -> Self {
        let start = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
        #[expect(clippy::cast_precision_loss, reason = "far below what a double holds")]
        start.set(now.timestamp_millis() as f64 / 1e3);
        let help = "When the service was started, in Unix time";
        registry.register_with_unit("process_start_time", help, Unit::Seconds, start);
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("service_build", "What is running", build);
        Self(Arc::new(Inner {
            requests: Requests::registered(&mut registry),
            databases: Databases::registered(&mut registry),
            registry,
        }))
    }

    /// The databases that are told of; one more is a line:
    /// `metrics.databases().watch("reports", &manager)`.
    pub fn databases(&self) -> &Databases {
        &self.0.databases
    }

    pub(super) fn requests(&self) -> &Requests {
        &self.0.requests
    }
}

impl FromRef<Shared> for Metrics {
    fn from_ref(api: &Shared) -> Self {
        api.metrics.clone()
    }
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(scrape))
}

/// What Prometheus reads
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "readMetrics",
    tag = "operation",
    responses(
        (
            status = 200,
            description = "Every metric, as OpenMetrics text",
            body = String,
            content_type = "application/openmetrics-text",
        ),
        Problems<(kind::Malformed, kind::UnknownParameter)>,
    ),
)]
async fn scrape(State(metrics): State<Metrics>, _: NoParameters) -> Result<Response, Problem> {
    let mut scraped = String::new();
    text::encode(&mut scraped, &metrics.0.registry)
        .map_err(|error| Problem::internal(ProblemKind::Internal, error))?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], scraped).into_response())
}
