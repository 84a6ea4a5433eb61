//! `tracker sync --from`, `rm --store` and `gc --store`, by the real binary.
//!
//! `TRACKER_FETCH_KILLS` says how often bringing is killed; a dozen times unless it does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use tracker_core::{Image, metrics};

use crate::{
    moto::Moto,
    support::{FIRST, SECOND, Store, command, texts},
    syncs::{files_below, some, sync},
};

/// A place in a folder, and where copies of it are kept.
struct Place {
    folder: tempfile::TempDir,
    cache: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap() }
    }

    fn name(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    fn cached(&self, mut command: Command) -> Command {
        command.env("TRACKER_CACHE", self.cache.path());
        command
    }

    /// What the command says, on both ways, and whether it succeeds.
    fn says(&self, command: Command) -> (bool, String) {
        let output = self.cached(command).output().unwrap();
        let (out, err) = texts(&output);
        (output.status.success(), out + &err)
    }

    /// The same of a command that reads the place.
    fn afar(&self, args: &[&str]) -> (bool, String) {
        let mut command = command(args);
        command.args(["--store", self.name()]);
        self.says(command)
    }
}

#[test]
fn whatever_is_removed_or_broken_in_a_place_is_told_by_its_name_there() {
    let (store, place) = (Store::new(), Place::new());
    let run = store.init("all").start().unwrap();
    for step in 0..100 {
        run.log_at(step, metrics! { "loss" => 1.0 });
    }
    run.log_media("picture", 0, Image::gray8(2, 2, vec![0, 1, 2, 3]).unwrap());
    fs::create_dir_all(run.dir()).unwrap();
    fs::write(run.dir().join("model"), "weights").unwrap();
    run.finish().unwrap();
    store.prints(&["sync", "all", "--to", place.name()]);
    let all = files_below(place.folder.path());
    assert!(all.len() >= 7, "{all:?}");
    for object in &all {
        let bytes = fs::read(object).unwrap();
        // Half of it, something else, nothing at all.
        for broken in [Some(&bytes[..bytes.len() / 2]), Some(b"what is this?"), None] {
            match broken {
                Some(broken) => fs::write(object, broken).unwrap(),
                None => fs::remove_file(object).unwrap(),
            }
            for args in [&["ls"][..], &["show", "all"], &["export", "all", "--to", "csv"]] {
                let empty = Place { cache: tempfile::tempdir().unwrap(), ..Place::new() };
                let mut command = command(args);
                command.args(["--store", place.name()]);
                let (_, said) = empty.says(command);
                let cache = empty.cache.path().to_str().unwrap();
                let context = format!("{args:?} of {}: {said}", object.display());
                assert!(!said.contains(cache), "{context}");
                assert!(!said.contains("permissions") && !said.contains("backup"), "{context}");
            }
        }
        fs::write(object, &bytes).unwrap();
    }
}

#[test]
fn a_place_of_a_newer_tracker_is_neither_read_nor_written_nor_tidied() {
    let (store, place) = (Store::new(), Place::new());
    store.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    store.prints(&["sync", "first", "--to", place.name()]);
    let newer = r#"{"format":9,"store":"01JZXW5M4B6Q8T2V9Y3C7D0E1F"}"#;
    fs::write(place.folder.path().join("tracker.json"), newer).unwrap();
    let refused = |(is_done, said): (bool, String)| {
        assert!(!is_done && said.contains("format 9") && said.contains("update this"), "{said}");
        assert_eq!(said.matches("hint:").count(), 1, "{said}");
    };
    refused(place.afar(&["ls"]));
    refused(place.afar(&["gc"]));
    refused(place.says(store.command(&["sync", "first", "--to", place.name()])));
}

#[test]
fn where_a_run_lies_is_told_with_one_slash_whatever_was_typed() {
    let (store, place) = (Store::new(), Place::new());
    store.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    store.prints(&["sync", "first", "--to", place.name()]);
    let slash = format!("{}/", place.name());
    let (is_done, said) = place.says(command(&["show", "first", "--json", "--store", &slash]));
    assert!(is_done && said.contains(&format!("{slash}mnist/runs/{FIRST}\"")), "{said}");
}

