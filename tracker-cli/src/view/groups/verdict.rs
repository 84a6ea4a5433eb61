//! Whether the runs of a group do better than those of the baseline.

use tracker_core::{
    Direction,
    stats::{
        Difference, Interval, Undecided, compare, holm, interquartile_mean,
        interquartile_mean_interval, probability_of_greater, probability_of_greater_interval,
    },
};

use crate::view::groups::{Grouped, results::Results};

/// What is more likely than this by chance alone counts as chance.
const SIGNIFICANT: f64 = 0.05;

/// What is bootstrapped has intervals of this level.
const LEVEL: f64 = 0.95;

/// Of how many results, over all groups that are compared, something is bootstrapped: more would take seconds.
const MOST_BOOTSTRAPPED: usize = 2_000;

/// The groups beside the baseline by one metric. One alone has verdicts: of many, some would differ by chance.
pub(crate) struct Verdicts<'a> {
    pub(crate) metric: &'a str,
    pub(crate) direction: Option<Direction>,
    /// The level of the intervals: with several comparisons, all hold at once in 95 of 100 cases.
    pub(crate) level: f64,
    /// How many comparisons there are of which something can be said.
    pub(crate) decided: usize,
    pub(crate) against: Vec<Against>,
}

/// A group beside the baseline.
pub(crate) struct Against {
    /// Its place among the groups.
    pub(crate) group: usize,
    pub(crate) ruling: Ruling,
    pub(crate) difference: Option<Difference>,
    pub(crate) interval: Option<Interval>,
    /// With regard to the other comparisons.
    pub(crate) p: Option<f64>,
    pub(crate) better: Option<Better>,
}

/// How likely a run of the group does better than one of the baseline; has a greater value, where nobody says which
/// values are better.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Better {
    pub(crate) probability: f64,
    pub(crate) interval: Option<Interval>,
}

/// What is concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    Better,
    Worse,
    /// Where nobody says which values are better.
    Greater,
    Less,
    NotShown,
    TooFew(usize),
    NoSpread,
}

impl<'a> Grouped<'a> {
    /// By the metric that tells most of those with a direction; `None` without a metric, or with a single group.
    pub(crate) fn verdicts(&self) -> Option<Verdicts<'a>> {
        let metric = self.telling_metric()?;
        let direction = self.definition(metric).direction;
        let results = self.results(metric);
        let baseline = results.get(self.baseline)?;
        let others = results
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != self.baseline && self.is_compared(*place));
        let found: Vec<(usize, Result<Difference, Undecided>)> = others
            .map(|(place, other)| (place, compare(&baseline.samples, &other.samples)))
            .collect();
        let raw: Vec<f64> =
            found.iter().filter_map(|(_, found)| Some(found.as_ref().ok()?.p)).collect();
        let level = 1.0 - SIGNIFICANT / raw.len().max(1) as f64;
        let mut adjusted = holm(&raw).into_iter();
        let against: Vec<Against> = found
            .into_iter()
            .map(|(group, found)| {
                let p = found.is_ok().then(|| adjusted.next()).flatten();
                Against {
                    group,
                    ruling: ruling(&found, p, direction),
                    interval: found.ok().map(|found| found.interval(level)),
                    difference: found.ok(),
                    p,
                    better: self.better(metric, group, direction),
                }
            })
            .collect();
        let verdicts = Verdicts { metric, direction, level, decided: raw.len(), against };
        (!verdicts.against.is_empty()).then_some(verdicts)
    }

    fn better(&self, metric: &str, group: usize, direction: Option<Direction>) -> Option<Better> {
        let results = self.results(metric);
        let (mut first, mut second) =
            (results.get(self.baseline)?.values(), results.get(group)?.values());
        if direction == Some(Direction::Lower) {
            std::mem::swap(&mut first, &mut second);
        }
        let probability = probability_of_greater(&first, &second)?;
        let interval = || probability_of_greater_interval(&first, &second, LEVEL);
        let interval = self.is_bootstrapped(metric).then(interval).flatten();
        Some(Better { probability, interval })
    }

    /// Whether there are so few results that what has no distribution of its own has intervals.
    pub(crate) fn is_bootstrapped(&self, metric: &str) -> bool {
        let results = self.results(metric).iter().enumerate();
        let compared = results.filter(|(place, _)| self.is_compared(*place));
        let count: usize = compared.map(|(_, results)| results.samples.len()).sum();
        count <= MOST_BOOTSTRAPPED
    }

    /// The interquartile mean of each group, with its interval for those that are compared.
    pub(crate) fn interquartile_means(&self, metric: &str) -> Vec<Option<(f64, Option<Interval>)>> {
        let is_bootstrapped = self.is_bootstrapped(metric);
        let of_group = |(place, results): (usize, &Results)| {
            let values = results.values();
            let interval = || interquartile_mean_interval(&values, LEVEL);
            let has_interval = is_bootstrapped && self.is_compared(place);
            Some((interquartile_mean(&values)?, has_interval.then(interval).flatten()))
        };
        self.results(metric).iter().enumerate().map(of_group).collect()
    }
}

fn ruling(
    found: &Result<Difference, Undecided>,
    p: Option<f64>,
    direction: Option<Direction>,
) -> Ruling {
    let difference = match found {
        Ok(difference) => difference,
        Err(Undecided::TooFew(n)) => return Ruling::TooFew(*n),
        Err(_) => return Ruling::NoSpread,
    };
    let is_greater = difference.mean > 0.0;
    match direction {
        _ if p.is_none_or(|p| p >= SIGNIFICANT) => Ruling::NotShown,
        Some(Direction::Higher) if is_greater => Ruling::Better,
        Some(Direction::Lower) if !is_greater => Ruling::Better,
        Some(_) => Ruling::Worse,
        None if is_greater => Ruling::Greater,
        None => Ruling::Less,
    }
}
