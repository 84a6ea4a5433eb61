//! What an adapter may want to act upon.

use crate::adapter::recorder::series::Shown;

/// A step, an epoch or an evaluation that is over; see [`Recorder::take_milestones`](super::Recorder::take_milestones).
#[derive(Debug)]
pub enum Milestone {
    /// A step was taken that counts.
    Step,
    /// The means of an epoch were logged.
    Epoch {
        /// Its number, as the user counts, if it is one that can be counted.
        number: Option<u64>,
        /// Its place among the epochs of its loop, from 1.
        place: u64,
        /// Its means and what was evaluated at its end: names, values, how to show them.
        values: Vec<Shown>,
    },
    /// Evaluations outside of epochs were logged.
    Evaluated {
        /// The step at which they stand.
        step: u64,
        /// Names, values, how to show them.
        values: Vec<Shown>,
    },
}
