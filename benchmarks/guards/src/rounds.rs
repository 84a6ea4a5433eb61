//! Takes the figures of both trees in turns.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    command::output,
    table::Table,
    tree::{Tree, target_folder},
};

const PROBE: &str = include_str!("../probe/main.rs");
const MANIFEST: &str = include_str!("../probe/Cargo.toml.in");

/// What is taken in each round, each in a process and a store of its own.
const SECTIONS: [&str; 5] = ["log-calls", "runs", "starts", "idle", "list"];

/// A reader keeps nothing of files that changed a moment ago.
const SETTLED: std::time::Duration = std::time::Duration::from_secs(4);

/// The program that takes the figures, built against one tree.
#[derive(Debug)]
pub(crate) struct Probe {
    program: PathBuf,
    /// A store with many runs, to list.
    list: PathBuf,
    scratch: PathBuf,
}

impl Probe {
    pub(crate) fn build(tree: &Tree, scratch: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = scratch.join(format!("probe-{}", tree.name.replace(' ', "-")));
        fs::create_dir(&folder)?;
        fs::write(folder.join("main.rs"), PROBE)?;
        let path = tree.folder.display().to_string();
        fs::write(folder.join("Cargo.toml"), MANIFEST.replace("TREE", &path))?;
        // The versions that the tree itself is built with.
        fs::copy(tree.folder.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        println!("building {}", tree.name);
        let target = target_folder()?.join("probes");
        output(
            Command::new("cargo")
                .args(["build", "--release", "--quiet"])
                .current_dir(&folder)
                .env("CARGO_TARGET_DIR", &target),
        )?;
        let program = folder.join("guard-probe");
        fs::copy(target.join("release/guard-probe"), &program)?;
        let probe = Self { program, list: folder.join("list"), scratch: folder };
        probe.take("write-list", &probe.list)?;
        Ok(probe)
    }

    /// Takes the figures of a section.
    fn take(&self, section: &str, store: &Path) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
        let text = output(quiet(&mut Command::new(&self.program)).arg(section).arg(store))?;
        let figure = |line: &str| {
            let (name, number) = line.split_once('\t')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        Ok(text.lines().filter_map(figure).collect())
    }

    fn round(&self, section: &str) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
        if section == "list" {
            return self.take(section, &self.list);
        }
        let store = tempfile::tempdir_in(&self.scratch)?;
        self.take(section, store.path())
    }

    fn instructions(&self) -> Result<f64, Box<dyn Error>> {
        let store = tempfile::tempdir_in(&self.scratch)?;
        let counts = store.path().join("counts");
        output(
            quiet(&mut Command::new("valgrind"))
                .args(["--tool=callgrind", "--collect-atstart=no"])
                .arg("--toggle-collect=counted_calls")
                .arg(format!("--callgrind-out-file={}", counts.display()))
                .arg(&self.program)
                .arg("instructions")
                .arg(store.path().join("store")),
        )?;
        let text = fs::read_to_string(counts)?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let total: f64 = total.ok_or("callgrind counted nothing")?.trim().parse()?;
        Ok(total / 200_000.0)
    }
}

/// Without what the environment may say of tracker, and without a word on the terminal.
fn quiet(command: &mut Command) -> &mut Command {
    command
        .env("TRACKER_PROGRESS", "off")
        .env("TRACKER_CODE_CHANGES", "off")
        .env_remove("TRACKER_MODE")
        .env_remove("TRACKER_DIR")
        .env_remove("TRACKER_RUN_ID")
        .env_remove("TRACKER_RANK")
}

/// Lets the probes take turns; who begins changes from round to round.
pub(crate) fn measure(
    probes: &[Probe; 2],
    rounds: usize,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    std::thread::sleep(SETTLED);
    for round in 0..rounds {
        println!("round {} of {rounds}", round + 1);
        for section in SECTIONS {
            for turn in 0..2 {
                let side = (round + turn) % 2;
                for (name, number) in probes[side].round(section)? {
                    table.add(&name, side, number);
                }
            }
        }
    }
    Ok(())
}

/// Adds the instructions of a log call, if `valgrind` is there and can run the probes: some versions
/// do not get on with some kernels.
pub(crate) fn count_instructions(probes: &[Probe; 2], table: &mut Table) {
    let counts: Result<Vec<f64>, _> = probes.iter().map(Probe::instructions).collect();
    match counts {
        Ok(counts) => {
            for (side, count) in counts.into_iter().enumerate() {
                table.add("log call, instructions", side, count);
            }
        }
        Err(_) => println!("valgrind is missing or cannot run here: no instructions are counted"),
    }
}
