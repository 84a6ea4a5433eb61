//! Settings and their values, for the other side to agree with.

use fastrand::Rng;
use serde_json::json;

use crate::problem::problems;

/// Prints a line for each of 100 drawn settings of each problem.
pub(crate) fn print() {
    let mut draws = Rng::with_seed(0);
    for problem in problems() {
        for _ in 0..100 {
            let params = problem.space.fill(|parameter| parameter.domain.of_unit(draws.f64()));
            let settings = problem.space.values(&params);
            let value = (problem.value)(&settings);
            println!("{}", json!({"problem": problem.name, "settings": settings, "value": value}));
        }
    }
}
