//! A folder with a study file, and the sweeps that work on it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tracker_core::{read::Store, studies::StudyFolder};

use crate::trainer::MARKS;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// A folder of a test: a study file, a store, and the marks of trainings.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new(study: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("study.toml"), study).unwrap();
        Self { folder }
    }

    /// A study over a learning rate by chance, of so many trials.
    pub(crate) fn of(run_cap: u64) -> Self {
        Self::new(&study("rates", run_cap))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("store")
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(self.root()).unwrap()
    }

    pub(crate) fn study(&self) -> StudyFolder {
        StudyFolder::open(&self.store(), "sweeps", "rates").unwrap()
    }

    pub(crate) fn tracker(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracker"));
        command
            .args(words)
            .env("TRACKER_DIR", self.root())
            .env(MARKS, self.path("marks"))
            .env("COLUMNS", "120")
            .current_dir(self.folder.path());
        command
    }

    /// A sweep of the study whose trainings get these words.
    pub(crate) fn sweep(&self, options: &[&str], words: &[&str]) -> Command {
        let mut command = self.tracker(&["sweep", "study.toml"]);
        command.args(options).arg("--").args(trainer()).args(words);
        command
    }

    /// What a sweep prints that comes to its end.
    pub(crate) fn sweeps(&self, options: &[&str], words: &[&str]) -> String {
        let output = self.sweep(options, words).output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{out}{err}");
        out
    }

    /// What a sweep says that fails.
    pub(crate) fn fails(&self, options: &[&str], words: &[&str]) -> String {
        failed(&self.sweep(options, words).output().unwrap())
    }

    /// What `tracker study` prints.
    pub(crate) fn prints(&self, words: &[&str]) -> String {
        let output = self.tracker(&[&["study"], words].concat()).output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{out}{err}");
        out
    }

    pub(crate) fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.prints(words)).unwrap()
    }

    /// The study as `tracker study show --json` tells it.
    pub(crate) fn shown(&self) -> Value {
        self.json(&["show", "rates", "--json"])
    }

    /// The states of all trials, in their order.
    pub(crate) fn states(&self) -> Vec<String> {
        let shown = self.shown();
        let trials = shown["all_trials"].as_array().unwrap();
        trials.iter().map(|trial| trial["state"].as_str().unwrap().to_owned()).collect()
    }

    /// The marks of this kind: trial and process.
    pub(crate) fn marks(&self, kind: &str) -> Vec<(usize, u32)> {
        let text = fs::read_to_string(self.path("marks")).unwrap_or_default();
        let mark = |line: &str| {
            let mut words = line.strip_prefix(kind)?.trim().split(' ');
            Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        };
        text.lines().filter_map(mark).collect()
    }

    /// Waits until so many trainings have begun.
    pub(crate) fn wait_for_begun(&self, count: usize) {
        wait_for("trainings to begin", || self.marks("begin").len() >= count);
    }
}

/// A study over a learning rate by chance.
pub(crate) fn study(name: &str, run_cap: u64) -> String {
    format!(
        "project = \"sweeps\"\nname = \"{name}\"\nmethod = \"random\"\nrun_cap = {run_cap}\nseed = 7\n\
         metric = {{ name = \"valid/score\", goal = \"maximize\" }}\n\
         [parameters]\nlr = {{ min = 1e-4, max = 1.0, distribution = \"log_uniform_values\" }}\n"
    )
}

/// The words that start the trainer.
pub(crate) fn trainer() -> Vec<String> {
    let program = env::current_exe().unwrap().to_string_lossy().into_owned();
    let words = ["--exact", "trainer::trains", "--nocapture", "--", "--as-trainer"];
    [program].into_iter().chain(words.map(str::to_owned)).collect()
}

pub(crate) fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// What a command says that ends with 1.
pub(crate) fn failed(output: &Output) -> String {
    let (out, err) = texts(output);
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    err
}

pub(crate) fn spawn(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

pub(crate) fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "waited too long for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for a process to end, and says whether it was a success.
pub(crate) fn ends(child: &mut Child) -> bool {
    wait_for("a sweep to end", || child.try_wait().unwrap().is_some());
    child.wait().unwrap().success()
}

pub(crate) fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // It may have ended.
    let _ = rustix::process::kill_process(pid, signal);
}

/// Whether a training of this number lives.
pub(crate) fn lives(pid: u32) -> bool {
    let words = fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline"));
    words.is_ok_and(|words| String::from_utf8_lossy(&words).contains("--as-trainer"))
}
