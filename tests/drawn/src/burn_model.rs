//! A small network for Burn, its data and its optimizers.

use std::{cell::RefCell, sync::Arc};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder, batcher::Batcher},
        dataset::InMemDataset,
    },
    grad_clipping::GradientClippingConfig,
    module::{Param, ParamId},
    nn::{Dropout, DropoutConfig, Linear, loss::CrossEntropyLossConfig},
    optim::{AdamConfig, AdamWConfig, ModuleOptimizer, SgdConfig, momentum::MomentumConfig},
    prelude::*,
    train::{
        ClassificationOutput, InferenceStep, Interrupter, LearnerModel, TrainOutput, TrainStep,
        checkpoint::CheckpointerError,
    },
};
use burn_callback::Watched;

use crate::{draw::Draw, ending::Ending};

const FEATURES: usize = 3;
const CLASSES: usize = 2;

/// A network and what it is trained on, from a seed.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) items: usize,
    pub(crate) batch: usize,
    shuffled: bool,
    hidden: usize,
    dropout: f64,
    freezes_body: bool,
    optimizer: Optimizers,
    clips: Option<GradientClippingConfig>,
}

#[derive(Debug, Clone, Copy)]
enum Optimizers {
    Sgd,
    Momentum,
    Adam,
    AdamW,
}

impl Settings {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        use GradientClippingConfig::{Norm, Value};
        let optimizers =
            [Optimizers::Sgd, Optimizers::Momentum, Optimizers::Adam, Optimizers::AdamW];
        Self {
            seed: draw.seed(),
            items: draw.within(1..=40),
            batch: draw.within(1..=16),
            shuffled: draw.once_in(2),
            hidden: draw.within(1..=6),
            dropout: draw.one(&[0.0, 0.2, 0.5]),
            freezes_body: draw.once_in(4),
            optimizer: draw.one(&optimizers),
            clips: draw.maybe(3, |draw| draw.one(&[Norm(0.1), Norm(5.0), Value(0.05)])),
        }
    }

    /// The number of batches of an epoch.
    pub(crate) fn batches(&self) -> usize {
        self.items.div_ceil(self.batch)
    }

    /// A device whose generator begins at the same place each time: dropout draws from it.
    pub(crate) fn device(&self) -> Device {
        let device = Device::flex().autodiff();
        device.seed(self.seed);
        device
    }

    /// The same weights each time, with the same ids: files hold them.
    pub(crate) fn model(&self, device: &Device) -> Mlp {
        let mut draw = Draw::new(self.seed);
        let mut layer = |first_id: u64, inputs: usize, outputs: usize| {
            let mut values = |count| draw.several(count, |draw| draw.share() as f32);
            let weight = Tensor::<1>::from_floats(&values(inputs * outputs)[..], device);
            let bias = Tensor::<1>::from_floats(&values(outputs)[..], device);
            let id = ParamId::from;
            Linear {
                weight: Param::initialized(
                    id(first_id),
                    weight.reshape([inputs, outputs]).require_grad(),
                ),
                bias: Some(Param::initialized(id(first_id + 1), bias.require_grad())),
            }
        };
        let body = layer(1, FEATURES, self.hidden);
        let head = layer(3, self.hidden, CLASSES);
        let body = if self.freezes_body { body.no_grad() } else { body };
        Mlp { body, dropout: DropoutConfig::new(self.dropout).init(), head }
    }

    pub(crate) fn optimizer(&self) -> ModuleOptimizer {
        let optimizer = match self.optimizer {
            Optimizers::Sgd => SgdConfig::new().init(),
            Optimizers::Momentum => {
                SgdConfig::new().with_momentum(Some(MomentumConfig::new())).init()
            }
            Optimizers::Adam => AdamConfig::new().init(),
            Optimizers::AdamW => AdamWConfig::new().init(),
        };
        match &self.clips {
            Some(clips) => optimizer.with_grad_clipping(clips.init()),
            None => optimizer,
        }
    }

    /// Batches to train on.
    pub(crate) fn loader(&self, device: &Device) -> Arc<dyn DataLoader<Points>> {
        let loader = DataLoaderBuilder::new(PointBatcher).batch_size(self.batch);
        let loader = if self.shuffled { loader.shuffle(self.seed) } else { loader };
        loader.set_device(device.clone()).build(self.points(self.items, 1))
    }

    /// Batches to evaluate on: others, of another size.
    pub(crate) fn valid_loader(&self, device: &Device) -> Arc<dyn DataLoader<Points>> {
        let items = 1 + self.items / 2;
        let loader = DataLoaderBuilder::new(PointBatcher).batch_size(self.batch + 1);
        loader.set_device(device.clone()).build(self.points(items, 2))
    }

    fn points(&self, items: usize, which: u64) -> InMemDataset<Point> {
        let mut draw = Draw::new(self.seed ^ which);
        let point = |draw: &mut Draw| {
            let class = draw.within(0..=CLASSES - 1);
            ([0; FEATURES].map(|_| (draw.share() + class as f64) as f32), class as i64)
        };
        InMemDataset::new(draw.several(items, point))
    }
}

