//! The sampler that asks Parzen estimators.

use fastrand::Rng;

use super::estimator::Estimator;
use crate::{
    Domain, Params,
    sampler::{
        contract::{Asked, Sampler},
        history::{History, Seen},
        random::Random,
        start,
    },
};

/// Draws the values of each parameter by itself as good trials have them, and takes what is likeliest among those and
/// least likely among bad ones. It begins with trials that are well spread.
#[derive(Debug, Clone, Copy)]
pub(in crate::sampler) struct Tpe {
    seed: u64,
}

/// Good trials are this part of all, and at most so many: Optuna's `default_gamma`.
const GOOD: (f64, usize) = (0.1, 25);

/// How many values are drawn for each parameter: Optuna's `n_ei_candidates`.
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
        let split = Split::new(&history);
        let mut pairs: Vec<Option<Pair>> = Vec::new();
        for parameter in asked.space.parameters() {
            pairs.push(split.pair(&parameter.name, &parameter.domain));
        }
        let named =
            |name: &str| asked.space.parameters().iter().position(|known| known.name == name);
        let is_pending = |params: &Params| history.pending.contains(&params);
        for _ in 0..TRIES {
            let params = asked.space.fill(|parameter| {
                let pair = named(&parameter.name).and_then(|at| pairs[at].as_ref());
                match pair {
                    Some(pair) => pair.best_of(draws),
                    None => parameter.domain.of_unit(draws.f64()),
                }
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

    /// What is known of a parameter, from the trials that have it; `None` if there is only one value to choose.
    fn pair(&self, name: &str, domain: &Domain) -> Option<Pair> {
        let values = |trials: &[&Params]| -> Vec<f64> {
            trials.iter().filter_map(|params| params.get(name).copied()).collect()
        };
        let good = Estimator::new(domain, &values(&self.good))?;
        let bad = Estimator::new(domain, &values(&self.bad))?;
        Some(Pair { good, bad })
    }
}

/// Which values of a parameter good trials have, and bad ones.
#[derive(Debug)]
struct Pair {
    good: Estimator,
    bad: Estimator,
}

impl Pair {
    /// A value that is likely among good trials and not among bad ones: of those drawn the one whose expected improvement
    /// is the greatest.
    fn best_of(&self, draws: &mut Rng) -> f64 {
        let first = self.good.draw(draws);
        let mut best = (self.gain(first), first);
        for _ in 1..DRAWN {
            let value = self.good.draw(draws);
            let gain = self.gain(value);
            if gain > best.0 {
                best = (gain, value);
            }
        }
        best.1
    }

    fn gain(&self, value: f64) -> f64 {
        self.good.density(value) - self.bad.density(value)
    }
}
