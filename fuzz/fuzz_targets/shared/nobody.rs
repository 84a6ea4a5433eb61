//! Takes what an import reads, and keeps nothing of it.

use tracker_core::{Event, Step, Timestamp};
use tracker_export::{Account, Result, Sink, Source};

pub(crate) struct Nobody;

impl Sink for Nobody {
    fn point(&mut self, _: &str, _: Step, _: Timestamp, _: f64) -> Result<()> {
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

/// Reads all runs of a source.
#[allow(dead_code, reason = "an event file is no source")]
pub(crate) fn read_all(source: &mut impl Source) {
    let Ok(runs) = source.runs() else { return };
    for run in runs {
        let _ = source.read(&run, &mut Nobody, &mut Account::default());
    }
}
