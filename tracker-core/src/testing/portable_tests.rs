//! What holds on a system of which nothing but the standard library is known, in the place of what
//! the tests say that `tests/portable/differs.txt` lists. Compiled with the feature `portable`.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::symlink,
    path::Path,
    time::{Duration, SystemTime},
};

use crate::{
    RunId, Writer,
    format::{
        folder::{Lines, StorePath},
        layout::{LivePaths, RunPaths},
        liveness::{Life, life},
        owner::Owner,
    },
    platform::{
        at_exit, is_forked_child,
        memory::{Memory, SHARED_FOLDER},
        signal::{Notes, SIGINT, SIGTERM},
    },
    store::ring_memory,
};

const WRITER: Writer = Writer { rank: 0, attempt: 1 };

fn place(folder: &tempfile::TempDir) -> StorePath {
    StorePath::named(folder.path()).child("run")
}

#[test]
fn a_link_that_stands_in_a_files_place_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    place(&folder).create_folder().unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    symlink(folder.path().join("secret"), folder.path().join("run/file")).unwrap();
    let file = place(&folder).child("file");
    file.read(10).unwrap_err();
    file.open_to_write().unwrap_err();
    file.append_line(&1).unwrap_err();
    file.replace_with(b"new", false).unwrap();
    assert_eq!(file.read(10).unwrap(), b"new");
    assert_eq!(fs::read(folder.path().join("secret")).unwrap(), b"secret");
}

#[test]
fn no_link_is_followed_to_a_file_of_the_run_not_even_one_within_it() {
    let folder = tempfile::tempdir().unwrap();
    place(&folder).child("files").create_folder().unwrap();
    place(&folder).child("files").child("model").replace_with(b"ours", false).unwrap();
    symlink("files/model", folder.path().join("run/link")).unwrap();
    symlink("files", folder.path().join("run/folder")).unwrap();
    let read =
        |path: &str| place(&folder).open_beneath(Path::new(path)).and_then(io::read_to_string);
    assert_eq!(read("files/model").unwrap(), "ours");
    assert_eq!(read("./files/./model").unwrap(), "ours");
    for link in ["link", "folder/model", "../run/files/model", "/etc/passwd", "files", ""] {
        read(link).expect_err(link);
    }
}

#[test]
fn a_held_folder_is_the_one_at_its_path() {
    let folder = tempfile::tempdir().unwrap();
    place(&folder).create_folder().unwrap();
    let held = place(&folder).hold().unwrap();
    assert!(!held.is_removed());
    fs::rename(folder.path().join("run"), folder.path().join("moved")).unwrap();
    assert!(held.is_removed());
    assert_eq!(held.where_now(), folder.path().join("run"));
    held.child("file").create().unwrap_err();
    place(&folder).create_folder().unwrap();
    held.child("file").replace_with(b"new", false).unwrap();
    assert_eq!(fs::read(folder.path().join("run/file")).unwrap(), b"new");
    assert!(!folder.path().join("moved/file").exists());
}

#[test]
fn what_is_behind_a_line_that_is_too_long_by_far_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let lines = |hole: u64| {
        let path = folder.path().join("lines");
        let mut file = File::create(&path).unwrap();
        file.write_all(b"first\n").unwrap();
        file.set_len(hole).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(b"\nlast\n").unwrap();
        let mut lines = Lines::at(&StorePath::named(folder.path()).child("lines")).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.to_vec());
        }
        all
    };
    assert_eq!(lines(1 << 25), [b"first".to_vec(), b"last".to_vec()]);
    assert_eq!(lines(1 << 40), [b"first".to_vec()]);
}

/// What is thought of a writer of `owner` whose heart beat `age` ago and whose lock is free.
fn life_of(owner: &Owner, age: Duration) -> Life {
    let folder = tempfile::tempdir().unwrap();
    let live = RunPaths::new(folder.path().into()).live(WRITER);
    fs::create_dir_all(&live.folder).unwrap();
    fs::write(live.lock(), serde_json::to_vec(owner).unwrap()).unwrap();
    let heartbeat = File::create(live.heartbeat()).unwrap();
    heartbeat.set_modified(SystemTime::now() - age).unwrap();
    life(&live)
}

#[test]
fn a_free_lock_is_a_dead_writers_on_a_machine_of_this_name_alone() {
    let silence = Duration::from_mins(2);
    let own = Owner::this_process();
    assert_eq!(life_of(&own, Duration::ZERO), Life::Dead);
    let other = Owner { host: "another".into(), ..own };
    assert_eq!(life_of(&other, Duration::ZERO), Life::Alive);
    assert_eq!(life_of(&other, silence), Life::Silent);
}

#[test]
fn the_number_of_a_process_means_nothing() {
    let silence = Duration::from_mins(2);
    for pid in [std::process::id(), 1, u32::MAX] {
        let owner = Owner { pid, is_locked: false, ..Owner::this_process() };
        assert_eq!(owner.is_gone(), None);
        assert_eq!(life_of(&owner, Duration::ZERO), Life::Alive);
        assert_eq!(life_of(&owner, silence), Life::Silent);
    }
}

#[test]
fn no_memory_outlives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let live = LivePaths { folder: StorePath::named(folder.path()) };
    let file = File::create(folder.path().join("ring")).unwrap();
    file.set_len(1 << 12).unwrap();
    Memory::of_file(&file, 8).unwrap_err();
    assert_eq!(SHARED_FOLDER, None);
    let ring = ring_memory::make(&RunId::generate(), folder.path(), WRITER, &live, &live).unwrap();
    assert!(ring.kept.is_none());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "it left no file");
}

extern "C" fn nothing() {}

#[test]
fn nobody_is_told_of_signals_exits_and_forks() {
    Notes::of_signals(&[SIGINT, SIGTERM]).unwrap_err();
    at_exit(nothing);
    assert!(!is_forked_child());
}
