//! Where a curve has alerts.

use tracker_core::{Alert, Timestamp};

use crate::{
    answers::{page::curves::AlertMark, step::Step, value::Value},
    ui::curves::curve::{Axis, Wanted},
};

/// More would hide the curve.
const MOST: usize = 100;

/// The last alerts of a metric that have a place on the axis: a step or a time.
pub(crate) fn marks(
    alerts: &[(Timestamp, Alert)],
    metric: &str,
    wanted: &Wanted,
    started_at: Timestamp,
) -> Vec<AlertMark> {
    let mark = |(time, alert): &(Timestamp, Alert)| {
        let step = alert.step.filter(|step| wanted.steps.contains(&step.0))?;
        let micros = match wanted.axis {
            Axis::Step => {
                let x = Value(step.0 as f64);
                return Some(AlertMark { step: Step(step), x, text: alert.text.clone() });
            }
            Axis::Relative => time.as_micros().saturating_sub(started_at.as_micros()),
            Axis::Wall => time.as_micros(),
            Axis::Metric(_) => return None,
        };
        let x = Value(micros as f64 / 1e6);
        Some(AlertMark { step: Step(step), x, text: alert.text.clone() })
    };
    // What is not finite, each curve marks by itself.
    let is_wanted = |alert: &Alert| {
        alert.metric.as_deref() == Some(metric) && alert.value.is_none_or(f64::is_finite)
    };
    let of_metric = alerts.iter().filter(|(_, alert)| is_wanted(alert));
    let mut marks: Vec<AlertMark> = of_metric.filter_map(mark).collect();
    marks.drain(..marks.len().saturating_sub(MOST));
    marks
}
