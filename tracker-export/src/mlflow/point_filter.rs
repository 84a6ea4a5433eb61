//! Which points MLflow can hold, and what of them it cannot.

use std::collections::{HashMap, HashSet};

use tracker_core::read::Row;

use crate::{Account, words};

/// So many different points of one metric at one step are remembered, to know that one is there twice.
const MOST_REMEMBERED: usize = 10_000;

/// Tells what of the points MLflow does not keep.
#[derive(Debug, Default)]
pub(super) struct PointFilter {
    last: HashMap<String, AtStep>,
}

/// The points of one metric at its last step.
#[derive(Debug, Default)]
struct AtStep {
    step: u64,
    seen: HashSet<(i64, u64)>,
}

/// A point as it is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sendable {
    pub(super) step: i64,
    pub(super) millis: i64,
    pub(super) value: f64,
}

impl PointFilter {
    /// The point as MLflow takes it; `None` if it does not.
    pub(super) fn take(
        &mut self,
        metric: &str,
        row: &Row,
        account: &mut Account,
    ) -> Option<Sendable> {
        let Ok(step) = i64::try_from(row.step.0) else {
            account.leave_out("points", "MLflow's steps end at 2^63", 1);
            return None;
        };
        let (millis, micros) = (row.time.0.div_euclid(1_000), row.time.0.rem_euclid(1_000));
        if millis < 0 {
            account.leave_out("points", "MLflow refuses times before 1970", 1);
            return None;
        }
        let bits = bits_there(row.value);
        if !self.is_new(metric, row.step.0, (millis, bits)) {
            account.leave_out(
                "points",
                "MLflow keeps one of those with the same millisecond, step and value",
                1,
            );
            return None;
        }
        account.leave_out(
            "microseconds of times",
            "MLflow keeps milliseconds",
            u64::from(micros != 0),
        );
        tell_bits(row.value, account);
        account.keep("points", 1);
        Some(Sendable { step, millis, value: row.value })
    }

    fn is_new(&mut self, metric: &str, step: u64, point: (i64, u64)) -> bool {
        if !self.last.contains_key(metric) {
            self.last.insert(metric.to_owned(), AtStep::default());
        }
        let Some(at) = self.last.get_mut(metric) else { return true };
        if at.step != step {
            at.step = step;
            at.seen.clear();
        }
        if at.seen.len() < MOST_REMEMBERED {
            at.seen.insert(point)
        } else {
            !at.seen.contains(&point)
        }
    }
}

/// The bits as MLflow tells values apart.
fn bits_there(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() }
}

fn tell_bits(value: f64, account: &mut Account) {
    if value.is_nan() && value.to_bits() != f64::NAN.to_bits() {
        account.leave_out(words::BITS_OF_NAN, "MLflow knows one NaN", 1);
    }
    if value == 0.0 && value.is_sign_negative() {
        account.leave_out("signs of zeros", "MLflow's database keeps 0", 1);
    }
    if value.abs() == f64::MAX {
        account.leave_out("values of 1.797e308", "MLflow's database keeps infinities so", 1);
    }
}
