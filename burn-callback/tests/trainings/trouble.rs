//! What goes wrong around a training ends it no sooner than without tracking, and is told.

use std::{fs, sync::Arc, thread};

use crate::common::{BATCHES, Items, learner, memory, steps, training, values};
use burn::{
    tensor::TensorReadError,
    train::{
        EarlyStoppingStrategy, Interrupter,
        checkpoint::{Checkpoint, Checkpointer, CheckpointerError},
        logger::{InMemoryMetricLogger, TrainingProgressLogger},
        metric::{
            Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes,
            NumericEntry, SerializedEntry, store::EventStoreClient,
        },
        renderer::CliMetricsRenderer,
    },
};
use burn_callback::prelude::*;
use tracker_core::read::{RunReader, Store};

fn start(store: &tempfile::TempDir) -> Run {
    init("points").dir(store.path()).signals(false).start().unwrap()
}

fn only_run(store: &tempfile::TempDir) -> RunReader {
    Store::open(store.path()).unwrap().runs().unwrap().runs.pop().unwrap()
}

fn kinds(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.kind.as_str()).collect()
}

#[test]
fn a_users_metric_that_panics_fails_the_run_with_its_message() {
    let store = tempfile::tempdir().unwrap();
    let root = store.path().to_owned();
    let trained = thread::spawn(move || {
        let run = init("points").dir(root).signals(false).start().unwrap();
        training(run.dir(), 2)
            .metric_train(Odd { panic_at: 9, value: 0.0, updates: 0 })
            .track(&run)
            .launch(learner(0.01));
        run.finish().unwrap();
    });
    assert!(trained.join().is_err(), "Burn's training ends by the panic, as without tracking");
    let run = only_run(&store);
    assert_eq!(run.state(), State::Failed);
    let message = run.info().message.clone().unwrap();
    assert!(message.contains("the user's metric gave up"), "{message}");
    assert_eq!(run.series("batch/train/loss").unwrap().len(), 8, "all batches before are there");
}

#[test]
fn a_users_metric_that_is_not_a_number_is_logged_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 1)
        .metric_train_numeric(Odd { panic_at: usize::MAX, value: f64::NAN, updates: 0 })
        .track_in(tracker, &directory)
        .launch(learner(0.01));
    let odd = values(&seen, "batch/train/odd");
    assert_eq!(odd.len() as u64, BATCHES);
    assert!(odd.iter().all(|value| value.is_nan()), "{odd:?}");
    assert!(values(&seen, "train/odd")[0].is_nan());
    assert_eq!(values(&seen, "train/loss").len(), 1);
}

#[test]
fn of_two_calls_on_one_training_the_later_one_logs() {
    let directory = tempfile::tempdir().unwrap();
    let ((first, one), (second, two)) = (memory(), memory());
    training(&directory, 2)
        .track_in(one, &directory)
        .track_in(two, &directory)
        .launch(learner(0.01));
    assert_eq!(steps(&second, "batch/train/loss"), (0..2 * BATCHES).collect::<Vec<_>>());
    assert_eq!(values(&second, "train/loss").len(), 2);
    assert_eq!(second.problems(), []);
    assert_eq!(first.names(), Vec::<String>::new());
    assert!(kinds(&first.problems()).contains(&"tracked-twice"), "{:?}", first.problems());

    let (seen, tracker) = memory();
    training(&directory, 1)
        .track_in(Arc::clone(&tracker), &directory)
        .track_in(tracker, &directory)
        .launch(learner(0.01));
    assert_eq!(steps(&seen, "batch/train/loss"), (0..BATCHES).collect::<Vec<_>>(), "no row twice");
}

#[test]
fn a_training_of_a_run_that_is_finished_goes_on_and_is_told() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    run.finish().unwrap();
    let result =
        training(run.dir(), 2).with_default_checkpointers().track(&run).launch(learner(0.01));
    assert!(result.error.is_none() && result.interrupted.is_none());
    let problems = run.status().problems;
    assert_eq!(kinds(&problems), ["logged-after-finish"]);
    assert!(problems[0].count > 2 * BATCHES, "{problems:?}");
}

#[test]
fn a_progress_logger_set_before_or_after_track_stays_beside_tracker() {
    for before in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        let told = Arc::default();
        let logger = Told(Arc::clone(&told));
        let training = training(&directory, 3);
        let training = if before {
            training.with_progress_logger(logger).track_in(tracker, &directory)
        } else {
            training.track_in(tracker, &directory).with_progress_logger(logger)
        };
        training.launch(learner(0.01));
        assert_eq!(*told.lock().unwrap(), 3, "{before}");
        assert_eq!(values(&seen, "epoch_seconds").len(), 3, "{before}");
        assert_eq!(seen.problems(), [], "{before}");
    }
}

