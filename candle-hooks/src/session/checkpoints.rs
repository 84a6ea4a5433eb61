//! Checkpoints, and going on from one.

use std::any::type_name;

use candle_core::Var;
use candle_nn::SGD;
use tracker_core::adapter::{
    checkpoints::{CheckpointOptions, Restored},
    recorder::{Recorder, Role, Shown},
};

use crate::{
    RestoreError, Weights,
    checkpoints::{self, Checkpoints},
    problem,
    session::{RestoredOptimizer, Session},
};

/// Optimizers.
impl Session {
    fn optimizer_name(&self, role: Role) -> String {
        self.recorder.optimizer_name(role.index()).to_owned()
    }

    /// An optimizer of this type was wrapped.
    pub(crate) fn know_optimizer(&mut self, role: Role, type_name: &'static str) {
        let name = self.optimizer_name(role);
        self.checkpointing.optimizers.retain(|(known, _)| *known != name);
        self.checkpointing.optimizers.push((name, type_name));
    }

    /// Keeps what an optimizer remembers in the checkpoints, and restores it with them.
    pub(crate) fn add_state(&mut self, role: Role, variables: Vec<(String, Var)>) {
        let name = self.optimizer_name(role);
        if self.checkpointing.is_restored && !variables.is_empty() {
            self.problem(problem::state_after_restoring(&name));
        }
        if let Some(checkpoints) = &mut self.checkpointing.checkpoints {
            checkpoints.add_state(&name, variables.clone());
        }
        self.checkpointing.states.retain(|(known, _)| *known != name);
        self.checkpointing.states.push((name, variables));
    }

    /// How an optimizer stood at the checkpoint, the first time that it is asked for.
    pub(crate) fn take_restored(&mut self, role: Role) -> Option<RestoredOptimizer> {
        let found = self.find_restored(role)?;
        Some(self.checkpointing.restored.swap_remove(found).1)
    }

    /// The learning rate that an optimizer had at the checkpoint, until it has it again.
    pub(crate) fn restored_rate(&self, role: Role) -> Option<f64> {
        self.checkpointing.restored.get(self.find_restored(role)?)?.1.learning_rate
    }

    fn find_restored(&self, role: Role) -> Option<usize> {
        if self.checkpointing.restored.is_empty() || self.recorder.is_former_owner(role) {
            return None;
        }
        if matches!(role, Role::Owner(_)) && !self.recorder.awaits_restored_owner() {
            return None;
        }
        let name = self.optimizer_name(role);
        self.checkpointing.restored.iter().position(|(of, _)| *of == name)
    }

    /// Says of which optimizers a restored training has lost what they remembered.
    fn tell_lost_states(&self) {
        for (name, of) in &self.checkpointing.optimizers {
            let is_kept = self.checkpointing.states.iter().any(|(known, _)| known == name);
            if !is_kept && *of != type_name::<SGD>() {
                self.problem(problem::optimizer_begins_anew(name, of));
            }
        }
    }
}

/// Saving.
impl Session {
    /// Saves checkpoints of these weights from now on. Of several processes only the first does.
    pub(crate) fn keep(&mut self, weights: Weights, options: CheckpointOptions) {
        self.checkpointing.folder = options.own_folder().map(ToOwned::to_owned);
        let tracker = self.recorder.tracker();
        if !self.recorder.is_tracked() || tracker.context().is_some_and(|run| run.rank() > 0) {
            return;
        }
        if self.checkpointing.checkpoints.is_some() {
            self.problem(problem::two_checkpoints());
        }
        let tracker = std::sync::Arc::clone(self.recorder.tracker());
        let mut checkpoints = Checkpoints::new(tracker, weights, options);
        for (name, variables) in &self.checkpointing.states {
            checkpoints.add_state(name, variables.clone());
        }
        self.checkpointing.checkpoints = Some(checkpoints);
    }

    /// Saves a checkpoint after an epoch, if one is due. `count` is how many epochs are over.
    pub(super) fn keep_epoch(&mut self, number: Option<u64>, count: u64, values: &[Shown]) {
        let Some(checkpoints) = &self.checkpointing.checkpoints else { return };
        if checkpoints.keeper.is_due_after_epoch(count) {
            self.save(number, values);
        } else {
            self.save_if_due();
        }
    }

