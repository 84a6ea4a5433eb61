//! The progress logger: epochs, their time, and how training ended.
//!
//! Burn 0.23 gives its progress calls other arguments. This file and `bars` are all that changes.

use std::{path::PathBuf, sync::Arc, time::Instant};

use burn::train::logger::TrainingProgressLogger;
use tracker_core::{Definition, Level, MetricId, Point, Problem, Stop, TrackerExt};

use crate::{series::Place, session::Session};

/// Follows the training from Burn's train worker. It writes the time of each split, begins no
/// epoch after a stop was requested, and says in the run how training ended.
pub(crate) struct RunProgress {
    session: Arc<Session>,
    /// The folder in which Burn should leave its files; `None` if the user chose it.
    expected: Option<PathBuf>,
    epoch: usize,
    total_epochs: usize,
    finished_epochs: usize,
    split: Option<RunningSplit>,
    ids: Vec<(String, MetricId)>,
}

#[derive(Debug)]
struct RunningSplit {
    place: Place,
    began: Instant,
    items: usize,
}

impl RunProgress {
    pub(crate) fn new(session: Arc<Session>, expected: Option<PathBuf>) -> Self {
        Self {
            session,
            expected,
            epoch: 0,
            total_epochs: 0,
            finished_epochs: 0,
            split: None,
            ids: Vec::new(),
        }
    }

    fn begin_split(&mut self, split: &str) {
        let place = if split == "train" { Place::Train } else { Place::Valid };
        if place == Place::Train && self.finished_epochs > 0 {
            self.check_folder();
            // Burn looks at its interrupter before it saves the checkpoint of an epoch, so a
            // stop after the epoch is only safe once the next one begins.
            self.session.stop_if_asked(Stop::AfterEpoch);
        }
        self.split = Some(RunningSplit { place, began: Instant::now(), items: 0 });
    }

    fn end_split(&mut self) {
        let Some(split) = self.split.take() else { return };
        if self.session.interrupter().should_stop() || split.items == 0 {
            return;
        }
        let seconds = split.began.elapsed().as_secs_f64();
        let step = self.session.step();
        let time = self.id(split.place, "time", || Definition::new().unit("s"));
        let speed = self.id(split.place, "items_per_second", || {
            Definition::new().unit("items/s").higher_is_better()
        });
        let mut points = vec![Point::new(time, step, seconds)];
        if seconds > 0.0 {
            points.push(Point::new(speed, step, split.items as f64 / seconds));
        }
        self.session.write(&points);
    }

    fn id(&mut self, place: Place, name: &str, definition: fn() -> Definition) -> MetricId {
        let path = place.path(name);
        if let Some((_, id)) = self.ids.iter().find(|(known, _)| *known == path) {
            return *id;
        }
        let tracker = self.session.tracker();
        let id = tracker.metric(&path);
        tracker.define(&path, definition());
        self.ids.push((path, id));
        id
    }

    /// Burn's builder keeps its folder to itself, so whether it is the run's can only be seen
    /// from what Burn leaves there.
    fn check_folder(&mut self) {
        let Some(folder) = self.expected.take() else { return };
        if folder.join("experiment.log").exists() || folder.join("checkpoint").exists() {
            return;
        }
        self.session.problem(Problem::new(
            "training-in-another-folder",
            format!("Burn left no file in the run's folder {}", folder.display()),
            "write `SupervisedTraining::new(run.dir(), ..)`, or `.track_in(&run, folder)` with \
             your own folder; otherwise `.summary()` finds no values",
        ));
    }

    /// Early stopping and a finished training look alike to Burn; the number of epochs tells.
    fn tell_end(&mut self) {
        if self.finished_epochs > 0 {
            self.check_folder();
        }
        let (epoch, total) = (self.epoch, self.total_epochs);
        let interrupter = self.session.interrupter();
        if let Some(error) = interrupter.error() {
            let text = format!("training ended in epoch {epoch} of {total} by an error: {error}");
            self.session.message(Level::Error, text);
        } else if interrupter.should_stop() {
            let reason = interrupter.get_message().unwrap_or_else(|| "no reason given".to_owned());
            let text = format!("training was stopped in epoch {epoch} of {total}: {reason}");
            self.session.message(Level::Warning, text);
        } else if epoch < total {
            let text = format!("training ended early, after epoch {epoch} of {total}");
            self.session.message(Level::Info, text);
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
    }

    fn start_split(&mut self, split: &str, _total_items: usize) {
        if split == "train" {
            self.epoch += 1;
        }
        let session = Arc::clone(&self.session);
        session.guarded("progress logger", || self.begin_split(split));
    }

    fn update_split(&mut self, items_processed: usize) {
        if let Some(split) = &mut self.split {
            split.items = split.items.max(items_processed);
        }
    }

    fn end_split(&mut self) {
        let session = Arc::clone(&self.session);
        session.guarded("progress logger", || self.end_split());
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
        self.finished_epochs += 1;
    }

    fn end(&mut self) {
        let session = Arc::clone(&self.session);
        session.guarded("progress logger", || self.tell_end());
    }

    fn log_event_training(&mut self, _event: String) {}
}
