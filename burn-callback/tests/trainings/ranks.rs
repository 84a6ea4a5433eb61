//! A learner in a process that joined another one's run: its series are its own.

use std::{env, path::Path, process::Command};

use crate::common::{BATCHES, learner, training};
use burn_callback::prelude::*;
use tracker_core::read::Store;

/// Runs in a process of its own, started by the test below.
#[test]
#[ignore = "one of two processes that another test starts"]
fn train_in_a_process_of_its_own() {
    let run = init("ranks").signals(false).system_metrics(false).start().unwrap();
    let folder = run.dir().join(env::var("TRACKER_RANK").unwrap());
    training(&folder, 2).track_in(&run, &folder).launch(learner(0.01));
    run.finish().unwrap();
}

fn train(store: &Path, rank: &str) {
    let trained = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "ranks::train_in_a_process_of_its_own"])
        .envs([("TRACKER_RUN_ID", "01HZZZZZZZZZZZZZZZZZZZZZZZ"), ("TRACKER_RANK", rank)])
        .env("TRACKER_DIR", store)
        .output()
        .unwrap();
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
}

#[test]
fn a_learner_of_another_rank_has_series_of_its_own() {
    let store = tempfile::tempdir().unwrap();
    train(store.path(), "0");
    train(store.path(), "1");
    let run = Store::open(store.path()).unwrap().find("@latest").unwrap();
    let series = ["batch/train/loss", "learning_rate", "train/loss", "valid/loss", "epoch"];
    for metric in series.into_iter().chain(["epoch_seconds", "burn/valid/Loss"]) {
        let own = run.series(metric).unwrap();
        let other = run.series(&format!("rank.1/{metric}")).unwrap();
        assert!(own.iter().all(|row| row.writer.rank == 0), "{metric}");
        assert!(other.iter().all(|row| row.writer.rank == 1), "{metric}");
        assert_eq!(own.len(), other.len(), "{metric}");
        assert!(!own.is_empty(), "{metric}");
    }
    assert_eq!(run.series("rank.1/batch/train/loss").unwrap().len() as u64, 2 * BATCHES);
}