    /// Saves a checkpoint after a step, if one is due.
    pub(super) fn keep_step(&mut self) {
        let Some(checkpoints) = &self.checkpointing.checkpoints else { return };
        if checkpoints.keeper.is_due_after_step(self.recorder.last_step()) {
            self.checkpointing.is_due = true;
            if !self.recorder.has_owner() && !self.recorder.is_in_batch() {
                // Nobody says when the next step begins.
                self.save_if_due();
            }
        }
    }

    /// Saves a checkpoint at the end of the run where they are saved within epochs, unless the last step
    /// has one.
    pub(super) fn keep_end(&mut self) {
        let Some(checkpoints) = &self.checkpointing.checkpoints else { return };
        let is_saved = self.checkpointing.saved_step == Some(self.recorder.last_step());
        if checkpoints.keeper.is_due_at_end() && !is_saved && self.recorder.steps() > 0 {
            self.checkpointing.is_due = true;
        }
    }

    /// Saves a checkpoint of the last step if one is due, before something changes the weights.
    pub(crate) fn save_if_due(&mut self) {
        if self.checkpointing.is_due {
            self.record(Recorder::flush_steps);
            self.save_evaluated();
        }
    }

    /// Saves a checkpoint as things stand, with what evaluations gave last.
    pub(crate) fn save_now(&mut self) {
        if !self.recorder.is_tracked() {
            return;
        }
        if self.checkpointing.checkpoints.is_none() {
            return self.problem(problem::no_checkpoints());
        }
        if self.recorder.steps() == 0 {
            return self.problem(problem::nothing_trained());
        }
        self.record(Recorder::flush);
        self.save_evaluated();
    }

    fn save_evaluated(&mut self) {
        // What was evaluated before says nothing of these weights.
        let values = self.checkpointing.evaluated.at(self.recorder.last_step());
        self.save(None, &values);
    }

    fn save(&mut self, epoch: Option<u64>, values: &[Shown]) {
        self.checkpointing.is_due = false;
        self.checkpointing.saved_step = Some(self.recorder.last_step());
        let state = self.recorder.training_state(epoch, values);
        if let Some(checkpoints) = &mut self.checkpointing.checkpoints {
            checkpoints.save(state);
        }
    }

    /// Says, once, if checkpoints were asked for and none was saved of what was trained.
    pub(super) fn tell_never_saved(&mut self) {
        let is_asked = self.checkpointing.checkpoints.is_some() && self.recorder.steps() > 0;
        if is_asked && self.checkpointing.saved_step.is_none() {
            self.checkpointing.saved_step = Some(self.recorder.last_step());
            self.problem(problem::never_saved());
        }
    }

    /// Waits until all checkpoints are on the disk.
    pub(crate) fn wait_for_checkpoints(&mut self) {
        if let Some(checkpoints) = &mut self.checkpointing.checkpoints {
            checkpoints.keeper.wait();
        }
    }
}

/// Going on.
impl Session {
    /// Sets weights, optimizers, step and epoch to those of the newest checkpoint.
    pub(crate) fn restore(&mut self, weights: &Weights) -> Result<Option<Restored>, RestoreError> {
        let folder = self.checkpointing.folder.as_deref();
        let states = &self.checkpointing.states;
        let restored = checkpoints::restore(&**self.recorder.tracker(), weights, states, folder)?;
        if let Some(restored) = &restored {
            self.go_on_from(restored);
        }
        Ok(restored)
    }

    /// Sets weights to those of the best checkpoint.
    pub(crate) fn load_best(
        &mut self,
        weights: &Weights,
    ) -> Result<Option<Restored>, RestoreError> {
        if !self.recorder.is_in_batch() {
            self.save_if_due();
        }
        self.wait_for_checkpoints();
        let folder = self.checkpointing.folder.as_deref();
        checkpoints::load_best(&**self.recorder.tracker(), weights, folder)
    }

    fn go_on_from(&mut self, restored: &Restored) {
        if let Some(checkpoints) = &mut self.checkpointing.checkpoints {
            checkpoints.keeper.goes_on_after(restored.step());
        }
        self.checkpointing.is_restored = true;
        self.checkpointing.saved_step = Some(restored.step());
        let rates = restored.learning_rates();
        for (name, steps) in restored.optimizer_steps() {
            let rate = rates.iter().find(|(of, _)| of == name);
            let learning_rate = rate.map(|(_, rate)| *rate);
            let optimizer = RestoredOptimizer { steps: *steps, learning_rate };
            self.checkpointing.restored.push((name.clone(), optimizer));
        }
        self.tell_lost_states();
        self.recorder.go_on_from(restored.state());
    }
}