#[test]
fn a_renderer_set_after_track_is_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 1)
        .track_in(tracker, &directory)
        .renderer(Box::new(CliMetricsRenderer::new()))
        .launch(learner(0.01));
    assert_eq!(kinds(&seen.problems()), ["renderer-replaced"]);
    assert_eq!(steps(&seen, "batch/train/loss"), (0..BATCHES).collect::<Vec<_>>());
    assert_eq!(values(&seen, "train/loss").len(), 1, "no value is lost");
}

#[test]
fn an_early_stopping_set_after_track_is_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let options = TrackOptions::new().directory(&directory).early_stopping(Never);
    training(&directory, 2)
        .track_with(tracker, options)
        .early_stopping(Never)
        .launch(learner(0.01));
    assert_eq!(kinds(&seen.problems()), ["early-stopping-replaced"]);
}

#[test]
fn an_interrupter_set_after_track_is_told_of_when_a_stop_is_not_heeded() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    seen.request(Requests::stop(Stop::Now));
    training(&directory, 4)
        .track_in(tracker, &directory)
        .with_interrupter(Interrupter::new())
        .launch(learner(0.01));
    assert_eq!(kinds(&seen.problems()), ["stop-not-heeded"]);
    assert_eq!(values(&seen, "epoch").len(), 4);
}

#[test]
fn what_is_given_as_an_option_works_beside_tracker() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let interrupter = Interrupter::new();
    let told = Arc::default();
    let options = TrackOptions::new()
        .directory(&directory)
        .interrupter(interrupter.clone())
        .progress_logger(Told(Arc::clone(&told)))
        .early_stopping(After(2));
    training(&directory, 9).track_with(tracker, options).launch(learner(0.01));
    assert_eq!(values(&seen, "epoch").len(), 2, "the early stopping decides");
    assert_eq!(*told.lock().unwrap(), 2, "the progress logger is told");
    assert_eq!(values(&seen, "epoch_seconds").len(), 2);
    assert_eq!(seen.problems(), []);

    let (seen, tracker) = memory();
    let options = TrackOptions::new().directory(&directory).interrupter(interrupter.clone());
    interrupter.stop(Some("enough"));
    let result = training(&directory, 9).track_with(tracker, options).launch(learner(0.01));
    assert_eq!(result.interrupted.unwrap().reason.as_deref(), Some("enough"));
    assert!(values(&seen, "epoch").is_empty(), "the interrupter stops it in the first epoch");
}

#[test]
fn with_tracking_disabled_the_options_still_count() {
    let directory = tempfile::tempdir().unwrap();
    let told = Arc::default();
    let options = TrackOptions::new()
        .directory(&directory)
        .progress_logger(Told(Arc::clone(&told)))
        .early_stopping(After(2));
    let tracker: Arc<dyn Tracker> = Arc::new(NoopTracker::new());
    training(&directory, 9).track_with(tracker, options).launch(learner(0.01));
    assert_eq!(*told.lock().unwrap(), 2);
}

#[test]
fn a_folder_that_cannot_be_written_costs_burns_files_only() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    // A file where Burn wants a folder: not even root can write below it.
    fs::write(run.dir().join("train"), "in the way").unwrap();
    let result = training(run.dir(), 2)
        .with_metric_logger(InMemoryMetricLogger::new())
        .track(&run)
        .launch(learner(0.01));
    assert!(result.error.is_none());
    let report = run.finish().unwrap();
    assert_eq!(kinds(report.problems())[0], "burns-files-not-written");
    let rows = only_run(&store).series("batch/train/loss").unwrap();
    assert_eq!(rows.len() as u64, 2 * BATCHES);
}

#[test]
fn a_training_that_somebody_interrupts_in_the_process_ends_its_run_as_stopped() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let interrupter = Interrupter::new();
    interrupter.stop(Some("enough"));
    let options = TrackOptions::new().interrupter(interrupter);
    training(run.dir(), 2).track_with(&run, options).launch(learner(0.01));
    let report = run.finish().unwrap();
    assert_eq!(report.state(), State::Stopped);
    assert_eq!(only_run(&store).info().message.as_deref(), Some("enough"));
}

#[test]
fn a_training_that_ends_by_an_error_ends_its_run_as_failed() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let result = training(run.dir(), 30)
        .with_custom_checkpointers(Broken, Broken, Broken)
        .track(&run)
        .launch(learner(0.01));
    let error = result.error.unwrap().to_string();
    assert_eq!(run.finish().unwrap().state(), State::Failed);
    let message = only_run(&store).info().message.clone().unwrap();
    assert!(message.contains(&error), "{message}");
}

