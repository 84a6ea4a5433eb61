//! The table of the medians.

use std::collections::BTreeMap;

use crate::{
    METHODS,
    problem::problems,
    study::{Found, Studies},
};

/// Runs the studies, and prints the median of the best values of each sampler and problem.
pub(crate) fn print(studies: &Studies) {
    let mut found: BTreeMap<(&str, usize, &str), Vec<Found>> = BTreeMap::new();
    studies.run(|one| {
        found.entry((one.sampler, one.at_once, one.problem)).or_default().push(one);
    });
    let after: Vec<String> = studies.trials.iter().map(ToString::to_string).collect();
    println!("median best of {} seeds after {} trials", studies.seeds, after.join(" / "));
    let heads: String =
        problems().iter().map(|problem| format!("  {:>20}", problem.name)).collect();
    println!("  {:<18}{heads}", "sampler");
    for (sampler, _) in METHODS {
        for at_once in &studies.at_once {
            let cell = |problem: &str| {
                let seeds = &found[&(sampler, *at_once, problem)];
                let each = (0..studies.trials.len()).map(|at| format!("{:.4}", median(seeds, at)));
                format!("  {:>20}", each.collect::<Vec<_>>().join(" / "))
            };
            let cells: String = problems().iter().map(|problem| cell(problem.name)).collect();
            println!("  {:<18}{cells}", format!("{sampler}, {at_once} at once"));
        }
    }
}

fn median(found: &[Found], at: usize) -> f64 {
    let mut best: Vec<f64> = found.iter().map(|found| found.best[at]).collect();
    best.sort_by(f64::total_cmp);
    let middle = best.len() / 2;
    if best.len() % 2 == 1 { best[middle] } else { 0.5 * (best[middle - 1] + best[middle]) }
}
