//! A tracked training decides and ends as an untracked one.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::common::{BATCHES, Mlp, learner, memory, scheduled_learner, steps, training, values};
use burn::train::{
    LearnerSummary, MetricEarlyStoppingStrategy, StoppingCondition, SupervisedTraining,
    metric::{
        LossMetric,
        store::{Aggregate, Direction, Split},
    },
};
use burn_callback::prelude::*;
use tracker_core::{MetricId, Point};

/// Bits, because a comparison of floats would hide a sign or a NaN.
fn bits(model: &Mlp) -> Vec<u32> {
    model.weights().into_iter().map(f32::to_bits).collect()
}

#[test]
fn tracked_disabled_and_untracked_trainings_end_with_the_same_weights() {
    let weights = |track: &dyn Fn(SupervisedTraining<Mlp>, &Path) -> SupervisedTraining<Mlp>| {
        let directory = tempfile::tempdir().unwrap();
        let training = track(training(&directory, 3), directory.path());
        bits(&training.launch(learner(0.02)).model)
    };
    let untracked = weights(&|training, _| training);
    let tracked = weights(&|training, directory| training.track_in(memory().1, directory));
    let disabled = weights(&|training, directory| {
        training.track_in(Arc::new(NoopTracker::new()) as Arc<dyn Tracker>, directory)
    });
    assert_eq!(tracked, untracked);
    assert_eq!(disabled, untracked);
}

#[test]
fn the_summary_still_finds_its_values() {
    let directory = tempfile::tempdir().unwrap();
    training(&directory, 2).summary().track_in(memory().1, &directory).launch(learner(0.01));
    let summary = LearnerSummary::new(&directory, &["Loss", "Accuracy"]).unwrap();
    assert_eq!(summary.epochs, 2);
    assert_eq!(summary.metrics.train.len(), 2);
    assert_eq!(summary.metrics.valid[0].entries.len(), 2);
}

/// With a learning rate this high the loss soon gets worse.
const TOO_HIGH: f64 = 1.5;

/// What a training with early stopping and a best checkpoint came to: how many epochs it took,
/// which files it kept, and the weights.
type Decisions = (usize, BTreeSet<String>, Vec<u32>);

fn decisions(seed: u64, track: Option<(Arc<dyn Tracker>, TrackOptions)>) -> Decisions {
    let directory = tempfile::tempdir().unwrap();
    let stopping = MetricEarlyStoppingStrategy::new(
        &LossMetric::new(),
        Aggregate::Mean,
        Direction::Lowest,
        Split::Valid,
        StoppingCondition::NoImprovementSince { n_epochs: 2 },
    );
    let training = training(&directory, 30).with_default_checkpointers().early_stopping(stopping);
    let training = match track {
        Some((tracker, options)) => training.track_with(tracker, options.directory(&directory)),
        None => training,
    };
    let model = training.launch(scheduled_learner(seed, TOO_HIGH)).model;
    let epochs = LearnerSummary::new(&directory, &["Loss"]).unwrap().epochs;
    (epochs, list(&directory), bits(&model))
}

#[test]
fn early_stopping_and_the_best_checkpoint_decide_the_same_with_and_without_tracking() {
    let mut lengths = BTreeSet::new();
    for seed in 0..20 {
        let (seen, tracker) = memory();
        let untracked = decisions(seed, None);
        assert_eq!(decisions(seed, Some((tracker, TrackOptions::new()))), untracked, "{seed}");
        let epochs = values(&seen, "epoch").len();
        assert_eq!(epochs, untracked.0, "{seed}");
        lengths.insert(epochs);
        if epochs < 30 {
            let text = format!("stopped early, after epoch {epochs} of 30");
            assert!(seen.events().contains(&Event::Conclusion { text }), "{seed}");
        }
    }
    assert!(lengths.len() > 3, "the seeds make a difference: {lengths:?}");
    assert!(lengths.first() < Some(&30), "{lengths:?}");
}

#[test]
fn early_stopping_reads_from_memory_where_burn_has_no_files() {
    let epochs = |files: bool| {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        let training = training(&directory, 30).early_stopping(MetricEarlyStoppingStrategy::new(
            &LossMetric::new(),
            Aggregate::Mean,
            Direction::Lowest,
            Split::Valid,
            StoppingCondition::NoImprovementSince { n_epochs: 2 },
        ));
        let training =
            if files { training.track_in(tracker, &directory) } else { training.track(tracker) };
        training.launch(learner(TOO_HIGH));
        values(&seen, "epoch").len()
    };
    assert_eq!(epochs(false), epochs(true));
    assert!((3..30).contains(&epochs(true)));
}

