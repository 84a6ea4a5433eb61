//! Which checkpoints stand, which is the best, and which must go.
//!
//! Invariant: the last ones that were asked for and the best one stand, and a checkpoint goes only after
//! the one that takes its place is on the disk and in the index: so a killed training always has one to
//! go on from. `the_last_ones_and_the_best_are_kept` looks at the choice, `checkpoints/tests/killed.rs`
//! at the order.

use std::{collections::BTreeMap, path::PathBuf};

use crate::{
    Artifact, Direction,
    adapter::checkpoints::{
        options::{BestBy, Keep},
        version::{Part, Version},
    },
};

/// The metrics that tell which checkpoint is the best, where the user names none.
const USUAL: [&str; 3] = ["valid/loss", "valid/accuracy", "train/loss"];

/// A checkpoint that stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) version: Version,
    /// The last step before it.
    pub(crate) step: u64,
    pub(crate) metrics: BTreeMap<String, f64>,
    pub(crate) files: Vec<(Part, PathBuf)>,
    /// The model's entry in the index.
    pub(crate) entry: Artifact,
}

/// The checkpoints of a run that stand, in the order in which they were saved.
#[derive(Debug, Clone)]
pub(crate) struct Retention {
    keep: Keep,
    best: BestBy,
    standing: Vec<Standing>,
}

impl Retention {
    pub(crate) fn new(keep: Keep, best: BestBy, standing: Vec<Standing>) -> Self {
        Self { keep, best, standing }
    }

    /// Whether a checkpoint would be kept, so that it is worth writing.
    pub(crate) fn wants(&self, newcomer: &Standing) -> bool {
        let mut then = self.clone();
        then.put(newcomer.clone());
        then.surplus().iter().all(|surplus| surplus.version != newcomer.version)
    }

    /// Whether a checkpoint would be the best.
    pub(crate) fn would_be_best(&self, newcomer: &Standing) -> bool {
        let mut then = self.clone();
        then.put(newcomer.clone());
        then.best().is_some_and(|best| best.version == newcomer.version)
    }

    /// Adds a new checkpoint. It takes the place of one of the same version, whose
    /// files it has replaced. What was measured at its step is known of it too.
    pub(crate) fn put(&mut self, mut newcomer: Standing) {
        for same in self.standing.iter().filter(|known| known.step == newcomer.step) {
            for (metric, value) in &same.metrics {
                newcomer.metrics.entry(metric.clone()).or_insert(*value);
            }
        }
        self.remove(newcomer.version);
        self.standing.push(newcomer);
    }

    /// Removes a checkpoint.
    pub(crate) fn remove(&mut self, version: Version) {
        self.standing.retain(|known| known.version != version);
    }

    /// The best checkpoint: of equal ones the first.
    pub(crate) fn best(&self) -> Option<&Standing> {
        let (metric, direction) = self.rule()?;
        let mut best: Option<(&Standing, f64)> = None;
        for known in self.distinct() {
            let Some(value) = known.metrics.get(metric).copied().filter(|v| v.is_finite()) else {
                continue;
            };
            let better = |than: f64| match direction {
                Direction::Higher => value > than,
                _ => value < than,
            };
            if best.is_none_or(|(_, than)| better(than)) {
                best = Some((known, value));
            }
        }
        best.map(|(known, _)| known)
    }

    /// The checkpoints that are not kept.
    pub(crate) fn surplus(&self) -> Vec<Standing> {
        let Keep::Last(count) = self.keep else { return Vec::new() };
        let best = self.best().map(|best| best.version);
        let last = self.distinct().rev().take(count).map(|known| known.version);
        let mut kept: Vec<Version> = last.chain(best).collect();
        if kept.is_empty() {
            kept.extend(self.standing.last().map(|known| known.version));
        }
        let is_surplus = |known: &&Standing| !kept.contains(&known.version);
        self.standing.iter().filter(is_surplus).cloned().collect()
    }

