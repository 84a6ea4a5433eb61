//! Gradients and weights that are looked at now and then.

use std::sync::Arc;

use candle_core::{Error, Var};
use tracker_core::{
    Tracker,
    adapter::{WatchLog, WatchOptions, watch_not_read},
};

use crate::{
    row::{OptimizerIndex, StepTime},
    session::{
        Role, Session,
        state::Waiting,
        watched::{DueWatch, Watch},
    },
    watch::{Before, Watcher},
};

impl Session {
    /// Watches the variables that an optimizer trains; the unnamed one where there is no name. Other
    /// ranks than the first have the same weights, and are not watched.
    pub(crate) fn watch(
        &mut self,
        optimizer: Option<&str>,
        variables: Vec<(String, Var)>,
        options: WatchOptions,
    ) {
        if !self.is_tracked || self.tracker.context().is_some_and(|run| run.rank() > 0) {
            return;
        }
        let index = optimizer.map_or(OptimizerIndex::OWNER, |name| self.writer.optimizer(name));
        let log = WatchLog::new(Arc::clone(&self.tracker), &options).without_gradient_total();
        let watcher = Arc::new(Watcher::new(variables, options));
        self.watches.push(Watch { optimizer: index, watcher, log });
    }

    /// The models to look at in the next step of an optimizer.
    pub(crate) fn due_watches(&self, role: Role) -> Vec<DueWatch> {
        let taken = self.taken(role);
        let is_due =
            |watch: &&Watch| watch.optimizer == role.index() && watch.watcher.is_due(taken);
        let all = self.watches.iter().enumerate();
        all.filter(|(_, watch)| is_due(watch))
            .map(|(index, watch)| DueWatch { index, watcher: Arc::clone(&watch.watcher) })
            .collect()
    }

    /// Whether a model is looked at in the next step of an optimizer.
    pub(super) fn is_watch_due(&self, optimizer: OptimizerIndex) -> bool {
        let taken = self.taken.get(optimizer.0).copied().unwrap_or(0);
        let mut watches = self.watches.iter().filter(|watch| watch.optimizer == optimizer);
        watches.any(|watch| watch.watcher.is_due(taken))
    }

    /// Looks at a model after the step that is still open.
    pub(crate) fn end_watch(&mut self, due: &DueWatch, before: Before) {
        match due.watcher.after_step(before, &mut self.readings) {
            Ok(sample) if sample.is_empty() => {}
            Ok(sample) => {
                let at = StepTime::now(self.steps);
                self.waiting.push_back(Waiting::Sample(due.index, at, sample));
            }
            Err(error) => self.watch_failed(&error),
        }
    }

    pub(crate) fn watch_failed(&self, error: &Error) {
        self.problem(watch_not_read(self.steps.into(), error));
    }
}
