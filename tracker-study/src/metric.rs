//! What a study makes better.

/// A metric that a study makes better.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name, as the training logs it: `valid/accuracy`.
    pub name: String,
    /// Which values are better.
    pub goal: Goal,
    /// Which of its values is the trial's result.
    pub value: Which,
}

/// Which values are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Smaller ones, as for a loss.
    Minimize,
    /// Greater ones, as for an accuracy.
    Maximize,
}

/// Which of a metric's values is a trial's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// The best one.
    Best,
    /// The last one.
    #[default]
    Last,
}

impl Metric {
    /// A metric whose last value counts.
    pub fn new(name: impl Into<String>, goal: Goal) -> Self {
        Self { name: name.into(), goal, value: Which::default() }
    }

    /// Lets the best value count.
    #[must_use]
    pub fn best(mut self) -> Self {
        self.value = Which::Best;
        self
    }
}
