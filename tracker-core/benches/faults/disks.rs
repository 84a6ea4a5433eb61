//! Disks that take nothing more. They are small file systems in memory, which only root can make.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use tracker_core::{Error, init, read::Store};

use crate::{
    Broken,
    check::check,
    child::{DROPPED, SAVED_ALL, SLOWEST_MICROS, Training, WAITING},
};

/// No log call may take longer than this, whatever the disk does: a second of waiting for a place at
/// most, and what the scheduler adds with more threads than cores.
const LONGEST_CALL: Duration = Duration::from_millis(1_500);

pub(crate) fn disks() -> Broken {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path(), "16m") else {
        println!("not shown: a small file system could not be mounted (root can)");
        return 0;
    };
    let broken = full(&disk) + full_and_freed(&disk) + read_only(&disk);
    drop(disk);
    broken + vanished(folder.path())
}

/// A file system in memory with a fixed size.
struct Disk<'a> {
    folder: &'a Path,
}

impl<'a> Disk<'a> {
    fn mount(folder: &'a Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let mount = ["-t", "tmpfs", "-o", &options, "tracker-faults"];
        let mounted = Command::new("mount").args(mount).arg(folder).output().ok()?;
        mounted.status.success().then_some(Self { folder })
    }

    fn remount(&self, options: &str) -> bool {
        let options = format!("remount,{options}");
        let mount = Command::new("mount").args(["-o", &options]).arg(self.folder).output();
        mount.is_ok_and(|output| output.status.success())
    }

    fn store(&self, name: &str) -> std::path::PathBuf {
        let store = self.folder.join(name);
        std::fs::create_dir_all(&store).unwrap();
        store
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder).output();
    }
}

/// A training of 1.5 million points, 48 MB, on 16 MB.
fn training(store: &Path) -> Training {
    let outside = tempfile::tempdir().unwrap().keep();
    let mut training = Training::at_full_rate(&outside.join("store"), 1, 1_500_000);
    store.clone_into(&mut training.store);
    training
}

fn full(disk: &Disk<'_>) -> Broken {
    let store = disk.store("full");
    let training = training(&store);
    let mut child = training.start();
    let status = child.wait().unwrap();
    let found = points(&store, &training);
    let (dropped, waiting) = (training.word(DROPPED), training.word(WAITING));
    let slowest = Duration::from_micros(training.word(SLOWEST_MICROS));
    println!(
        "full disk: {found} points stored, {dropped} counted as dropped, {waiting} as waiting; \
         finish says so: {}; slowest call {slowest:?}",
        training.word(SAVED_ALL) == 0
    );
    let _ = std::fs::remove_dir_all(&store);
    usize::from(!status.success())
        + usize::from(found + dropped + waiting < training.calls)
        + usize::from(training.word(SAVED_ALL) == 1)
        + usize::from(slowest > LONGEST_CALL)
}

/// Space comes back before the training ends: only what was counted as dropped is missing.
fn full_and_freed(disk: &Disk<'_>) -> Broken {
    let store = disk.store("freed");
    let training = training(&store);
    let mut child = training.start();
    let since = Instant::now();
    while training.acknowledged()[0] < training.calls && since.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let enlarged = disk.remount("size=512m");
    let status = child.wait().unwrap();
    let found = points(&store, &training);
    let dropped = training.word(DROPPED);
    println!("full disk that is freed before finish: {found} points stored, {dropped} dropped");
    let _ = std::fs::remove_dir_all(&store);
    usize::from(!enlarged || !status.success())
        + usize::from(found + dropped != training.calls)
        + usize::from(training.word(SAVED_ALL) == 0)
}

fn points(store: &Path, training: &Training) -> u64 {
    let run = Store::open(store).unwrap().find("@latest").unwrap();
    let damage = check(&run, training, &[0], u64::MAX);
    assert_eq!((damage.doubled, damage.wrong), (0, 0), "{damage:?}");
    run.series(&crate::child::metric(0)).unwrap().len() as u64
}

fn read_only(disk: &Disk<'_>) -> Broken {
    let store = disk.store("read-only");
    let run = init("faults").dir(&store).start().unwrap();
    run.log([("loss", 0.5)]);
    run.finish().unwrap();
    drop(run);
    if !disk.remount("ro") {
        println!("not shown: the file system could not be made read-only");
        return 0;
    }
    let found = Store::open(&store).and_then(|store| store.find("@latest")?.series("loss"));
    let refused = init("faults").dir(&store).start();
    println!(
        "read-only store: {} points read; a new run is refused with: {}",
        found.as_ref().map_or(0, Vec::len),
        refused.as_ref().map_or_else(Error::to_string, |_| "nothing".into())
    );
    disk.remount("rw");
    usize::from(!found.is_ok_and(|rows| rows.len() == 1)) + usize::from(refused.is_ok())
}

/// Somebody deletes the run's folder while it trains.
fn vanished(folder: &Path) -> Broken {
    let store = folder.join("vanishing");
    std::fs::create_dir_all(&store).unwrap();
    let mut training = Training::at_full_rate(&folder.join("vanishing-ack"), 1, 30_000);
    training.store.clone_from(&store);
    training.role = "paced";
    let mut child = training.start();
    while training.acknowledged()[0] < 1_000 {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::fs::remove_dir_all(store.join("faults")).unwrap();
    let status = child.wait().unwrap();
    let slowest = Duration::from_micros(training.word(SLOWEST_MICROS));
    println!(
        "vanished folder: training ended with {status}; finish says so: {}; slowest call \
         {slowest:?}",
        training.word(SAVED_ALL) == 0
    );
    usize::from(!status.success())
        + usize::from(training.acknowledged()[0] != training.calls)
        + usize::from(slowest > LONGEST_CALL)
}
