//! An event as one object of JSON, with the fields of all the spans around it beside its own:
//! whoever reads the log finds `request_id` and `trace_id` in the same place of every line.

use std::fmt::{self, Debug};

use serde::Serializer as _;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let metadata = event.metadata();
        let mut line = Line::default();
        line.add("timestamp", timestamp.into());
        line.add("level", metadata.level().as_str().into());
        line.add("target", metadata.target().into());
        event.record(&mut line);
        // The innermost first: of two fields of one name, the nearer one counts.
        let mut span = context.lookup_current();
        while let Some(around) = span {
            if let Some(fields) = around.extensions().get::<FormattedFields<N>>() {
                line.add_all(fields);
            }
            span = around.parent();
        }
        writeln!(writer, "{}", line.written()?)
    }
}

/// The members of an object, in the order in which they were found.
#[derive(Default)]
struct Line(Vec<(String, Value)>);

impl Line {
    fn add(&mut self, name: &str, value: Value) {
        if !self.0.iter().any(|(known, _)| known == name) {
            self.0.push((name.to_owned(), value));
        }
    }

    /// Adds a span's fields, but for those that are meant for an exporter.
    fn add_all(&mut self, fields: &str) {
        let fields: Map<String, Value> = serde_json::from_str(fields).unwrap_or_default();
        for (name, value) in fields {
            if !name.starts_with("otel.") {
                self.add(&name, value);
            }
        }
    }

    fn written(&self) -> Result<String, fmt::Error> {
        let mut text = Vec::new();
        let members = self.0.iter().map(|(name, value)| (name, value));
        serde_json::Serializer::new(&mut text)
            .collect_map(members)
            .map_err(|_| fmt::Error)?;
        String::from_utf8(text).map_err(|_| fmt::Error)
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field.name(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::fmt::{MakeWriter, format::JsonFields};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn a_line_has_the_fields_of_the_event_and_of_all_spans_around_it() {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(lines.clone())
            .fmt_fields(JsonFields::new())
            .event_format(Json)
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let request = tracing::info_span!(
                "request",
                request_id = "r",
                depth = 1,
                status = 0,
                otel.kind = "server"
            );
            request.record("status", 200);
            request.in_scope(|| {
                let inner = tracing::info_span!("inner", depth = 2);
                inner.in_scope(|| tracing::warn!(target: "t", n = 1.5, ok = true, "a \"text\"\n"));
            });
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let mut line: Map<String, Value> = serde_json::from_str(&text).unwrap();
        assert!(
            line.remove("timestamp")
                .unwrap()
                .as_str()
                .unwrap()
                .ends_with('Z')
        );
        assert_eq!(
            Value::Object(line),
            serde_json::json!({
                "level": "WARN", "target": "t", "message": "a \"text\"\n", "n": 1.5, "ok": true,
                "request_id": "r", "depth": 2, "status": 200,
            })
        );
        assert_eq!(text.matches('\n').count(), 1, "{text}");
    }
}
