//! How long an epoch took, as it is logged.

use crate::{
    Tracker,
    adapter::recorder::{naming::Naming, points::Points, row::StepTime, series::Series},
};

/// How long an epoch took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EpochTimes {
    /// With its evaluations, in seconds.
    pub seconds: f64,
    /// Its training part alone, in seconds.
    pub training_seconds: f64,
    /// How many items it trained on; 0 if nobody told.
    pub items: u64,
    /// The share of the training part in which it waited for its data, if that is known.
    pub data_wait: Option<f64>,
    /// How many seconds the epochs that are left will take, if their number is known.
    pub left: Option<f64>,
}

/// Logs how long epochs take, under the names that all adapters have for it.
#[derive(Debug)]
pub struct EpochTimeSeries {
    seconds: Series,
    items_per_second: Series,
    data_wait: Series,
    left: Series,
}

impl EpochTimeSeries {
    /// For epochs of a training that logs to `tracker`.
    pub fn new(tracker: &dyn Tracker) -> Self {
        Self::named(&Naming::of(tracker))
    }

    pub(crate) fn named(naming: &Naming) -> Self {
        let unit = naming.unit.plural();
        Self {
            seconds: Series::new(naming, "epoch_seconds"),
            items_per_second: Series::new(naming, &format!("{unit}_per_second")),
            data_wait: Series::new(naming, "data_wait"),
            left: Series::new(naming, "eta_seconds"),
        }
    }

    /// Logs those of the epoch whose last step is `step`.
    pub fn write(&mut self, tracker: &dyn Tracker, step: u64, times: &EpochTimes) {
        let mut points = Points::new(StepTime::now(step));
        self.add(tracker, times, &mut points);
        points.write(tracker);
    }

    pub(crate) fn add(&mut self, tracker: &dyn Tracker, times: &EpochTimes, points: &mut Points) {
        points.add(tracker, &mut self.seconds, times.seconds);
        if times.items > 0 && times.training_seconds > 0.0 {
            let rate = times.items as f64 / times.training_seconds;
            points.add(tracker, &mut self.items_per_second, rate);
        }
        if let Some(share) = times.data_wait {
            points.add(tracker, &mut self.data_wait, share);
        }
        if let Some(left) = times.left {
            points.add(tracker, &mut self.left, left);
        }
    }
}
