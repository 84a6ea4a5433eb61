//! An evaluation that ends with its scope.

use parking_lot::Mutex;

use crate::adapter::recorder::{evaluations::OpenEvaluation, handle::LoopHandle, state::Recorder};

/// Takes what an evaluation measures, from any thread, until [`end`](Self::end). One that a panic
/// leaves is none.
#[derive(Debug)]
pub struct EvaluationScope<'a, H: LoopHandle> {
    handle: &'a H,
    /// `None` where nothing is recorded.
    open: Mutex<Option<OpenEvaluation>>,
}

impl<'a, H: LoopHandle> EvaluationScope<'a, H> {
    /// Begins an evaluation with a name, such as `valid`.
    pub fn begin(handle: &'a H, name: &str) -> Self {
        let open = handle.record(|recorder| recorder.begin_evaluation(name));
        Self { handle, open: Mutex::new(open) }
    }

    /// Hands something over to the evaluation.
    pub fn record(&self, work: impl FnOnce(&mut Recorder<H::Readings>, &mut OpenEvaluation)) {
        self.handle.record(|recorder| {
            if let Some(open) = &mut *self.open.lock() {
                work(recorder, open);
            }
        });
    }

    /// Says how many items a batch has, once for each batch.
    pub fn state_items(&self, items: u64) {
        if let Some(open) = &mut *self.open.lock() {
            open.state_items(items);
        }
    }

    /// Logs what was measured.
    pub fn end(self) {
        self.close(true);
    }

    fn close(&self, complete: bool) {
        let open = self.open.lock().take();
        if let Some(open) = open {
            self.handle.record(|recorder| recorder.end_evaluation(open, complete));
        }
    }
}

impl<H: LoopHandle> Drop for EvaluationScope<'_, H> {
    /// Only a panic comes here with the scope open: half an evaluation is none.
    fn drop(&mut self) {
        self.close(false);
    }
}
