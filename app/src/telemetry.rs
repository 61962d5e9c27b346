//! Where log events go: to stderr, so that stdout is for what a command has to say. With the
//! feature `otel`, spans go to a collector as well.

mod json;
#[cfg(feature = "otel")]
mod otel;
mod trace_context;

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{
    EnvFilter, Layer as _, Registry, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

pub(crate) use trace_context::TraceContext;

use crate::config::{LogConfig, LogFormat};

/// What is to be ended with the process.
#[derive(Debug, Default)]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    exporter: Option<otel::Exporter>,
}

/// Starts logging, for the rest of the process. A second call changes nothing.
pub fn start(config: &LogConfig) -> Telemetry {
    let log = match config.format {
        LogFormat::Human => fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .boxed(),
        LogFormat::Json => fmt::layer()
            .with_writer(io::stderr)
            .fmt_fields(json::Fields)
            .event_format(json::Json)
            .boxed(),
    };
    let subscriber = Registry::default().with(EnvFilter::new(&config.filter));
    #[cfg(feature = "otel")]
    {
        let made = otel::Exporter::from_env();
        let spans = made.as_ref().ok().and_then(Option::as_ref);
        let spans = spans.map(otel::Exporter::layer);
        // Whoever was first keeps it: a test that has a subscriber of its own.
        drop(subscriber.with(log).with(spans).try_init());
        let exporter = made.unwrap_or_else(|error| {
            tracing::warn!(%error, "spans are not exported");
            None
        });
        Telemetry { exporter }
    }
    #[cfg(not(feature = "otel"))]
    {
        // Whoever was first keeps it: a test that has a subscriber of its own.
        drop(subscriber.with(log).try_init());
        Telemetry::default()
    }
}

impl Telemetry {
    /// Sends what has not been sent yet.
    pub fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(exporter) = self.exporter {
            exporter.end();
        }
    }
}

/// What a span is of.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "otel"),
    expect(dead_code, reason = "what an exporter tells of a span")
)]
pub(crate) struct Server<'r> {
    pub(crate) method: &'r str,
    pub(crate) route: Option<&'r str>,
    pub(crate) path: &'r str,
}

/// The place in a trace that an exporter has given this span, if there is one.
#[cfg(feature = "otel")]
pub(crate) fn exported(
    span: &tracing::Span,
    caller: Option<&TraceContext>,
    server: Server<'_>,
) -> Option<TraceContext> {
    otel::begin(span, caller, server)
}

/// The same without an exporter.
#[cfg(not(feature = "otel"))]
pub(crate) const fn exported(
    _: &tracing::Span,
    _: Option<&TraceContext>,
    _: Server<'_>,
) -> Option<TraceContext> {
    None
}

/// How a request ended, for its exported span.
pub(crate) fn answered(span: &tracing::Span, status: u16) {
    span.record("status", status);
    #[cfg(feature = "otel")]
    otel::answered(span, status);
}
