//! Threads that load data and fail. In a program of its own: what a panic says is the process's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{sync::Arc, thread};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder, DataLoaderIterator, Progress},
        dataset::{
            Dataset, DatasetError,
            transform::{Mapper, MapperDataset},
        },
    },
    train::{
        SupervisedTraining,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::prelude::*;
use common::{
    BATCH, BATCHES, ITEMS, PointBatcher, Points, learner, loader, memory, points, steps,
    training_on, values,
};
use tracker_core::read::RunReader;

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

#[test]
#[cfg(not(feature = "burn-0-23"))]
fn a_run_that_ends_by_a_dead_loading_thread_says_what_the_thread_said() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    let path = run.path().to_owned();
    let trained = thread::spawn(move || {
        // Its second epoch waits for a thread that is gone.
        training_on(failing_loader(), run.dir(), 2).track(&run).launch(learner(0.01));
    });
    assert!(trained.join().is_err());
    let reader = RunReader::open(path).unwrap();
    let said = reader.info().message.clone().unwrap();
    assert!(said.contains("a broken file"), "{said}");
}

/// A loader that leaves out the last batch, which is not full.
struct WithoutLast(Arc<dyn DataLoader<Points>>);

struct WithoutLastBatches<'a> {
    inner: Box<dyn DataLoaderIterator<Points> + 'a>,
    left: u64,
}

impl DataLoader<Points> for WithoutLast {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Points> + 'a> {
        Box::new(WithoutLastBatches { inner: self.0.iter(), left: BATCHES - 1 })
    }

    fn num_items(&self) -> usize {
        self.0.num_items()
    }

    fn to_device(&self, device: &burn::tensor::Device) -> Arc<dyn DataLoader<Points>> {
        Arc::new(Self(self.0.to_device(device)))
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Points>> {
        Arc::new(Self(self.0.slice(start, end)))
    }
}

impl Iterator for WithoutLastBatches<'_> {
    type Item = Result<Points, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.inner.next()
    }
}

impl DataLoaderIterator<Points> for WithoutLastBatches<'_> {
    fn progress(&self) -> Progress {
        self.inner.progress()
    }
}

#[test]
fn a_loader_that_leaves_out_a_batch_that_is_not_full_misses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let without_last: Arc<dyn DataLoader<Points>> = Arc::new(WithoutLast(loader()));
    training_on(Arc::clone(&without_last), &directory, 2)
        .track_in(tracker, &directory)
        .launch(learner(0.01));
    assert_eq!(seen.problems(), []);
    assert_eq!(steps(&seen, "train/loss"), [BATCHES - 2, 2 * BATCHES - 3]);

    let (seen, tracker) = memory();
    let hooks = Loop::new(tracker);
    for _ in hooks.epochs(1..=2) {
        for batch in hooks.batches(&without_last) {
            assert!(batch.is_ok());
            hooks.metric("loss", 0.5);
        }
    }
    drop(hooks);
    assert_eq!(seen.problems(), []);
    assert_eq!(steps(&seen, "train/loss"), [BATCHES - 2, 2 * BATCHES - 3]);
}

#[test]
fn an_epoch_without_batches_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let none = loader().slice(0, 0);
    SupervisedTraining::new(&directory, none, loader())
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .num_epochs(1)
        .track_in(tracker, &directory)
        .launch(learner(0.01));
    assert!(kinds(&seen).contains(&"empty-epoch".to_owned()), "{:?}", seen.problems());
}
