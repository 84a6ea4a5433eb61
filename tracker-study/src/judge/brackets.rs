//! Hyperband (Li et al. 2018, <https://arxiv.org/abs/1603.06560>), as asynchronous halving in several brackets.

use crate::{Goal, Judge, Trial, Verdict, judge::halving::Halving};

/// Several successive halvings whose first rungs lie apart, so that trials which start slowly have a chance in some of
/// them. A trial's number decides its bracket, and only trials of the same bracket compete.
#[derive(Debug)]
pub(crate) struct Brackets {
    study: String,
    /// How many of `places` trials each bracket gets, and its judge.
    all: Vec<(u64, Halving)>,
    places: u64,
}

/// More brackets than this come only of bounds that no training has.
const MOST: u32 = 64;

impl Brackets {
    pub(crate) fn new(study: &str, min_iter: u64, max_iter: u64, eta: u64) -> Self {
        let (first, eta) = (min_iter.max(1), eta.max(2));
        let starts: Vec<u64> = (0..MOST)
            .map_while(|bracket| first.checked_mul(eta.checked_pow(bracket)?))
            .take_while(|start| *start <= max_iter.max(first))
            .collect();
        let count = starts.len() as u64;
        let brackets: Vec<(u64, Halving)> = (1..=count)
            .rev()
            .zip(starts)
            .map(|(left, start)| (share(count, left, eta), Halving::new(start, eta)))
            .collect();
        let places = brackets.iter().fold(0_u64, |sum, (share, _)| sum.saturating_add(*share));
        Self { study: study.to_owned(), all: brackets, places }
    }

    /// The bracket of a trial: by the checksum of the study's name and the trial's number, as Optuna does.
    fn bracket(&self, number: usize) -> usize {
        let text = format!("{}_{number}", self.study);
        let mut place = u64::from(crc32(text.as_bytes())) % self.places.max(1);
        let holds = |(share, _): &(u64, Halving)| {
            let is_here = place < *share;
            place = place.saturating_sub(*share);
            is_here
        };
        self.all.iter().position(holds).unwrap_or(0)
    }
}

/// How many trials a bracket gets in a round, behind which `left` brackets lie, itself included: those that begin with
/// the fewest values get the most trials.
fn share(brackets: u64, left: u64, eta: u64) -> u64 {
    let power = eta.saturating_pow(u32::try_from(left - 1).unwrap_or(u32::MAX));
    brackets.saturating_mul(power).div_ceil(left)
}

impl Judge for Brackets {
    fn judge(&self, trial: &Trial, all: &[Trial], goal: Goal) -> Verdict {
        let own = self.bracket(trial.number);
        let Some((_, halving)) = self.all.get(own) else { return Verdict::go_on() };
        let others = all.iter().filter(|other| self.bracket(other.number) == own);
        halving.among(trial, others, goal)
    }
}

/// The checksum of zlib, by which Optuna spreads trials.
fn crc32(bytes: &[u8]) -> u32 {
    const REVERSED: u32 = 0xEDB8_8320;
    let step = |crc: u32| (crc >> 1) ^ (REVERSED & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_fall_into_the_brackets_of_optuna() {
        // `HyperbandPruner(min_resource=1, max_resource=9, reduction_factor=3)` of a study named `lr`, Optuna 5.0.
        let judge = Brackets::new("lr", 1, 9, 3);
        let shares: Vec<u64> = judge.all.iter().map(|(share, _)| *share).collect();
        assert_eq!((shares, judge.places), (vec![9, 5, 3], 17));
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let brackets: Vec<usize> = (0..14).map(|number| judge.bracket(number)).collect();
        assert_eq!(brackets, [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 2, 0, 0]);
    }
}
