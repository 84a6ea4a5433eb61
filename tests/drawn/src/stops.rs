//! When a loop evaluates, and when it ends before its last epoch.

use tracker_core::adapter::EarlyStopping;

use crate::draw::Draw;

/// When a loop evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evaluates {
    Never,
    AfterEpochs,
    /// Each time after so many of an epoch.
    AfterBatches(usize),
}

/// When a loop ends early.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stops {
    Never,
    /// By the loop's own rule: after so many evaluations that were no better.
    Own(usize),
    /// By that of the hooks, which works with tracking disabled too.
    Hooks {
        metric: &'static str,
        patience: usize,
        delta: f64,
    },
}

impl Evaluates {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let batches = draw.within(1..=3);
        draw.one(&[
            Self::Never,
            Self::AfterEpochs,
            Self::AfterEpochs,
            Self::AfterEpochs,
            Self::AfterBatches(batches),
        ])
    }

    /// Whether the loop evaluates after this one of an epoch's batches, counted from 0.
    pub(crate) fn is_after_batch(self, place: usize) -> bool {
        matches!(self, Self::AfterBatches(every) if (place + 1).is_multiple_of(every))
    }
}

impl Stops {
    pub(crate) fn draw(draw: &mut Draw, evaluates: Evaluates) -> Self {
        let patience = draw.one(&[1, 1, 2, 3]);
        let metric = match evaluates {
            Evaluates::Never => draw.one(&["train/loss", "train/loss", "nothing"]),
            _ => {
                draw.one(&["valid/loss", "valid/loss", "valid/accuracy", "train/loss", "valid/odd"])
            }
        };
        let of_hooks = Self::Hooks { metric, patience, delta: draw.one(&[0.0, 0.01, 1.0]) };
        match evaluates {
            Evaluates::Never => draw.one(&[Self::Never, of_hooks]),
            _ => draw.one(&[Self::Never, Self::Own(patience), Self::Own(patience), of_hooks]),
        }
    }

    /// What the hooks are told.
    pub(crate) fn of_hooks(self) -> Option<EarlyStopping> {
        let Self::Hooks { metric, patience, delta } = self else { return None };
        Some(EarlyStopping::new(metric).patience(patience as u64).min_delta(delta))
    }

    /// Whether the loop's own rule says so, by the losses of all evaluations so far.
    pub(crate) fn is_time_to_end(self, losses: &[f64]) -> bool {
        let Self::Own(patience) = self else { return false };
        let (mut best, mut best_place) = (f64::INFINITY, 0);
        for (place, loss) in losses.iter().enumerate() {
            if *loss < best {
                (best, best_place) = (*loss, place + 1);
            }
        }
        losses.len() - best_place >= patience
    }
}
