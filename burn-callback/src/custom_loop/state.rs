//! The state behind the hooks: which step, which epoch, what waits for its values.

use std::{mem, sync::Arc, time::Instant};

use burn::prelude::*;
use tracker_core::{
    Problem, Step, Timestamp, Tracker,
    progress::{Progress, ProgressMode},
};

use crate::custom_loop::{
    metric_writer::{Means, MetricWriter, Row, definition},
    step_values::{HostValues, Phase, StepValues, Waiting},
};

/// Everything that the hooks of one training share.
#[derive(Debug)]
pub(crate) struct State {
    tracker: Arc<dyn Tracker>,
    writer: MetricWriter,
    progress: Progress,
    waiting: Waiting,
    /// The step of the current batch, or of the next one.
    step: u64,
    batch: StepValues,
    batches: Option<OpenBatches>,
    epoch: Option<OpenEpoch>,
    evaluation: Option<Evaluation>,
}

/// Training batches that are being gone over.
#[derive(Debug)]
struct OpenBatches {
    begun: Instant,
    /// How large the first batch was; 0 before it.
    first_items: u64,
}

#[derive(Debug)]
struct OpenEpoch {
    number: u64,
    begun: Instant,
    first_step: u64,
    means: Means,
    /// Time within training batches, in seconds.
    training: f64,
    cut_short: bool,
    /// What is shown of it beside the means of training.
    evaluated: Vec<(String, f64)>,
}

#[derive(Debug)]
struct Evaluation {
    name: String,
    means: Means,
    cut_short: bool,
    /// The training batch in which it takes place.
    within: StepValues,
}

impl State {
    pub(crate) fn new(tracker: Arc<dyn Tracker>) -> Self {
        Self {
            writer: MetricWriter::new(Arc::clone(&tracker)),
            progress: Progress::from_env(),
            waiting: Waiting::new(),
            step: tracker.context().map_or(0, |run| run.next_step().0),
            batch: StepValues::default(),
            batches: None,
            epoch: None,
            evaluation: None,
            tracker,
        }
    }

    pub(crate) fn show_progress(&mut self, mode: ProgressMode) {
        self.progress = Progress::new(mode);
    }

    /// The step of the current batch.
    pub(crate) fn step(&self) -> u64 {
        self.step
    }

    fn last_step(&self) -> Step {
        Step(self.step.saturating_sub(1))
    }
}

/// Values.
impl State {
    pub(crate) fn loss<const D: usize>(&mut self, loss: &Tensor<D>) {
        if loss.shape().num_elements() != 1 {
            return self.writer.problem(loss_not_scalar(&loss.dims(), self.step));
        }
        if self.batch.loss.is_some() {
            self.next_without_batches();
        }
        self.batch.loss = Some(loss.clone().inner().reshape([1]));
    }

    pub(crate) fn accuracy(&mut self, logits: &Tensor<2>, labels: &Tensor<1, Int>) {
        let ([items, classes], [answers]) = (logits.dims(), labels.dims());
        if items != answers || classes == 0 {
            return self.writer.problem(shapes_differ([items, classes], answers, self.step));
        }
        if self.batch.correct.is_some() {
            self.next_without_batches();
        }
        let answer = logits.clone().inner().argmax(1).reshape([items]);
        let labels = labels.clone().inner().cast(answer.dtype());
        let correct = answer.equal(labels).int().sum();
        self.batch.correct = Some((correct, answers as u64));
        if self.batch.items == 0 {
            self.batch.items = items as u64;
        }
    }

    pub(crate) fn learning_rate(&mut self, rate: f64) {
        self.batch.learning_rate = Some(rate);
    }

    /// Where nobody tells one batch from the next, a second loss begins another one.
    fn next_without_batches(&mut self) {
        if self.batches.is_none() || self.evaluation.is_some() {
            self.end_batch();
        }
    }

    /// Reads what is due, and logs it.
    fn settle(&mut self) {
        if self.waiting.is_due() {
            self.read();
        }
    }

    fn read(&mut self) {
        let count = self.waiting.len() as u64;
        if count == 0 {
            return;
        }
        match self.waiting.read() {
            Ok(batches) => batches.iter().for_each(|values| self.log(values)),
            Err(error) => {
                let problem = not_read(self.step, &error.to_string());
                self.writer.problem(Problem { count, ..problem });
            }
        }
    }

    fn log(&mut self, values: &HostValues) {
        if values.phase == Phase::Evaluation {
            if let Some(evaluation) = &mut self.evaluation {
                evaluation.means.add(values);
            }
            return;
        }
        self.writer.batch(values);
        if let Some(epoch) = &mut self.epoch {
            epoch.means.add(values);
        }
        if let Some(loss) = values.loss {
            self.progress.loss(loss);
        }
    }

    /// Logs all that was measured so far.
    pub(crate) fn flush(&mut self) {
        if self.batches.is_none() && !self.batch.is_empty() {
            self.end_batch();
        }
        self.read();
    }
}

/// Batches.
impl State {
    pub(crate) fn begin_batches(&mut self) {
        if self.evaluation.is_none() {
            self.batch = StepValues::default();
            self.batches = Some(OpenBatches { begun: Instant::now(), first_items: 0 });
        }
    }

