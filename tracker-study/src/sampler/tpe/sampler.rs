//! The sampler that asks Parzen estimators.

use fastrand::Rng;

use super::estimator::Estimator;
use crate::{
    Parameter, Params, Space,
    sampler::{
        contract::{Asked, Sampler},
        history::{History, Seen},
        random::Random,
        start,
    },
};

/// Draws values as good trials have them, and takes those that are likeliest among good ones and least likely among bad
/// ones: the parameters that are always there together, each other one by itself. It begins with trials that are well
/// spread.
#[derive(Debug, Clone, Copy)]
pub(in crate::sampler) struct Tpe {
    seed: u64,
}

/// Good trials are this part of all, and at most so many: Optuna's `default_gamma`.
const GOOD: (f64, usize) = (0.1, 25);

/// How many values are drawn: Optuna's `n_ei_candidates`.
const DRAWN: usize = 24;

/// How many bad trials are looked at, the newest, so that an ask stays quick.
const MOST_BAD: usize = 1_000;

/// How often values are drawn again that another trial is trying now.
const TRIES: usize = 10;

impl Tpe {
    pub(in crate::sampler) fn new(seed: u64) -> Self {
        Self { seed }
    }
}

impl Sampler for Tpe {
    fn ask(&self, asked: &Asked<'_>, draws: &mut Rng) -> Option<Params> {
        let history = History::new(asked, draws);
        if let Some(spread) = start::spread(self.seed, asked, &history) {
            return Some(spread);
        }
        let pairs = Split::new(&history).pairs(asked.space);
        let is_pending = |params: &Params| history.pending.contains(&params);
        for _ in 0..TRIES {
            let drawn: Params = pairs.iter().flat_map(|pair| pair.best_of(draws)).collect();
            let params = asked.space.fill(|parameter| match drawn.get(&parameter.name) {
                Some(value) => *value,
                None => parameter.domain.of_unit(draws.f64()),
            });
            if !is_pending(&params) {
                return Some(params);
            }
        }
        // What good trials have is all being tried. What is left is found by chance, if there is anything.
        let by_chance: Vec<Params> = (0..TRIES).filter_map(|_| Random.ask(asked, draws)).collect();
        by_chance.iter().find(|params| !is_pending(params)).or(by_chance.first()).cloned()
    }
}

/// Good trials and bad ones, the oldest first. Those that train count as bad, so that no one else is sent where they are.
#[derive(Debug)]
struct Split<'a> {
    good: Vec<&'a Params>,
    bad: Vec<&'a Params>,
}

impl<'a> Split<'a> {
    fn new(history: &History<'a>) -> Self {
        let results = &history.results;
        let (part, most) = GOOD;
        #[expect(clippy::cast_sign_loss, reason = "it is a part of a count")]
        let count = ((part * results.len() as f64).ceil() as usize).min(most);
        let mut ranked: Vec<usize> = (0..results.len()).collect();
        ranked.sort_by(|one, other| results[*one].loss.total_cmp(&results[*other].loss));
        let mut is_good = vec![false; results.len()];
        for index in ranked.into_iter().take(count) {
            is_good[index] = true;
        }
        let of = |good: bool| {
            let these = results.iter().zip(&is_good).filter(move |(_, is_good)| **is_good == good);
            these.map(|(Seen { params, .. }, _)| *params)
        };
        let mut bad: Vec<&Params> = of(false).chain(history.pending.iter().copied()).collect();
        bad.drain(..bad.len().saturating_sub(MOST_BAD));
        Self { good: of(true).collect(), bad }
    }

    /// What is known of the parameters that are always there, and of each other one. Those of which there is only one value
    /// to choose are left out.
    fn pairs<'s>(&self, space: &'s Space) -> Vec<Pair<'s>> {
        let several = space.parameters().iter();
        let several = several.filter(|one| Estimator::new(&[one], &[]).is_some());
        let (always, others): (Vec<&Parameter>, Vec<&Parameter>) =
            several.partition(|parameter| parameter.when.is_empty());
        let groups = others.into_iter().map(|other| vec![other]).chain([always]);
        groups.filter_map(|group| self.pair(group)).collect()
    }

    fn pair<'s>(&self, parameters: Vec<&'s Parameter>) -> Option<Pair<'s>> {
        let good = Estimator::new(&parameters, &self.good)?;
        let bad = Estimator::new(&parameters, &self.bad)?;
        Some(Pair { parameters, good, bad })
    }
}

/// Which values of some parameters good trials have, and bad ones.
#[derive(Debug)]
struct Pair<'s> {
    parameters: Vec<&'s Parameter>,
    good: Estimator,
    bad: Estimator,
}

impl Pair<'_> {
    /// Values that are likely among good trials and not among bad ones: of those drawn the ones whose expected improvement
    /// is the greatest.
    fn best_of(&self, draws: &mut Rng) -> Vec<(String, f64)> {
        let mut best = (f64::NEG_INFINITY, Vec::new());
        for _ in 0..DRAWN {
            let values = self.good.draw(draws);
            let gain = self.good.density(&values) - self.bad.density(&values);
            if gain > best.0 || best.1.is_empty() {
                best = (gain, values);
            }
        }
        let names = self.parameters.iter().map(|parameter| parameter.name.clone());
        names.zip(best.1).collect()
    }
}
