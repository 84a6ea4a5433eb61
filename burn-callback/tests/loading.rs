//! Threads that load data and fail. In a program of its own: what a panic says is the process's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::sync::Arc;

use burn::data::{
    dataloader::{DataLoader, DataLoaderBuilder},
    dataset::{
        Dataset,
        transform::{Mapper, MapperDataset},
    },
};
use burn_callback::prelude::*;
use common::{
    BATCH, ITEMS, PointBatcher, Points, learner, memory, points, steps, training_on, values,
};

/// Points whose loading fails at one of them, on one of two threads.
fn failing_loader() -> Arc<dyn DataLoader<Points>> {
    DataLoaderBuilder::new(PointBatcher)
        .batch_size(BATCH)
        .num_workers(2)
        .build(MapperDataset::new(points(), Failing))
}

struct Failing;

impl Mapper<([f32; 2], i64), ([f32; 2], i64)> for Failing {
    fn map(&self, item: &([f32; 2], i64)) -> ([f32; 2], i64) {
        assert_ne!(item.0, points().get(77).unwrap().0, "a broken file");
        *item
    }
}

#[test]
fn an_epoch_without_the_items_of_a_dead_loading_thread_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training_on(failing_loader(), &directory, 1)
        .track_in(tracker, &directory)
        .launch(learner(0.01));
    assert!(values(&seen, "batch/train/items").iter().sum::<f64>() < ITEMS as f64);
    // Burn 0.23 itself ends such a training with an error, and gives one to a loop.
    let is_told_by_burn = cfg!(feature = "burn-0-23");
    let told = kinds(&seen).contains(&"items-missing".to_owned());
    assert_eq!(told, !is_told_by_burn, "{:?}", seen.problems());
    assert_eq!(steps(&seen, "train/loss").is_empty(), is_told_by_burn);

    let (seen, tracker) = memory();
    let hooks = Loop::new(tracker);
    for _ in hooks.epochs(1..=1) {
        let failed = hooks.batches(&failing_loader()).filter(Result::is_err).count();
        assert_eq!(failed > 0, is_told_by_burn);
    }
    assert_eq!(kinds(&seen).contains(&"items-missing".to_owned()), !is_told_by_burn);
}

fn kinds(seen: &MemoryTracker) -> Vec<String> {
    seen.problems().into_iter().map(|problem| problem.kind).collect()
}
