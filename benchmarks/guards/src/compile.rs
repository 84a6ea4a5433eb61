//! What a project pays in CPU time to compile tracker beside its framework.
//!
//! A project with the framework alone is built first. Then the adapter is added to a copy of what that
//! left: what the second build takes is what tracker costs, crate by crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{command::output, table::Table, tree::Tree};

/// Cargo calls the compiler through it. Each call leaves a file with the crate and the shell's `times`.
const WRAPPER: &str = r#"#!/bin/sh
"$@"
code=$?
{ echo "$CARGO_PKG_NAME"; times; } > "$GUARDS_CRATES/$$"
exit $code
"#;

/// Crates that take less than this are not listed one by one.
const LITTLE: f64 = 1.0;

/// A framework as a project takes it, and the adapter that is added.
#[derive(Debug)]
pub(crate) struct Framework {
    pub(crate) name: &'static str,
    dependencies: &'static str,
    adapter: &'static str,
}

pub(crate) const FRAMEWORKS: [Framework; 2] = [
    Framework {
        name: "Candle",
        dependencies: "candle-core = \"0.11\"\ncandle-nn = \"0.11\"\n",
        adapter: "candle-hooks",
    },
    Framework {
        name: "Burn",
        dependencies: "burn = { version = \"0.22\", default-features = false, \
                       features = [\"std\", \"train\", \"flex\", \"autodiff\"] }\n",
        adapter: "burn-callback",
    },
];

/// Adds the CPU seconds of compiling the adapter of both trees.
pub(crate) fn measure(
    framework: &Framework,
    trees: [&Tree; 2],
    scratch: &Path,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    println!("compiling {}", framework.name);
    let bare = scratch.join(format!("{}-bare", framework.name));
    let alone = build(&bare, framework.dependencies, trees[1])?;
    println!("{} alone: {:.0} s of CPU", framework.name, alone.seconds);
    let about = format!("compiling {} beside {}, CPU s", framework.adapter, framework.name);
    let mut sides = Vec::new();
    for (side, tree) in trees.into_iter().enumerate() {
        let with = scratch.join(format!("{}-{side}", framework.name));
        output(Command::new("cp").arg("-a").arg(&bare).arg(&with))?;
        let path = tree.folder.join(framework.adapter).display().to_string();
        let adapter = format!("{} = {{ path = \"{path}\" }}\n", framework.adapter);
        let built = build(&with, &(framework.dependencies.to_owned() + &adapter), tree)?;
        table.add(&about, side, built.seconds);
        sides.push(built);
        fs::remove_dir_all(with)?;
    }
    let all: BTreeSet<&String> = sides.iter().flat_map(|built| built.crates.keys()).collect();
    let is_long = |name: &str| sides.iter().any(|built| built.of(name) >= LITTLE);
    let long: Vec<&str> =
        all.into_iter().map(String::as_str).filter(|name| is_long(name)).collect();
    for (side, built) in sides.iter().enumerate() {
        let mut rest = built.crates.values().sum::<f64>();
        let of_no_rust = built.seconds - rest;
        for name in &long {
            rest -= built.of(name);
            table.add(&format!("… of it {name}"), side, built.of(name));
        }
        table.add("… of it smaller crates", side, rest);
        table.add("… of it C code and build scripts", side, of_no_rust);
    }
    Ok(())
}

/// What a build took.
struct Built {
    /// CPU time of all that Cargo started.
    seconds: f64,
    /// Of the compiler, by crate.
    crates: BTreeMap<String, f64>,
}

impl Built {
    fn of(&self, name: &str) -> f64 {
        self.crates.get(name).copied().unwrap_or(0.0)
    }
}

/// Builds a project with these dependencies in `folder`.
fn build(folder: &Path, dependencies: &str, tree: &Tree) -> Result<Built, Box<dyn Error>> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), "fn main() {}\n")?;
    fs::copy(tree.folder.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let manifest = format!(
        "[package]\nname = \"project\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{dependencies}\n[workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let (wrapper, crates) = (wrapper(folder)?, tempfile::tempdir()?);
    let mut shell = Command::new("sh");
    shell.args(["-c", "cargo build --release --quiet && times"]).current_dir(folder);
    shell.env("CARGO_TARGET_DIR", folder.join("target"));
    let times = output(shell.env("RUSTC_WRAPPER", wrapper).env("GUARDS_CRATES", crates.path()))?;
    let seconds = cpu_of_children(&times).ok_or_else(|| format!("the shell said {times:?}"))?;
    Ok(Built { seconds, crates: by_crate(crates.path())? })
}

fn wrapper(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    // The same place each time: Cargo builds all anew where the wrapper is another one.
    let path = folder.with_file_name("rustc-with-times");
    fs::write(&path, WRAPPER)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// The CPU seconds of each crate that has been compiled.
fn by_crate(folder: &Path) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let mut crates = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        // Cargo also asks the compiler for its version, which is no crate's.
        let Some((name, times)) = text.split_once('\n').filter(|(name, _)| !name.is_empty()) else {
            continue;
        };
        *crates.entry(name.to_owned()).or_default() += cpu_of_children(times).unwrap_or(0.0);
    }
    Ok(crates)
}

/// The second line that the shell's `times` prints: user and system time of what it started, as
/// `1m2.500s 0m3.250s`.
fn cpu_of_children(times: &str) -> Option<f64> {
    times.lines().nth(1)?.split_whitespace().map(seconds).sum()
}

fn seconds(time: &str) -> Option<f64> {
    let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
    Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
}
