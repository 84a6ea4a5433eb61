//! What the result of a study hangs on.

use serde::Serialize;
use tracker_study::{Metric, Plan, Trial, importance};

/// How much of being among the best by a metric hangs on which parameter.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyImportance {
    pub(crate) metric: String,
    /// The greatest first; together 1, or none where nothing can be told.
    pub(crate) shares: Vec<ImportanceShare>,
    /// How many trials were looked at, and how many of them count as the best.
    pub(crate) trials: usize,
    pub(crate) best: usize,
}

/// How much hangs on one parameter.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ImportanceShare {
    pub(crate) parameter: String,
    pub(crate) share: f64,
}

impl StudyImportance {
    /// What each metric of a study hangs on.
    pub(crate) fn of_study(plan: &Plan, trials: &[Trial]) -> Vec<Self> {
        let of_metric = |(place, metric): (usize, &Metric)| {
            let told = importance(&plan.space, &plan.metrics, place, trials);
            let share = |(parameter, share)| ImportanceShare { parameter, share };
            Self {
                metric: metric.name.clone(),
                shares: told.shares.into_iter().map(share).collect(),
                trials: told.trials,
                best: told.best,
            }
        };
        plan.metrics.iter().enumerate().map(of_metric).collect()
    }
}
