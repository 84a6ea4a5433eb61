//! What lies in a store may be anything, at every level.

use std::{
    fs,
    io::{self, Write},
    os::unix::{fs::symlink, net::UnixListener},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Lines, StorePath};

/// A store with one file, and a file of somebody else's beside it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("store/project/run/live")).unwrap();
        fs::create_dir_all(folder.path().join("outside/run/live")).unwrap();
        let place = Self { folder };
        fs::write(place.real(), "ours").unwrap();
        for path in place.secrets() {
            fs::write(path, "secret").unwrap();
        }
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn real(&self) -> PathBuf {
        self.at("store/project/run/live/file")
    }

    fn secrets(&self) -> [PathBuf; 3] {
        ["outside/file", "outside/run/file", "outside/run/live/file"].map(|path| self.at(path))
    }

    fn run(&self) -> StorePath {
        StorePath::named(self.at("store")).child("project").child("run")
    }

    fn file(&self) -> StorePath {
        self.run().child("live").child("file")
    }

    fn assert_nothing_outside_was_touched(&self) {
        for path in self.secrets() {
            assert_eq!(fs::read_to_string(&path).unwrap(), "secret", "{}", path.display());
        }
        let names = fs::read_dir(self.at("outside")).unwrap().count();
        assert_eq!(names, 2, "nothing was made outside");
        assert_eq!(fs::read_dir(self.at("outside/run/live")).unwrap().count(), 1);
    }
}

/// All that one may do with a file, each with whether it worked.
fn all_uses(file: &StorePath) -> Vec<(&'static str, io::Result<()>)> {
    vec![
        ("open", file.open().map(drop)),
        ("read", file.read(1 << 20).map(drop)),
        ("read_beginning", file.read_beginning(4).map(drop)),
        ("lines", Lines::at(file).and_then(|mut lines| lines.next().map(drop))),
        ("open_to_write", file.open_to_write().and_then(|mut file| file.write_all(b"x"))),
        ("open_to_lock", file.open_to_lock().map(drop)),
        ("touch", file.touch()),
        ("append_line", file.append_line(&1)),
        ("create", file.create().map(drop)),
    ]
}

/// What a thing is called, and how it is put at a path.
type Kind = (&'static str, fn(&Path));

/// Fails if something keeps its caller waiting.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, answer) = mpsc::channel();
    thread::spawn(move || done.send(work()));
    answer.recv_timeout(Duration::from_secs(20)).expect("it hangs")
}

#[test]
fn the_root_may_be_a_link_that_a_person_chose() {
    let place = Place::new();
    symlink(place.at("store"), place.at("link")).unwrap();
    let file = StorePath::named(place.at("link")).child("project").child("run").child("live");
    assert_eq!(file.child("file").read(10).unwrap(), b"ours");
    assert_eq!(file.names().unwrap(), ["file"]);
}

#[test]
fn no_use_of_a_file_follows_a_link_at_any_level_below_the_root() {
    for level in ["store/project", "store/project/run", "store/project/run/live"] {
        let place = Place::new();
        let behind = match level.matches('/').count() {
            1 => place.at("outside"),
            2 => place.at("outside/run"),
            _ => place.at("outside/run/live"),
        };
        fs::remove_dir_all(place.at(level)).unwrap();
        symlink(&behind, place.at(level)).unwrap();
        let file = place.file();
        for (name, used) in all_uses(&file) {
            let error = used.expect_err(name);
            assert_eq!(error.kind(), io::ErrorKind::NotADirectory, "{name} at {level}: {error}");
        }
        file.replace_with(b"x", true).unwrap_err();
        file.remove().unwrap_err();
        file.remove_all().unwrap_err();
        file.child("new").create_folder().unwrap_err();
        place.run().child("live").names().unwrap_err();
        place.run().child("live").child("file").rename_to(&place.run().child("x")).unwrap_err();
        assert_eq!(file.size(), 0);
        place.assert_nothing_outside_was_touched();
    }
}

#[test]
fn a_link_in_place_of_a_file_is_neither_read_nor_written_to() {
    for is_dangling in [false, true] {
        let place = Place::new();
        fs::remove_file(place.real()).unwrap();
        let to = place.at(if is_dangling { "outside/new" } else { "outside/file" });
        symlink(to, place.real()).unwrap();
        for (name, used) in all_uses(&place.file()) {
            used.expect_err(name);
        }
        place.assert_nothing_outside_was_touched();
        // It takes the link's place.
        place.file().replace_with(b"new", false).unwrap();
        assert_eq!(place.file().read(10).unwrap(), b"new");
        place.assert_nothing_outside_was_touched();
    }
}

