//! Where a run is written to, in the form of another tool.

use serde_json::Value;
use tracker_core::read::{Row, RunReader, StoredEvent};

use crate::{Account, Result};

/// In which order a target takes points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Metric by metric, as they are stored; each metric's points by step.
    ByMetric,
    /// All metrics together, by step.
    ByStep,
}

/// Writes one run in the form of another tool, piece by piece. [`export`](crate::export) drives one through a whole
/// run; what follows a live training drives one for as long as it lasts, in the order in which points were logged.
///
/// Calls come from one thread: [`begin`](Self::begin) once after it was opened, then points and events, [`flush`](Self::flush) now and then, and
/// [`end`](Self::end) once the run has ended. What the other tool has no place for goes to the account.
pub trait Target {
    /// In which order it wants the points of a whole run.
    fn order(&self) -> Order {
        Order::ByMetric
    }

    /// The run as it is known at the beginning: name, project, group, tags, notes, settings. A target that goes on from a
    /// place has written them already, and writes none of them twice.
    ///
    /// # Errors
    /// If the other side cannot be written.
    fn begin(&mut self, run: &RunReader, account: &mut Account) -> Result<()>;

    /// More points of one metric.
    ///
    /// # Errors
    /// If the other side cannot be written.
    fn points(&mut self, metric: &str, rows: &[Row], account: &mut Account) -> Result<()>;

    /// Something that is no scalar. Files of media are read through the run.
    ///
    /// # Errors
    /// If the other side cannot be written.
    fn event(&mut self, run: &RunReader, event: &StoredEvent, account: &mut Account) -> Result<()>;

    /// What was told until now is to be seen by the other tool when this returns. The answer is the place in what was
    /// written: given back when the target is opened again, it goes on from there and forgets what was written
    /// beyond, so that nothing is there twice.
    ///
    /// # Errors
    /// If the other side cannot be written.
    fn flush(&mut self) -> Result<Value>;

    /// The run has ended, or its process is gone: its state, its results and what people have edited are known now.
    ///
    /// # Errors
    /// If the other side cannot be written.
    fn end(&mut self, run: &RunReader, account: &mut Account) -> Result<()>;
}
