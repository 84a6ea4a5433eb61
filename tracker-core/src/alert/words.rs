//! What a rule saw, in words.

use std::time::Duration;

use crate::{
    Alert, Problem,
    alert::{
        engine::{Named, Seen},
        rule::{Rule, Watch},
    },
    value::words::{shown_duration, shown_value},
};

/// The alert of what `rule` saw, of the metric that it is about.
pub(crate) fn alert(rule: &Rule, seen: Seen, metric: Option<Named>) -> Alert {
    match (seen, metric) {
        (Seen::Value { step, value, usual, .. }, Some(metric)) => {
            let text = of_value(rule, &metric, step, value, usual);
            Alert::new(rule.level, rule.name(), text)
                .hint(hint(rule, &metric.name))
                .metric(metric.name)
                .at(step)
                .value(value)
        }
        (Seen::Value { step, value, .. }, None) => {
            Alert::new(rule.level, rule.name(), format!("a metric is {value} at step {step}"))
        }
        (Seen::Silence { seconds, longest }, _) => {
            let [silent, longest] =
                [seconds, longest].map(|seconds| shown_duration(Duration::from_secs(seconds)));
            let text =
                format!("nothing was logged for {silent}; the longest pause before was {longest}");
            let hint = "look whether the process waits for data or a device, or computes something \
                        that logs nothing";
            Alert::new(rule.level, rule.name(), text).hint(hint)
        }
    }
}

fn of_value(rule: &Rule, metric: &Named, step: u64, value: f64, usual: f64) -> String {
    let name = &metric.name;
    let [value, usual] = [value, usual].map(|value| shown_value(value, &metric.definition));
    match rule.watch {
        Watch::NotFinite => format!("{name} is {value} at step {step}"),
        Watch::Spike { .. } => {
            format!("{name} jumped to {value} at step {step}, from about {usual}")
        }
        Watch::Plateau => {
            let window = rule.window;
            format!("{name} did not fall below {usual} for {window} points, at step {step}")
        }
        Watch::Above(_) => format!("{name} is {value} at step {step}, above {usual}"),
        Watch::Below(_) => format!("{name} is {value} at step {step}, below {usual}"),
        Watch::Stall(_) => String::new(),
    }
}

fn hint(rule: &Rule, metric: &str) -> &'static str {
    match (rule.watch, metric) {
        (Watch::NotFinite, _) => {
            "look at the step before: a learning rate that is too high, a batch with broken values, a \
             division by zero or a logarithm of it"
        }
        (Watch::Spike { .. }, _) => {
            "look at the batch of this step and at the gradients; a lower learning rate or clipped \
             gradients may help"
        }
        (Watch::Plateau, _) => "the training may be over, or its learning rate too high or too low",
        (_, "system/memory_share") => {
            "the system may soon end processes; use smaller batches or fewer workers"
        }
        (_, "system/disk.free") => "points wait in memory once the disk is full; free some room",
        _ => "the program asked to be told",
    }
}

/// A rule that somebody wrote and that never looked at anything.
pub(crate) fn without_metric(rule: &Rule) -> Problem {
    let (name, metric) = (rule.name(), crate::error::excerpt(&rule.metric));
    Problem::new(
        "rule-without-metric",
        format!("the rule `{name}` never looked at anything: no metric is named `{metric}`"),
        "`tracker show RUN` lists the names; `*` stands for any text",
    )
}
