//! What a project pays in CPU time to compile tracker beside its framework.
//!
//! A project with the framework alone is built first. Then the adapter is added to a copy of what that
//! left: what the second build takes is what tracker costs.

use std::{error::Error, fs, path::Path, process::Command};

use crate::{command::output, table::Table, tree::Tree};

/// A framework as a project takes it, and the adapter that is added.
struct Framework {
    name: &'static str,
    dependencies: &'static str,
    adapter: &'static str,
}

const FRAMEWORKS: [Framework; 2] = [
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

/// Adds the CPU seconds of compiling each adapter of both trees.
pub(crate) fn measure(
    trees: [&Tree; 2],
    scratch: &Path,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    for framework in &FRAMEWORKS {
        println!("compiling {}", framework.name);
        let bare = scratch.join(format!("{}-bare", framework.name));
        let seconds = build(&bare, framework.dependencies, trees[1])?;
        println!("{} alone: {seconds:.0} s of CPU", framework.name);
        for (side, tree) in trees.into_iter().enumerate() {
            let with = scratch.join(format!("{}-{side}", framework.name));
            output(Command::new("cp").arg("-a").arg(&bare).arg(&with))?;
            let path = tree.folder.join(framework.adapter).display().to_string();
            let adapter = format!("{} = {{ path = \"{path}\" }}\n", framework.adapter);
            let seconds = build(&with, &(framework.dependencies.to_owned() + &adapter), tree)?;
            let name =
                format!("compiling {} more than {}, CPU s", framework.adapter, framework.name);
            table.add(&name, side, seconds);
            fs::remove_dir_all(with)?;
        }
    }
    Ok(())
}

/// Builds a project with these dependencies in `folder`. Returns the CPU seconds that it took.
fn build(folder: &Path, dependencies: &str, tree: &Tree) -> Result<f64, Box<dyn Error>> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), "fn main() {}\n")?;
    fs::copy(tree.folder.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let manifest = format!(
        "[package]\nname = \"project\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{dependencies}\n[workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let mut shell = Command::new("sh");
    shell.args(["-c", "cargo build --release --quiet && times"]).current_dir(folder);
    let times = output(shell.env("CARGO_TARGET_DIR", folder.join("target")))?;
    cpu_of_children(&times).ok_or_else(|| format!("the shell said {times:?}").into())
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
