//! The progress logger: epochs, their time, and how training ended.
//!
//! Burn 0.23 gives its progress calls other arguments. This file and `bars` are all that changes.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use burn::train::logger::TrainingProgressLogger;
use tracker_core::{Definition, Event, Level, MetricId, Point, Problem, Stop, Tracker, TrackerExt};

use crate::{base, session::Session, watch};

/// The number of a training's first optimizer step.
const FIRST_STEP: u64 = 0;

/// How long the end of a training waits for what is measured of its last steps.
const LAST_SAMPLES: Duration = Duration::from_secs(5);

/// Follows the training from Burn's train worker. It writes the time of each epoch, begins no
/// epoch after a stop was requested, and says in the run how training ended.
pub(crate) struct RunProgress {
    session: Arc<Session>,
    /// The folder in which Burn should leave its files; `None` if the user chose it.
    expected: Option<PathBuf>,
    epoch: usize,
    total_epochs: usize,
    finished_epochs: usize,
    training: bool,
    clock: Clock,
    ids: Option<[MetricId; 2]>,
}

/// The time of the running epoch.
#[derive(Debug, Default)]
struct Clock {
    began: Option<Instant>,
    items: usize,
    /// How long the training split took, without validation.
    trained: Option<Duration>,
}

impl RunProgress {
    pub(crate) fn new(session: Arc<Session>, expected: Option<PathBuf>) -> Self {
        Self {
            session,
            expected,
            epoch: 0,
            total_epochs: 0,
            finished_epochs: 0,
            training: false,
            clock: Clock::default(),
            ids: None,
        }
    }

    fn begin_epoch(&mut self, tracker: &dyn Tracker) {
        self.clock = Clock { began: Some(Instant::now()), ..Clock::default() };
        if self.finished_epochs > 0 {
            self.check_folder(tracker);
            // Burn looks at its interrupter before it saves the checkpoint of an epoch, so a
            // stop after the epoch is only safe once the next one begins.
            self.session.stop_if_asked(tracker, Stop::AfterEpoch);
        }
    }

    /// What was cut short has no time: it would stand beside those of whole epochs.
    fn write_time(&mut self, tracker: &dyn Tracker) {
        let clock = std::mem::take(&mut self.clock);
        let Some(began) = clock.began.filter(|_| !self.session.interrupter().should_stop()) else {
            return;
        };
        let step = self.session.step();
        let [seconds, speed] = self.ids(tracker);
        let mut points = vec![Point::new(seconds, step, began.elapsed().as_secs_f64())];
        let trained = clock.trained.map_or(0.0, |trained| trained.as_secs_f64());
        if clock.items > 0 && trained > 0.0 {
            points.push(Point::new(speed, step, clock.items as f64 / trained));
        }
        tracker.write(&points);
    }

    fn ids(&mut self, tracker: &dyn Tracker) -> [MetricId; 2] {
        *self.ids.get_or_insert_with(|| {
            let seconds = Definition::new().unit("s").display_name("Epoch time");
            let speed = Definition::new().display_name("Training speed");
            tracker.define("epoch_seconds", seconds);
            tracker.define("items_per_second", speed);
            [tracker.metric("epoch_seconds"), tracker.metric("items_per_second")]
        })
    }

    /// Burn's builder keeps its folder to itself, so whether it is the run's can only be seen
    /// from what Burn leaves there.
    fn check_folder(&mut self, tracker: &dyn Tracker) {
        let Some(folder) = self.expected.take() else { return };
        if folder.join("experiment.log").exists() || folder.join("checkpoint").exists() {
            return;
        }
        tracker.record(Event::Problem(Problem::new(
            "training-in-another-folder",
            format!("Burn left no file in the run's folder {}", folder.display()),
            "write `SupervisedTraining::new(run.dir(), ..)`, or `.track_in(&run, folder)` with \
             your own folder, or `.summary()` finds no values; if Burn's log is turned off and \
             there are no checkpoints, there is nothing to find and all is well",
        )));
    }

    /// Early stopping and a finished training look alike to Burn; the number of epochs tells.
    fn tell_end(&mut self, tracker: &dyn Tracker) {
        if self.finished_epochs > 0 {
            self.check_folder(tracker);
        }
        let (epoch, total) = (self.epoch, self.total_epochs);
        let interrupter = self.session.interrupter();
        if let Some(error) = interrupter.error() {
            let text = format!("training ended in epoch {epoch} of {total} by an error: {error}");
            message(tracker, Level::Error, text);
        } else if interrupter.should_stop() {
            let reason = interrupter.get_message().unwrap_or_else(|| "no reason given".to_owned());
            let text = format!("training was stopped in epoch {epoch} of {total}: {reason}");
            message(tracker, Level::Warning, text);
        } else if epoch < total {
            let text = format!("training ended early, after epoch {epoch} of {total}");
            message(tracker, Level::Info, text);
        }
    }
}

impl TrainingProgressLogger for RunProgress {
    fn start(
        &mut self,
        total_epochs: usize,
        starting_epoch: usize,
        _total_items: Option<usize>,
        _label: Option<&str>,
    ) {
        self.total_epochs = total_epochs;
        self.epoch = starting_epoch.saturating_sub(1);
        self.session.guarded("progress logger", |tracker| {
            if let Some(run) = tracker.run() {
                base::begin(run.id(), FIRST_STEP);
            }
        });
    }

    fn start_split(&mut self, split: &str, _total_items: usize) {
        self.training = split == "train";
        if self.training {
            self.epoch += 1;
            let session = Arc::clone(&self.session);
            session.guarded("progress logger", |tracker| self.begin_epoch(tracker));
        }
    }

    fn update_split(&mut self, items_processed: usize) {
        if self.training {
            self.clock.items = self.clock.items.max(items_processed);
        }
    }

    fn end_split(&mut self) {
        if self.training {
            self.clock.trained = self.clock.began.map(|began| began.elapsed());
        }
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
        self.finished_epochs += 1;
        let session = Arc::clone(&self.session);
        session.guarded("progress logger", |tracker| self.write_time(tracker));
    }

    fn end(&mut self) {
        let session = Arc::clone(&self.session);
        session.guarded("progress logger", |tracker| {
            if let Some(run) = tracker.run() {
                watch::drain(run.id(), LAST_SAMPLES);
            }
            self.tell_end(tracker);
        });
    }

    fn log_event_training(&mut self, _event: String) {}
}

fn message(tracker: &dyn Tracker, level: Level, text: String) {
    tracker.record(Event::Message { level, text });
}
