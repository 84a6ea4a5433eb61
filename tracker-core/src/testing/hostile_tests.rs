//! Stores that were made to do harm: what lies in them may be a link, a pipe or a lie.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{FileExt, symlink},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, SystemTime},
};

use tempfile::TempDir;

use crate::{
    Artifact, Histogram, Step, Writer,
    format::ring_file::{HEAD_WORD, HEADER_BYTES, RingHeader, RingNote},
    init, metrics,
    read::{Cursor, Edit, RunReader, Store},
    store::{Force, seal_dead},
    testing::manual_writer::ByHand,
    tracker::stop_request::StopRequest,
    upkeep,
};

const WRITER: Writer = Writer { rank: 0, attempt: 1 };

/// What is not the store's, and must stay as it is.
struct Victim(TempDir);

impl Victim {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        for hidden in [".new-r0a1", ".done-r0a1", ".ssh", ".removed-01KX3F2A000000000000000AAA"] {
            fs::create_dir_all(home.join(hidden)).unwrap();
            fs::write(home.join(hidden).join("lock"), "secret").unwrap();
        }
        for name in ["run.json.tmp", "r0a1-0-9.parquet.tmp", "ring.slots", "log-0", "profile"] {
            fs::write(home.join(name), "secret").unwrap();
        }
        grow_old(&home);
        Self(folder)
    }

    fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    fn file(&self) -> PathBuf {
        self.home().join("profile")
    }

    fn assert_untouched(&self) {
        let mut files = 0;
        for path in all_in(self.0.path()) {
            if path.is_file() {
                assert_eq!(fs::read_to_string(&path).unwrap(), "secret", "{}", path.display());
                files += 1;
            }
        }
        assert_eq!(files, 9);
    }
}

/// All that is in a folder, without following links.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            all.extend(all_in(&path));
        }
        all.push(path);
    }
    all
}

fn grow_old(folder: &Path) {
    let then = SystemTime::now() - Duration::from_hours(3);
    for path in all_in(folder).iter().map(PathBuf::as_path).chain([folder]) {
        if !fs::symlink_metadata(path).unwrap().is_symlink() {
            File::open(path).unwrap().set_modified(then).unwrap();
        }
    }
}

fn collect_garbage(store: &Store) {
    for garbage in upkeep::garbage(store).unwrap() {
        garbage.remove().unwrap();
    }
}

/// A store with one run that has some of everything.
fn trained() -> (TempDir, Store, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let begun = init("mnist").name("a").dir(folder.path()).signals(false).code_changes(false);
    let run = begun.start().unwrap();
    for step in 0..100_u64 {
        run.log_at(step, metrics! { "loss" => 0.5, "accuracy" => 0.9 });
    }
    run.log_histogram("weights", 3_u64, Histogram::new(0.0, 1.0, vec![1, 2]));
    let file = run.dir().join("model");
    fs::write(&file, "weights").unwrap();
    run.log_artifact(Artifact::of_file("model", "1", &file).unwrap());
    run.finish().unwrap();
    let path = run.path().to_owned();
    let code = r#"{ "version": 1, "dirty": true, "patch_kept": "whole" }"#;
    fs::write(path.join("code.json"), code).unwrap();
    fs::write(path.join("code.patch"), "diff").unwrap();
    RunReader::open(&path).unwrap().edit(&Edit::new().name("b")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store, path)
}

#[test]
fn garbage_is_only_looked_for_in_real_folders_and_has_only_our_names() {
    let victim = Victim::new();
    for name in ["live", "scalars"] {
        let (folder, store, run) = trained();
        let _ = fs::remove_dir_all(run.join(name));
        symlink(victim.home(), run.join(name)).unwrap();
        symlink(victim.home(), folder.path().join("linked-project")).unwrap();
        symlink(victim.home(), run.with_file_name(".removed-01KX3F2A000000000000000AAB")).unwrap();
        symlink(victim.file(), run.join("run.json.tmp")).unwrap();
        fs::write(run.join("notes.tmp"), "mine").unwrap();
        fs::write(run.join("files/model.tmp"), "mine").unwrap();
        fs::create_dir_all(run.with_file_name(".removed-by-me")).unwrap();
        grow_old(folder.path());
        collect_garbage(&store);
        victim.assert_untouched();
        assert!(run.join("notes.tmp").exists() && run.join("files/model.tmp").exists());
        assert!(run.with_file_name(".removed-by-me").exists());
    }
}

