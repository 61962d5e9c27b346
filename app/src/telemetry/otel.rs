//! Spans on their way to a collector, over OTLP. Set by the standard's own variables: `OTEL_..`.

use std::{env, error::Error};

use opentelemetry::{
    Context, Key, KeyValue,
    trace::{
        SpanContext, SpanId, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        TracerProvider as _,
    },
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::{Server, TraceContext};

/// What the service calls itself when `OTEL_SERVICE_NAME` does not say otherwise.
const SERVICE_NAME: &str = "hexacoral";

/// Collects spans, and sends them from a thread of its own.
#[derive(Debug)]
pub(super) struct Exporter(SdkTracerProvider);

impl Exporter {
    /// The exporter of the process, unless `OTEL_SDK_DISABLED` or `OTEL_TRACES_EXPORTER=none`
    /// says that there is to be none.
    pub(super) fn from_env() -> Result<Option<Self>, Box<dyn Error>> {
        if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return Ok(None);
        }
        // The client that sends them asks for one, whether or not it is going to encrypt.
        // Whoever has installed one before keeps it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let exporter = SpanExporter::builder().with_http().build()?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self(provider)))
    }

    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SERVICE_NAME))
            .with_location(false)
            .with_threads(false)
    }

    /// Sends what has not been sent yet.
    pub(super) fn end(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

/// Gives an exported span its parent and its attributes, by the names of the semantic
/// conventions, and answers where that puts it.
pub(super) fn begin(
    span: &Span,
    caller: Option<&TraceContext>,
    server: Server<'_>,
) -> Option<TraceContext> {
    if let Some(caller) = caller {
        let parent = Context::new().with_remote_span_context(remote(caller));
        // It fails where nothing is exported, which is seen below.
        drop(span.set_parent(parent));
    }
    let Server {
        method,
        route,
        path,
    } = server;
    let name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
    span.record("otel.name", name).record("otel.kind", "server");
    span.set_attribute("http.request.method", method.to_owned());
    span.set_attribute("url.path", path.to_owned());
    if let Some(route) = route {
        span.set_attribute("http.route", route.to_owned());
    }
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| TraceContext {
        trace_id: u128::from_be_bytes(context.trace_id().to_bytes()),
        span_id: u64::from_be_bytes(context.span_id().to_bytes()),
        flags: context.trace_flags().to_u8(),
    })
}

pub(super) fn answered(span: &Span, status: u16) {
    span.set_attribute("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.set_status(Status::error(""));
    }
}

fn remote(caller: &TraceContext) -> SpanContext {
    SpanContext::new(
        TraceId::from_bytes(caller.trace_id.to_be_bytes()),
        SpanId::from_bytes(caller.span_id.to_be_bytes()),
        TraceFlags::new(caller.flags),
        true,
        TraceState::default(),
    )
}

/// What `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say, and the rest by ourselves.
fn resource() -> Resource {
    let told = Resource::builder().build();
    let name = told.get(&Key::new("service.name"));
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let is_versioned = told.get(&Key::new("service.version")).is_some();
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let mut resource = Resource::builder();
    if !is_named {
        resource = resource.with_service_name(SERVICE_NAME);
    }
    if !is_versioned {
        resource = resource.with_attribute(version);
    }
    resource.build()
}

fn is(variable: &str, word: &str) -> bool {
    env::var(variable).is_ok_and(|value| value.trim().eq_ignore_ascii_case(word))
}
