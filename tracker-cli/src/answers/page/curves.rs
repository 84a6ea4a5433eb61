//! What stands before the columns of curves.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::answers::{step::Step, value::Value};

/// The header of what `/curves` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct CurvesHeader<'a> {
    pub(crate) series: &'a [SeriesHeader],
    pub(crate) warnings: &'a BTreeSet<String>,
}

/// One run's curve of one metric, and where its columns begin.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct SeriesHeader {
    pub(crate) points: usize,
    /// How many points are logged in the range.
    pub(crate) total: u64,
    /// Each point is a single logged one.
    pub(crate) exact: bool,
    #[cfg_attr(test, ts(type = r#""f32" | "f64""#))]
    pub(crate) x: &'static str,
    #[cfg_attr(test, ts(type = r#""f32" | "f64""#))]
    pub(crate) y: &'static str,
    pub(crate) offset: usize,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) first_step: Step,
    pub(crate) last_step: Step,
    pub(crate) not_finite: Vec<Stretch>,
    pub(crate) diverged: Option<Diverged>,
    /// Where somebody should look at it, on axes that have a place for that.
    pub(crate) alerts: Vec<AlertMark>,
    pub(crate) metric: String,
    pub(crate) run: String,
}

/// Neighbouring points whose values are not finite, from `x` to `last_x`; `step` is that of the first.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Stretch {
    pub(crate) step: Step,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) x: Value,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) last_x: Value,
    #[cfg_attr(test, ts(type = r#""NaN" | "Infinity" | "-Infinity""#))]
    pub(crate) value: Value,
    pub(crate) count: u64,
}

/// Where somebody should look at a curve.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct AlertMark {
    pub(crate) step: Step,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) x: Value,
    pub(crate) text: String,
}

/// Where a curve left the finite values and never came back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Diverged {
    pub(crate) step: Step,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) x: Value,
    #[cfg_attr(test, ts(type = r#""NaN" | "Infinity" | "-Infinity""#))]
    pub(crate) value: Value,
}
