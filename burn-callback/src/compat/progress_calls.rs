//! How Burn tells a renderer of progress.

use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};

use super::{Told, processed, total};
use crate::{bars::Bars, options::UsersProgress, renderer::RunRenderer};

impl TrainingProgressLogger for RunRenderer {
    fn start(
        &mut self,
        total_epochs: usize,
        starting_epoch: usize,
        total_items: Option<usize>,
        label: Option<&str>,
    ) {
        self.progress.begin(total_epochs, starting_epoch);
        self.show(
            |bars| bars.begin(total_epochs, starting_epoch),
            |burns| burns.start(total_epochs, starting_epoch, total_items, label),
        );
    }

    fn start_split(&mut self, split: &str, told: Told<'_>) {
        self.progress.begin_split(split);
        self.show(
            |bars| bars.begin_split(split, total(told)),
            |burns| burns.start_split(split, told),
        );
    }

    fn update_split(&mut self, told: Told<'_>) {
        self.progress.batch(processed(told));
        self.show(|bars| bars.batch(processed(told)), |burns| burns.update_split(told));
    }

    #[cfg(not(feature = "burn-0-23"))]
    fn end_split(&mut self) {
        self.progress.split_ended();
        self.show(Bars::end_split, |burns| burns.end_split());
    }

    #[cfg(feature = "burn-0-23")]
    fn end_split(&mut self, told: Told<'_>) {
        self.progress.split_ended();
        self.show(Bars::end_split, |burns| burns.end_split(told));
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.progress.epoch_ended(epoch);
        self.show(Bars::end_epoch, |burns| burns.update_epoch(epoch));
    }

    fn end(&mut self) {
        self.progress.training_ended();
        self.show(Bars::finish, |burns| burns.end());
    }

    fn log_event_training(&mut self, event: String) {
        self.show(|_| (), |burns| burns.log_event_training(event));
    }
}

impl TrainingProgressLogger for UsersProgress {
    fn start(
        &mut self,
        total_epochs: usize,
        starting_epoch: usize,
        total_items: Option<usize>,
        label: Option<&str>,
    ) {
        self.0.start(total_epochs, starting_epoch, total_items, label);
    }

    fn start_split(&mut self, split: &str, told: Told<'_>) {
        self.0.start_split(split, told);
    }

    fn update_split(&mut self, told: Told<'_>) {
        self.0.update_split(told);
    }

    #[cfg(not(feature = "burn-0-23"))]
    fn end_split(&mut self) {
        self.0.end_split();
    }

    #[cfg(feature = "burn-0-23")]
    fn end_split(&mut self, told: Told<'_>) {
        self.0.end_split(told);
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.0.update_epoch(epoch);
    }

    fn end(&mut self) {
        self.0.end();
    }

    fn log_event_training(&mut self, event: String) {
        self.0.log_event_training(event);
    }
}

impl EvaluationProgressLogger for RunRenderer {
    fn start_global_progress(&mut self, total_tests: usize) {
        self.show(|_| (), |burns| burns.start_global_progress(total_tests));
    }

    fn start_test(&mut self, name: &str, told: Told<'_>) {
        self.begin_test(name, total(told));
        self.show(|bars| bars.begin_test(name, total(told)), |burns| burns.start_test(name, told));
    }

    fn update_test_progress(&mut self, told: Told<'_>) {
        self.test_batch(processed(told));
        self.show(|bars| bars.batch(processed(told)), |burns| burns.update_test_progress(told));
    }

    #[cfg(not(feature = "burn-0-23"))]
    fn end_test(&mut self) {
        self.end_test_split(false);
        self.show(|_| (), |burns| burns.end_test());
    }

    #[cfg(feature = "burn-0-23")]
    fn end_test(&mut self, told: Told<'_>) {
        self.end_test_split(!super::is_whole(told));
        self.show(|_| (), |burns| burns.end_test(told));
    }

    fn end_global_progress(&mut self) {
        self.show(Bars::finish, |burns| burns.end_global_progress());
    }

    fn log_event_evaluation(&mut self, event: String) {
        self.show(|_| (), |burns| burns.log_event_evaluation(event));
    }
}