#[test]
fn a_link_in_place_of_a_temporary_file_is_not_written_through() {
    for is_dangling in [false, true] {
        let place = Place::new();
        let to = place.at(if is_dangling { "outside/new" } else { "outside/file" });
        symlink(to, place.at("store/project/run/live/file.tmp")).unwrap();
        place.file().replace_with(b"new", true).unwrap();
        assert_eq!(place.file().read(10).unwrap(), b"new");
        assert!(!place.file().temporary().exists());
        place.assert_nothing_outside_was_touched();
    }
}

#[test]
fn what_is_no_plain_file_is_refused_and_keeps_nobody_waiting() {
    let make: [Kind; 3] = [
        ("pipe", |path| {
            rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap();
        }),
        ("socket", |path| drop(UnixListener::bind(path).unwrap())),
        ("folder", |path| fs::create_dir(path).unwrap()),
    ];
    for (kind, make) in make {
        let place = Place::new();
        fs::remove_file(place.real()).unwrap();
        make(&place.real());
        let file = place.file();
        for (name, used) in in_time(move || all_uses(&file)) {
            let Err(error) = used else { panic!("{name} of a {kind} worked") };
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn a_device_is_refused() {
    // A device needs a privileged user to be made, so one that is there is named.
    let devices = StorePath::named("/dev");
    for name in ["zero", "null", "full"] {
        devices.child(name).read(1 << 10).unwrap_err();
        devices.child(name).append_line(&1).unwrap_err();
    }
}

#[test]
fn a_pipe_in_place_of_a_folder_is_refused() {
    let place = Place::new();
    fs::remove_dir_all(place.at("store/project/run/live")).unwrap();
    let path = place.at("store/project/run/live");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
    let file = place.file();
    for (name, used) in in_time(move || all_uses(&file)) {
        used.expect_err(name);
    }
    let folder = place.run().child("live");
    in_time(move || folder.names()).unwrap_err();
}

#[test]
fn a_file_that_is_longer_than_its_limit_is_not_read_and_the_limit_is_named() {
    let place = Place::new();
    fs::File::create(place.real()).unwrap().set_len(1 << 42).unwrap();
    let error = place.file().read(64 << 20).unwrap_err();
    assert!(error.to_string().contains("64 MiB"), "{error}");
    fs::write(place.real(), [0; 8]).unwrap();
    assert_eq!(place.file().read(8).unwrap().len(), 8);
    assert_eq!(place.file().read(7).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn removal_never_follows_a_link_and_never_leaves_the_folder() {
    let place = Place::new();
    symlink(place.at("outside"), place.at("store/project/run/folder")).unwrap();
    symlink(place.at("outside/file"), place.at("store/project/run/live/link")).unwrap();
    symlink("../../../..", place.at("store/project/run/live/up")).unwrap();
    assert_eq!(
        place.run().child("folder").names().unwrap_err().kind(),
        io::ErrorKind::NotADirectory
    );
    place.run().remove_all().unwrap();
    assert!(!place.run().exists());
    place.assert_nothing_outside_was_touched();
}

#[test]
fn folders_that_are_nested_too_deep_are_an_error_and_no_overflow() {
    let place = Place::new();
    let mut deep = place.at("store/project/run/live");
    for _ in 0..300 {
        deep.push("x");
    }
    fs::create_dir_all(&deep).unwrap();
    assert_eq!(place.run().size(), 4);
    let error = place.run().remove_all().unwrap_err();
    assert!(error.to_string().contains("too deep"), "{error}");
}

#[test]
fn a_name_never_leads_out_of_its_folder() {
    let place = Place::new();
    for name in ["", ".", "..", "../../../outside/file", "/etc/passwd", "live/file", "a\0b"] {
        let path = place.run().child(name);
        assert!(path.starts_with(place.at("store/project/run")), "{}", path.display());
        assert_eq!(path.open().unwrap_err().kind(), io::ErrorKind::NotFound, "{name:?}");
        let parent = path.parent().unwrap();
        assert_eq!(parent, place.at("store/project/run"), "{name:?}");
    }
}

#[test]
fn a_held_folder_stays_the_same_when_its_path_leads_elsewhere() {
    let place = Place::new();
    let held = place.run().hold().unwrap();
    fs::rename(place.at("store/project/run"), place.at("store/project/moved")).unwrap();
    symlink(place.at("outside/run"), place.at("store/project/run")).unwrap();
    assert_eq!(held.child("live").child("file").read(10).unwrap(), b"ours");
    held.child("live").child("new").replace_with(b"x", false).unwrap();
    held.child("made").child("inner").create_folder().unwrap();
    assert!(place.at("store/project/moved/live/new").exists());
    assert!(place.at("store/project/moved/made/inner").is_dir());
    place.assert_nothing_outside_was_touched();
}

#[test]
fn folders_are_made_from_the_root_on() {
    let place = Place::new();
    let files = StorePath::named(place.at("a/b/store")).child("project").child("run");
    files.create_folder().unwrap();
    files.create_folder().unwrap();
    assert!(place.at("a/b/store/project/run").is_dir());
}

#[test]
fn a_file_of_the_run_is_opened_through_its_own_links_and_never_outside() {
    let place = Place::new();
    let run = place.run();
    let inside = place.at("store/project/run");
    symlink("live/file", inside.join("good")).unwrap();
    symlink("live", inside.join("good-folder")).unwrap();
    symlink(place.at("outside/file"), inside.join("absolute")).unwrap();
    symlink("../../../outside/file", inside.join("up")).unwrap();
    symlink("../../../outside", inside.join("up-folder")).unwrap();
    let fifo = inside.join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    let read = |path: &str| run.open_beneath(Path::new(path)).and_then(io::read_to_string);
    assert_eq!(read("live/file").unwrap(), "ours");
    assert_eq!(read("./live/./file").unwrap(), "ours");
    if cfg!(all(target_os = "linux", not(feature = "portable"))) {
        assert_eq!(read("good").unwrap(), "ours");
        assert_eq!(read("good-folder/file").unwrap(), "ours");
    }
    for bad in [
        "absolute",
        "up",
        "up-folder/file",
        "pipe",
        "live",
        "",
        "../run/live/file/../../../../../outside/file",
        "/etc/passwd",
        "/proc/self/root/etc/passwd",
    ] {
        read(bad).expect_err(bad);
    }
}

/// What a file has been swapped for between a look and an open is what counts.
#[test]
fn a_file_that_is_swapped_for_a_link_all_the_time_is_never_followed() {
    let place = Place::new();
    let (real, secret) = (place.real(), place.at("outside/file"));
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let swapping = thread::spawn({
        let (stop, real) = (stop.clone(), real.clone());
        move || {
            let beside = real.with_extension("beside");
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                symlink(&secret, &beside).unwrap();
                fs::rename(&beside, &real).unwrap();
                fs::write(&beside, "ours").unwrap();
                fs::rename(&beside, &real).unwrap();
            }
        }
    });
    for _ in 0..2_000 {
        for bytes in [
            place.file().read(10).ok(),
            place
                .run()
                .open_beneath(Path::new("live/file"))
                .ok()
                .map(|file| io::read_to_string(file).unwrap().into_bytes()),
        ] {
            assert!(bytes.is_none_or(|bytes| bytes != b"secret"));
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    swapping.join().unwrap();
    place.assert_nothing_outside_was_touched();
}

fn lines_of(bytes: &[u8]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = StorePath::named(folder.path()).child("lines");
    fs::write(&path, bytes).unwrap();
    all(Lines::at(&path).unwrap())
}

fn all(mut lines: Lines) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(line) = lines.next().unwrap() {
        all.push(line.to_vec());
    }
    all
}

#[test]
fn a_line_longer_than_any_of_ours_is_passed_over_and_the_next_one_read() {
    let mut bytes = vec![b'x'; (16 << 20) + 1];
    bytes.extend_from_slice(b"\nafter\nlast");
    assert_eq!(lines_of(&bytes), [b"after".to_vec(), b"last".to_vec()]);
}

#[test]
fn a_hole_of_any_length_costs_nothing_and_takes_no_line_away() {
    let place = Place::new();
    let file = fs::File::create(place.real()).unwrap();
    let at = 1_u64 << 42;
    std::os::unix::fs::FileExt::write_all_at(&file, b"first\n", 0).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"\nlast\n", at).unwrap();
    let path = place.file();
    let lines = in_time(move || all(Lines::at(&path).unwrap()));
    assert_eq!(lines, [b"first".to_vec(), b"last".to_vec()]);
}

proptest! {
    #[test]
    fn lines_are_those_between_line_ends(
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20), ends: bool,
    ) {
        let clean = |byte: &u8| if *byte == b'\n' { 0 } else { *byte };
        let lines: Vec<Vec<u8>> =
            lines.iter().map(|line| line.iter().map(clean).collect()).collect();
        let mut bytes = lines.join(&b'\n');
        if ends && !lines.is_empty() {
            bytes.push(b'\n');
        }
        let mut wanted: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if wanted.last().is_some_and(Vec::is_empty) {
            wanted.pop();
        }
        prop_assert_eq!(lines_of(&bytes), wanted);
    }
}
