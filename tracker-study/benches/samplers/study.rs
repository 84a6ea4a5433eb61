//! Studies of the problems.

use std::collections::VecDeque;

use fastrand::Rng;
use serde_json::json;
use tracker_study::{Asked, Goal, Method, Metric, Plan, Trial, TrialState, draws_of, sampler_of};

use crate::{
    METHODS,
    problem::{Problem, problems},
};

/// Which studies are run: each sampler on each problem, with each seed, with so many trials at once.
#[derive(Debug)]
pub(crate) struct Studies {
    pub(crate) seeds: usize,
    /// After how many trials the best value is told.
    pub(crate) trials: Vec<usize>,
    pub(crate) at_once: Vec<usize>,
}

/// The result of one study.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) sampler: &'static str,
    pub(crate) problem: &'static str,
    pub(crate) at_once: usize,
    seed: usize,
    /// The best value, without the noise, after each number of trials.
    pub(crate) best: Vec<f64>,
}

impl Found {
    pub(crate) fn line(&self) -> serde_json::Value {
        let Self { sampler, problem, at_once, seed, best } = self;
        json!({"sampler": sampler, "problem": problem, "at_once": at_once, "seed": seed, "best": best})
    }
}

impl Studies {
    /// Runs all, and tells of each as it ends.
    pub(crate) fn run(&self, mut tell: impl FnMut(Found)) {
        for problem in &problems() {
            for (sampler, method) in METHODS {
                for at_once in &self.at_once {
                    for seed in 0..self.seeds {
                        let most = self.trials.iter().copied().max().unwrap();
                        let bests = bests(problem, method, *at_once, seed, most);
                        let best = self.trials.iter().map(|trials| bests[trials - 1]).collect();
                        tell(Found {
                            sampler,
                            problem: problem.name,
                            at_once: *at_once,
                            seed,
                            best,
                        });
                    }
                }
            }
        }
    }
}

/// The plan of a study of a problem.
pub(crate) fn plan(problem: &Problem, method: Method, seed: usize) -> Plan {
    let metrics = vec![Metric::new("loss", Goal::Minimize)];
    let mut plan = Plan::new("samplers", problem.name, metrics, problem.space.clone());
    plan.method = method;
    plan.seed = seed as u64;
    plan
}

/// The best values so far, without the noise, as trial after trial ends.
fn bests(problem: &Problem, method: Method, at_once: usize, seed: usize, most: usize) -> Vec<f64> {
    let plan = plan(problem, method, seed);
    let sampler = sampler_of(&plan);
    let mut noise = Rng::with_seed(seed as u64);
    let (mut trials, mut training) = (Vec::<Trial>::new(), VecDeque::new());
    let (mut best, mut bests) = (f64::INFINITY, Vec::new());
    while bests.len() < most {
        while training.len() < at_once {
            let asked = Asked::new(&plan.space, &plan.metrics, &trials);
            let params = sampler.ask(&asked, &mut draws_of(&plan, trials.len())).unwrap();
            training.push_back(trials.len());
            trials.push(Trial::new(trials.len(), params));
        }
        let trial = &mut trials[training.pop_front().unwrap()];
        let value = (problem.value)(&problem.space.values(&trial.params));
        trial.values = vec![value + problem.noise * normal(&mut noise)];
        trial.state = TrialState::Complete;
        best = value.min(best);
        bests.push(best);
    }
    bests
}

/// A draw of the normal distribution.
fn normal(draws: &mut Rng) -> f64 {
    (-2.0 * (1.0 - draws.f64()).ln()).sqrt() * (std::f64::consts::TAU * draws.f64()).cos()
}
