//! Candle's loops: by hand, and the same with hooks.

mod bare;
mod hooked;
mod model;

use candle_core::{DType, Tensor};
use candle_hooks::{
    Order, ResumableAdamW, Schedule,
    candle_nn::{AdamW, ParamsAdamW, SGD},
};

use self::model::Model;
use crate::{
    draw::Draw,
    ending::Ending,
    odd_metric,
    stops::{Evaluates, Stops},
    trackers::Kind,
    training::Training,
};

/// All that makes a training.
#[derive(Debug)]
pub(crate) struct CandleTraining {
    data: Data,
    hidden: usize,
    wide: bool,
    epochs: u64,
    optimizer: Optimizers,
    rate: f64,
    rates: Rates,
    steps: Steps,
    accumulate: usize,
    steps_with_the_rest: bool,
    clips_norm: Option<f64>,
    clips_by_hand: Option<ByHand>,
    evaluates: Evaluates,
    stops: Stops,
    leaves_at: Option<usize>,
    hooks: HookOptions,
}

/// What is trained on, from a seed.
#[derive(Debug)]
struct Data {
    seed: u64,
    items: usize,
    batch: usize,
    shuffled: bool,
    greatest: f64,
}

/// Which optimizer takes the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Optimizers {
    Sgd,
    AdamW,
    /// Candle's without tracking, with tracking the one that checkpoints can keep.
    Resumable,
}

/// Who sets the learning rate.
#[derive(Debug, Clone, Copy)]
enum Rates {
    Constant,
    Linear(u64),
    Cosine(u64, u64),
    Steps(u64),
    Exponential,
    Zero,
    /// The loop, at each epoch.
    ByHand,
}

/// How the loop takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Steps {
    /// `backward_step`.
    Whole,
    /// The hooks run backward.
    HooksBackward,
    /// The loop does.
    OwnBackward,
    /// The optimizer within does all of it.
    OneStep,
}

/// What the loop does with gradients before the optimizer gets them.
#[derive(Debug, Clone, Copy)]
enum ByHand {
    Norm(f64),
    Value(f64),
}

/// What is asked of the hooks beside the loop.
#[derive(Debug)]
struct HookOptions {
    tracker: Kind,
    epochs: bool,
    batches: bool,
    keeps_order: bool,
    delegates: bool,
    accuracy: bool,
    losses: usize,
    loss_types: Vec<DType>,
    metrics: Vec<(&'static str, f64)>,
    norm_every: Option<u64>,
    watches_every: Option<u64>,
    checkpoints_every: Option<u64>,
    tokens: bool,
    perplexity: bool,
    evaluation: &'static str,
}

impl CandleTraining {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let items = draw.within(1..=40);
        let steps = draw.one(&[
            Steps::Whole,
            Steps::Whole,
            Steps::HooksBackward,
            Steps::OwnBackward,
            Steps::OneStep,
        ]);
        let changes_gradients = steps != Steps::OneStep;
        let sees_gradients = matches!(steps, Steps::HooksBackward | Steps::OwnBackward);
        let evaluates = Evaluates::draw(draw);
        let delegates = draw.once_in(4) && steps == Steps::Whole;
        Self {
            data: Data {
                seed: draw.seed(),
                items,
                batch: draw.within(1..=16),
                shuffled: draw.once_in(2),
                greatest: draw.one(&[1.0, 1.0, 1.0, 1e3, 1e-3]),
            },
            hidden: draw.within(1..=6),
            wide: draw.once_in(2),
            epochs: draw.within(1..=6) as u64,
            optimizer: draw.one(&[Optimizers::Sgd, Optimizers::AdamW, Optimizers::Resumable]),
            rate: draw.one(&[1e-3, 1e-2, 0.1, 1.0, 1e20]),
            rates: Rates::draw(draw),
            steps,
            accumulate: if changes_gradients && !delegates { draw.accumulation() } else { 1 },
            steps_with_the_rest: draw.once_in(2),
            clips_norm: draw
                .maybe(3, |draw| draw.one(&[0.0, 1e-3, 0.5, 5.0]))
                .filter(|_| changes_gradients && !delegates),
            clips_by_hand: draw
                .maybe(3, |draw| {
                    draw.one(&[ByHand::Norm(0.1), ByHand::Norm(2.0), ByHand::Value(0.05)])
                })
                .filter(|_| sees_gradients),
            evaluates,
            stops: Stops::draw(draw, evaluates),
            leaves_at: draw.maybe(6, |draw| draw.within(0..=10)),
            hooks: HookOptions::draw(draw, delegates),
        }
    }

    /// The batches of an epoch, as indices.
    fn batches(&self, epoch: u64) -> Vec<Vec<usize>> {
        self.order().batches(epoch, self.data.batch).collect()
    }