#[test]
fn a_request_to_stop_ends_the_training_within_a_few_batches() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = StopsAt::new(17, Stop::Now);
    let seen = tracker.seen.clone();
    let tracker: Arc<dyn Tracker> = Arc::new(tracker);
    let result = training(&directory, 50).track_in(tracker, &directory).launch(learner(0.01));

    assert_eq!(result.interrupted.unwrap().reason.as_deref(), Some("a stop was requested"));
    let last = steps(&seen, "batch/train/loss").pop().unwrap();
    assert!((8..=13).contains(&last), "{last}");
    assert_eq!(values(&seen, "epoch"), [1.0], "an epoch that was cut short has no value");
    let text = "training was stopped in epoch 2 of 50: a stop was requested".to_owned();
    assert!(seen.events().contains(&Event::Message { level: Level::Warning, text }));
}

#[test]
fn a_stop_after_the_epoch_keeps_its_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = StopsAt::new(17, Stop::AfterEpoch);
    let seen = tracker.seen.clone();
    let tracker: Arc<dyn Tracker> = Arc::new(tracker);
    training(&directory, 50)
        .with_default_checkpointers()
        .track_in(tracker, &directory)
        .launch(learner(0.01));

    assert_eq!(values(&seen, "epoch"), [1.0, 2.0]);
    assert_eq!(values(&seen, "valid/loss").len(), 2);
    assert!(directory.path().join("checkpoint/model-2.bpk").exists(), "{:?}", list(&directory));
    let last = steps(&seen, "batch/train/loss").pop().unwrap();
    assert!(last < 2 * BATCHES + 3, "{last}");
}

fn list(directory: &tempfile::TempDir) -> BTreeSet<String> {
    let files = std::fs::read_dir(directory.path().join("checkpoint")).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_tracker_that_panics_does_not_end_the_training() {
    let directory = tempfile::tempdir().unwrap();
    let untracked = training(&directory, 2).launch(learner(0.02)).model;
    let other = tempfile::tempdir().unwrap();
    let tracked = training(&other, 2)
        .with_default_checkpointers()
        .summary()
        .track_in(Arc::new(Panics) as Arc<dyn Tracker>, &other)
        .launch(learner(0.02));
    assert_eq!(bits(&tracked.model), bits(&untracked));
    assert!(tracked.error.is_none());
}

#[test]
fn a_tracker_without_a_folder_is_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 1).track(tracker).launch(learner(0.01));
    let kinds: Vec<_> = seen.problems().into_iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, ["no-folder-for-burn"]);
    assert_eq!(values(&seen, "epoch"), [1.0]);
}

/// A tracker that asks for a stop once it was asked often enough: once a batch of training and of
/// validation, and when an epoch begins. An epoch here has 7 of each.
#[derive(Debug)]
struct StopsAt {
    seen: MemoryTracker,
    batch: u64,
    asked: AtomicU64,
    stop: Stop,
}

impl StopsAt {
    fn new(batch: u64, stop: Stop) -> Self {
        Self { seen: MemoryTracker::new(), batch, asked: AtomicU64::new(0), stop }
    }
}

impl Tracker for StopsAt {
    fn metric_id(&self, name: &str) -> MetricId {
        self.seen.metric_id(name)
    }
    fn write(&self, points: &[Point]) {
        self.seen.write(points);
    }
    fn record(&self, event: Event) {
        self.seen.record(event);
    }
    fn advance(&self, step: Step) {
        self.seen.advance(step);
    }
    fn requests(&self) -> Requests {
        let reached = self.asked.fetch_add(1, Ordering::Relaxed) >= self.batch;
        Requests::stop(if reached { self.stop } else { Stop::No })
    }
    fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.seen.flush(timeout)
    }
    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        self.seen.finish(outcome)
    }
}

/// A tracker that breaks its contract in every call.
#[derive(Debug)]
pub(crate) struct Panics;

impl Tracker for Panics {
    fn metric_id(&self, _: &str) -> MetricId {
        panic!("no metrics")
    }
    fn write(&self, _: &[Point]) {
        panic!("no points")
    }
    fn record(&self, _: Event) {
        panic!("no events")
    }
    fn advance(&self, _: Step) {
        panic!("no steps")
    }
    fn requests(&self) -> Requests {
        panic!("no requests")
    }
    fn flush(&self, _: Duration) -> Result<(), Error> {
        Ok(())
    }
    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        Ok(Report::empty(outcome))
    }
}
