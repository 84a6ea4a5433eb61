//! A benchmark whose framework computes on one thread.

use std::{
    env,
    process::{Command, ExitCode},
};

/// What says on how many threads Burn and Candle compute.
pub(crate) const THREADS: &str = "RAYON_NUM_THREADS";

/// How many rounds the arguments ask for; `None` if they ask for something else.
pub(crate) fn rounds(arguments: &[String], usual: usize) -> Option<usize> {
    match arguments {
        [] => Some(usual),
        [option, number] if option == "--rounds" => {
            number.parse().ok().filter(|rounds| *rounds >= 2)
        }
        _ => None,
    }
}

/// Runs `measure` with the rounds that the command line asks for, in a process whose settings are
/// those of the benchmark. The number of threads is read once, when the first one starts: the
/// program has to begin with it.
pub(crate) fn run(usual: usize, measure: fn(usize)) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let Some(rounds) = rounds(&arguments, usual) else {
        eprintln!("the only option is --rounds <number>, 2 or more");
        return ExitCode::from(2);
    };
    if env::var_os(THREADS).is_none() || env::var_os("TRACKER_PROGRESS").is_none() {
        return again_with_settings(&arguments);
    }
    measure(rounds);
    ExitCode::SUCCESS
}

fn again_with_settings(arguments: &[String]) -> ExitCode {
    let threads = env::var(THREADS).unwrap_or_else(|_| "1".to_owned());
    let status = Command::new(env::current_exe().unwrap())
        .args(arguments)
        .env(THREADS, threads)
        .env("TRACKER_PROGRESS", "off")
        .env_remove("TRACKER_MODE")
        .env_remove("TRACKER_DIR")
        .status()
        .unwrap();
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
