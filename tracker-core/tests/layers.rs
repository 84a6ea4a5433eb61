//! The crates know of each other and of the outside only what ARCHITECTURE.md says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, process::Command};

/// Which of the workspace's crates, examples and tests aside, may name these packages. Imports run one way:
/// adapters and the command line know the core, and nobody knows them.
const ALLOWED: [(&str, &[&str]); 18] = [
    ("burn", &["burn-callback"]),
    ("candle-core", &["candle-hooks"]),
    ("candle-nn", &["candle-hooks"]),
    ("clap", &["tracker-cli"]),
    ("ratatui", &["tracker-cli"]),
    ("burn-callback", &[]),
    ("candle-hooks", &[]),
    ("axum", &["tracker-cli"]),
    ("object_store", &["tracker-remote"]),
    ("prost", &["tracker-export"]),
    ("reqwest", &["tracker-remote"]),
    ("rusqlite", &["tracker-export"]),
    ("rmcp", &["tracker-cli"]),
    ("tracker-export", &["tracker-cli"]),
    ("tracker-study", &["burn-callback", "candle-hooks", "tracker-cli"]),
    ("tracker-remote", &["burn-callback", "candle-hooks", "tracker-cli"]),
    ("ureq", &["tracker-export"]),
    ("tokio", &["tracker-cli", "tracker-remote"]),
];

/// The normal dependencies of each library and of the command line, from `cargo metadata`.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // Examples and tests stand above all crates.
    let is_example = |package: &serde_json::Value| {
        let path = package["manifest_path"].as_str().unwrap();
        ["/examples/", "/tests/"].iter().any(|folder| path.contains(folder))
    };
    let normal = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().unwrap();
        let normal = all.iter().filter(|dependency| dependency["kind"].is_null());
        normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect()
    };
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages.iter().filter(|package| !is_example(package));
    ours.map(|package| (package["name"].as_str().unwrap().to_owned(), normal(package))).collect()
}

#[test]
fn each_crate_names_only_what_it_may() {
    let crates = dependencies();
    assert!(crates.contains_key("tracker-core") && crates.len() >= 4, "{crates:?}");
    for (package, allowed) in ALLOWED {
        for (name, dependencies) in &crates {
            let names_it = dependencies.iter().any(|dependency| dependency == package);
            let may = allowed.contains(&name.as_str());
            assert!(!names_it || may, "{name} names {package}, which only {allowed:?} may");
        }
    }
}

#[test]
fn the_core_stays_light() {
    let crates = dependencies();
    for heavy in ["tokio", "arrow", "reqwest", "hyper", "axum", "candle-core", "burn"] {
        assert!(!crates["tracker-core"].iter().any(|dependency| dependency == heavy), "{heavy}");
    }
}

/// What a user's program gets who names an adapter without features, from `cargo tree`, a package a line.
fn tree(package: &str, features: &[&str]) -> String {
    let tree = ["tree", "-p", package, "-e", "normal", "--prefix", "none", "--offline"];
    let output = Command::new(env!("CARGO")).args(tree).args(features).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn sending_runs_costs_the_adapters_no_crate_by_default() {
    const FAR: [&str; 6] =
        ["tracker-remote", "object_store", "reqwest", "tokio", "hyper", "rustls"];
    let names =
        |tree: &str, name: &str| tree.lines().any(|line| line.starts_with(&format!("{name} v")));
    for adapter in ["candle-hooks", "burn-callback"] {
        let (light, all) = (tree(adapter, &[]), tree(adapter, &["--features", "remote"]));
        for name in FAR {
            assert!(!names(&light, name), "{adapter} has {name} by default");
            assert!(names(&all, name), "{adapter} has no {name} with its feature `remote`");
        }
    }
}
