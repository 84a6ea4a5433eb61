//! What a program says of how trials end early.

use crate::EarlyTerminate;

/// Asynchronous successive halving: after 1, 3, 9, … values, the best third of the trials goes on.
///
/// ```
/// # use tracker_study::{Asha, Study};
/// let study = Study::new("rates").prune(Asha::new().min_iter(2).eta(4)); // after 2, 8, 32, … the best quarter
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asha {
    min_iter: u64,
    eta: u64,
}

impl Asha {
    /// After 1, 3, 9, … values, the best third.
    pub fn new() -> Self {
        Self { min_iter: 1, eta: 3 }
    }

    /// After how many values trials are judged for the first time, at least 1.
    #[must_use]
    pub fn min_iter(mut self, values: u64) -> Self {
        self.min_iter = values;
        self
    }

    /// The best 1/`eta` goes on, to `eta` times as many values; at least 2.
    #[must_use]
    pub fn eta(mut self, eta: u64) -> Self {
        self.eta = eta;
        self
    }
}

impl Default for Asha {
    fn default() -> Self {
        Self::new()
    }
}

/// Successive halvings of several beginnings at once, for metrics that start slowly in some trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hyperband {
    min_iter: u64,
    max_iter: u64,
    eta: u64,
}

impl Hyperband {
    /// Of trainings that log so many values.
    pub fn new(max_iter: u64) -> Self {
        Self { min_iter: 1, max_iter, eta: 3 }
    }

    /// After how many values trials of the first beginning are judged, at least 1.
    #[must_use]
    pub fn min_iter(mut self, values: u64) -> Self {
        self.min_iter = values;
        self
    }

    /// As of [`Asha::eta`].
    #[must_use]
    pub fn eta(mut self, eta: u64) -> Self {
        self.eta = eta;
        self
    }
}

/// Ends a trial that is worse than the median of those that are complete, at the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Median {
    startup: u64,
    min_iter: u64,
}

impl Median {
    /// After five complete trials, from the first value on.
    pub fn new() -> Self {
        Self { startup: 5, min_iter: 1 }
    }

    /// How many trials are complete before any is judged.
    #[must_use]
    pub fn startup(mut self, trials: u64) -> Self {
        self.startup = trials;
        self
    }

    /// The first value at which a trial is judged.
    #[must_use]
    pub fn min_iter(mut self, values: u64) -> Self {
        self.min_iter = values;
        self
    }
}

impl Default for Median {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Asha> for EarlyTerminate {
    fn from(Asha { min_iter, eta }: Asha) -> Self {
        Self::Asha { min_iter, eta }
    }
}

impl From<Hyperband> for EarlyTerminate {
    fn from(Hyperband { min_iter, max_iter, eta }: Hyperband) -> Self {
        Self::Hyperband { min_iter, max_iter, eta }
    }
}

impl From<Median> for EarlyTerminate {
    fn from(Median { startup, min_iter }: Median) -> Self {
        Self::Median { startup, min_iter }
    }
}
