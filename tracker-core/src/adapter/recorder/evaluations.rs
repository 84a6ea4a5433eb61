//! What evaluations tell.

use std::{
    mem,
    thread::{self, ThreadId},
    time::Instant,
};

use crate::adapter::recorder::{
    reading::ReadBack,
    row::StepTime,
    series::Shown,
    state::{Recorder, Waiting},
    step_values::StepValues,
};

/// An evaluation that goes on, and what it measured so far.
#[derive(Debug)]
pub struct OpenEvaluation {
    /// The index of its name.
    index: usize,
    /// Where the training stood when it began.
    step: u64,
    begun: Instant,
    thread: ThreadId,
    current: StepValues,
    /// The batches that are over.
    batches: Vec<StepValues>,
    cut_short: bool,
}

impl OpenEvaluation {
    pub(super) fn values(&mut self) -> &mut StepValues {
        &mut self.current
    }

    /// Takes the size of a batch, once for each.
    pub fn state_items(&mut self, items: u64) {
        self.current.state_items(items);
    }

    /// A batch of the evaluation is over: what follows has another size.
    pub fn end_batch(&mut self) {
        let values = mem::take(&mut self.current);
        if !values.is_empty() {
            self.batches.push(values);
        }
    }

    /// Its batches ended before their time: a part of an evaluation is none.
    pub fn cut_short(&mut self) {
        self.cut_short = true;
    }

    fn into_values(mut self) -> Vec<StepValues> {
        self.end_batch();
        if self.cut_short { Vec::new() } else { self.batches }
    }
}

impl<R: ReadBack> Recorder<R> {
    /// An evaluation begins, at the step of the last training value.
    pub fn begin_evaluation(&mut self, name: &str) -> OpenEvaluation {
        self.begin();
        if !self.counter.is_known() && !self.row.is_empty() {
            self.step_uncounted();
        }
        let thread = thread::current().id();
        self.scopes.push(thread);
        self.clock.interrupt();
        OpenEvaluation {
            index: self.writer.scope(name),
            step: self.last_step(),
            begun: Instant::now(),
            thread,
            current: StepValues::default(),
            batches: Vec::new(),
            cut_short: false,
        }
    }

    /// An evaluation is over. One that is not `complete`, because a panic left it, is none.
    pub fn end_evaluation(&mut self, open: OpenEvaluation, complete: bool) {
        if let Some(of) = self.scopes.iter().rposition(|thread| *thread == open.thread) {
            self.scopes.remove(of);
        }
        self.leave_out(&open);
        let (index, at) = (open.index, StepTime::now(open.step));
        let is_wanted = complete && !self.is_on_the_way();
        let batches = if is_wanted { open.into_values() } else { Vec::new() };
        if !batches.is_empty() {
            self.waiting.push_back(Waiting::Evaluation(index, at, batches));
            if let Some(epoch) = &mut self.epoch {
                epoch.evaluated = true;
            }
            self.decide_left(true);
        }
        self.settle();
        if self.stepped || self.row.is_empty() {
            // The next step begins; one that was interrupted has no time.
            self.clock.start();
        }
    }

    /// What evaluations gave in the epoch that is open, if that was at its last step; `None` without an
    /// epoch.
    pub fn evaluated_in_epoch(&self) -> Option<Vec<Shown>> {
        let is_of_step = self.writer.evaluated_at() == self.last_step();
        let values = self.writer.evaluated_in_epoch()?;
        Some(if is_of_step { values.to_vec() } else { Vec::new() })
    }

    /// Whether this thread evaluates.
    pub(super) fn is_evaluating(&self) -> bool {
        self.scopes.contains(&thread::current().id())
    }

    /// The time of an evaluation is not that of the training around it.
    fn leave_out(&mut self, open: &OpenEvaluation) {
        if self.scopes.contains(&open.thread) {
            return;
        }
        let seconds = open.begun.elapsed().as_secs_f64();
        if let Some(batches) = &mut self.batches {
            batches.evaluating += seconds;
        } else if let Some(epoch) = &mut self.epoch {
            epoch.evaluating += seconds;
        }
    }
}
