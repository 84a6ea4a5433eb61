//! `cargo run` as the command of a study: built once, so that what is edited later trains no trial.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::{command::sweep::template::has_place, terminal::text::clean};

/// A `cargo run`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CargoRun {
    /// `cargo`, and what stands before `run`.
    cargo: Vec<String>,
    /// What stands behind it and is cargo's.
    options: Vec<String>,
    /// What the program gets.
    pub(crate) arguments: Vec<String>,
}

/// The `cargo run` that a command is; `None` if it is another one.
pub(crate) fn cargo_run(words: &[String]) -> Result<Option<CargoRun>> {
    let is_cargo = words
        .first()
        .is_some_and(|word| PathBuf::from(word).file_stem().is_some_and(|name| name == "cargo"));
    let is_option = |word: &String| word.starts_with(['-', '+']);
    let Some(at) = (1..words.len()).find(|at| words.get(*at).is_some_and(|word| !is_option(word)))
    else {
        return Ok(None);
    };
    let is_run = words.get(at).is_some_and(|word| word == "run" || word == "r");
    if !is_cargo || !is_run {
        return Ok(None);
    }
    let (cargo, behind) = words.split_at(at);
    let behind = behind.get(1..).unwrap_or_default();
    let end = behind.iter().position(|word| word == "--").unwrap_or(behind.len());
    let (options, arguments) = behind.split_at(end);
    if let Some(misplaced) = options.iter().find(|word| has_place(word)) {
        bail!(
            "`{}` stands among the options of cargo\nhint: write `--` between them and the arguments of your \
             program: `cargo run --release -- --lr {{lr}}`",
            clean(misplaced)
        );
    }
    let arguments = arguments.get(1..).unwrap_or_default().to_vec();
    Ok(Some(CargoRun { cargo: cargo.to_vec(), options: options.to_vec(), arguments }))
}

impl CargoRun {
    /// What decides which program it is.
    pub(crate) fn words(&self) -> Vec<String> {
        [self.cargo.as_slice(), &self.options].concat()
    }

    /// Builds the program, and says where it is. What cargo tells of it goes to standard error.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        let (program, before) = self.cargo.split_first().context("there is no program")?;
        let mut child = Command::new(program)
            .args(before)
            .arg("build")
            .args(&self.options)
            .arg("--message-format=json-render-diagnostics")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| {
                anyhow!(
                    "failed to start `{}`: {error}\nhint: install Rust, or name another program",
                    clean(program)
                )
            })?;
        let mut built = Vec::new();
        if let Some(told) = child.stdout.take() {
            for line in BufReader::new(told).lines() {
                built.extend(executable(&line?));
            }
        }
        if !child.wait()?.success() {
            bail!("the program could not be built\nhint: cargo says above what is wrong with it");
        }
        match built.as_slice() {
            [one] => Ok(one.clone()),
            [] => bail!(
                "cargo built no program\nhint: name the package by `-p NAME`, in whose folder is a `src/main.rs`"
            ),
            several => {
                let names: Vec<String> = several
                    .iter()
                    .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
                    .collect();
                bail!(
                    "cargo built {} programs: {}\nhint: name one by `--bin NAME`",
                    several.len(),
                    clean(&names.join(", "))
                )
            }
        }
    }
}

/// The program that a message of cargo tells of.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_artifact = message.get("reason")? == "compiler-artifact";
    is_artifact.then(|| message.get("executable")?.as_str().map(PathBuf::from)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_apart(line: &str) -> Result<Option<CargoRun>> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        cargo_run(&words)
    }

    #[test]
    fn cargo_run_is_known_however_it_is_typed() {
        let run = taken_apart("cargo +nightly --locked run --release -p x -- --lr {lr}");
        let run = run.unwrap().unwrap();
        assert_eq!(run.cargo, ["cargo", "+nightly", "--locked"]);
        assert_eq!((run.options.len(), run.arguments.join(" ")), (3, "--lr {lr}".to_owned()));
        assert!(taken_apart("/usr/bin/cargo r").unwrap().unwrap().arguments.is_empty());
        for other in ["cargo test -- {lr}", "python run {lr}", "cargo", "./cargo-run run {lr}"] {
            assert_eq!(taken_apart(other).unwrap(), None, "{other}");
        }
    }

    #[test]
    fn a_place_among_the_options_of_cargo_is_refused() {
        let said = taken_apart("cargo run --release --lr {lr}").unwrap_err().to_string();
        assert!(said.contains("`{lr}` stands among the options of cargo\nhint: "), "{said}");
    }

    #[test]
    fn the_program_is_what_cargo_says_that_it_built() {
        let line = r#"{"reason":"compiler-artifact","executable":"/x/target/release/train"}"#;
        assert_eq!(executable(line), Some(PathBuf::from("/x/target/release/train")));
        for other in [r#"{"reason":"compiler-artifact","executable":null}"#, "{}", "text"] {
            assert_eq!(executable(other), None);
        }
    }
}
