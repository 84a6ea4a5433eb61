//! The proof that nothing is lost: real processes, really killed, and every value counted.
//!
//! ```sh
//! cargo bench -p tracker-core --features faults --bench faults              # all, about 20 minutes
//! cargo bench -p tracker-core --features faults --bench faults -- mapped    # one section
//! ```
//!
//! | section | what |
//! |---|---|
//! | `mapped` | 500 trainings, killed at any time from start to finish: at full rate and with pauses, ranks, resumed runs, without file locks, in other process namespaces; what was logged must be there, once, bit for bit, before and after their rest is sealed, and all that `finish` told |
//! | `buffered` | the same question for runs whose ring goes with the process, with both cores busy: how many milliseconds are lost |
//! | `live` | a reader beside a training at full rate, through drains, laps and sealing |
//! | `harm` | what befalls files while a training runs: logs, parts, texts or folders removed, a store moved or stashed, writes refused; what can be kept is kept, and `finish` tells of nothing that is not there |
//! | `planted` | each planted fault must make the checks of `mapped`, `live` or `harm` fail |
//! | `disks` | full, read-only and vanishing folders: training goes on, what is missing is counted |
//! | `crowd` | 8 and 64 processes in one project, 3 writers in one run |
//!
//! It ends with exit code 1 if anything was lost that must not be.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a proof prints and may panic")]

mod buffered;
mod check;
mod child;
mod crowd;
mod disks;
mod harm;
mod kills;
mod live;
mod planted;
mod surroundings;

use std::process::ExitCode;

/// What came of a section: how often the promise was broken.
type Broken = usize;

/// A section's name and what it does.
type Section = (&'static str, fn() -> Broken);

const SECTIONS: [Section; 7] = [
    ("mapped", kills::mapped),
    ("buffered", buffered::buffered),
    ("live", live::live),
    ("harm", harm::harm),
    ("planted", planted::planted),
    ("disks", disks::disks),
    ("crowd", crowd::crowd),
];

fn main() -> ExitCode {
    if child::is_child() {
        child::train();
    }
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let mut broken = 0;
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            println!("\n## {name}");
            broken += section();
        }
    }
    println!("\n{broken} broken promises");
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
