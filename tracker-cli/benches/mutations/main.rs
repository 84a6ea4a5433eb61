//! Damages run folders in any way and lets every command look at them.
//!
//! ```text
//! cargo bench -p tracker-cli --bench mutations                        # 10,000 mutations
//! cargo bench -p tracker-cli --bench mutations -- --mutations 500 --seed 7
//! cargo bench -p tracker-cli --bench mutations -- --only 4711 --seed 7   # one of them again
//! ```
//!
//! A mutation takes a sound run of this version or of an earlier one (`tests/stores`), changes one to
//! three things in it (bits, ends, numbers in files, words of JSON, whole files, links, pipes) and lets
//! the commands read, list, compare, export, report, examine and seal it. No command may panic, be
//! ended by a signal, take longer than 10 s or more than 500 MB, or change anything outside the run's folder.
//! What fails is kept in a folder that is named, with the command to type.

#![allow(clippy::unwrap_used, reason = "a proof may panic")]

mod judge;
mod mutate;
mod random;
mod seeds;

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use crate::{judge::Judge, random::Random};

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    mutations: u64,
    seed: u64,
    only: Option<u64>,
}

const USAGE: &str = "the options are --mutations NUMBER, --seed NUMBER and --only NUMBER";

fn main() -> ExitCode {
    // The seeds of this version are written by processes of their own, some of which are killed.
    if let Some(kind) = seeds::role() {
        seeds::write(&kind);
        return ExitCode::SUCCESS;
    }
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    run(&options)
}

fn options() -> Option<Options> {
    let mut options = Options { mutations: 10_000, seed: 1, only: None };
    // Cargo itself adds `--bench`.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let number = words.next()?.parse().ok()?;
        match word.as_str() {
            "--mutations" => options.mutations = number,
            "--seed" => options.seed = number,
            "--only" => options.only = Some(number),
            _ => return None,
        }
    }
    Some(options)
}

fn run(options: &Options) -> ExitCode {
    let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mutations");
    let _ = fs::remove_dir_all(&base);
    fs::create_dir_all(&base).unwrap();
    let seeds = seeds::all(&base.join("seeds"));
    println!("{} sound runs; seed {}", seeds.len(), options.seed);
    let judge = Judge::new(&base);
    let (mut tried, mut failed) = (BTreeMap::<&str, u64>::new(), 0);
    let numbers = match options.only {
        Some(number) => number..number + 1,
        None => 0..options.mutations,
    };
    for number in numbers {
        let mut random = Random::new(options.seed, number);
        let seed = random.pick(&seeds);
        let case = judge.case(number, seed);
        let changes: Vec<mutate::Change> =
            (0..=random.below(3)).filter_map(|_| mutate::change(&case.run, &mut random)).collect();
        for change in &changes {
            *tried.entry(change.kind).or_default() += 1;
        }
        let complaints = judge.complaints(&case);
        if complaints.is_empty() {
            case.remove();
        } else {
            failed += 1;
            println!("mutation {number} of {}: {changes:?}", seed.display());
            for complaint in complaints {
                println!("  {complaint}");
            }
        }
        if number % 500 == 499 {
            println!("{} mutations, {failed} failed", number + 1);
        }
    }
    for (kind, count) in tried {
        println!("  {count:>6}  {kind}");
    }
    println!("{} commands, {failed} mutations failed", judge.commands());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
