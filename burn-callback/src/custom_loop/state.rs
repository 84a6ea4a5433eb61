//! The recorder behind the hooks, and the evaluation that is open.

use std::sync::Arc;

use tracker_core::{
    Outcome, Problem, Tracker,
    adapter::recorder::{Count, OpenEvaluation, OptimizerIndex, Recorder},
};

use crate::custom_loop::{
    readings::{Readings, Value},
    values::LoopValue,
};

/// Everything that the hooks of one training share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) recorder: Recorder<Readings>,
    /// What is measured while one is open belongs to it.
    pub(crate) evaluation: Option<OpenEvaluation>,
}

impl State {
    pub(crate) fn new(tracker: Arc<dyn Tracker>) -> Self {
        Self { recorder: Recorder::new(tracker, Readings::default()), evaluation: None }
    }

    pub(crate) fn metric(&mut self, name: &str, value: &LoopValue) {
        let value = match value.single(name, self.recorder.step()) {
            Ok(value) => value,
            Err(problem) => return self.recorder.problem(problem),
        };
        match &mut self.evaluation {
            Some(open) => self.recorder.evaluation_metric(open, name, value),
            None if name == "loss" => self.recorder.loss(OptimizerIndex::OWNER, value),
            None => self.recorder.metric(name, value),
        }
    }

    pub(crate) fn answers(&mut self, count: Result<Count<Value>, Problem>) {
        match (count, &mut self.evaluation) {
            (Err(problem), _) => self.recorder.problem(problem),
            (Ok(count), Some(open)) => self.recorder.evaluation_answers(open, &count, 1),
            (Ok(count), None) => self.recorder.answers(&count, 1),
        }
    }

    pub(crate) fn state_items(&mut self, items: u64) {
        match &mut self.evaluation {
            Some(open) => open.state_items(items),
            None => self.recorder.state_items(items),
        }
    }

    pub(crate) fn begin_evaluation(&mut self, name: &str) {
        self.evaluation = Some(self.recorder.begin_evaluation(name));
    }

    pub(crate) fn end_evaluation(&mut self, complete: bool) {
        if let Some(open) = self.evaluation.take() {
            self.recorder.end_evaluation(open, complete);
        }
    }

    pub(crate) fn end(&mut self, outcome: &Outcome) {
        self.recorder.end(Some(outcome));
    }
}
