//! How good the values are that samplers find, and how long an ask takes: `cargo bench -p tracker-study --bench samplers`.
//!
//! The table has the median of the best values of 20 studies after 50 and 100 trials, one trial at a time and four at once.
//! `-- --ask` prints instead how long an ask takes beside 100, 1,000 and 10,000 trials. `benchmarks/samplers.py` runs this
//! beside Optuna, by `-- --lines` (a line of JSON for each study; `--seeds`, `--trials` and `--at-once` as there) and
//! `-- --check` (drawn settings and their values, which the other side must agree with).
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

mod ask;
mod check;
mod problem;
mod study;
mod table;

use study::Studies;
use tracker_study::Method;

/// The samplers by their names in a plan.
const METHODS: [(&str, Method); 5] = [
    ("auto", Method::Auto),
    ("gp", Method::Gp),
    ("tpe", Method::Tpe),
    ("quasi", Method::Quasi),
    ("random", Method::Random),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let numbers = |name: &str, otherwise: &str| -> Vec<usize> {
        let at = arguments.iter().position(|argument| argument == name);
        let text = at.and_then(|at| arguments.get(at + 1)).map_or(otherwise, String::as_str);
        text.split(',').map(|number| number.parse().unwrap()).collect()
    };
    let studies = Studies {
        seeds: numbers("--seeds", "20")[0],
        trials: numbers("--trials", "50,100"),
        at_once: numbers("--at-once", "1,4"),
    };
    if has("--check") {
        check::print();
    } else if has("--ask") {
        ask::print();
    } else if has("--lines") {
        studies.run(|result| println!("{}", result.line()));
    } else {
        table::print(&studies);
    }
}
