//! Saving checkpoints of a loop, and going on from one.

use std::{path::PathBuf, sync::Arc};

use burn::{
    module::Module,
    optim::{ModuleOptimizer, OptimizerRecord},
    store::ModuleRecord,
};
use tracker_core::{
    Problem, Tracker,
    adapter::{
        checkpoints::{CheckpointKeeper, CheckpointOptions, Evaluated, Restored, find},
        recorder::{Milestone, Recorder},
    },
};

use crate::{
    ResumeError,
    custom_loop::{
        readings::Readings,
        record_files::{RecordFiles, Snapshot},
    },
};

/// Who keeps the checkpoints of a loop.
#[derive(Debug)]
pub(crate) struct Saving {
    keeper: CheckpointKeeper<RecordFiles>,
    /// Where the user wants them.
    folder: Option<PathBuf>,
    /// The step of the last one that was saved or restored.
    saved_step: Option<u64>,
    /// Whether the loop ever asked for one.
    is_asked: bool,
    /// What evaluations gave at a step, in a training without epochs.
    evaluated: Evaluated,
}

impl Saving {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, options: CheckpointOptions) -> Self {
        Self {
            folder: options.own_folder().map(ToOwned::to_owned),
            keeper: CheckpointKeeper::new(tracker, options),
            saved_step: None,
            is_asked: false,
            evaluated: Evaluated::default(),
        }
    }

    /// Remembers what evaluations gave since it was asked last, for a checkpoint of the same step.
    pub(crate) fn hear(&mut self, recorder: &mut Recorder<Readings>) {
        for milestone in recorder.take_milestones() {
            if let Milestone::Evaluated { step, values } = milestone {
                self.evaluated.add(step, values);
            }
        }
    }

    /// Saves a checkpoint where one is due: of the last step, or of the epoch whose batches are over. The
    /// batch that is out is over.
    pub(crate) fn save_if_due(
        &mut self,
        recorder: &mut Recorder<Readings>,
        take: impl FnOnce() -> Result<Snapshot, String>,
    ) {
        self.is_asked = true;
        recorder.close_batch();
        let step = recorder.last_step();
        if recorder.steps() == 0 {
            return;
        }
        let is_due = match recorder.epoch_after_batches() {
            Some((_, place)) => self.keeper.is_due_after_epoch(place),
            None => false,
        };
        if is_due || self.saved_step != Some(step) && self.keeper.is_due_after_step(step) {
            self.save(recorder, take);
        }
    }

    fn save(
        &mut self,
        recorder: &mut Recorder<Readings>,
        take: impl FnOnce() -> Result<Snapshot, String>,
    ) {
        recorder.flush();
        self.hear(recorder);
        self.saved_step = Some(recorder.last_step());
        let epoch = recorder.epoch_after_batches().and_then(|(number, _)| number);
        let values = recorder.evaluated_in_epoch();
        let values = values.unwrap_or_else(|| self.evaluated.at(recorder.last_step()));
        self.keeper.save(recorder.training_state(epoch, &values), take);
    }

    /// Waits until all are on the disk, and says if none was ever asked for.
    pub(crate) fn end(&mut self, recorder: &Recorder<Readings>) {
        self.keeper.wait();
        if recorder.steps() > 0 && self.saved_step.is_none() {
            self.saved_step = Some(recorder.last_step());
            recorder.problem(if self.is_asked { never_due() } else { never_asked() });
        }
    }

    pub(crate) fn wait(&mut self) {
        self.keeper.wait();
    }

    /// Sets model and optimizer to those of the newest checkpoint of a resumed run.
    pub(crate) fn restore<M: Module>(
        &mut self,
        recorder: &mut Recorder<Readings>,
        model: &mut M,
        optimizer: &mut ModuleOptimizer,
    ) -> Result<Option<Restored>, ResumeError> {
        let tracker = Arc::clone(recorder.tracker());
        let Some(found) = find::<RecordFiles>(&*tracker, self.folder.as_deref(), true)? else {
            return Ok(None);
        };
        let not_fitting = |path: &PathBuf, error: &dyn ToString| ResumeError::NotFitting {
            path: path.clone(),
            reason: error.to_string(),
        };
        let record =
            ModuleRecord::load(&found.model).map_err(|error| not_fitting(&found.path, &error))?;
        let loaded = model.clone().try_load_record(record);
        let loaded = loaded.map_err(|error| not_fitting(&found.path, &error))?;
        if let Some((path, file)) = &found.optimizer {
            let record = OptimizerRecord::load(file).map_err(|error| not_fitting(path, &error))?;
            *optimizer = optimizer.clone().load_record(record);
        }
        *model = loaded;
        let has_optimizer = found.optimizer.is_some();
        let restored = found.go_on(&*tracker, has_optimizer);
        let restored = restored.map_err(|source| ResumeError::Store { source })?;
        self.keeper.goes_on_after(restored.step());
        self.saved_step = Some(restored.step());
        recorder.go_on_from(restored.state());
        Ok(Some(restored))
    }
}

fn never_asked() -> Problem {
    Problem::new(
        "no-checkpoint-saved",
        "checkpoints were asked for, and the loop never called `hooks.checkpoint(..)`",
        "call `hooks.checkpoint(&model, &optimizer)` after each step and after each epoch; it saves \
         where one is due",
    )
}

fn never_due() -> Problem {
    Problem::new(
        "no-checkpoint-saved",
        "checkpoints were asked for, and none was due: no epoch was over when the loop asked",
        "call `hooks.checkpoint(..)` as the last thing in each epoch, whose batches are wrapped, or save every \
         so many steps with `CheckpointOptions::new().every_steps(100)`",
    )
}