#[test]
fn garbage_of_ours_is_found_and_removed() {
    let (folder, store, run) = trained();
    let left = ["run.json.tmp", "summary-r0a1.json.tmp", "scalars/r0a1-0-9.parquet.tmp"];
    for name in left {
        fs::write(run.join(name), "half").unwrap();
    }
    for name in [".new-r0a2", ".done-r0a1"] {
        fs::create_dir_all(run.join("live").join(name)).unwrap();
    }
    let empty = run.with_file_name("01KX3F2A000000000000000AAA");
    fs::create_dir_all(empty.join("files")).unwrap();
    grow_old(folder.path());
    assert_eq!(upkeep::garbage(&store).unwrap().len(), 6);
    collect_garbage(&store);
    assert!(!empty.exists() && all_in(&run.join("live")).is_empty());
    assert!(left.iter().all(|name| !run.join(name).exists()));
    assert_eq!(store.runs().unwrap().runs.len(), 1);
}

#[test]
fn edits_and_requests_never_go_through_a_link() {
    let victim = Victim::new();
    let folder = tempfile::tempdir().unwrap();
    let run = init("mnist").dir(folder.path()).signals(false).start().unwrap();
    for name in ["edits.jsonl", "control.jsonl"] {
        symlink(victim.file(), run.path().join(name)).unwrap();
    }
    let reader = RunReader::open(run.path()).unwrap();
    let refused = reader.edit(&Edit::new().notes("$(rm -rf ~)")).unwrap_err().to_string();
    assert!(refused.contains("edits.jsonl") && refused.contains("link"), "{refused}");
    StopRequest::now().send(&reader).unwrap_err();
    victim.assert_untouched();
    run.finish().unwrap();
    victim.assert_untouched();
}

/// A dead writer of which some points are only in its ring.
fn dead() -> ByHand {
    let hand = ByHand::new();
    hand.define("loss");
    hand.log_points(0, 10);
    hand.drain();
    hand.log_points(0, 5);
    hand.die();
    hand
}

fn write_note(hand: &ByHand, path: &Path, is_in_memory: bool) {
    let ring = File::open(hand.ring()).unwrap();
    let note = RingNote::new(path, &ring, is_in_memory).unwrap();
    fs::write(hand.live().ring_note(), serde_json::to_vec(&note).unwrap()).unwrap();
}

#[test]
fn a_note_has_no_file_removed_but_the_ring_itself() {
    let victim = Victim::new();
    let ring = victim.home().join("ring.slots");
    let climbing = Path::new("/dev/shm/../..").join(ring.strip_prefix("/").unwrap());
    for (path, in_memory) in
        [(&ring, false), (&victim.file(), false), (&ring, true), (&climbing, true)]
    {
        for removes in [false, true] {
            let hand = dead();
            write_note(&hand, path, in_memory);
            if removes {
                upkeep::remove(&RunReader::open(hand.paths().folder()).unwrap()).unwrap();
            } else {
                seal_dead(&hand.paths(), WRITER, Force::Yes).unwrap();
            }
            victim.assert_untouched();
        }
    }
}

#[test]
fn a_ring_that_is_a_link_or_another_file_is_no_ring() {
    let victim = Victim::new();
    for target in [victim.file(), "/dev/zero".into()] {
        let hand = dead();
        fs::remove_file(hand.ring()).unwrap();
        symlink(&target, hand.ring()).unwrap();
        seal_dead(&hand.paths(), WRITER, Force::Yes).unwrap();
        let run = RunReader::open(hand.paths().folder()).unwrap();
        assert_eq!(run.series("loss").unwrap().len(), 10);
        victim.assert_untouched();
    }
}

