//! An event as one object of JSON, with the fields of all the spans around it beside its own:
//! whoever reads the log finds `request_id` and `trace_id` in the same place of every line.

use std::fmt::{self, Debug};

use serde::Serialize;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

pub(super) struct Json;

/// How a span keeps its fields: a line for each, with its name, a tab, and its value in JSON,
/// which has neither a tab nor the end of a line in it. What is recorded later comes after it.
pub(super) struct Fields;

impl<S> FormatEvent<S, Fields> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Fields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let metadata = event.metadata();
        let mut line = Line::default();
        line.add("timestamp", &json(&timestamp));
        line.add("level", &json(metadata.level().as_str()));
        line.add("target", &json(metadata.target()));
        event.record(&mut Each(|name, value: &str| line.add(name, value)));
        // The innermost first: of two fields of one name, the nearer one counts.
        let mut span = context.lookup_current();
        while let Some(around) = span {
            let names = around.metadata().fields();
            if let Some(fields) = around.extensions().get::<FormattedFields<Fields>>() {
                // And the last first: of two values of one field, the later one counts.
                for (name, value) in fields
                    .lines()
                    .rev()
                    .filter_map(|line| line.split_once('\t'))
                {
                    if let Some(field) = names.field(name) {
                        line.add(field.name(), value);
                    }
                }
            }
            span = around.parent();
        }
        writeln!(writer, "{}}}", line.text)
    }
}

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut written = Ok(());
        fields.record(&mut Each(|name: &'static str, value: &str| {
            // Those that are meant for an exporter are not for the log.
            if !name.starts_with("otel.") && written.is_ok() {
                written = writeln!(writer, "{name}\t{value}");
            }
        }));
        written
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &span::Record<'_>,
    ) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// The members of an object, without its end, in the order in which they were found.
#[derive(Default)]
struct Line {
    text: String,
    names: Vec<&'static str>,
}

impl Line {
    fn add(&mut self, name: &'static str, value: &str) {
        if self.names.contains(&name) {
            return;
        }
        let before = if self.names.is_empty() { "{" } else { "," };
        self.names.push(name);
        self.text.extend([before, &json(name), ":", value]);
    }
}

/// Whatever is recorded can be written, but for numbers that JSON does not have.
fn json(value: impl Serialize) -> String {
    serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned())
}

/// Calls a function with each field and its value in JSON.
struct Each<F>(F);

impl<F: FnMut(&'static str, &str)> Visit for Each<F> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        (self.0)(field.name(), &json(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        (self.0)(field.name(), &json(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        (self.0)(field.name(), &json(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        (self.0)(field.name(), &json(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        (self.0)(field.name(), &json(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        (self.0)(field.name(), &json(format!("{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use serde_json::{Map, Value};
    use tracing_subscriber::fmt::MakeWriter;

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
            .fmt_fields(Fields)
            .event_format(Json)
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let request = tracing::info_span!(
                "request",
                request_id = "r",
                depth = 1,
                status = 0,
                otel.kind = "server",
                told = "a \ttab\nand a line",
            );
            request.record("status", 102).record("status", 200);
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
                "told": "a \ttab\nand a line",
            })
        );
        assert_eq!(text.matches('\n').count(), 1, "{text}");
    }
}
