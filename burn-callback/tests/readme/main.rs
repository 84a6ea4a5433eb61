//! The README's lines for Burn's guide, in a program: they compile, and they do what it says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic, its helpers too")]
#![allow(clippy::needless_pass_by_value, missing_docs, unreachable_pub, reason = "as in the guide")]

mod bare;
#[path = "../common/mod.rs"]
mod common;
mod tracked;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use burn::{optim::AdamConfig, prelude::*};
use tracker_core::read::Store;

#[derive(Config, Debug)]
pub struct TrainingConfig {
    pub optimizer: AdamConfig,
    #[config(default = 2)]
    pub num_epochs: usize,
    #[config(default = 42)]
    pub seed: u64,
}

fn create_artifact_dir(artifact_dir: &str) {
    fs::remove_dir_all(artifact_dir).ok();
    fs::create_dir_all(artifact_dir).unwrap();
}

/// The lines of the README's diff.
fn diff() -> Vec<String> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let readmes = folders.filter_map(|folder| fs::read_to_string(folder.join("README.md")).ok());
    let diff = |readme: String| {
        let (diff, _) = readme.split_once("```diff\n")?.1.split_once("```")?;
        Some(diff.lines().map(str::to_owned).collect())
    };
    readmes.into_iter().find_map(diff).unwrap()
}

/// Applies the diff to lines of code. A line of `…` stands for any lines in between.
fn apply(diff: &[String], before: &[&str]) -> Vec<String> {
    let mut rest = before.iter().copied();
    let (mut after, mut added, mut gap) = (Vec::new(), Vec::new(), false);
    for line in diff {
        if line.trim() == "…" {
            gap = true;
            // What is added before a gap stands where the diff is; after one, before the next line.
            after.append(&mut added);
            continue;
        }
        if let Some(new) = line.strip_prefix('+') {
            added.push(new);
            continue;
        }
        let known = line.get(1..).unwrap_or_default();
        let skipped: Vec<&str> = rest.by_ref().take_while(|of| *of != known).collect();
        assert!(gap || skipped.is_empty(), "before `{known}` there is {skipped:?}");
        after.extend(skipped);
        after.append(&mut added);
        if !line.starts_with('-') {
            after.push(known);
        }
        gap = false;
    }
    after.extend(rest);
    after.into_iter().map(str::to_owned).collect()
}

/// The lines of a file, without those that are empty or say which file it is.
fn code(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("//!")).collect()
}

#[test]
fn the_readmes_lines_make_the_tracked_training_of_the_bare_one() {
    let after = apply(&diff(), &code(include_str!("bare.rs")));
    assert_eq!(after, code(include_str!("tracked.rs")));
}

#[test]
#[ignore = "started by another test as a process of its own"]
fn training_process() {
    let directory = std::env::var("TRACKER_TEST_FILES").unwrap();
    let config = || TrainingConfig::new(AdamConfig::new());
    tracked::train(&format!("{directory}/tracked"), config(), Device::flex());
    bare::train(&format!("{directory}/bare"), config(), Device::flex());
}

fn files(directory: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(directory).unwrap();
    names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_tracked_training_leaves_the_files_of_the_bare_one_and_a_run() {
    let (directory, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "training_process", "--ignored"])
        .env("TRACKER_TEST_FILES", directory.path())
        .env("TRACKER_DIR", store.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let [bare, tracked] = ["bare", "tracked"].map(|name| directory.path().join(name));
    assert_eq!(files(&tracked), files(&bare));
    assert_eq!(files(&tracked.join("checkpoint")), files(&bare.join("checkpoint")));

    let run = Store::open(store.path()).unwrap().find("@latest").unwrap();
    assert_eq!(run.series("valid/accuracy").unwrap().len(), 2);
    assert_eq!(run.info().config["num_epochs"], 2);
    assert_eq!(run.artifacts().unwrap().len(), 2 * 3);
}
