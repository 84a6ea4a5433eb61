//! The same loop, hooked up.

use candle_core::{DType, Result, Tensor};
use candle_hooks::{
    CheckpointOptions, Hooks, Scope, TrackedOptimizer, WatchOptions, clip_grad_norm,
    clip_grad_value, tracker_core::progress::ProgressMode,
};
use candle_nn::Optimizer;

use super::{ByHand, CandleTraining, HookOptions, Steps, model::Model};
use crate::{
    ending::Ending,
    stops::{Evaluates, Stops},
    trackers::Tracking,
};

struct Loop<'a> {
    training: &'a CandleTraining,
    options: &'a HookOptions,
    hooks: Hooks,
    model: &'a Model,
    losses: Vec<f64>,
    batches: usize,
    ending: Ending,
}

pub(super) fn train<O: Optimizer>(
    training: &CandleTraining,
    disabled: bool,
    optimizer: impl Fn(&Model) -> Result<O>,
) -> Result<Ending> {
    let tracking =
        if disabled { Tracking::disabled() } else { Tracking::start(training.hooks.tracker) };
    let model = training.model();
    let hooks = hooks(training, &tracking, &model);
    let optimizer = wrapped(training, &hooks, &model, optimizer(&model)?);
    let (losses, ending) = (Vec::new(), Ending::default());
    let mut looped = Loop {
        training,
        options: &training.hooks,
        hooks,
        model: &model,
        losses,
        batches: 0,
        ending,
    };
    let rate = looped.train(optimizer)?;
    let Loop { mut ending, losses, .. } = looped;
    tracking.finish();
    ending.decide_on(losses);
    ending.decide_on([rate]);
    model.weigh(&mut ending);
    training.marks(&mut ending);
    Ok(ending)
}

fn hooks(training: &CandleTraining, tracking: &Tracking, model: &Model) -> Hooks {
    let options = &training.hooks;
    let mut hooks =
        Hooks::new(std::sync::Arc::clone(&tracking.tracker)).progress(ProgressMode::Off);
    if let Some(every) = options.norm_every {
        hooks = hooks.gradient_norm_every(every);
    }
    if options.tokens {
        hooks = hooks.tokens();
    }
    if options.perplexity {
        hooks = hooks.perplexity();
    }
    if let Some(stopping) = training.stops.of_hooks() {
        hooks = hooks.early_stopping(stopping);
    }
    if let Some(every) = options.watches_every {
        hooks.watch_with(&model.weights, WatchOptions::new().every(every).histogram_bins(4));
    }
    if let Some(every) = options.checkpoints_every {
        let folder = tracking.own_folder();
        let checkpoints = CheckpointOptions::new().every_steps(every).folder(folder);
        hooks.checkpoint_with(&model.weights, checkpoints);
    }
    hooks
}

fn wrapped<O: Optimizer>(
    training: &CandleTraining,
    hooks: &Hooks,
    model: &Model,
    optimizer: O,
) -> TrackedOptimizer<O> {
    let mut optimizer = hooks.optimizer(optimizer).variables(&model.variables);
    if training.accumulate > 1 {
        optimizer = optimizer.accumulate(training.accumulate as u64);
    }
    if let Some(max) = training.clips_norm {
        optimizer = optimizer.clip_grad_norm(max);
    }
    if let Some(schedule) = training.schedule() {
        optimizer = optimizer.schedule(schedule);
    }
    if training.hooks.delegates { optimizer.delegate() } else { optimizer }
}