    /// All but those that have the weights of a later one: a step that was saved may have been
    /// the last of an epoch that was saved too.
    fn distinct(&self) -> impl DoubleEndedIterator<Item = &Standing> {
        let later = |index: usize| self.standing.iter().skip(index + 1);
        let is_distinct = move |(index, known): &(usize, &Standing)| {
            later(*index).all(|later| later.step != known.step)
        };
        self.standing.iter().enumerate().filter(is_distinct).map(|(_, known)| known)
    }

    fn rule(&self) -> Option<(&str, Direction)> {
        match &self.best {
            BestBy::Nothing => None,
            BestBy::Metric(metric, direction) => {
                Some((metric, direction.or_else(|| usual_direction(metric))?))
            }
            BestBy::Usual => {
                let is_known =
                    |metric: &&str| self.standing.iter().any(|s| s.metrics.contains_key(*metric));
                let metric = USUAL.into_iter().find(is_known)?;
                Some((metric, usual_direction(metric)?))
            }
        }
    }
}

/// Which values of a metric are better, as far as the last part of its name tells.
pub(crate) fn usual_direction(metric: &str) -> Option<Direction> {
    match metric.rsplit('/').next()? {
        "loss" | "perplexity" => Some(Direction::Lower),
        "accuracy" | "top_5_accuracy" => Some(Direction::Higher),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(version: Version, step: u64, metrics: &[(&str, f64)]) -> Standing {
        let metrics = metrics.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let entry = Artifact::new("checkpoint/model", version.to_string());
        Standing { version, step, metrics, files: Vec::new(), entry }
    }

    fn epoch(number: u64, loss: f64) -> Standing {
        standing(Version::Epoch(number), number * 10, &[("valid/loss", loss)])
    }

    /// The epochs that stand after these losses.
    fn kept(keep: Keep, best: &BestBy, losses: &[f64]) -> Vec<u64> {
        let mut retention = Retention::new(keep, best.clone(), Vec::new());
        for (number, loss) in (1..).zip(losses) {
            let newcomer = epoch(number, *loss);
            if !retention.wants(&newcomer) {
                continue;
            }
            retention.put(newcomer);
            for surplus in retention.surplus() {
                retention.remove(surplus.version);
            }
        }
        let number = |known: &Standing| match known.version {
            Version::Epoch(number) => number,
            Version::EpochOfPhase(..) | Version::Steps(_) => unreachable!(),
        };
        retention.standing.iter().map(number).collect()
    }

    #[test]
    fn the_last_ones_and_the_best_are_kept() {
        const NAN: f64 = f64::NAN;
        const INF: f64 = f64::INFINITY;
        let (last, usual) = (Keep::Last, BestBy::Usual);
        let higher = BestBy::Metric("valid/loss".to_owned(), Some(Direction::Higher));
        let table: &[(Keep, &BestBy, &[f64], &[u64])] = &[
            (last(2), &usual, &[], &[]),
            (last(2), &usual, &[0.5], &[1]),
            (last(2), &usual, &[0.5, 0.4, 0.3, 0.2], &[3, 4]),
            (last(2), &usual, &[0.1, 0.4, 0.3, 0.2], &[1, 3, 4]),
            (last(2), &usual, &[0.3, 0.1, 0.1, 0.2, 0.2], &[2, 4, 5]),
            (last(2), &usual, &[NAN, 0.4, NAN, 0.5, NAN], &[2, 4, 5]),
            (last(2), &usual, &[NAN, NAN, NAN, NAN], &[3, 4]),
            (last(2), &usual, &[INF, INF, 3.0, INF, INF, INF], &[3, 5, 6]),
            (last(2), &higher, &[0.9, 0.4, 0.3, 0.2], &[1, 3, 4]),
            (last(2), &higher, &[-INF, INF, 0.3, 0.2, 0.1], &[3, 4, 5]),
            (last(2), &BestBy::Nothing, &[0.1, 0.4, 0.3, 0.2], &[3, 4]),
            (last(1), &usual, &[0.1, 0.4, 0.3], &[1, 3]),
            (last(0), &usual, &[0.3, 0.1, 0.4, 0.2], &[2]),
            (last(0), &usual, &[NAN, NAN], &[2]),
            (last(0), &usual, &[NAN, 0.5, NAN], &[2]),
            (last(0), &BestBy::Nothing, &[0.3, 0.1, 0.4], &[3]),
            (Keep::All, &usual, &[0.3, 0.1, 0.4], &[1, 2, 3]),
        ];
        for (keep, best, losses, expected) in table {
            assert_eq!(kept(*keep, best, losses), *expected, "{keep:?} {best:?} {losses:?}");
        }
    }

    #[test]
    fn what_would_go_at_once_is_not_wanted() {
        let retention = Retention::new(Keep::Last(0), BestBy::Usual, vec![epoch(1, 0.5)]);
        assert!(!retention.wants(&epoch(2, 0.6)));
        assert!(retention.wants(&epoch(2, 0.4)));
    }

    #[test]
    fn the_usual_metric_is_the_first_of_three_that_is_there() {
        let best = |standing: Vec<Standing>| {
            let retention = Retention::new(Keep::All, BestBy::Usual, standing);
            retention.best().map(|best| best.version)
        };
        let of =
            |number, metrics: &[(&str, f64)]| standing(Version::Epoch(number), number, metrics);
        assert_eq!(best(vec![of(1, &[("other", 1.0)])]), None);
        let train = [of(1, &[("train/loss", 0.3)]), of(2, &[("train/loss", 0.2)])];
        assert_eq!(best(train.to_vec()), Some(Version::Epoch(2)));
        let accuracy = [
            of(1, &[("train/loss", 0.1), ("valid/accuracy", 0.9)]),
            of(2, &[("train/loss", 0.2), ("valid/accuracy", 0.8)]),
        ];
        assert_eq!(best(accuracy.to_vec()), Some(Version::Epoch(1)));
        let loss = [
            of(1, &[("valid/accuracy", 0.9), ("valid/loss", 0.9)]),
            of(2, &[("valid/accuracy", 0.8), ("valid/loss", 0.8)]),
        ];
        assert_eq!(best(loss.to_vec()), Some(Version::Epoch(2)));
    }

    #[test]
    fn the_last_part_of_a_name_tells_which_values_are_better() {
        for (metric, direction) in [
            ("loss", Some(Direction::Lower)),
            ("valid/loss", Some(Direction::Lower)),
            ("valid/perplexity", Some(Direction::Lower)),
            ("test/accuracy", Some(Direction::Higher)),
            ("valid/top_5_accuracy", Some(Direction::Higher)),
            ("valid/bleu", None),
            ("loss/bleu", None),
        ] {
            assert_eq!(usual_direction(metric), direction, "{metric}");
        }
    }

    #[test]
    fn an_epoch_takes_the_place_of_its_last_step() {
        let at = |version, metrics| standing(version, 99, metrics);
        let step = at(Version::Steps(100), &[("train/loss", 0.1)]);
        let mut retention = Retention::new(Keep::Last(2), BestBy::Usual, vec![epoch(1, 0.5), step]);
        let newcomer = at(Version::Epoch(2), &[("valid/loss", 0.6)]);
        retention.put(newcomer);
        let surplus: Vec<_> = retention.surplus().into_iter().map(|known| known.version).collect();
        assert_eq!(surplus, [Version::Steps(100)]);
        assert_eq!(retention.standing[2].metrics["train/loss"], 0.1, "they are the same weights");
    }

    #[test]
    fn a_version_that_is_saved_again_is_the_last_one() {
        let standing = [1, 2, 3].map(|number| epoch(number, 0.5)).to_vec();
        let mut retention = Retention::new(Keep::Last(2), BestBy::Nothing, standing);
        let mut again = epoch(1, 0.5);
        again.step = 40;
        retention.put(again);
        let versions: Vec<_> = retention.standing.iter().map(|known| known.version).collect();
        assert_eq!(versions, [2, 3, 1].map(Version::Epoch));
        assert_eq!(retention.surplus()[0].version, Version::Epoch(2));
    }
}
