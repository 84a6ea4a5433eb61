//! What a change costs: the standing figures of this tree beside those of another commit, taken in
//! turns in one run.
//!
//! ```text
//! cargo run --release --manifest-path benchmarks/guards/Cargo.toml                       # against HEAD~1
//! cargo run --release --manifest-path benchmarks/guards/Cargo.toml -- --against v0.1.0
//! cargo run --release --manifest-path benchmarks/guards/Cargo.toml -- --rounds 15 --compile Candle
//! ```
//!
//! The same small program (`probe/main.rs`) is built against both, and both take turns: what else the
//! machine does hits both alike. A figure is the median of all rounds. Where `valgrind` is installed,
//! the instructions of a log call are counted too: they do not depend on the machine's mood.
//! `--compile Candle` and `--compile Burn` add what such a project pays in CPU time to compile tracker,
//! crate by crate, which takes many minutes; `--rounds 0` leaves out the rest.
//!
//! A figure that is more than 3 % worse is marked. Explain it, or take the change back.

mod command;
mod compile;
mod rounds;
mod table;
mod tree;

use std::{error::Error, process::ExitCode};

use crate::{
    compile::{FRAMEWORKS, Framework},
    rounds::Probe,
    table::Table,
    tree::Tree,
};

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    against: String,
    rounds: usize,
    compile: Vec<&'static Framework>,
}

const USAGE: &str =
    "the options are --against COMMIT, --rounds NUMBER, --compile Candle and --compile Burn";

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("guards: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { against: "HEAD~1".to_owned(), rounds: 9, compile: Vec::new() };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--against" => options.against = words.next()?,
            "--rounds" => options.rounds = words.next()?.parse().ok()?,
            "--compile" => {
                let name = words.next()?;
                options.compile.push(FRAMEWORKS.iter().find(|framework| framework.name == name)?);
            }
            _ => return None,
        }
    }
    Some(options)
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let scratch = tempfile::tempdir_in(tree::target_folder()?)?;
    let before = Tree::of_commit(&options.against, scratch.path())?;
    let now = Tree::working()?;
    println!("{} beside {}, {} rounds", now.name, before.name, options.rounds);
    let mut table = Table::new([&before.name, &now.name]);
    if options.rounds > 0 {
        let probes = [Probe::build(&before, scratch.path())?, Probe::build(&now, scratch.path())?];
        rounds::measure(&probes, options.rounds, &mut table)?;
        rounds::count_instructions(&probes, &mut table);
    }
    for framework in &options.compile {
        compile::measure(framework, [&before, &now], scratch.path(), &mut table)?;
    }
    table.print();
    Ok(())
}