impl Loop<'_> {
    fn train<O: Optimizer>(&mut self, mut optimizer: TrackedOptimizer<O>) -> Result<f64> {
        let hooks = self.hooks.clone();
        let mut by_hooks = hooks.epochs(1..=self.training.epochs);
        let mut by_hand = 1..=self.training.epochs;
        let wraps = self.options.epochs || matches!(self.training.stops, Stops::Hooks { .. });
        let mut next = || if wraps { by_hooks.next() } else { by_hand.next() };
        let mut is_over = false;
        while let Some(epoch) = next() {
            self.ending.decide(format!("epoch {epoch}"));
            if let Some(rate) = self.training.rate_by_hand(epoch) {
                optimizer.set_learning_rate(rate);
            }
            if self.leaves_in_epoch(epoch, &mut optimizer)? {
                is_over = true;
                break;
            }
            if self.training.steps_with_the_rest {
                optimizer.step_accumulated()?;
            }
            if self.training.evaluates == Evaluates::AfterEpochs {
                self.evaluate()?;
            }
            if self.training.stops.is_time_to_end(&self.losses) {
                self.ending.marks.insert("stopped early");
                is_over = true;
                break;
            }
        }
        let begun = self.ending.decisions.len() as u64;
        if wraps && !is_over && begun < self.training.epochs {
            self.ending.marks.insert("stopped early");
        }
        Ok(optimizer.learning_rate())
    }

    /// Goes over the batches of an epoch. Says whether the loop leaves both.
    fn leaves_in_epoch<O: Optimizer>(
        &mut self,
        epoch: u64,
        optimizer: &mut TrackedOptimizer<O>,
    ) -> Result<bool> {
        let hooks = self.hooks.clone();
        let order = self.training.order();
        let order = if self.options.keeps_order { hooks.order(order) } else { order };
        let batches = || order.batches(epoch, self.training.data.batch).enumerate();
        let (mut by_hooks, mut by_hand) = (hooks.batches(batches()), batches());
        let wraps = self.options.batches;
        let mut next = || if wraps { by_hooks.next() } else { by_hand.next() };
        while let Some((place, indices)) = next() {
            if Some(self.batches) == self.training.leaves_at {
                self.ending.marks.insert("interrupted");
                return Ok(true);
            }
            self.batches += 1;
            let (loss, logits, labels) = self.model.loss(&indices)?;
            self.tell(&loss, &logits, &labels)?;
            self.step(&loss, optimizer)?;
            if self.training.evaluates.is_after_batch(place) {
                self.evaluate()?;
            }
        }
        Ok(false)
    }

    /// Tells the hooks all sorts of things of a batch.
    fn tell(&self, loss: &Tensor, logits: &Tensor, labels: &Tensor) -> Result<()> {
        for dtype in &self.options.loss_types[..self.options.losses] {
            self.hooks.loss(&loss.to_dtype(*dtype)?);
        }
        if self.options.accuracy {
            self.hooks.accuracy(logits, labels)?;
        }
        for (name, value) in &self.options.metrics {
            self.hooks.metric(name, *value);
            self.hooks.metric(name, &(loss * *value)?);
        }
        Ok(())
    }

    fn step<O: Optimizer>(&self, loss: &Tensor, optimizer: &mut TrackedOptimizer<O>) -> Result<()> {
        let mut gradients = match self.training.steps {
            Steps::Whole => return optimizer.backward_step(loss),
            Steps::OneStep => return optimizer.one_step().backward_step(loss),
            Steps::HooksBackward => self.hooks.backward(loss)?,
            Steps::OwnBackward => {
                self.hooks.loss(loss);
                loss.backward()?
            }
        };
        match self.training.clips_by_hand {
            Some(ByHand::Norm(max)) => clip_grad_norm(&self.model.variables, &mut gradients, max)?,
            Some(ByHand::Value(max)) => {
                clip_grad_value(&self.model.variables, &mut gradients, max)?;
            }
            None => {}
        }
        optimizer.step(&gradients)
    }

    fn evaluate(&mut self) -> Result<()> {
        let loss = self.hooks.evaluate(self.options.evaluation, |scope| {
            self.model.evaluate(self.training, |loss, logits, labels| {
                self.tell_scope(scope, loss, logits, labels)
            })
        })?;
        self.losses.push(loss);
        Ok(())
    }

    fn tell_scope(
        &self,
        scope: &Scope<'_>,
        loss: &Tensor,
        logits: &Tensor,
        labels: &Tensor,
    ) -> Result<()> {
        scope.loss(loss);
        scope.accuracy(logits, labels)?;
        for (name, value) in &self.options.metrics {
            scope.metric(name, &(loss * *value)?.to_dtype(DType::F64)?);
        }
        scope.metric("odd", &loss.to_dtype(DType::F32)?.affine(1.0, 1.0)?);
        Ok(())
    }
}
