//! Events become records of Trackio, where it has a place for them.

use serde_json::{Map, Value, json};
use tracker_core::{
    Alert, Histogram, Level, Step,
    read::{StoredEvent, StoredEventKind},
    text::number_to_json,
};

use super::names::key_of;
use crate::{Account, words};

/// A value that Trackio keeps under a name at a step.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) step: Step,
    pub(super) value: Value,
}

/// What an event becomes.
#[derive(Debug)]
pub(super) enum Told {
    /// A value of a step.
    Named(Named),
    /// An alert, still without what says whose it is.
    Alert(Map<String, Value>),
    /// Nothing: the account says why.
    Nothing,
}

/// Texts, histograms and alerts. Media are not looked at here.
pub(super) fn told(event: &StoredEvent, account: &mut Account) -> Told {
    match &event.kind {
        StoredEventKind::Text { name, step, text } => {
            account.keep("texts", 1);
            let value = json!({"_type": "trackio.markdown", "_value": text});
            Told::Named(Named { name: key_of(name), step: *step, value })
        }
        StoredEventKind::Histogram { name, step, histogram } => {
            account.keep("histograms", 1);
            let not_finite = histogram.not_finite;
            account.leave_out(words::NOT_FINITE, "NaN and ±∞ are in no bin", not_finite);
            let value = histogram_value(histogram);
            Told::Named(Named { name: key_of(name), step: *step, value })
        }
        StoredEventKind::Alert(alert) => {
            account.keep("alerts", 1);
            Told::Alert(alert_fields(alert, account))
        }
        other => {
            account.leave_out(words::of_event(other), "Trackio has no place for them", 1);
            Told::Nothing
        }
    }
}

fn histogram_value(histogram: &Histogram) -> Value {
    let bins: Vec<Value> = histogram.edges().into_iter().map(number_to_json).collect();
    json!({"_type": "trackio.histogram", "bins": bins, "values": histogram.counts})
}

fn alert_fields(alert: &Alert, account: &mut Account) -> Map<String, Value> {
    let level = match alert.level {
        Level::Error => "error",
        Level::Warning => "warn",
        _ => "info",
    };
    let more = u64::from(alert.metric.is_some() || alert.value.is_some());
    account.leave_out("metrics that alerts are about", "Trackio's alerts name none", more);
    let step = alert.step.filter(|step| i64::try_from(step.0).is_ok());
    let fields = [
        ("title", json!(alert.text)),
        ("text", json!(alert.hint)),
        ("level", json!(level)),
        ("step", json!(step)),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
