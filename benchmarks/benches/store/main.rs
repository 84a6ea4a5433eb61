//! What tracker costs, beside what it could be replaced with.
//!
//! ```text
//! cargo bench --manifest-path benchmarks/Cargo.toml --bench store                    # everything, minutes
//! cargo bench --manifest-path benchmarks/Cargo.toml --bench store -- log-calls idle  # some sections
//! cargo bench --manifest-path benchmarks/Cargo.toml --bench store -- --long          # with 10^8 steps
//! ```
//!
//! | section | question |
//! |---|---|
//! | `log-calls` | what one log call takes, in its median and at its worst, beside rivals |
//! | `growth` | how the cost of a whole run grows with its steps, and who spends it |
//! | `sizes` | how many bytes a value takes on the disk |
//! | `reading` | how long reading one curve takes |
//! | `live-curves` | how long twelve curves of a living run take |
//! | `listing` | what a list of 10,000 runs takes |
//! | `memory` | how much memory a training needs more with tracking than without |
//! | `idle` | what a run takes that logs nothing, or little |
//! | `visible` | how soon another process sees what was logged |
//!
//! Every section runs in a process of its own, so that no section pays for threads, memory or
//! caches of another. Goals stand beside the figures where there are any. The figures depend on
//! the machine and on what else it does: the heading says which machine and how loaded it was.
//!
//! All files lie below `benchmarks/target/tmp` and are removed at the end.

#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

mod child;
mod growth;
mod idle;
mod listing;
mod live_curves;
mod log_calls;
mod machine;
mod memory;
mod neighbour;
mod process;
mod quantile;
mod reading;
mod rivals;
mod sampling;
mod scratch;
mod sizes;
mod steps;
mod subject;
mod table;
mod visible;

use std::{process::ExitCode, time::Instant};

/// How far the sections go.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// Whether 10^8 steps are worth their minutes.
    long: bool,
}

type Section = (&'static str, fn(Scale));

const SECTIONS: [Section; 9] = [
    ("log-calls", log_calls::run),
    ("growth", growth::run),
    ("sizes", sizes::run),
    ("reading", reading::run),
    ("live-curves", live_curves::run),
    ("listing", listing::run),
    ("memory", memory::run),
    ("idle", idle::run),
    ("visible", visible::run),
];

const LONG: &str = "--long";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(role) = child::role() {
        play(&role, &arguments);
        return ExitCode::SUCCESS;
    }
    launch(&arguments)
}

/// Does what the process that started this one wants: a section, or a part in one.
fn play(role: &str, arguments: &[String]) {
    let scale = Scale { long: arguments.iter().any(|argument| argument == LONG) };
    if let Some((_, section)) = SECTIONS.iter().find(|(name, _)| *name == role) {
        return section(scale);
    }
    match role {
        neighbour::ROLE => neighbour::write_until_killed(arguments),
        memory::ROLE => memory::log_steps(arguments),
        live_curves::ROLE => live_curves::log_and_abort(),
        idle::ROLE => idle::stay_open(arguments),
        visible::ROLE => visible::log_times(arguments),
        other => panic!("no part is called {other}"),
    }
}

/// Runs the sections that the arguments name, all without any.
fn launch(arguments: &[String]) -> ExitCode {
    // Cargo itself adds `--bench`.
    let (options, names): (Vec<&str>, Vec<&str>) = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| *argument != "--bench")
        .partition(|argument| argument.starts_with("--"));
    let known = |name: &&str| SECTIONS.iter().any(|(section, _)| section == name);
    if !names.iter().all(known) || options.iter().any(|option| *option != LONG) {
        let sections = SECTIONS.map(|(section, _)| section).join(", ");
        eprintln!("the sections are {sections}; the only option is {LONG}");
        return ExitCode::from(2);
    }
    println!("{}", machine::heading());
    let chosen = |name: &str| names.is_empty() || names.contains(&name);
    let mut outcome = ExitCode::SUCCESS;
    for (name, _) in SECTIONS.iter().filter(|(name, _)| chosen(name)) {
        let since = Instant::now();
        let status = child::command(name, &options).status().unwrap();
        println!("  ({name} took {:.0} s)", since.elapsed().as_secs_f64());
        if !status.success() {
            eprintln!("the section {name} failed: {status}");
            outcome = ExitCode::FAILURE;
        }
    }
    outcome
}