/// The first lines of Burn's guide empty the folder that they are given.
#[test]
fn a_training_that_empties_its_folder_first_loses_no_point() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    run.log_at(0, [("before", 1.0)]);
    fs::remove_dir_all(run.dir()).ok();
    fs::create_dir_all(run.dir()).ok();
    training(run.dir(), 2).with_default_checkpointers().summary().track(&run).launch(learner(0.01));
    assert_eq!(run.finish().unwrap().problems(), []);
    let run = only_run(&store);
    assert_eq!(run.series("before").unwrap().len(), 1);
    assert_eq!(run.series("batch/train/loss").unwrap().len() as u64, 2 * BATCHES);
    assert_eq!(run.series("valid/accuracy").unwrap().len(), 2);
}

#[test]
fn two_trainings_at_once_keep_their_values_apart() {
    let store = tempfile::tempdir().unwrap();
    let root = store.path();
    let rates = [0.0, 0.05];
    thread::scope(|threads| {
        for rate in rates {
            threads.spawn(move || {
                let run = init("points").name(rate.to_string()).dir(root).signals(false);
                let run = run.start().unwrap();
                training(run.dir(), 5)
                    .with_default_checkpointers()
                    .track(&run)
                    .launch(learner(rate));
                assert_eq!(run.finish().unwrap().problems(), []);
            });
        }
    });
    for rate in rates {
        let run = Store::open(root).unwrap().find(&rate.to_string()).unwrap();
        let rows = run.series("learning_rate").unwrap();
        assert_eq!(rows.len(), 6, "at the first step, and at the end of each epoch");
        assert!(rows.iter().all(|row| row.value == rate), "{rate}");
        let losses = run.series("train/loss").unwrap();
        assert_eq!(losses.len(), 5);
        assert_eq!((losses[0].value - losses[4].value).abs() < 1e-6, rate == 0.0);
    }
}

/// A metric that does as it is told.
#[derive(Clone)]
struct Odd {
    panic_at: usize,
    value: f64,
    updates: usize,
}

impl Metric for Odd {
    type Input = ();

    fn name(&self) -> MetricName {
        MetricName::new("Odd".to_owned())
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes { unit: None, higher_is_better: true }.into()
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        self.updates += 1;
        assert!(self.updates < self.panic_at, "the user's metric gave up");
        Ok(SerializedEntry::new(self.value.to_string(), self.value.to_string()))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        let serialized = NumericEntry::Final(self.value).serialize();
        Ok(SerializedEntry::new(self.value.to_string(), serialized))
    }

    fn clear(&mut self) {}
}

impl Numeric for Odd {
    fn value(&self) -> Option<NumericEntry> {
        Some(NumericEntry::Value(self.value))
    }

    fn running_value(&self) -> Option<NumericEntry> {
        self.value()
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(self.value)
    }
}

#[derive(Clone)]
struct Never;

impl EarlyStoppingStrategy for Never {
    fn should_stop(&mut self, _: usize, _: &EventStoreClient) -> bool {
        false
    }
}

/// A place for checkpoints that is gone.
struct Broken;

impl<R: Checkpoint> Checkpointer<R> for Broken {
    fn save(&self, _: usize, _: R) -> Result<(), CheckpointerError> {
        Err(CheckpointerError::Unknown("the disk is gone".to_owned()))
    }
    fn delete(&self, _: usize) -> Result<(), CheckpointerError> {
        Ok(())
    }
    fn restore(&self, _: usize) -> Result<R, CheckpointerError> {
        Err(CheckpointerError::Unknown("the disk is gone".to_owned()))
    }
}

/// Stops after an epoch.
#[derive(Clone)]
struct After(usize);

impl EarlyStoppingStrategy for After {
    fn should_stop(&mut self, epoch: usize, _: &EventStoreClient) -> bool {
        epoch >= self.0
    }
}

/// Counts the epochs that it is told of.
struct Told(Arc<std::sync::Mutex<usize>>);

impl TrainingProgressLogger for Told {
    fn start(&mut self, _: usize, _: usize, _: Option<usize>, _: Option<&str>) {}
    fn update_epoch(&mut self, _: usize) {
        *self.0.lock().unwrap() += 1;
    }
    fn start_split(&mut self, _: &str, _: Items<'_>) {}
    fn update_split(&mut self, _: Items<'_>) {}
    #[cfg(not(feature = "burn-0-23"))]
    fn end_split(&mut self) {}
    #[cfg(feature = "burn-0-23")]
    fn end_split(&mut self, _: Items<'_>) {}
    fn end(&mut self) {}
    fn log_event_training(&mut self, _: String) {}
}
