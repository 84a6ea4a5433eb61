//! A sink that keeps all in memory.

use tracker_core::{Event, Step, Timestamp};
use tracker_export::{Account, ForeignRun, Result, Sink, Source};

/// A point, with its value as bits.
pub(crate) type Point = (String, u64, i64, u64);

/// All that a source has told of a run.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) points: Vec<Point>,
    pub(crate) events: Vec<(i64, Event)>,
}

impl Sink for Kept {
    fn point(&mut self, metric: &str, step: Step, time: Timestamp, value: f64) -> Result<()> {
        self.points.push((metric.to_owned(), step.0, time.0, value.to_bits()));
        Ok(())
    }

    fn event(&mut self, time: Timestamp, event: Event) -> Result<()> {
        self.events.push((time.0, event));
        Ok(())
    }
}

#[allow(dead_code, reason = "each test uses some of them")]
impl Kept {
    /// The steps and values of a metric, in the order in which they were told.
    pub(crate) fn series(&self, metric: &str) -> Vec<(u64, f64)> {
        let of_metric = self.points.iter().filter(|point| point.0 == metric);
        of_metric.map(|point| (point.1, f64::from_bits(point.3))).collect()
    }

    /// All points in one order.
    pub(crate) fn sorted(&self) -> Vec<Point> {
        let mut points = self.points.clone();
        points.sort();
        points
    }
}

/// Reads a run of a source.
#[allow(dead_code, reason = "each test uses some of them")]
pub(crate) fn read(source: &mut dyn Source, run: &ForeignRun) -> (Kept, Account) {
    let (mut kept, mut account) = (Kept::default(), Account::default());
    source.read(run, &mut kept, &mut account).unwrap();
    (kept, account)
}

/// Reads the only run of a source.
#[allow(dead_code, reason = "each test uses some of them")]
pub(crate) fn only(source: &mut dyn Source) -> (ForeignRun, Kept, Account) {
    let mut runs = source.runs().unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    let run = runs.remove(0);
    let (kept, account) = read(source, &run);
    (run, kept, account)
}

/// How many things of a kind were left out, for whatever reason.
#[allow(dead_code, reason = "each test uses some of them")]
pub(crate) fn left_out(account: &Account, what: &str) -> u64 {
    account.left_out().iter().filter(|(left, _)| left.what == what).map(|(_, count)| count).sum()
}
