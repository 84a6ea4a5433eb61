//! What is logged by the `tracing` crates.

use std::fmt::Debug;

use serde_json::{Map, Value};
use tracing_core::{
    Event, Field, Subscriber,
    field::Visit,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{
    hearers,
    said::{Said, add_field, place_of},
};
use crate::Level;

/// What the crate `tracing-log` calls the target of what came by way of the `log` crate.
const OF_LOG: &str = "log";

/// A layer for `tracing-subscriber` that writes events to the living runs of this process. It keeps what
/// is [`Level::Info`] or more, with the fields of the event and of the spans around it: those as
/// `span.field`, and the names of the spans as `span`.
///
/// ```no_run
/// use tracing_subscriber::prelude::*;
///
/// // with `tracing_subscriber::fmt::layer()` beside it, the terminal's lines stay
/// tracing_subscriber::registry().with(tracker_core::messages::layer()).init();
/// ```
///
/// A filter such as `.with_filter(LevelFilter::INFO)` keeps events that are not wanted from being made
/// at all; the [level](MessageLayer::level) of the layer itself leaves other layers alone.
pub fn layer() -> MessageLayer {
    MessageLayer { least: Level::Info }
}

/// See [`layer`].
#[derive(Debug, Clone)]
pub struct MessageLayer {
    least: Level,
}

impl MessageLayer {
    /// Keeps what is of this level or more.
    #[must_use]
    pub fn level(mut self, least: Level) -> Self {
        self.least = least;
        self
    }
}

/// The fields of a span, kept with it.
struct SpanFields(Map<String, Value>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for MessageLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(SpanFields(fields.all()));
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut new = Fields::default();
        record.record(&mut new);
        if let Some(SpanFields(known)) = span.extensions_mut().get_mut() {
            for (name, value) in new.all() {
                add_field(known, name, value);
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let level = level_of(*metadata.level());
        if level < self.least {
            return;
        }
        if metadata.target() == OF_LOG {
            return tell_of_log(event, level);
        }
        hearers::tell(level, place_of(metadata.callsite()), || {
            let mut fields = Fields::default();
            event.record(&mut fields);
            let mut said = fields.said(level, metadata.target());
            add_spans(&mut said.fields, event, &context);
            said
        });
    }
}

/// All that comes by way of the `log` crate has the place of that way, and its own in its fields.
fn tell_of_log(event: &Event<'_>, level: Level) {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let mut said = fields.said(level, OF_LOG);
    let mut take = |name| said.fields.remove(name);
    let (target, line) = (take("log.target"), take("log.line"));
    let (_, file) = (take("log.module_path"), take("log.file"));
    if let Some(Value::String(target)) = target {
        said.target = target;
    }
    let file = file.as_ref().and_then(Value::as_str);
    let place = place_of((&said.target, file, line.as_ref().and_then(Value::as_u64), OF_LOG));
    hearers::tell(level, place, || said);
}

/// Adds the fields of the spans around an event. Those of the event itself stay as they are.
fn add_spans<S>(fields: &mut Map<String, Value>, event: &Event<'_>, context: &Context<'_, S>)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let Some(scope) = context.event_scope(event) else { return };
    let mut names = Vec::new();
    for span in scope.from_root() {
        names.push(span.name());
        let extensions = span.extensions();
        let Some(SpanFields(known)) = extensions.get() else { continue };
        for (name, value) in known {
            add_field(fields, format!("{}.{name}", span.name()), value.clone());
        }
    }
    if !fields.contains_key("span") {
        add_field(fields, "span".to_owned(), names.join("/").into());
    }
}

/// The fields of an event or a span, as JSON.
#[derive(Debug, Default)]
struct Fields {
    text: Option<String>,
    others: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.text = Some(text),
            (name, value) => add_field(&mut self.others, name.to_owned(), value),
        }
    }

    /// A span has no text: its `message` is a field as others.
    fn all(mut self) -> Map<String, Value> {
        if let Some(text) = self.text {
            add_field(&mut self.others, "message".to_owned(), text.into());
        }
        self.others
    }

    fn said(self, level: Level, target: &str) -> Said {
        let (text, fields) = (self.text.unwrap_or_default(), self.others);
        Said { level, source: "tracing", target: target.to_owned(), text, fields }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        let number = serde_json::Number::from_f64(value);
        self.add(field, number.map_or_else(|| value.to_string().into(), Value::Number));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.add(field, value.to_string().into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format!("{value:?}").into());
    }
}

fn level_of(level: tracing_core::Level) -> Level {
    match level {
        tracing_core::Level::TRACE => Level::Trace,
        tracing_core::Level::DEBUG => Level::Debug,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::WARN => Level::Warning,
        tracing_core::Level::ERROR => Level::Error,
    }
}
