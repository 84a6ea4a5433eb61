//! Gradients and weights that are looked at now and then.

use std::sync::Arc;

use candle_core::Error;
use tracker_core::{
    Step, Timestamp, Tracker,
    adapter::{
        WatchLog,
        recorder::{OptimizerIndex, Role},
        watch_not_read,
    },
};

use crate::{
    problem,
    session::{
        Session,
        watched::{DueWatch, Watch, WatchSource},
    },
    watch::Before,
};

impl Session {
    /// Watches the variables that an optimizer trains; the unnamed one where there is no name. Other
    /// ranks than the first have the same weights, and are not watched.
    pub(crate) fn watch(&mut self, optimizer: Option<&str>, source: WatchSource) {
        let tracker = self.recorder.tracker();
        if !self.recorder.is_tracked() || tracker.context().is_some_and(|run| run.rank() > 0) {
            return;
        }
        let log = WatchLog::new(Arc::clone(tracker), source.options()).without_gradient_total();
        let named = optimizer.map(|name| self.recorder.named(name).index());
        let optimizer = named.unwrap_or(OptimizerIndex::OWNER);
        let watcher = source.watcher();
        let source = Some(source).filter(|_| watcher.is_empty());
        self.watches.push(Watch { optimizer, watcher, log, source, flight: None });
    }

    /// The models to look at in the next step of an optimizer.
    pub(crate) fn due_watches(&mut self, role: Role) -> Vec<DueWatch> {
        self.look_again(role.index());
        let taken = self.recorder.taken(role.index());
        let is_due =
            |watch: &&Watch| watch.optimizer == role.index() && watch.watcher.is_due(taken);
        let all = self.watches.iter().enumerate();
        all.filter(|(_, watch)| is_due(watch))
            .map(|(index, watch)| DueWatch { index, watcher: Arc::clone(&watch.watcher) })
            .collect()
    }

    /// Looks again for variables where there were none when the model was given: its layers may have
    /// been made since.
    fn look_again(&mut self, optimizer: OptimizerIndex) {
        let of_optimizer = |watch: &&mut Watch| watch.optimizer == optimizer;
        let mut none = false;
        for watch in self.watches.iter_mut().filter(of_optimizer) {
            if let Some(source) = watch.source.take() {
                watch.watcher = source.watcher();
                none |= watch.watcher.is_empty();
            }
        }
        if none {
            self.problem(problem::nothing_to_watch());
        }
    }

    /// Whether a model is looked at in the next step of an optimizer.
    pub(super) fn is_watch_due(&self, optimizer: OptimizerIndex) -> bool {
        let taken = self.recorder.taken(optimizer);
        let mut watches = self.watches.iter().filter(|watch| watch.optimizer == optimizer);
        watches.any(|watch| watch.watcher.is_due(taken))
    }

    /// Looks at a model after the step that is still open.
    pub(crate) fn end_watch(&mut self, due: &DueWatch, before: Before) {
        let step = Step(self.recorder.steps());
        match due.watcher.after_step(before, self.recorder.readings()) {
            Ok(sample) if sample.is_empty() => {}
            Ok(sample) => {
                self.samples.push_back((due.index, step, Timestamp::now(), sample));
                self.act();
            }
            Err(error) => self.watch_failed(&error),
        }
    }

    pub(crate) fn watch_failed(&self, error: &Error) {
        self.problem(watch_not_read(self.recorder.steps().into(), error));
    }
}