#[test]
fn sealing_writes_through_no_link() {
    let victim = Victim::new();
    let hand = dead();
    let run = hand.paths().folder().to_path_buf();
    fs::create_dir(run.join("scalars")).unwrap();
    for name in [
        "scalars/r0a1-0-15.parquet.tmp",
        "summary-r0a1.json.tmp",
        "summary-r0a1.json",
        "live/.done-r0a1",
    ] {
        symlink(victim.file(), run.join(name)).unwrap();
    }
    seal_dead(&hand.paths(), WRITER, Force::No).unwrap();
    victim.assert_untouched();
    assert_eq!(RunReader::open(&run).unwrap().series("loss").unwrap().len(), 15);
}

#[test]
fn folders_that_are_links_are_not_sealed_into() {
    let victim = Victim::new();
    let hand = dead();
    symlink(victim.home(), hand.paths().scalars()).unwrap();
    seal_dead(&hand.paths(), WRITER, Force::No).unwrap_err();
    fs::remove_file(hand.paths().scalars()).unwrap();
    seal_dead(&hand.paths(), WRITER, Force::No).unwrap();
    victim.assert_untouched();
}

#[test]
fn a_run_that_goes_on_writes_through_no_link() {
    let victim = Victim::new();
    let (_folder, store, run) = trained();
    fs::create_dir_all(run.join("live")).unwrap();
    for name in [
        "run.json.tmp",
        "packages.json.tmp",
        "summary-r0a2.json.tmp",
        "summary-r0a2.json",
        "scalars/r0a2-0-0.parquet.tmp",
        "live/.new-r0a2",
        "live/r0a2",
        "code-before-r0a2.json",
    ] {
        symlink(victim.home(), run.join(name)).unwrap();
    }
    // It may start or not; it may not do harm.
    if let Ok(run) = init("mnist").dir(store.root()).resume("@latest").signals(false).start() {
        run.log_at(1_000_u64, [("loss", 0.1)]);
        let _ = run.finish();
    }
    victim.assert_untouched();
    let _ = fs::remove_file(run.join("live/r0a2"));
    let resumed = init("mnist").dir(store.root()).resume("@latest").signals(false).start().unwrap();
    resumed.log_at(1_000_u64, [("loss", 0.1)]);
    resumed.finish().unwrap();
    victim.assert_untouched();
    let steps = RunReader::open(&run).unwrap().series("loss").unwrap();
    assert_eq!(steps.last().unwrap().step, Step(1_000));
}

#[test]
fn a_run_whose_folder_for_files_is_a_link_is_not_gone_on_with() {
    let victim = Victim::new();
    let (_folder, store, run) = trained();
    fs::remove_dir_all(run.join("files")).unwrap();
    symlink(victim.home(), run.join("files")).unwrap();
    let refused = init("mnist").dir(store.root()).resume("@latest").signals(false).start();
    let refused = refused.map(|run| run.id().clone()).unwrap_err().to_string();
    assert!(refused.contains("files") && refused.contains("link"), "{refused}");
    victim.assert_untouched();
}

#[test]
fn links_in_place_of_projects_and_runs_are_named_and_not_followed() {
    let (folder, store, run) = trained();
    let outside = tempfile::tempdir().unwrap();
    let moved = outside.path().join("mnist");
    fs::rename(run.parent().unwrap(), &moved).unwrap();
    symlink(&moved, run.parent().unwrap()).unwrap();
    let listing = store.runs().unwrap();
    assert_eq!(listing.runs.len(), 0);
    assert!(listing.warnings[0].to_string().contains("it is a link"), "{:?}", listing.warnings);
    store.project("mnist").runs().unwrap_err();
    let refused = init("mnist").dir(folder.path()).signals(false).start();
    assert!(refused.is_err(), "a project that is a link is not written to");

    fs::remove_file(run.parent().unwrap()).unwrap();
    fs::create_dir(run.parent().unwrap()).unwrap();
    symlink(moved.join(run.file_name().unwrap()), &run).unwrap();
    let listing = store.runs().unwrap();
    assert_eq!(listing.runs.len(), 0);
    assert!(listing.warnings[0].to_string().contains("link"), "{:?}", listing.warnings);
}

