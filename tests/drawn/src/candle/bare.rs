//! The loop as somebody writes it who knows of no tracker.

use candle_core::{Result, Tensor, Var, backprop::GradStore};
use candle_hooks::{Schedule, clip_grad_norm, clip_grad_value};
use candle_nn::Optimizer;

use super::{ByHand, CandleTraining, Steps, model::Model};
use crate::{ending::Ending, stops::Evaluates};

/// The optimizer with what its steps are made of.
struct Stepping<'a, O> {
    training: &'a CandleTraining,
    variables: &'a [Var],
    optimizer: O,
    schedule: Option<Schedule>,
    steps: u64,
    /// The sums of the gradients of the batches since the last step.
    sums: Vec<Option<Tensor>>,
    batches: usize,
}

pub(super) fn train<O: Optimizer>(
    training: &CandleTraining,
    optimizer: impl Fn(&Model) -> Result<O>,
) -> Result<Ending> {
    let model = training.model();
    let mut ending = Ending::default();
    let mut stepping = Stepping {
        training,
        variables: &model.variables,
        optimizer: optimizer(&model)?,
        schedule: training.schedule(),
        steps: 0,
        sums: vec![None; model.variables.len()],
        batches: 0,
    };
    let mut losses = Vec::new();
    let mut batches = 0;
    let evaluate = |losses: &mut Vec<f64>| -> Result<()> {
        losses.push(model.evaluate(training, |_, _, _| Ok(()))?);
        Ok(())
    };
    'training: for epoch in 1..=training.epochs {
        ending.decide(format!("epoch {epoch}"));
        if let Some(rate) = training.rate_by_hand(epoch) {
            stepping.optimizer.set_learning_rate(rate);
        }
        for (place, indices) in training.batches(epoch).into_iter().enumerate() {
            if Some(batches) == training.leaves_at {
                ending.marks.insert("interrupted");
                break 'training;
            }
            batches += 1;
            stepping.take(&model.loss(&indices)?.0)?;
            if training.evaluates.is_after_batch(place) {
                evaluate(&mut losses)?;
            }
        }
        if training.steps_with_the_rest {
            stepping.step_with_the_rest()?;
        }
        if training.evaluates == Evaluates::AfterEpochs {
            evaluate(&mut losses)?;
        }
        if training.stops.is_time_to_end(&losses) {
            ending.marks.insert("stopped early");
            break;
        }
    }
    ending.decide_on(losses);
    ending.decide_on([stepping.optimizer.learning_rate()]);
    model.weigh(&mut ending);
    training.marks(&mut ending);
    Ok(ending)
}

impl<O: Optimizer> Stepping<'_, O> {
    /// Takes the loss of a batch, and a step when it is time to.
    fn take(&mut self, loss: &Tensor) -> Result<()> {
        if self.training.steps == Steps::OneStep {
            self.set_rate();
            return self.optimizer.backward_step(loss);
        }
        let mut gradients = loss.backward()?;
        match self.training.clips_by_hand {
            Some(ByHand::Norm(max)) => clip_grad_norm(self.variables, &mut gradients, max)?,
            Some(ByHand::Value(max)) => clip_grad_value(self.variables, &mut gradients, max)?,
            None => {}
        }
        if self.training.accumulate == 1 {
            return self.step(gradients);
        }
        for (variable, sum) in self.variables.iter().zip(&mut self.sums) {
            let Some(gradient) = gradients.get(variable) else { continue };
            *sum = Some(match sum {
                Some(sum) => (&*sum + gradient)?,
                None => gradient.clone(),
            });
        }
        self.batches += 1;
        if self.batches >= self.training.accumulate { self.step_with_the_rest() } else { Ok(()) }
    }

    /// Takes a step with the mean of what was gathered.
    fn step_with_the_rest(&mut self) -> Result<()> {
        if self.batches == 0 {
            return Ok(());
        }
        let mut means = GradStore::default();
        for (variable, sum) in self.variables.iter().zip(&mut self.sums) {
            if let Some(sum) = sum.take() {
                means.insert(variable, (sum / self.batches as f64)?);
            }
        }
        self.batches = 0;
        self.step(means)
    }

    fn step(&mut self, mut gradients: GradStore) -> Result<()> {
        self.set_rate();
        if let Some(max) = self.training.clips_norm {
            clip_grad_norm(self.variables, &mut gradients, max)?;
        }
        self.optimizer.step(&gradients)
    }

    fn set_rate(&mut self) {
        if let Some(schedule) = &self.schedule {
            self.optimizer.set_learning_rate(schedule.rate(self.steps));
        }
        self.steps += 1;
    }
}
