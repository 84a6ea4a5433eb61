//! Tracking changes nothing: what a training ends with, and all that it decides on the way.

use std::collections::BTreeMap;

use drawn_tests::{check, seeds};

/// What enough drawn trainings have among them, or the test would prove little.
const WANTED: [&str; 10] = [
    "candle",
    "burn's learner",
    "a loop with burn",
    "stopped early",
    "interrupted",
    "went on from a checkpoint",
    "deleted a checkpoint",
    "decided on values that are no numbers",
    "accumulated over more than an epoch",
    "weights that are no numbers",
];

/// One test: the generator of random numbers is the process's.
#[test]
fn a_training_ends_the_same_with_tracking_and_without() {
    let seeds = seeds();
    let (mut seen, mut failures) = (BTreeMap::new(), Vec::new());
    for seed in &seeds {
        match check(*seed) {
            Ok(marks) => marks.into_iter().for_each(|mark| *seen.entry(mark).or_insert(0) += 1),
            Err(failure) => failures.push(failure),
        }
    }
    println!("{} trainings: {seen:#?}", seeds.len());
    let first_lines: Vec<&str> =
        failures.iter().filter_map(|failure| failure.lines().next()).collect();
    let (count, first_lines) = (failures.len(), first_lines.join("\n"));
    let all = seeds.len();
    assert!(
        failures.is_empty(),
        "{count} of {all} differ.\n{first_lines}\n\nThe first: {}",
        failures[0]
    );
    let enough = seeds.len() >= 200;
    let missing = WANTED.iter().filter(|mark| !seen.contains_key(*mark));
    assert!(!enough || missing.clone().count() == 0, "{:?}", missing.collect::<Vec<_>>());
}
