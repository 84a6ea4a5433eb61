//! How Burn tells the renderer of a reinforcement learning of progress.

use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};

use super::Told;
use crate::reinforcement::RlRenderer;

impl TrainingProgressLogger for RlRenderer {
    fn start(
        &mut self,
        total_epochs: usize,
        starting_epoch: usize,
        total_items: Option<usize>,
        label: Option<&str>,
    ) {
        self.show(|shown| shown.start(total_epochs, starting_epoch, total_items, label));
    }

    /// Only an evaluation is a split.
    fn start_split(&mut self, split: &str, told: Told<'_>) {
        self.begin_evaluation(split);
        self.show(|shown| shown.start_split(split, told));
    }

    fn update_split(&mut self, told: Told<'_>) {
        self.show(|shown| shown.update_split(told));
    }

    #[cfg(not(feature = "burn-0-23"))]
    fn end_split(&mut self) {
        self.end_evaluation(true);
        self.show(|shown| shown.end_split());
    }

    #[cfg(feature = "burn-0-23")]
    fn end_split(&mut self, told: Told<'_>) {
        self.end_evaluation(super::is_whole(told));
        self.show(|shown| shown.end_split(told));
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.show(|shown| shown.update_epoch(epoch));
    }

    fn end(&mut self) {
        self.training_ended();
        self.show(|shown| shown.end());
    }

    fn log_event_training(&mut self, event: String) {
        self.event(&event);
        self.show(|shown| shown.log_event_training(event));
    }
}

impl EvaluationProgressLogger for RlRenderer {
    fn start_global_progress(&mut self, total_tests: usize) {
        self.show(|shown| shown.start_global_progress(total_tests));
    }

    fn start_test(&mut self, name: &str, told: Told<'_>) {
        self.show(|shown| shown.start_test(name, told));
    }

    fn update_test_progress(&mut self, told: Told<'_>) {
        self.show(|shown| shown.update_test_progress(told));
    }

    #[cfg(not(feature = "burn-0-23"))]
    fn end_test(&mut self) {
        self.show(|shown| shown.end_test());
    }

    #[cfg(feature = "burn-0-23")]
    fn end_test(&mut self, told: Told<'_>) {
        self.show(|shown| shown.end_test(told));
    }

    fn end_global_progress(&mut self) {
        self.show(|shown| shown.end_global_progress());
    }

    fn log_event_evaluation(&mut self, event: String) {
        self.show(|shown| shown.log_event_evaluation(event));
    }
}
