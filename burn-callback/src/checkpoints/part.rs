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
    use crate::checkpoints::samples;

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

    /// What Burn restores from a file, as bytes; `None` if it cannot.
    fn restored(part: Part, file: &Path) -> Option<Vec<u8>> {
        let bytes = match part {
            Part::Model => ModuleRecord::load(file).ok()?.into_bytes(),
            Part::Optimizer => OptimizerRecord::load(file).ok()?.into_bytes(),
            Part::Scheduler => LrSchedulerRecord::load(file).ok()?.into_bytes(),
        };
        Some(bytes.unwrap().to_vec())
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_unless_all_of_it_can_be_restored() {
        let folder = tempfile::tempdir().unwrap();
        for part in Part::ALL {
            samples::save(folder.path(), part, 1, 3);
            let file = part.file(folder.path(), 1);
            let whole = std::fs::read(&file).unwrap();
            let original = restored(part, &file).unwrap();
            let mut refused = 0;
            for length in 0..whole.len() {
                std::fs::write(&file, &whole[..length]).unwrap();
                if part.check(&file).is_err() {
                    refused += 1;
                } else {
                    assert_eq!(
                        restored(part, &file).as_ref(),
                        Some(&original),
                        "{part:?} {length}"
                    );
                }
            }
            assert!(refused * 2 > whole.len() || part == Part::Scheduler, "{part:?}: {refused}");
        }
    }

    #[test]
    fn a_file_of_other_bytes_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        for part in Part::ALL {
            samples::save(folder.path(), part, 1, 3);
            let file = part.file(folder.path(), 1);
            let whole = std::fs::read(&file).unwrap();
            for bit in 0..8 * whole.len().min(300) {
                let mut flipped = whole.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                std::fs::write(&file, flipped).unwrap();
                let _ = part.check(&file);
            }
        }
    }
}
