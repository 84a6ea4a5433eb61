//! What evaluations tell.

use std::{
    thread::{self, ThreadId},
    time::Instant,
};

use crate::{
    row::StepTime,
    session::{Session, state::Waiting},
    step_values::StepValues,
};

/// An evaluation that goes on.
#[derive(Debug)]
pub(crate) struct OpenScope {
    /// The index of its name.
    index: usize,
    /// Where the training stood when it began.
    step: u64,
    begun: Instant,
    thread: ThreadId,
}

impl Session {
    pub(crate) fn begin_scope(&mut self, name: &str) -> OpenScope {
        self.begin();
        let thread = thread::current().id();
        self.scopes.push(thread);
        self.clock.interrupt();
        let index = self.writer.scope(name);
        OpenScope { index, step: self.last_step(), begun: Instant::now(), thread }
    }

    pub(crate) fn end_scope(&mut self, scope: &OpenScope, values: StepValues) {
        if let Some(open) = self.scopes.iter().rposition(|thread| *thread == scope.thread) {
            self.scopes.remove(open);
        }
        self.leave_out(scope);
        if !values.is_empty() {
            let at = StepTime::now(scope.step);
            self.waiting.push_back(Waiting::Evaluation(scope.index, at, values));
            if let Some(epoch) = &mut self.epoch {
                epoch.evaluated = true;
            }
        }
        self.settle();
        if self.stepped || self.row.is_empty() {
            // The next step begins; one that was interrupted has no time.
            self.clock.start();
        }
    }

    /// Whether this thread evaluates.
    pub(super) fn is_evaluating(&self) -> bool {
        self.scopes.contains(&thread::current().id())
    }

    /// The time of an evaluation is not that of the training around it.
    fn leave_out(&mut self, scope: &OpenScope) {
        if self.scopes.contains(&scope.thread) {
            return;
        }
        let seconds = scope.begun.elapsed().as_secs_f64();
        if let Some(batches) = &mut self.batches {
            batches.evaluating += seconds;
        } else if let Some(epoch) = &mut self.epoch {
            epoch.evaluating += seconds;
        }
    }
}
