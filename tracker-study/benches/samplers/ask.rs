//! How long an ask takes.

use std::time::{Duration, Instant};

use tracker_study::{Asked, Method, Trial, TrialState, draws_of, sampler_of};

use crate::{
    METHODS,
    problem::{Problem, problems},
    study::plan,
};

const TRIALS: [usize; 3] = [100, 1_000, 10_000];
const TIMES: usize = 21;

/// Prints the median of asks on the mixed problem, beside trials that were drawn by chance and one that trains.
pub(crate) fn print() {
    let problem = problems().pop().unwrap();
    println!("median of {TIMES} asks on {}, ms", problem.name);
    println!("  {:<8}{:>12}{:>12}{:>12}", "trials", TRIALS[0], TRIALS[1], TRIALS[2]);
    for (name, method) in METHODS {
        let cells = TRIALS.map(|trials| {
            format!("{:>12.2}", 1e3 * median(&problem, method, trials).as_secs_f64())
        });
        println!("  {name:<8}{}", cells.concat());
    }
}

fn median(problem: &Problem, method: Method, count: usize) -> Duration {
    let mut trials = trials(problem, count);
    trials[count - 1].state = TrialState::Running;
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|seed| {
            let plan = plan(problem, method, seed);
            let asked = Asked::new(&plan.space, &plan.metrics, &trials);
            let begin = Instant::now();
            let params = sampler_of(&plan).ask(&asked, &mut draws_of(&plan, trials.len()));
            assert!(params.is_some());
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[TIMES / 2]
}

fn trials(problem: &Problem, count: usize) -> Vec<Trial> {
    let plan = plan(problem, Method::Random, 0);
    let sampler = sampler_of(&plan);
    let mut trials = Vec::new();
    for number in 0..count {
        let asked = Asked::new(&plan.space, &plan.metrics, &trials);
        let params = sampler.ask(&asked, &mut draws_of(&plan, number)).unwrap();
        let mut trial = Trial::new(number, params);
        trial.values = vec![(problem.value)(&problem.space.values(&trial.params))];
        trial.state = TrialState::Complete;
        trials.push(trial);
    }
    trials
}
