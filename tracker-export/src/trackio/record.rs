//! What one line of Trackio says, as points and events.

use serde_json::{Map, Value};
use tracker_core::{Alert, Event, Step, Timestamp};

use super::{
    media_in::MediaFiles,
    names::{SYSTEM, metric_of, time_of},
    target::second_of,
};
use crate::{Account, Result, Sink};

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) step: Step,
    pub(super) time: Timestamp,
    pub(super) is_system: bool,
}

/// Tells a run's lines to a sink.
pub(super) struct Teller<'a> {
    pub(super) sink: &'a mut dyn Sink,
    pub(super) account: &'a mut Account,
    pub(super) media: MediaFiles,
    started_at: Option<Timestamp>,
    /// The step after the last one, for lines that name none.
    next: u64,
}

impl<'a> Teller<'a> {
    pub(super) fn new(
        sink: &'a mut dyn Sink,
        account: &'a mut Account,
        media: MediaFiles,
        started_at: Option<Timestamp>,
    ) -> Self {
        Self { sink, account, media, started_at, next: 0 }
    }

    /// A line of metrics. `step` is what it says: nothing means the step after the last one.
    pub(super) fn metrics(
        &mut self,
        time: Option<&str>,
        step: Option<&Value>,
        metrics: &Map<String, Value>,
    ) -> Result<()> {
        let Some(time) = self.time(time) else { return Ok(()) };
        let step = match step {
            None | Some(Value::Null) => Some(self.next),
            Some(step) => step.as_u64(),
        };
        let Some(step) = step else {
            self.account.leave_out("lines", "their step is below 0 or no whole number", 1);
            return Ok(());
        };
        self.next = step.saturating_add(1);
        self.values("", metrics, Place { step: Step(step), time, is_system: false })
    }

    /// A line of what the machine does, which has no step on that side: here it is the second since the run's start.
    pub(super) fn system(
        &mut self,
        time: Option<&str>,
        metrics: &Map<String, Value>,
    ) -> Result<()> {
        let Some(time) = self.time(time) else { return Ok(()) };
        let started_at = *self.started_at.get_or_insert(time);
        let step = second_of(started_at, time);
        self.values(SYSTEM, metrics, Place { step, time, is_system: true })
    }

    /// An alert.
    pub(super) fn alert(&mut self, time: Option<&str>, fields: &Map<String, Value>) -> Result<()> {
        let Some(time) = self.time(time) else { return Ok(()) };
        let text =
            |key: &str| fields.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let title = text("title").or(text("text")).unwrap_or("alert");
        let mut alert = match text("level").map(str::to_ascii_lowercase).as_deref() {
            Some("error") => Alert::error(title),
            Some("info") => Alert::info(title),
            _ => Alert::warning(title),
        };
        if let Some(more) = text("text").filter(|more| *more != title) {
            alert = alert.hint(more);
        }
        if let Some(step) = fields.get("step").and_then(Value::as_u64) {
            alert = alert.at(step);
        }
        self.account.keep("alerts", 1);
        self.sink.event(time, Event::Alert(alert))
    }

    fn time(&mut self, text: Option<&str>) -> Option<Timestamp> {
        let time = text.and_then(time_of);
        self.account.leave_out(
            "lines",
            "they have no time that can be read",
            u64::from(time.is_none()),
        );
        time
    }

    /// How deep values are is bounded by the reader of JSON.
    fn values(&mut self, within: &str, values: &Map<String, Value>, place: Place) -> Result<()> {
        for (key, value) in values {
            let name = format!("{within}{}", metric_of(key));
            self.value(name, value, place)?;
        }
        Ok(())
    }

    fn value(&mut self, name: String, value: &Value, place: Place) -> Result<()> {
        match value {
            Value::Number(number) => self.point(&name, number.as_f64().unwrap_or(f64::NAN), place),
            Value::Bool(is) => self.point(&name, f64::from(u8::from(*is)), place),
            Value::String(text) => match number_word(text) {
                Some(number) => self.point(&name, number, place),
                None => self.text(name, text, place),
            },
            Value::Object(fields) => match fields.get("_type").and_then(Value::as_str) {
                Some("trackio.markdown") => {
                    let text = fields.get("_value").and_then(Value::as_str).unwrap_or_default();
                    self.text(name, text, place)
                }
                Some(kind) => {
                    let event = self.media.event(&name, place.step, (kind, fields), self.account);
                    event.map_or(Ok(()), |event| self.sink.event(place.time, event))
                }
                None => self.values(&format!("{name}/"), fields, place),
            },
            Value::Array(items)
                if !items.is_empty() && items.iter().all(|item| item["_type"].is_string()) =>
            {
                items.iter().try_for_each(|item| self.value(name.clone(), item, place))
            }
            Value::Array(_) => {
                self.account.leave_out("lists", "a metric here has one number at a step", 1);
                Ok(())
            }
            Value::Null => {
                self.account.leave_out("values", "they are null", 1);
                Ok(())
            }
        }
    }

    fn point(&mut self, metric: &str, value: f64, place: Place) -> Result<()> {
        self.account.keep("points", 1);
        self.sink.point(metric, place.step, place.time, value)
    }

    fn text(&mut self, name: String, text: &str, place: Place) -> Result<()> {
        self.account.keep("texts", 1);
        let event = Event::Text { name, step: place.step, text: text.to_owned() };
        self.sink.event(place.time, event)
    }
}

/// The words that Trackio writes for numbers that JSON has no literal for.
fn number_word(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}