#[test]
fn a_store_that_a_person_links_to_is_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("real")).unwrap();
    let link = folder.path().join("link");
    symlink("real", &link).unwrap();
    let run = init("mnist").dir(&link).signals(false).start().unwrap();
    run.log([("loss", 0.5)]);
    run.finish().unwrap();
    assert_eq!(Store::open(&link).unwrap().runs().unwrap().runs.len(), 1);
    assert_eq!(RunReader::open(run.path()).unwrap().series("loss").unwrap().len(), 1);
}

/// What a thing is called, and how it is put at a path.
type Kind = (&'static str, fn(&Path));

/// What may be put in a file's place.
const KINDS: [Kind; 6] = [
    ("pipe", |path| {
        rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap();
    }),
    ("endless device", |path| symlink("/dev/zero", path).unwrap()),
    ("link to itself", |path| symlink(path, path).unwrap()),
    ("socket", |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
    ("folder", |path| fs::create_dir(path).unwrap()),
    ("huge hole", |path| File::create(path).unwrap().set_len(1 << 40).unwrap()),
];

/// Asks for everything that can be asked of a run. Errors are answers as well.
fn ask_everything(root: &Path, run: &Path) {
    let store = Store::open(root).unwrap();
    let _ = store.runs().map(|listing| listing.runs.iter().map(RunReader::state).count());
    let _ = store.find("@latest");
    if let Ok(run) = RunReader::open(run) {
        let _ = (run.state(), run.summary(), run.points(), run.events(), run.packages());
        let _ = (run.code(), run.patch(), run.writers(), run.artifacts(), run.histogram_names());
        let _ = run.overview("loss", 0..=u64::MAX, 10);
        let _ = run.tail(&mut Cursor::default());
        let _ = run.open_file("files/model");
        let _ = run.edit(&Edit::new().notes("x"));
        let _ = StopRequest::now().send(&run);
        let _ = upkeep::examine_run(&run);
        let _ = upkeep::seal_dead(&run);
    }
    let _ = upkeep::examine(&store).map(|found| found.findings.len());
    let _ = upkeep::garbage(&store);
}

/// Fails if an answer does not come.
fn ask_in_time(root: PathBuf, run: PathBuf, what: &str) {
    let (done, answered) = mpsc::channel();
    let asking = thread::spawn(move || {
        ask_everything(&root, &run);
        let _ = done.send(());
    });
    let answer = answered.recv_timeout(Duration::from_mins(1));
    assert_ne!(answer, Err(mpsc::RecvTimeoutError::Timeout), "{what} keeps its readers waiting");
    asking.join().unwrap();
}

/// Puts each kind in place of each file of a run.
fn replace_each(make: impl Fn() -> (PathBuf, PathBuf, Box<dyn Send>)) {
    let (_, run, _keep) = make();
    let names: Vec<PathBuf> = all_in(&run)
        .into_iter()
        .filter(|path| path.is_file())
        .map(|path| path.strip_prefix(&run).unwrap().to_owned())
        .collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in &names {
        for (kind, put) in KINDS {
            let (root, run, _keep) = make();
            let path = run.join(name);
            fs::remove_file(&path).unwrap();
            put(&path);
            ask_in_time(root, run, &format!("a {kind} in place of {}", name.display()));
        }
    }
}

#[test]
fn nothing_in_place_of_a_file_keeps_readers_of_an_ended_run_waiting() {
    replace_each(|| {
        let (folder, store, run) = trained();
        (store.root().to_owned(), run, Box::new(folder))
    });
}

#[test]
fn nothing_in_place_of_a_file_keeps_readers_of_a_dead_run_waiting() {
    replace_each(|| {
        let hand = dead();
        let run = hand.paths().folder().to_path_buf();
        (run.ancestors().nth(2).unwrap().to_owned(), run, Box::new(hand))
    });
}

#[test]
fn a_log_that_claims_terabytes_is_read_no_further_than_a_log_goes() {
    let hand = dead();
    File::options().write(true).open(hand.log()).unwrap().set_len(1 << 42).unwrap();
    let points = RunReader::open(hand.paths().folder()).unwrap().points().unwrap();
    assert_eq!(points.series[0].rows.len(), 10);
    let warnings = format!("{:?}", points.warnings);
    assert!(warnings.contains("longer than any log"), "{warnings}");
    let refused = seal_dead(&hand.paths(), WRITER, Force::No).unwrap_err().to_string();
    assert!(refused.contains("MiB") && refused.contains("log-0"), "{refused}");
}

#[test]
fn a_ring_that_claims_more_than_it_has_is_not_read() {
    for (slots, length) in [(1_u64 << 32, 1_u64 << 40), (1 << 20, 1 << 12), (1 << 20, 1 << 42)] {
        let hand = dead();
        let folder = hand.paths().folder().to_path_buf();
        let header = RingHeader { slots, writer: WRITER, folder: folder.clone() };
        let ring = File::options().write(true).open(hand.ring()).unwrap();
        ring.set_len(length).unwrap();
        ring.write_all_at(&header.encode(), 0).unwrap();
        ring.write_all_at(&u64::from(u32::MAX).to_le_bytes(), HEAD_WORD as u64 * 8).unwrap();
        assert_eq!(HEADER_BYTES, 4_096);
        let points = RunReader::open(&folder).unwrap().points().unwrap();
        assert_eq!(points.series[0].rows.len(), 10, "{slots} slots in {length} bytes");
        assert!(!points.warnings.is_empty());
    }
}

#[test]
fn a_live_folder_is_not_believed_to_be_alive_through_a_link() {
    let living = ByHand::new();
    living.define("loss");
    living.log_points(0, 3);
    let (_folder, _store, run) = trained();
    let text = fs::read_to_string(run.join("run.json")).unwrap();
    fs::write(run.join("run.json"), text.replace("\"finished\"", "\"running\"")).unwrap();
    fs::create_dir_all(run.join("live")).unwrap();
    symlink(&living.live().folder, run.join("live/r0a1")).unwrap();
    let reader = RunReader::open(&run).unwrap();
    assert_eq!(reader.series("loss").unwrap().len(), 100);
    let saved = upkeep::seal_dead(&reader).unwrap_or_default();
    assert!(saved.iter().all(Result::is_err), "{saved:?}");
    living.log_points(0, 1);
}

#[test]
fn an_artifact_that_is_swapped_for_a_link_gives_nobody_another_file() {
    let victim = Victim::new();
    let (_folder, _store, run) = trained();
    let reader = RunReader::open(&run).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader.open_file("files/model").unwrap(), &mut text)
        .unwrap();
    assert_eq!(text, "weights");
    fs::remove_file(run.join("files/model")).unwrap();
    symlink(victim.file(), run.join("files/model")).unwrap();
    reader.open_file("files/model").unwrap_err();
    fs::remove_dir_all(run.join("files")).unwrap();
    symlink(victim.home(), run.join("files")).unwrap();
    reader.open_file("files/profile").unwrap_err();
    reader.open_file("../../../../etc/passwd").unwrap_err();
    let mut keep = File::create(run.join("x")).unwrap();
    keep.write_all(b"x").unwrap();
    reader.open_file("./x").unwrap();
}

#[test]
fn a_run_named_by_itself_and_not_by_its_store_is_removed_as_well() {
    let (_folder, store, run) = trained();
    upkeep::remove(&RunReader::open(&run).unwrap()).unwrap();
    assert!(!run.exists());
    assert_eq!(store.runs().unwrap().runs.len(), 0);
}
