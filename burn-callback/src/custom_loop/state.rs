//! The recorder behind the hooks, and the evaluation that is open.

use std::sync::Arc;

use tracker_core::{
    Outcome, Problem, Tracker,
    adapter::{
        checkpoints::CheckpointOptions,
        recorder::{Count, OpenEvaluation, OptimizerIndex, Recorder},
    },
};

use crate::{
    custom_loop::{
        readings::{Readings, Value},
        saving::Saving,
        values::LoopValue,
    },
    guard::caught,
};

/// Everything that the hooks of one training share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) recorder: Recorder<Readings>,
    /// What is measured while some are open belongs to the last, which is within the others.
    evaluations: Vec<OpenEvaluation>,
    /// Who keeps checkpoints, once the loop asks for some.
    saving: Option<Saving>,
}

impl State {
    pub(crate) fn new(tracker: Arc<dyn Tracker>) -> Self {
        let recorder = Recorder::new(tracker, Readings::default());
        Self { recorder, evaluations: Vec::new(), saving: None }
    }

    /// Saves checkpoints in this way.
    pub(crate) fn keep(&mut self, options: CheckpointOptions) {
        self.saving = Some(Saving::new(Arc::clone(self.recorder.tracker()), options));
    }

    /// Who keeps checkpoints, and what is recorded; `None` where nothing is saved: of several processes
    /// only the first saves.
    pub(crate) fn saving(&mut self) -> Option<(&mut Saving, &mut Recorder<Readings>)> {
        let is_other = self.recorder.tracker().context().is_some_and(|run| run.rank() > 0);
        if is_other { None } else { self.keeping() }
    }

    /// The same where a checkpoint is restored: all processes do. `None` where nothing is tracked.
    pub(crate) fn keeping(&mut self) -> Option<(&mut Saving, &mut Recorder<Readings>)> {
        if !self.recorder.is_tracked() {
            return None;
        }
        let make = || Saving::new(Arc::clone(self.recorder.tracker()), CheckpointOptions::new());
        Some((self.saving.get_or_insert_with(make), &mut self.recorder))
    }

    /// Acts upon what the recorder tells.
    pub(crate) fn act(&mut self) {
        match &mut self.saving {
            Some(saving) => saving.hear(&mut self.recorder),
            None => drop(self.recorder.take_milestones()),
        }
    }

    /// Waits until all checkpoints are on the disk.
    pub(crate) fn wait_for_checkpoints(&mut self) {
        if let Some(saving) = &mut self.saving {
            saving.wait();
        }
    }

    pub(crate) fn metric(&mut self, name: &str, value: &LoopValue) {
        let value = match value.single(name, self.recorder.step()) {
            Ok(value) => value,
            Err(problem) => return self.recorder.problem(problem),
        };
        match self.evaluations.last_mut() {
            Some(open) => self.recorder.evaluation_metric(open, name, value),
            None if name == "loss" => self.recorder.loss(OptimizerIndex::OWNER, value),
            None => self.recorder.metric(name, value),
        }
    }

    pub(crate) fn answers(&mut self, count: Result<Count<Value>, Problem>) {
        match (count, self.evaluations.last_mut()) {
            (Err(problem), _) => self.recorder.problem(problem),
            (Ok(count), Some(open)) => self.recorder.evaluation_answers(open, &count, 1),
            (Ok(count), None) => self.recorder.answers(&count, 1),
        }
    }

    pub(crate) fn state_items(&mut self, items: u64) {
        match self.evaluations.last_mut() {
            Some(open) => open.state_items(items),
            None => self.recorder.state_items(items),
        }
    }

    /// The evaluation in which things are measured now.
    pub(crate) fn evaluation(&mut self) -> Option<&mut OpenEvaluation> {
        self.evaluations.last_mut()
    }

    pub(crate) fn begin_evaluation(&mut self, name: &str) {
        self.evaluations.push(self.recorder.begin_evaluation(name));
    }

    pub(crate) fn end_evaluation(&mut self, complete: bool) {
        if let Some(open) = self.evaluations.pop() {
            self.recorder.end_evaluation(open, complete);
        }
    }

    pub(crate) fn end(&mut self, outcome: &Outcome) {
        self.recorder.end(Some(outcome));
        self.end_saving();
    }

    fn end_saving(&mut self) {
        if let Some(saving) = &mut self.saving {
            saving.end(&self.recorder);
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // A device that fails must not end a program that may be panicking already.
        caught(|| {
            self.recorder.end(None);
            self.end_saving();
        });
    }
}
