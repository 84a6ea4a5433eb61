//! The names of a checkpoint: its version, and its files.

use std::{fmt, str::FromStr};

use crate::adapter::checkpoints::training_state::TrainingState;

/// The alias of the newest checkpoint.
pub(crate) const LATEST: &str = "latest";
/// The alias of the best checkpoint.
pub(crate) const BEST: &str = "best";

/// How unfinished files end. What is so named and not being written is left by a process that was
/// killed.
const UNFINISHED: &str = ".tmp";

/// Which checkpoint of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// That after the epoch of this number, in the first loop over epochs.
    Epoch(u64),
    /// That of a loop over epochs after others: its place from 0, and the number of the epoch.
    EpochOfPhase(u64, u64),
    /// That after this many steps, within an epoch or without one.
    Steps(u64),
}

impl Version {
    /// That of a training that stands here.
    pub fn of(state: &TrainingState) -> Self {
        // The first step is step 0.
        match (state.epoch, state.phase.number) {
            (Some(epoch), 0) => Self::Epoch(epoch),
            (Some(epoch), phase) => Self::EpochOfPhase(phase, epoch),
            (None, _) => Self::Steps(state.step.saturating_add(1)),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epoch(number) => write!(f, "epoch-{number}"),
            // People count from 1.
            Self::EpochOfPhase(phase, number) => {
                write!(f, "phase-{}-epoch-{number}", u128::from(*phase) + 1)
            }
            Self::Steps(count) => write!(f, "step-{count}"),
        }
    }
}

impl FromStr for Version {
    type Err = ();

    /// Takes exactly what `Display` writes, so that `epoch-03` is nobody's.
    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| ());
        if let Some(rest) = text.strip_prefix("phase-") {
            let (phase, epoch) = rest.split_once("-epoch-").ok_or(())?;
            let phase = number(phase)?.checked_sub(1).filter(|phase| *phase > 0).ok_or(())?;
            let version = Self::EpochOfPhase(phase, number(epoch)?);
            return if version.to_string() == text { Ok(version) } else { Err(()) };
        }
        let (kind, of_kind) = text.split_once('-').ok_or(())?;
        let number = number(of_kind)?;
        let version = match kind {
            "epoch" => Self::Epoch(number),
            "step" => Self::Steps(number),
            _ => return Err(()),
        };
        if version.to_string() == text { Ok(version) } else { Err(()) }
    }
}

/// One of the two files of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// What the optimizers remember. It is renamed into its place first: the model's file says
    /// that the checkpoint is whole.
    Optimizer,
    /// The weights.
    Model,
}

impl Part {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Optimizer, Self::Model];

    /// What the artifact's kind and its files are called.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Optimizer => "optimizer",
            Self::Model => "model",
        }
    }

    /// The name of the artifact.
    pub(crate) fn artifact(self) -> String {
        format!("checkpoint/{}", self.kind())
    }

    /// The name of the file of a version.
    pub fn file(self, version: Version, suffix: &str) -> String {
        format!("{}-{version}{suffix}", self.kind())
    }

    /// The name under which that file is written.
    pub(crate) fn unfinished_file(self, version: Version, suffix: &str) -> String {
        self.file(version, suffix) + UNFINISHED
    }

    /// The part and the version that a file of this name is.
    pub(crate) fn of_file(name: &str, suffix: &str) -> Option<(Self, Version)> {
        let (kind, version) = name.strip_suffix(suffix)?.split_once('-')?;
        let part = Self::ALL.into_iter().find(|part| part.kind() == kind)?;
        Some((part, version.parse().ok()?))
    }

    /// Whether a file of this name is one that was not finished.
    pub(crate) fn is_unfinished_file(name: &str, suffix: &str) -> bool {
        name.strip_suffix(UNFINISHED).is_some_and(|name| Self::of_file(name, suffix).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::recorder::Phase;

    const SUFFIX: &str = ".safetensors";

    #[test]
    fn names_of_files_are_read_as_they_are_written() {
        let versions = [
            Version::Epoch(0),
            Version::Epoch(12),
            Version::EpochOfPhase(1, 12),
            Version::Steps(1_000),
        ];
        for version in versions {
            for part in Part::ALL {
                assert_eq!(
                    Part::of_file(&part.file(version, SUFFIX), SUFFIX),
                    Some((part, version))
                );
                let unfinished = part.unfinished_file(version, SUFFIX);
                assert_eq!(Part::of_file(&unfinished, SUFFIX), None);
                assert!(Part::is_unfinished_file(&unfinished, SUFFIX));
            }
        }
        assert_eq!(Part::Model.file(Version::Epoch(3), SUFFIX), "model-epoch-3.safetensors");
    }

    #[test]
    fn names_of_others_are_not_taken_for_ours() {
        let others = [
            "model.safetensors",
            "model-3.safetensors",
            "model-epoch-03.safetensors",
            "model-epoch-+3.safetensors",
            "model-epoch--3.safetensors",
            "model-epoch-3.safetensors.bak",
            "mymodel-epoch-3.safetensors",
            "model-best-3.safetensors",
            "model-phase-1-epoch-3.safetensors",
            "model-phase-2-epoch-03.safetensors",
            "model-phase-2-step-3.safetensors",
            "",
        ];
        for name in others {
            assert_eq!(Part::of_file(name, SUFFIX), None, "{name}");
            assert!(!Part::is_unfinished_file(&format!("{name}.tmp"), SUFFIX), "{name}");
        }
    }

    #[test]
    fn a_moment_within_an_epoch_is_named_by_the_steps_taken() {
        let state = |epoch| TrainingState { epoch, step: 999, ..TrainingState::default() };
        assert_eq!(Version::of(&state(None)).to_string(), "step-1000");
        assert_eq!(Version::of(&state(Some(3))).to_string(), "epoch-3");
        let phase = Phase { number: 1, first_step: 500 };
        let second = TrainingState { phase, ..state(Some(3)) };
        assert_eq!(Version::of(&second).to_string(), "phase-2-epoch-3");
    }
}