#[test]
fn an_interval_that_is_none_is_told_and_sends_all_the_same() {
    let (store, place) = (Store::new(), Place::new());
    store.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    let mut sends = store.command(&["sync", "first", "--follow", "--to", place.name()]);
    sends.env("TRACKER_SYNC_EVERY", "soon");
    let (is_done, said) = place.says(sends);
    assert!(is_done && said.contains("TRACKER_SYNC_EVERY is `soon`"), "{said}");
    let mut reads = command(&["ls", "--store", place.name()]);
    reads.env("TRACKER_FETCH_EVERY", "often");
    let (is_done, said) = place.says(reads);
    assert!(!is_done && said.contains("TRACKER_FETCH_EVERY is `often`"), "{said}");
}

/// All files of a run that are carried.
fn carried(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![run.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(run).unwrap().to_owned();
            let of_here = ["followers", "live", "companions.log", "control.jsonl"];
            if of_here.iter().any(|own| name == Path::new(own)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    all
}

/// That a copy is what it is of.
#[track_caller]
fn assert_same(copy: &Path, run: &Path) {
    let (copy, run) = (carried(copy), carried(run));
    let names: BTreeSet<&PathBuf> = copy.keys().chain(run.keys()).collect();
    let differ: Vec<&PathBuf> =
        names.into_iter().filter(|name| copy.get(*name) != run.get(*name)).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

fn kills() -> u32 {
    std::env::var("TRACKER_FETCH_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// A run of some megabytes, with media and files of the user's.
fn large(store: &Store) -> PathBuf {
    let run = store.init("large").start().unwrap();
    for step in 0..200_000_u64 {
        run.log_at(step, metrics! { "loss" => (step as f64).sqrt().sin(), "lr" => 0.1 });
    }
    for step in 0..20_u8 {
        let pixels = vec![step; 64 * 64 * 3];
        run.log_media("samples", u64::from(step), Image::rgb8(64, 64, pixels).unwrap());
    }
    let noise = |length: u32| -> Vec<u8> {
        (0..length).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
    };
    fs::create_dir_all(run.dir().join("weights")).unwrap();
    fs::write(run.dir().join("weights/last.ckpt"), noise(3 << 20)).unwrap();
    fs::write(run.dir().join("weights/best.ckpt"), noise(1 << 20)).unwrap();
    let path = run.path().to_owned();
    run.finish().unwrap();
    path
}

fn brought_after_kills(run: &Path, here: &Store, bring: impl Fn() -> Command) {
    let copy = here.path().join("mnist").join(run.file_name().unwrap());
    let (mut state, mut killed) = (1, 0);
    for _ in 0..kills() {
        let mut child = bring().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(20 + some(&mut state, 400)));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if copy.exists() {
            assert_same(&copy, run);
        }
    }
    let (said, problems) = texts(&bring().output().unwrap());
    assert!(said.contains("all of it is here"), "{said}{problems}");
    assert_same(&copy, run);
    let (said, problems) = texts(&bring().output().unwrap());
    assert!(said.contains("nothing was missing"), "{said}{problems}");
    assert_eq!(here.json(&["doctor", "--json"])["findings"], serde_json::json!([]));
    eprintln!("{killed} of {} were killed in the middle", kills());
}

fn exported(store: &Store) -> String {
    store.prints(&["export", "large", "--to", "csv"])
}

#[test]
fn killed_at_any_moment_a_run_comes_whole_from_a_folder() {
    let (origin, here, place) = (Store::new(), Store::new(), Place::new());
    let run = large(&origin);
    origin.prints(&["sync", "large", "--to", place.name()]);
    brought_after_kills(&run, &here, || {
        place.cached(here.command(&["sync", "large", "--from", place.name(), "--limit", "8MB/s"]))
    });
    assert_eq!(exported(&here), exported(&origin));
}

#[test]
fn killed_at_any_moment_a_run_comes_whole_from_a_bucket() {
    let Some(moto) = Moto::start() else { return };
    let (origin, here, place) = (Store::new(), Store::new(), Place::new());
    let run = large(&origin);
    assert!(sync(&moto, &origin, &["large"]).output().unwrap().status.success());
    brought_after_kills(&run, &here, || {
        place.cached(sync(&moto, &here, &["large", "--from", "s3://runs/team", "--limit", "8MB/s"]))
    });
    assert_eq!(exported(&here), exported(&origin));
}

#[test]
fn all_runs_come_and_one_of_ones_own_is_told_and_left() {
    let (origin, here, place) = (Store::new(), Store::new(), Place::new());
    for (id, name) in [(FIRST, "first"), (SECOND, "second")] {
        origin.trained(id, name, &serde_json::json!({}), 0.0, 1);
    }
    origin.prints(&["sync", "--all", "--to", place.name()]);
    let own = here.trained(SECOND, "mine", &serde_json::json!({ "lr": 1 }), 1.0, 1);
    let before = carried(&own);
    let (is_all, said) = place.says(here.command(&["sync", "--all", "--from", place.name()]));
    assert!(!is_all && said.contains("first: brought"), "{said}");
    assert!(said.contains("was left as it is here") && said.contains("hint:"), "{said}");
    assert_eq!(carried(&own), before);
    assert!(here.prints(&["ls"]).contains("first"));
    let (done, said) =
        place.says(here.command(&["sync", "first", "--from", place.name(), "--check"]));
    assert!(!done && said.contains("--check --to"), "{said}");
    here.prints(&["sync", "first", "--to", place.name(), "--check=deep"]);
}

#[test]
fn a_store_is_made_where_there_is_none() {
    let (origin, place, scratch) = (Store::new(), Place::new(), tempfile::tempdir().unwrap());
    origin.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    origin.prints(&["sync", "first", "--to", place.name()]);
    let root = scratch.path().join("new/store");
    let bring = |args: &[&str]| {
        let mut command = command(args);
        command.env("TRACKER_DIR", &root);
        place.says(command)
    };
    let (done, said) = bring(&["sync", "@latest", "--from", place.name()]);
    assert!(done && said.contains("all of it is here"), "{said}");
    assert!(bring(&["ls"]).1.contains("first") && root.join(".gitignore").exists());
}

#[test]
fn a_run_is_deleted_from_a_place_brought_back_and_removed() {
    let (origin, place) = (Store::new(), Place::new());
    origin.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    origin.trained(SECOND, "second", &serde_json::json!({}), 0.0, 1);
    origin.prints(&["sync", "--all", "--to", place.name()]);
    let (done, said) = place.afar(&["rm", "first"]);
    assert!(!done && said.contains("type `--yes`"), "{said}");
    let (done, said) = place.afar(&["rm", "first", "--yes"]);
    assert!(done && said.contains("deleted 1 run") && said.contains("--undo"), "{said}");
    let listed = place.afar(&["ls"]).1;
    assert!(!listed.contains("first") && listed.contains("second"), "{listed}");
    let (done, said) = place.afar(&["show", "first"]);
    assert!(!done && said.contains("was deleted from") && said.contains("rm --undo"), "{said}");
    let (done, said) = place.says(origin.command(&["sync", "first", "--to", place.name()]));
    assert!(!done && said.contains("it was deleted there"), "{said}");
    let (done, said) = place.afar(&["rm", "--undo", "no such run"]);
    assert!(!done && said.contains("no deleted run") && said.contains("first ("), "{said}");
    let (done, said) = place.afar(&["rm", "--undo", "first"]);
    assert!(done && said.contains("first is back"), "{said}");
    assert!(place.afar(&["show", "first"]).0);
    assert!(place.afar(&["rm", "first", "--yes", "--json"]).1.contains(FIRST));
    let (done, said) = place.afar(&["gc"]);
    assert!(done && said.contains("nothing to remove"), "{said}");
    let (done, said) = place.afar(&["gc", "--older-than", "0", "--dry-run"]);
    assert!(done && said.contains("would be removed"), "{said}");
    let (done, said) = place.afar(&["gc", "--older-than", "0"]);
    assert!(done && said.contains("first, which was deleted"), "{said}");
    assert!(!place.folder.path().join("mnist/runs").join(FIRST).join("manifest").exists());
    let (done, said) = place.afar(&["show", "first"]);
    assert!(!done && said.contains("removed since"), "{said}");
    let (done, said) = place.afar(&["rm", "--undo", "first"]);
    assert!(done && said.contains("sends it again"), "{said}");
    origin.prints(&["sync", "first", "--to", place.name()]);
    assert!(place.afar(&["show", "first"]).1.contains(place.name()), "the place's path is shown");
    assert!(place.afar(&["show", "second"]).0);
}

#[test]
fn undo_needs_a_place_and_says_what_takes_back_here() {
    let store = Store::new();
    let output = store.tracker(&["rm", "--undo", "first"]);
    let (_, said) = texts(&output);
    assert!(!output.status.success() && said.contains("--store") && said.contains("tracker undo"));
}
