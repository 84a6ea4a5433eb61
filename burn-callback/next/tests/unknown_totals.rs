//! Data loaders that do not know how many items they will give, and what ends before its time.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

#[path = "../../tests/common/mod.rs"]
mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderIterator, Progress},
        dataset::DatasetError,
    },
    tensor::Device,
    train::{
        EvaluatorBuilder, SupervisedTraining,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::prelude::*;
use common::{BATCHES, ITEMS, Mlp, Points, learner, memory, ordered_loader, steps, values};
use tracker_core::read::Store;

/// Gives the batches of a loader, without a total, until it cannot read one.
struct Unknown {
    inner: Arc<dyn DataLoader<Points>>,
    /// How many batches can be read, in all epochs together.
    left: Arc<AtomicUsize>,
}

impl Unknown {
    fn until(batches: usize) -> Arc<dyn DataLoader<Points>> {
        Arc::new(Self { inner: ordered_loader(), left: Arc::new(AtomicUsize::new(batches)) })
    }

    fn of(&self, inner: Arc<dyn DataLoader<Points>>) -> Arc<dyn DataLoader<Points>> {
        Arc::new(Self { inner, left: Arc::clone(&self.left) })
    }
}

impl DataLoader<Points> for Unknown {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Points> + 'a> {
        Box::new(Batches { inner: self.inner.iter(), left: &self.left })
    }

    fn num_items(&self) -> usize {
        self.inner.num_items()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Points>> {
        self.of(self.inner.to_device(device))
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Points>> {
        self.of(self.inner.slice(start, end))
    }
}

struct Batches<'a> {
    inner: Box<dyn DataLoaderIterator<Points> + 'a>,
    left: &'a AtomicUsize,
}

impl Iterator for Batches<'_> {
    type Item = Result<Points, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.inner.next()?;
        let read = |left: usize| left.checked_sub(1);
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, read) {
            Ok(_) => Some(batch),
            Err(_) => Some(Err(DatasetError::new(std::io::Error::other("the disk is gone")))),
        }
    }
}

impl DataLoaderIterator<Points> for Batches<'_> {
    fn progress(&self) -> Progress {
        Progress::new(self.inner.progress().items_processed, None, None)
    }
}

fn training(
    train: Arc<dyn DataLoader<Points>>,
    directory: impl AsRef<std::path::Path>,
) -> SupervisedTraining<Mlp> {
    SupervisedTraining::new(directory, train, Unknown::until(usize::MAX))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .num_epochs(2)
}

#[test]
fn an_epoch_of_unknown_length_has_all_its_steps_and_values() {
    for gathered in [1, 3] {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        training(Unknown::until(usize::MAX), &directory)
            .grads_accumulation(gathered)
            .track_in(tracker, &directory)
            .launch(learner(0.01));

        let per_epoch = BATCHES.div_ceil(gathered as u64);
        let all: Vec<u64> = (0..2 * per_epoch).collect();
        assert_eq!(steps(&seen, "batch/train/loss"), all);
        assert_eq!(values(&seen, "batch/train/items").iter().sum::<f64>(), 2.0 * ITEMS as f64);
        for metric in ["train/loss", "valid/loss", "epoch", "epoch_seconds"] {
            assert_eq!(steps(&seen, metric), [per_epoch - 1, 2 * per_epoch - 1], "{metric}");
        }
        assert_eq!(seen.problems(), []);
    }
}

#[test]
fn an_epoch_that_failed_has_its_steps_alone() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    let result = training(Unknown::until(10), run.dir()).track(&run).launch(learner(0.01));
    assert!(result.error.is_some());
    let report = run.finish().unwrap();
    assert_eq!(report.state(), State::Failed);

    let run = Store::open(store.path()).unwrap().runs().unwrap().runs.pop().unwrap();
    assert_eq!(run.series("batch/train/loss").unwrap().len(), 10);
    for metric in ["train/loss", "valid/loss", "epoch", "epoch_seconds"] {
        assert_eq!(run.series(metric).unwrap().len(), 1, "{metric}");
    }
}

#[test]
fn a_test_of_unknown_length_is_logged_if_it_was_not_cut_short() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    EvaluatorBuilder::new(run.dir())
        .with_application_logger(None)
        .renderer(run.renderer())
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .build(learner(0.01).model())
        .eval_all([("whole", Unknown::until(usize::MAX)), ("half", Unknown::until(3))]);
    let report = run.finish().unwrap();
    let problems = report.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].kind, "test-cut-short");
    assert!(problems[0].message.contains("after 48 items"), "{problems:?}");

    let run = Store::open(store.path()).unwrap().runs().unwrap().runs.pop().unwrap();
    assert_eq!(run.series("test/whole/loss").unwrap().len(), 1);
    assert!(!run.metrics().unwrap().contains(&"test/half/loss".to_owned()));
}