    /// A batch of `items` was given out, 0 if the loader does not tell, out of `total`.
    pub(crate) fn begin_batch(&mut self, items: u64, total: u64) {
        self.batch = StepValues { items, ..StepValues::default() };
        if self.evaluation.is_some() {
            return;
        }
        self.tracker.advance(Step(self.step));
        let Some(batches) = &mut self.batches else { return };
        if batches.first_items == 0 {
            batches.first_items = items;
            self.progress.begin_batches((items > 0).then(|| total.div_ceil(items)));
        }
    }

    /// The current batch is over.
    pub(crate) fn end_batch(&mut self) {
        let batch = mem::take(&mut self.batch);
        if self.evaluation.is_some() {
            if !batch.is_empty() {
                self.waiting.push(Phase::Evaluation, batch);
            }
        } else {
            self.tracker.advance(Step(self.step));
            self.waiting.push(Phase::Training(Step(self.step), Timestamp::now()), batch);
            self.step += 1;
            self.progress.batch();
        }
        self.settle();
    }

    pub(crate) fn end_batches(&mut self, cut_short: bool) {
        if let Some(evaluation) = &mut self.evaluation {
            evaluation.cut_short |= cut_short;
            return;
        }
        // The host runs ahead of a device: only after a read is the time that of the work.
        self.read();
        let Some(batches) = self.batches.take() else { return };
        if let Some(epoch) = &mut self.epoch {
            epoch.training += batches.begun.elapsed().as_secs_f64();
            epoch.cut_short |= cut_short;
        }
    }
}

/// Epochs.
impl State {
    pub(crate) fn begin_epoch(&mut self, number: u64, place: u64, epochs: Option<u64>) {
        self.progress.begin_epoch(place, epochs);
        self.epoch = Some(OpenEpoch {
            number,
            begun: Instant::now(),
            first_step: self.step,
            means: Means::default(),
            training: 0.0,
            cut_short: false,
            evaluated: Vec::new(),
        });
    }

    /// Logs the epoch that is open, if one is. What was cut short has no means: they would stand
    /// beside those of whole epochs.
    pub(crate) fn end_epoch(&mut self) {
        self.flush();
        let Some(epoch) = self.epoch.take() else { return };
        if epoch.cut_short || self.step == epoch.first_step {
            return;
        }
        let mut row = Row::new(self.last_step(), Timestamp::now());
        let means = epoch.means.named("train");
        for (metric, mean) in &means {
            self.writer.add(&mut row, metric, *mean);
        }
        self.writer.add(&mut row, "epoch", epoch.number as f64);
        self.writer.add(&mut row, "epoch_seconds", epoch.begun.elapsed().as_secs_f64());
        if epoch.means.items > 0 && epoch.training > 0.0 {
            let speed = epoch.means.items as f64 / epoch.training;
            self.writer.add(&mut row, "items_per_second", speed);
        }
        self.writer.write(&row);
        let shown = means.iter().chain(&epoch.evaluated);
        self.progress.end_epoch(shown.map(|(name, mean)| (name.as_str(), *mean, definition(name))));
    }

    pub(crate) fn end_training(&mut self) {
        self.progress.finish();
    }
}

/// Evaluations.
impl State {
    pub(crate) fn begin_evaluation(&mut self, name: &str) {
        self.flush();
        self.evaluation = Some(Evaluation {
            name: name.to_owned(),
            means: Means::default(),
            cut_short: false,
            within: mem::take(&mut self.batch),
        });
    }

    pub(crate) fn end_evaluation(&mut self, complete: bool) {
        if !self.batch.is_empty() {
            self.end_batch();
        }
        self.read();
        let Some(mut evaluation) = self.evaluation.take() else { return };
        self.batch = mem::take(&mut evaluation.within);
        if !complete || evaluation.cut_short {
            return;
        }
        let mut row = Row::new(self.last_step(), Timestamp::now());
        let means = evaluation.means.named(&evaluation.name);
        for (metric, mean) in &means {
            self.writer.add(&mut row, metric, *mean);
        }
        self.writer.write(&row);
        if let Some(epoch) = &mut self.epoch {
            epoch.evaluated.extend(means);
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.progress.finish();
    }
}

fn loss_not_scalar(dims: &[usize], step: u64) -> Problem {
    Problem::new(
        "loss-not-scalar",
        format!("a loss of shape {dims:?} at step {step} is no single value"),
        "reduce it first, such as with `loss.mean()`",
    )
}

fn shapes_differ(logits: [usize; 2], labels: usize, step: u64) -> Problem {
    Problem::new(
        "accuracy-shapes-differ",
        format!("logits of shape {logits:?} and {labels} labels at step {step} do not fit"),
        "give logits of shape [batch, classes] and labels of shape [batch]",
    )
}

fn not_read(step: u64, error: &str) -> Problem {
    Problem::new(
        "value-not-read",
        format!("a value could not be read from the device up to step {step}: {error}"),
        "the values of these steps are missing; training goes on",
    )
}
