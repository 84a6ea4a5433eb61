//! What event files hold, and a run in a store that is exported into some.

use std::path::{Path, PathBuf};

use tracker_core::{
    Run, init,
    read::{RunReader, Store},
};
use tracker_export::{Account, ForeignRun, Source, TensorBoardSource, TensorBoardTarget, export};

use crate::kept::{self, Kept, Point};

/// All runs in a folder or file, each with what it logged and what of it did not come over.
pub(crate) fn import(path: &Path) -> Vec<(ForeignRun, Kept, Account)> {
    let mut source = TensorBoardSource::new(path);
    let mut all = Vec::new();
    for run in source.runs().unwrap() {
        let (kept, account) = kept::read(&mut source, &run);
        all.push((run, kept, account));
    }
    all
}

/// The only one.
pub(crate) fn import_one(path: &Path) -> (ForeignRun, Kept, Account) {
    let mut all = import(path);
    assert_eq!(all.len(), 1);
    all.pop().unwrap()
}

/// A run that does this, as it is stored when it has ended.
pub(crate) fn trained(folder: &Path, train: impl FnOnce(&Run)) -> RunReader {
    let run = init("digits")
        .name("calm-otter")
        .dir(folder.join("store"))
        .config(&serde_json::json!({ "lr": 0.1, "model": { "hidden": 100, "bias": false } }))
        .tags(["paper"])
        .group("first")
        .notes("as in the paper")
        .system_metrics(false)
        .code_changes(false)
        .signals(false)
        .start()
        .unwrap();
    train(&run);
    // Steps that other tools cannot have are what a test is about.
    let report = run.finish().unwrap();
    assert!(report.problems().iter().all(|problem| problem.kind == "huge-steps"), "{report:?}");
    Store::open(folder.join("store")).unwrap().find("@latest").unwrap()
}

/// Exports a run into `folder/out`. Gives the file and the account.
pub(crate) fn exported(folder: &Path, run: &RunReader) -> (PathBuf, Account) {
    let mut target = TensorBoardTarget::open(&folder.join("out"), run, None).unwrap();
    let account = export(run, &mut target).unwrap();
    (target.path().to_owned(), account)
}

/// The points of a stored run.
pub(crate) fn points_of(run: &RunReader) -> Vec<Point> {
    let mut points = Vec::new();
    for some in run.stream().unwrap() {
        let of = |row: &tracker_core::read::Row| {
            (some.metric.clone(), row.step.0, row.time.0, row.value.to_bits())
        };
        points.extend(some.rows.iter().map(of));
    }
    points
}
