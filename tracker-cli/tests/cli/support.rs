//! Stores to look into, and the binary that does.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tracker_core::{Definition, Run, RunBuilder, Timestamp, init, metrics};

pub(crate) const FIRST: &str = "01KX3F2A000000000000000AAA";
pub(crate) const SECOND: &str = "01KX3F9B000000000000000BBB";
pub(crate) const THIRD: &str = "01KX3F9B111111111111111CCC";

/// A store in a temporary folder.
pub(crate) struct Store {
    folder: TempDir,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn init(&self, name: &str) -> RunBuilder {
        init("mnist").name(name).dir(self.path()).signals(false).code_changes(false)
    }

    /// A run over five epochs that `quality` makes better, under a fixed id, begun hours ago.
    pub(crate) fn trained(
        &self,
        id: &str,
        name: &str,
        config: &Value,
        quality: f64,
        hours: i64,
    ) -> PathBuf {
        let run = self.init(name).config(config).start().unwrap();
        run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
        run.define("valid/loss", Definition::new().lower_is_better());
        for epoch in 0..5_u32 {
            let loss = 1.0 / (f64::from(epoch) + 1.0 + quality);
            let values = metrics! {
                "valid/loss" => loss, "valid/accuracy" => 1.0 - loss / 2.0, "epoch" => epoch,
            };
            run.log_at(epoch * 100 + 99, values);
        }
        finish_as_if(&run, id, hours)
    }

    /// Runs `tracker` on this store in a terminal of 80 columns.
    pub(crate) fn tracker(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        // Behind a `--` it would be another program's.
        let mut command = command(&["--dir"]);
        command.arg(self.path()).args(args);
        command
    }

    /// What `tracker` prints, if it succeeds.
    pub(crate) fn prints(&self, args: &[&str]) -> String {
        let output = self.tracker(args);
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}");
        self.plain(&out)
    }

    /// The JSON that `tracker` prints.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.prints(args)).unwrap()
    }

    /// What `tracker` says on standard error when it fails with exit code 1.
    pub(crate) fn fails(&self, args: &[&str]) -> String {
        let output = self.tracker(args);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(1), "{out}{err}");
        assert_eq!(out, "");
        self.plain(&err)
    }

    /// The text with the store's folder as `STORE`.
    fn plain(&self, text: &str) -> String {
        text.replace(&*self.path().to_string_lossy(), "STORE")
    }
}

/// Ends a run and makes all that differs from one test to the next what it always is.
pub(crate) fn finish_as_if(run: &Run, id: &str, hours: i64) -> PathBuf {
    run.finish().unwrap();
    let folder = run.path().with_file_name(id);
    fs::rename(run.path(), &folder).unwrap();
    edit(&folder, |file| {
        let start = Timestamp(Timestamp::now().as_micros() - hours * 3_600_000_000);
        file["id"] = json!(id);
        file["started_at"] = json!(start.to_string());
        file["finished_at"] = json!(Timestamp(start.as_micros() + 185_000_000).to_string());
        file["provenance"] = json!({
            "host": "box", "os": "Linux 6.1", "arch": "x86_64", "cpus": 8, "pid": 1,
            "command": ["train", "--name", file["name"]], "directory": "/home/me/mnist",
            "git_commit": "0123abcd", "git_branch": "main", "tracker": "0.1.0",
        });
    });
    folder
}

/// Changes a run's `run.json`.
pub(crate) fn edit(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("run.json");
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut file);
    fs::write(&path, serde_json::to_vec(&file).unwrap()).unwrap();
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracker"));
    command.args(args).env("COLUMNS", "80").env_remove("TRACKER_DIR");
    command
}

pub(crate) fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// Compares a text with its snapshot; moments and ids that differ each time are left out.
macro_rules! assert_text {
    ($text:expr) => {
        insta::with_settings!({
            filters => vec![
                (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "[date]"),
                (r"(?m)^  \d\d:\d\d:\d\d ", "  [clock] "),
            ],
            omit_expression => true,
        }, { insta::assert_snapshot!($text) })
    };
}
pub(crate) use assert_text;
