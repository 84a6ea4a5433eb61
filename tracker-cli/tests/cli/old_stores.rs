//! Stores that earlier versions wrote; see `tests/stores/README.md`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tracker_core::{init, metrics, read::RunReader};

use crate::support::Store;

/// A store of an earlier version, copied to where commands may write.
struct OldStore {
    store: Store,
    /// What that version itself read.
    read: PathBuf,
}

impl OldStore {
    fn runs(&self) -> Vec<PathBuf> {
        entries(&self.store.path().join("mnist"))
    }

    /// The lines that the version exported of a run, in any order of runs.
    fn exported(&self, run: &Path) -> String {
        fs::read_to_string(self.read.join(format!("{}.csv", id(run)))).unwrap()
    }

    fn shown(&self, run: &Path) -> Value {
        let text = fs::read_to_string(self.read.join(format!("{}.json", id(run)))).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What today's `tracker` prints, be it that it warns.
    fn prints(&self, words: &[&str]) -> String {
        self.prints_with(words, &[0, 2])
    }

    /// What today's `tracker` prints, which ends with one of these exit codes.
    fn prints_with(&self, words: &[&str], codes: &[i32]) -> String {
        let output = self.store.tracker(words);
        let error = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().unwrap();
        assert!(codes.contains(&code), "{words:?} ended with {code}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Lets `tracker doctor` look, which ends with 1 where something is the matter.
    fn doctor(&self, words: &[&str]) {
        self.prints_with(&[&["doctor"], words].concat(), &[0, 1, 2]);
    }
}

fn all() -> Vec<OldStore> {
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/stores");
    let versions = entries(&versions).into_iter().filter(|version| version.is_dir());
    let copied = |version: PathBuf| {
        let store = Store::new();
        let from = version.join("store/.");
        assert!(
            Command::new("cp").arg("-a").arg(from).arg(store.path()).status().unwrap().success()
        );
        let old = OldStore { store, read: version.join("read") };
        old.runs().iter().for_each(|run| let_the_heart_rest(run));
        old
    };
    versions.map(copied).collect()
}

/// A checkout makes all files anew: without this, a process on another machine would seem to live.
fn let_the_heart_rest(run: &Path) {
    for writer in entries(&run.join("live")) {
        let heartbeat = fs::File::options().write(true).open(writer.join("heartbeat")).unwrap();
        heartbeat.set_modified(SystemTime::now() - Duration::from_hours(2)).unwrap();
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = found.collect();
    found.sort_unstable();
    found
}

fn id(run: &Path) -> &str {
    run.file_name().unwrap().to_str().unwrap()
}

#[test]
fn every_point_of_an_earlier_version_is_exported_to_the_letter() {
    for old in all() {
        for run in old.runs() {
            let text = old.prints(&["export", id(&run), "--to", "csv"]);
            assert_eq!(text, old.exported(&run), "{}", run.display());
        }
    }
}

#[test]
fn what_an_earlier_version_showed_is_still_shown() {
    for old in all() {
        for run in old.runs() {
            let text = old.prints(&["show", id(&run), "--json"]);
            let now: Value = serde_json::from_str(&text).unwrap();
            still_says(&old.shown(&run)["run"], &now["run"], &run.display().to_string());
        }
    }
}

/// Whether `now` says all that `then` said; it may say more.
fn still_says(then: &Value, now: &Value, place: &str) {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            for (name, then) in then {
                let place = format!("{place} {name}");
                let now = now.get(name).unwrap_or_else(|| panic!("{place} is gone"));
                match name.as_str() {
                    // Where the store lies, and words that may become better.
                    "path" | "warnings" | "problems" => {}
                    // It ran on a machine that has been silent since.
                    "state" if then == "crashed" => {
                        assert!(now == "crashed" || now == "lost", "{place} is {now}");
                    }
                    _ => still_says(then, now, &place),
                }
            }
        }
        (Value::Array(then), Value::Array(now)) => {
            assert_eq!(then.len(), now.len(), "{place}");
            then.iter().zip(now).for_each(|(then, now)| still_says(then, now, place));
        }
        (then, now) => assert_eq!(then, now, "{place}"),
    }
}

#[test]
fn every_command_takes_a_store_of_an_earlier_version() {
    for old in all() {
        for words in [
            &["ls"][..],
            &["ls", "--json"],
            &["ls", "--csv"],
            &["compare", "@latest", "@latest~1"],
            &["gc", "--dry-run"],
            &["report", "@latest", "@latest~1", "--output", "-"],
            &["tag", "@latest", "+seen"],
        ] {
            old.prints(words);
        }
        old.doctor(&[]);
        for run in old.runs() {
            old.prints(&["show", id(&run)]);
        }
    }
}

#[test]
fn what_an_earlier_version_left_unsealed_is_sealed_without_a_lost_point() {
    for old in all() {
        for run in old.runs().iter().filter(|run| run.join("live").is_dir()) {
            let before = old.prints(&["export", id(run), "--to", "csv"]);
            old.doctor(&[id(run), "--seal", "--force"]);
            assert!(!run.join("live").exists(), "{}", run.display());
            assert_eq!(old.prints(&["export", id(run), "--to", "csv"]), before);
        }
    }
}

#[test]
fn a_run_of_an_earlier_version_goes_on() {
    for old in all() {
        for run in old.runs().iter().filter(|run| !run.join("live").exists()) {
            let before = points(run);
            let again = init("mnist").dir(old.store.path()).resume(id(run)).signals(false);
            let again = again.code_changes(false).start().unwrap();
            again.log_at(1_000_000_u64, metrics! { "again" => 1.0 });
            again.finish().unwrap();
            assert_eq!(points(run), before + 1);
        }
    }
}

fn points(run: &Path) -> usize {
    let points = RunReader::open(run).unwrap().points().unwrap();
    points.series.iter().map(|series| series.rows.len()).sum()
}
