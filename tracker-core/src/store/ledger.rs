//! What became of a writer's logs, so that its end claims no more than is there.

use parking_lot::Mutex;

use crate::{
    format::{
        folder::StorePath,
        layout::{PartName, RunPaths},
        part_footer,
    },
    store::{log::Log, seal::Sealed},
};

/// The logs that a writer is done with.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Logs>);

#[derive(Debug, Default)]
struct Logs {
    sealed: Vec<SealedLog>,
    /// Logs that could not be sealed yet. Readers read them as they are.
    unsealed: Vec<Log>,
}

/// A log that has become a part.
#[derive(Debug)]
struct SealedLog {
    part: Option<PartName>,
    /// How many points were written to the log.
    points: u64,
}

/// What is there of all that was written to logs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// Points in parts, and in logs that are still read.
    pub(crate) points: u64,
    /// The first thing that is the matter.
    pub(crate) trouble: Option<String>,
}

impl Ledger {
    pub(crate) fn sealed(&self, log: &Log, sealed: &Sealed) {
        self.0.lock().sealed.push(SealedLog { part: sealed.part, points: log.points() });
    }

    pub(crate) fn unsealed(&self, log: Log) {
        self.0.lock().unsealed.push(log);
    }

    /// Takes out the logs that are to be sealed once more.
    pub(crate) fn take_unsealed(&self) -> Vec<Log> {
        std::mem::take(&mut self.0.lock().unsealed)
    }

    /// Looks what is there: asks each part how many rows it has, and each log that is none whether
    /// it is in its place. Writes a log again that is not.
    pub(crate) fn audit(&self, run: &RunPaths) -> Audit {
        let mut logs = self.0.lock();
        let mut audit = Audit::default();
        for SealedLog { part, points } in &logs.sealed {
            let found = part.map_or(Ok(0), |part| rows(&run.part(part)));
            let name = || part.map_or_else(|| "a log".to_owned(), |part| part.to_string());
            audit.add(*points, &found, name);
        }
        for log in &mut logs.unsealed {
            let is_there = log.is_in_place() || log.restore().is_ok();
            let found = if is_there { Ok(log.points()) } else { Err("it is gone".to_owned()) };
            audit.add(log.points(), &found, || log.path().display().to_string());
        }
        audit
    }
}

impl Audit {
    fn add(&mut self, wanted: u64, found: &Result<u64, String>, name: impl Fn() -> String) {
        let there = found.as_ref().map_or(0, |found| *found).min(wanted);
        self.points += there;
        if there == wanted || self.trouble.is_some() {
            return;
        }
        self.trouble = Some(match found {
            Ok(found) => format!("{} has {found} of {wanted} points", name()),
            Err(error) => format!("{}: {error}", name()),
        });
    }
}

/// How many rows a part has, as its end says.
fn rows(part: &StorePath) -> Result<u64, String> {
    let file = part.open().map_err(|error| error.to_string())?;
    let footer = part_footer::read(&file).map_err(|error| error.to_string())?;
    let rows = footer.file_metadata().num_rows();
    u64::try_from(rows).map_err(|error| error.to_string())
}
