//! What wrapped loops need of the handle that made them.

use crate::{
    Stop,
    adapter::recorder::{reading::ReadBack, state::Recorder},
};

/// The handle that a training loop holds: the adapter's, which has the recorder.
pub trait LoopHandle: Clone {
    /// What brings the framework's numbers to the host.
    type Readings: ReadBack;

    /// Runs `work` on the recorder, and then does what follows from it. `None` where nothing is
    /// recorded.
    fn record<T>(&self, work: impl FnOnce(&mut Recorder<Self::Readings>) -> T) -> Option<T>;

    /// Whether somebody asked the training to end.
    fn stop(&self) -> Stop;

    /// Whether a training that this one goes on from has been through this epoch.
    fn is_trained(&self, epoch: f64) -> bool {
        self.record(|recorder| recorder.is_trained(epoch)).unwrap_or(false)
    }

    /// The batch before is over, and another one is about to be given out.
    fn between_batches(&self) {}

    /// All epochs of a loop are over.
    fn after_epochs(&self) {}

    /// Whether the training is to end: somebody asked the run to stop, or early stopping did.
    fn is_to_end(&self) -> bool {
        let is_stopped = |recorder: &mut Recorder<Self::Readings>| recorder.is_stopped_early();
        self.stop() > Stop::No || self.record(is_stopped).unwrap_or(false)
    }

    /// Whether the batches of a training are to end before the last of them: somebody asked the run
    /// to stop now, or there is no epoch to whose end it could go on.
    fn stops_batches(&self) -> bool {
        let asked = self.stop();
        let ends = |recorder: &mut Recorder<Self::Readings>| {
            !recorder.is_in_epoch() && (asked > Stop::No || recorder.is_stopped_early())
        };
        asked == Stop::Now || self.record(ends).unwrap_or(false)
    }
}
