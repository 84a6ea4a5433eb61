//! A folder that a training of Burn 0.22 left, `examples/burn-guide --epochs 2`, comes in.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod kept;

use std::{
    fs,
    path::{Path, PathBuf},
};

use kept::{left_out, only};
use tracker_export::{BurnFolderSource, Source};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/burn")
}

#[test]
fn epochs_batches_and_tests_come_in_with_the_adapters_names() {
    assert!(BurnFolderSource::looks_like(&folder()));
    let (run, kept, account) = only(&mut BurnFolderSource::open(&folder()).unwrap());
    assert_eq!(kept.series("train/loss")[0], (78, 0.871_289_413_186_568_3));
    assert_eq!(kept.series("train/loss").len(), 2);
    assert_eq!(kept.series("valid/loss")[1], (157, 0.263_631_166_890_263_56));
    assert_eq!(kept.series("valid/accuracy")[1], (157, 92.6));
    assert_eq!(kept.series("epoch"), [(78, 1.0), (157, 2.0)]);
    assert_eq!(kept.series("test/shifted/accuracy").len(), 1);
    let batches = kept.series("batch/train/loss");
    assert_eq!(batches.len(), 158);
    assert_eq!(batches[0], (0, 2.312_061_548_233_032_2));
    assert_eq!(batches[157].0, 157);
    assert_eq!(run.config["learning_rate"], 0.002);
    assert_eq!(run.started_at, "2026-12-01T18:39:40.037039Z".parse().ok());
    assert!(run.origin.starts_with("burn/"));
    assert!(
        !kept.points.iter().any(|point| point.0.contains("tracker")),
        "the adapter's marks are no metric"
    );
    assert_eq!(left_out(&account, "times"), kept.points.len() as u64);
    assert_eq!(account.kept()["points"], kept.points.len() as u64);
}

#[test]
fn damage_is_counted_and_the_rest_read() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &[u8]| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("train/epoch-2/Loss.log", b"1,1\n\xff\xfe\nNaN,1\n0.123");
    write("train/epoch-10/Loss.log", b"3,1\n5,3\n");
    write("train/epoch-10/Words.log", b"hello\n");
    write("train/epoch-x/Loss.log", b"1,1\n");
    write("valid/epoch-2/Long.log", &vec![b'1'; 1 << 20]);
    let (_, kept, account) = only(&mut BurnFolderSource::open(dir.path()).unwrap());
    assert_eq!(kept.series("train/loss")[1], (3, 4.5), "a mean weighs batches by their items");
    assert!(kept.series("train/loss")[0].1.is_nan());
    let steps: Vec<u64> =
        kept.series("batch/train/loss").into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, [0, 1, 2, 3], "epochs come in the order of their numbers");
    assert_eq!(left_out(&account, "lines"), 2);
    assert_eq!(left_out(&account, "metrics"), 2);
}

#[test]
fn other_folders_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("server.log"), "1\n").unwrap();
    fs::create_dir(dir.path().join("train")).unwrap();
    assert!(!BurnFolderSource::looks_like(dir.path()));
    assert!(BurnFolderSource::open(dir.path()).unwrap_err().to_string().contains("hint: "));
}

#[test]
fn validation_alone_stands_at_its_epochs() {
    let dir = tempfile::tempdir().unwrap();
    for epoch in 1..=3 {
        let folder = dir.path().join(format!("valid/epoch-{epoch}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Loss.log"), format!("{epoch},1\n")).unwrap();
    }
    let mut source = BurnFolderSource::open(dir.path()).unwrap();
    let runs = source.runs().unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(only(&mut source).1.series("valid/loss"), [(1, 1.0), (2, 2.0), (3, 3.0)]);
}
