//! The three records of which a checkpoint is made.

use std::path::{Path, PathBuf};

use burn::{lr_scheduler::LrSchedulerRecord, optim::OptimizerRecord, store::ModuleRecord};

/// One of the records that Burn saves after an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Model,
    Optimizer,
    Scheduler,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Model, Self::Optimizer, Self::Scheduler];

    /// What the artifact's kind and the last part of its name say.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Optimizer => "optimizer",
            Self::Scheduler => "scheduler",
        }
    }

    /// How Burn's default checkpointers begin the file's name.
    fn prefix(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Optimizer => "optim",
            Self::Scheduler => "scheduler",
        }
    }

    /// Where Burn's default checkpointers save the record of an epoch.
    pub(crate) fn file(self, folder: &Path, epoch: u64) -> PathBuf {
        folder.join(format!("{}-{epoch}.bpk", self.prefix()))
    }

    /// Which record of which epoch a file of that name holds. The file that Burn is still writing
    /// has another name.
    pub(crate) fn of_file(name: &str) -> Option<(Self, u64)> {
        let (prefix, number) = name.strip_suffix(".bpk")?.split_once('-')?;
        let part = Self::ALL.into_iter().find(|part| part.prefix() == prefix)?;
        let epoch: u64 = number.parse().ok()?;
        (number == epoch.to_string()).then_some((part, epoch))
    }

    /// Opens the record as Burn would to restore it. Reads the header and compares the file's
    /// size with it, so it is quick, and sees every file that was cut short.
    ///
    /// # Errors
    /// What Burn says of a file that it could not restore from.
    pub(crate) fn check(self, file: &Path) -> Result<(), String> {
        let loaded = match self {
            Self::Model => ModuleRecord::load(file).map(drop),
            Self::Optimizer => OptimizerRecord::load(file).map(drop),
            Self::Scheduler => LrSchedulerRecord::load(file).map(drop),
        };
        loaded.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_read_back() {
        for part in Part::ALL {
            let file = part.file(Path::new("checkpoint"), 12);
            assert_eq!(
                Part::of_file(file.file_name().unwrap().to_str().unwrap()),
                Some((part, 12))
            );
        }
    }

    #[test]
    fn other_files_are_no_records() {
        for name in [
            "model-1.bpk.4711-0.tmp",
            "model-01.bpk",
            "model-+1.bpk",
            "model--1.bpk",
            "model-.bpk",
            "model-1",
            "model-99999999999999999999999.bpk",
            "weights-1.bpk",
            "model.bpk",
            "-1.bpk",
            "",
        ] {
            assert_eq!(Part::of_file(name), None, "{name:?}");
        }
    }
}
