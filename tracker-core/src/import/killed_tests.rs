//! Imports that are killed while their run takes the place of an earlier one.

use std::{fs, path::Path};

use crate::{
    Outcome, Result, Step, Timestamp,
    import::{Arrival, Import, Imported, leftovers},
    read::{RunReader, Store},
    upkeep::stop_after,
};

fn imported(root: &Path, points: u64) -> Result<Imported> {
    let mut run = Import::new("mnist", "elsewhere/3xk2").dir(root).start()?;
    for step in 0..points {
        run.point("loss", Step(step), Timestamp(1_600_000_000_000_000), 0.5)?;
    }
    run.finish(Outcome::Finished, None)
}

/// As if the process were killed before each thing in turn that it does to the disk.
#[test]
fn killed_anywhere_the_next_import_has_the_run_and_the_files_that_people_put_there() {
    for steps in 0.. {
        let root = tempfile::tempdir().unwrap();
        let first = imported(root.path(), 20).unwrap();
        fs::write(first.path.join("files/mine.txt"), "mine").unwrap();
        stop_after(steps);
        let killed = imported(root.path(), 30);
        stop_after(u32::MAX);
        let again = imported(root.path(), 30).unwrap();
        let is_there = again.arrival == Arrival::AlreadyThere;
        assert!(is_there || again.arrival == Arrival::Replaced, "{:?}", again.arrival);
        let run = RunReader::open(&again.path).unwrap();
        assert_eq!(run.series("loss").unwrap().len(), 30, "after {steps} steps");
        let mine = fs::read_to_string(again.path.join("files/mine.txt"));
        assert_eq!(mine.unwrap(), "mine", "after {steps} steps");
        let store = Store::open(root.path()).unwrap();
        assert_eq!(store.runs().unwrap().runs.len(), 1, "after {steps} steps");
        assert!(leftovers(&store).unwrap().is_empty() && !root.path().join(".importing").exists());
        if killed.is_ok() && steps > 5 {
            return;
        }
    }
}