    fn order(&self) -> Order {
        let Data { seed, items, shuffled, .. } = self.data;
        if shuffled { Order::shuffled(items, seed) } else { Order::sequential(items) }
    }

    fn schedule(&self) -> Option<Schedule> {
        let rate = self.rate;
        match self.rates {
            Rates::Constant | Rates::ByHand => None,
            Rates::Linear(steps) => Some(Schedule::linear(rate, steps)),
            Rates::Cosine(steps, warm_up) => Some(Schedule::cosine(rate, steps).warm_up(warm_up)),
            Rates::Steps(every) => Some(Schedule::step(rate, every, 0.5)),
            Rates::Exponential => Some(Schedule::exponential(rate, 0.9).down_to(1e-4)),
            Rates::Zero => Some(Schedule::constant(0.0)),
        }
    }

    /// The learning rate that the loop sets at the beginning of an epoch.
    fn rate_by_hand(&self, epoch: u64) -> Option<f64> {
        matches!(self.rates, Rates::ByHand).then(|| self.rate / epoch as f64)
    }

    fn model(&self) -> Model {
        let dtype = if self.wide { DType::F64 } else { DType::F32 };
        Model::new(dtype, self.hidden, &self.data)
    }

    fn params(&self) -> ParamsAdamW {
        ParamsAdamW { lr: self.rate, ..ParamsAdamW::default() }
    }

    fn marks(&self, ending: &mut Ending) {
        if self.accumulate > self.data.items.div_ceil(self.data.batch) {
            ending.marks.insert("accumulated over more than an epoch");
        }
    }

    fn by_hooks(&self, disabled: bool) -> Ending {
        let ending = match self.optimizer {
            Optimizers::Sgd => {
                hooked::train(self, disabled, |model: &Model| SGD::new_from(model, self.rate))
            }
            Optimizers::AdamW => {
                hooked::train(self, disabled, |model: &Model| AdamW::new_from(model, self.params()))
            }
            Optimizers::Resumable => hooked::train(self, disabled, |model: &Model| {
                ResumableAdamW::new_from(model, self.params())
            }),
        };
        ending.unwrap()
    }
}

impl Training for CandleTraining {
    fn loop_name(&self) -> &'static str {
        "candle"
    }

    fn bare(&self) -> Ending {
        if matches!(self.stops, Stops::Hooks { .. }) {
            return self.by_hooks(true);
        }
        let ending = match self.optimizer {
            Optimizers::Sgd => bare::train(self, |model: &Model| SGD::new_from(model, self.rate)),
            _ => bare::train(self, |model: &Model| AdamW::new_from(model, self.params())),
        };
        ending.unwrap()
    }

    fn tracked(&self) -> Vec<(&'static str, Ending)> {
        vec![("tracked", self.by_hooks(false)), ("with tracking disabled", self.by_hooks(true))]
    }
}

/// An optimizer of all variables of a model, in the order of their names.
trait NewFrom: candle_nn::Optimizer + Sized {
    fn new_from(model: &Model, config: Self::Config) -> candle_core::Result<Self> {
        Self::new(model.variables.clone(), config)
    }
}

impl<O: candle_nn::Optimizer> NewFrom for O {}

impl Rates {
    fn draw(draw: &mut Draw) -> Self {
        let steps = draw.within(1..=40) as u64;
        let warm_up = draw.within(0..=10) as u64;
        draw.one(&[
            Self::Constant,
            Self::Constant,
            Self::Linear(steps),
            Self::Cosine(steps, warm_up),
            Self::Steps(warm_up),
            Self::Exponential,
            Self::Zero,
            Self::ByHand,
            Self::ByHand,
        ])
    }
}

impl HookOptions {
    fn draw(draw: &mut Draw, delegates: bool) -> Self {
        let metrics = draw.within(0..=3);
        Self {
            tracker: Kind::draw(draw),
            epochs: !draw.once_in(4),
            batches: !draw.once_in(4),
            keeps_order: draw.once_in(2),
            delegates,
            accuracy: draw.once_in(2),
            losses: draw.one(&[0, 0, 1, 3]),
            loss_types: draw.several(3, |draw| draw.one(&[DType::F32, DType::F64, DType::BF16])),
            metrics: draw.several(metrics, |draw| (draw.one(&odd_metric::NAMES), draw.number())),
            norm_every: draw.maybe(2, |draw| draw.within(0..=3) as u64),
            watches_every: draw.maybe(3, |draw| draw.within(1..=4) as u64),
            checkpoints_every: draw.maybe(4, |draw| draw.within(1..=4) as u64),
            tokens: draw.once_in(8),
            perplexity: draw.once_in(4),
            evaluation: draw.one(&["valid", "valid", "test", "train", "größe 2"]),
        }
    }
}

/// The value of a tensor with one element.
fn number(tensor: &Tensor) -> candle_core::Result<f64> {
    tensor.to_dtype(DType::F64)?.to_scalar()
}
