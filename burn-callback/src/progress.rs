//! How training goes on: epochs, their time, and how training ended.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder `files` is a person's own; the core has seen that it is no link"
)]

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tracker_core::{
    Event, Level, Outcome, Problem, Step, Stop, Tracker,
    adapter::{plan, recorder::EpochTimes, tell},
};

use crate::{epochs::EpochLog, session::Session};

/// Follows the training from Burn's train worker. It measures the time of each epoch, begins no
/// epoch after a stop was requested, and says in the run how training ended.
pub(crate) struct RunProgress {
    session: Arc<Session>,
    epochs: Arc<EpochLog>,
    /// The folder in which Burn should leave its files; `None` if the user chose it.
    expected: Option<PathBuf>,
    epoch: usize,
    total_epochs: usize,
    finished_epochs: usize,
    last_finished: usize,
    training: bool,
    clock: Clock,
    /// How long all finished epochs took.
    spent: Duration,
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
    pub(crate) fn new(
        session: Arc<Session>,
        epochs: Arc<EpochLog>,
        expected: Option<PathBuf>,
    ) -> Self {
        Self {
            session,
            epochs,
            expected,
            epoch: 0,
            total_epochs: 0,
            finished_epochs: 0,
            last_finished: 0,
            training: false,
            clock: Clock::default(),
            spent: Duration::ZERO,
        }
    }

    fn guarded(&mut self, work: impl FnOnce(&mut Self, &dyn Tracker)) {
        let session = Arc::clone(&self.session);
        session.guarded("progress", |tracker| work(self, tracker));
    }
}

/// What Burn tells; see `compat`.
impl RunProgress {
    pub(crate) fn begin(&mut self, total_epochs: usize, starting_epoch: usize) {
        self.total_epochs = total_epochs;
        self.epoch = starting_epoch.saturating_sub(1);
        self.session.progress_called();
        self.guarded(|progress, tracker| {
            conclude(tracker, Outcome::Finished);
            tracker.record(Event::Conclusion { text: String::new() });
            progress.session.begin(tracker, starting_epoch);
            plan(tracker, Some((1.0, total_epochs as u64)));
            if starting_epoch > total_epochs && starting_epoch > 1 {
                // A training after this one is none that is resumed.
                if let Some(last) = progress.session.step() {
                    tracker.advance(Step(last));
                }
                let last = starting_epoch - 1;
                tell(
                    tracker,
                    &format!("nothing is left to train: the checkpoint is of epoch {last}"),
                );
            }
        });
    }

    pub(crate) fn begin_split(&mut self, split: &str) {
        self.training = split == "train";
        if self.training {
            self.epoch += 1;
            self.guarded(Self::begin_epoch);
        }
    }

    pub(crate) fn batch(&mut self, items_processed: usize) {
        if self.training {
            self.clock.items = self.clock.items.max(items_processed);
        }
    }

    pub(crate) fn split_ended(&mut self) {
        if self.training {
            self.clock.trained = self.clock.began.map(|began| began.elapsed());
        }
    }

    pub(crate) fn epoch_ended(&mut self, epoch: usize) {
        self.epoch = epoch;
        self.finished_epochs += 1;
        self.last_finished = epoch;
        self.guarded(Self::write_time);
    }

    pub(crate) fn training_ended(&mut self) {
        self.session.has_ended();
        self.guarded(Self::tell_end);
    }
}

impl RunProgress {
    fn begin_epoch(&mut self, tracker: &dyn Tracker) {
        self.clock = Clock { began: Some(Instant::now()), ..Clock::default() };
        if self.finished_epochs > 0 {
            self.check_folder(tracker);
            self.session.check_early_stopping(tracker);
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
        let elapsed = began.elapsed();
        self.spent += elapsed;
        let mean = self.spent.as_secs_f64() / self.finished_epochs.max(1) as f64;
        let times = EpochTimes {
            seconds: elapsed.as_secs_f64(),
            training_seconds: clock.trained.map_or(0.0, |trained| trained.as_secs_f64()),
            items: clock.items as u64,
            data_wait: None,
            left: Some(mean * self.total_epochs.saturating_sub(self.epoch) as f64),
        };
        self.epochs.timed(tracker, self.epoch, times);
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
            message(tracker, Level::Error, text.clone());
            conclude(tracker, Outcome::Failed(text));
        } else if interrupter.should_stop() && self.last_finished < total {
            let reason = interrupter.get_message().unwrap_or_else(|| "no reason given".to_owned());
            let text = format!("training was stopped in epoch {epoch} of {total}: {reason}");
            message(tracker, Level::Warning, text);
            conclude(tracker, Outcome::Stopped(reason));
        } else if self.session.was_told_to_stop() {
            let reason = Session::asked_to_stop(tracker).unwrap_or_default();
            let text = format!("training was stopped after epoch {epoch} of {total}: {reason}");
            message(tracker, Level::Warning, text);
        } else if epoch < total {
            let text = format!("stopped early, after epoch {epoch} of {total}");
            message(tracker, Level::Info, text.clone());
            tracker.record(Event::Conclusion { text });
        }
    }
}

/// Tells the run how the training came out.
fn conclude(tracker: &dyn Tracker, outcome: Outcome) {
    if let Some(run) = tracker.context() {
        run.conclude(outcome);
    }
}

fn message(tracker: &dyn Tracker, level: Level, text: String) {
    tracker.record(Event::Message { level, text });
}