type Point = ([f32; FEATURES], i64);

#[derive(Debug, Clone)]
pub(crate) struct Points {
    pub(crate) inputs: Tensor<2>,
    pub(crate) classes: Tensor<1, Int>,
}

#[derive(Clone)]
struct PointBatcher;

impl Batcher<Point, Points> for PointBatcher {
    fn batch(&self, items: Vec<Point>, device: &Device) -> Points {
        let inputs: Vec<f32> = items.iter().flat_map(|(point, _)| *point).collect();
        let classes: Vec<i64> = items.iter().map(|(_, class)| *class).collect();
        let inputs = Tensor::<1>::from_floats(&inputs[..], device);
        Points {
            inputs: inputs.reshape([items.len(), FEATURES]),
            classes: Tensor::from_ints(&classes[..], device),
        }
    }
}

#[derive(Module, Debug)]
pub(crate) struct Mlp {
    body: Linear,
    dropout: Dropout,
    head: Linear,
}

impl Mlp {
    pub(crate) fn classify(&self, batch: Points) -> ClassificationOutput {
        let hidden = self.dropout.forward(self.body.forward(batch.inputs).tanh());
        let output = self.head.forward(hidden);
        let loss = CrossEntropyLossConfig::new()
            .init(&output.device())
            .forward(output.clone(), batch.classes.clone());
        ClassificationOutput::new(loss, output, batch.classes)
    }

    pub(crate) fn weigh(&self, ending: &mut Ending) {
        for layer in [&self.body, &self.head] {
            let weight = layer.weight.val().flatten::<1>(0, 1);
            for tensor in [Some(weight), layer.bias.as_ref().map(Param::val)].into_iter().flatten()
            {
                let values = tensor.into_data().try_to_vec::<f32>().unwrap();
                ending.weigh(values.into_iter().map(f64::from));
            }
        }
    }
}

/// How somebody interrupts a training.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Interrupt {
    Stop,
    StopWithReason,
    Fail,
}

/// A training that is interrupted after so many batches.
struct Pending {
    interrupter: Interrupter,
    how: Interrupt,
    batches: usize,
}

thread_local! {
    /// What is to interrupt the training of this thread. Burn's learner trains where it is launched.
    static PENDING: RefCell<Option<Pending>> = const { RefCell::new(None) };
}

/// Interrupts the training that this thread begins, if that is asked for.
pub(crate) fn interrupt(interrupter: &Interrupter, after: Option<(usize, Interrupt)>) {
    let interrupter = interrupter.clone();
    let pending = after.map(|(batches, how)| Pending { interrupter, how, batches });
    PENDING.set(pending);
}

fn moment() {
    PENDING.with_borrow_mut(|pending| {
        let Some(Pending { interrupter, how, batches }) = pending else { return };
        if *batches > 0 {
            *batches -= 1;
            return;
        }
        match how {
            Interrupt::Stop => interrupter.stop(None),
            Interrupt::StopWithReason => interrupter.stop(Some("enough")),
            Interrupt::Fail => interrupter.fail(CheckpointerError::Unknown("enough".to_owned())),
        }
        *pending = None;
    });
}

impl TrainStep for Mlp {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> TrainOutput<ClassificationOutput> {
        moment();
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Mlp {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> ClassificationOutput {
        moment();
        self.classify(batch)
    }
}

/// A network in a learner, watched or not.
pub(crate) trait Classifier:
    LearnerModel
    + TrainStep<Input = Points, Output = ClassificationOutput>
    + InferenceStep<Input = Points, Output = ClassificationOutput>
{
    fn mlp(&self) -> &Mlp;
}

impl Classifier for Mlp {
    fn mlp(&self) -> &Mlp {
        self
    }
}

impl Classifier for Watched<Mlp> {
    fn mlp(&self) -> &Mlp {
        self.inner()
    }
}
