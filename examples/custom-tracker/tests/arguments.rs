//! What is typed behind the program's name.
#![expect(clippy::unwrap_used, reason = "a test says by a panic that it failed")]

use std::{
    path::Path,
    process::{Command, Output},
};

fn run(store: &Path, argument: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_custom-tracker"));
    command.arg(argument).env("TRACKER_DIR", store).output().unwrap()
}

#[test]
fn help_is_given_and_unknown_words_are_refused_and_neither_trains() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let help = run(&store, "--help");
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(help.status.success() && text.contains("Usage: custom-tracker"), "{text}");
    for unknown in ["--epochs", "help"] {
        assert_eq!(run(&store, unknown).status.code(), Some(2));
    }
    assert!(!store.exists());
}
