//! The loop that is measured, with and without hooks.

use std::path::Path;

use candle_hooks::{
    candle_core::{D, DType, Device, Module, Result, Tensor},
    candle_nn::{AdamW, Linear, ParamsAdamW, VarBuilder, VarMap, linear, loss},
    prelude::*,
};
use rustix::time::{ClockId, clock_gettime};

use crate::threads::Threads;

const BATCH_SIZE: usize = 64;

/// How many steps a way takes in each round.
pub(crate) const STEPS: usize = 50;

/// How the model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Bare,
    BareAgain,
    Hooks,
    Watch,
}

pub(crate) const WAYS: [Way; 4] = [Way::Bare, Way::BareAgain, Way::Hooks, Way::Watch];

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::BareAgain => "bare again",
            Self::Hooks => "hooks",
            Self::Watch => "hooks and watch",
        }
    }

    /// How many percent it may cost.
    pub(crate) fn goal(self) -> Option<f64> {
        match self {
            Self::Bare | Self::BareAgain => None,
            Self::Hooks => Some(1.0),
            Self::Watch => Some(3.0),
        }
    }
}

/// The CPU time that all threads of this process have taken.
pub(crate) fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// How large the network is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// How many pixels of each image it sees.
    pub(crate) pixels: usize,
    pub(crate) hidden: usize,
}

/// One that learns digits.
pub(crate) const USUAL: Size = Size { pixels: 784, hidden: 100 };

/// One that computes next to nothing, so that what the hooks take is seen.
pub(crate) const TINY: Size = Size { pixels: 8, hidden: 4 };

/// A network of three layers.
struct Model {
    first: Linear,
    second: Linear,
}

impl Model {
    fn new(weights: &VarMap, size: Size) -> Result<Self> {
        let builder = VarBuilder::from_varmap(weights, DType::F32, &Device::Cpu);
        let first = linear(size.pixels, size.hidden, builder.pp("first"))?;
        Ok(Self { first, second: linear(size.hidden, 10, builder.pp("second"))? })
    }

    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        self.second.forward(&self.first.forward(images)?.relu()?)
    }
}

/// A training that goes on from round to round.
pub(crate) struct Training {
    model: Model,
    batches: Vec<(Tensor, Tensor)>,
    kind: Kind,
}

enum Kind {
    Bare(AdamW),
    Hooked { run: Run, threads: Threads, hooks: Hooks, optimizer: Box<TrackedOptimizer<AdamW>> },
}

impl Training {
    pub(crate) fn new(way: Way, size: Size, folder: &Path) -> Self {
        let weights = VarMap::new();
        let model = Model::new(&weights, size).unwrap();
        let optimizer = AdamW::new(weights.all_vars(), ParamsAdamW::default()).unwrap();
        let kind = if matches!(way, Way::Bare | Way::BareAgain) {
            Kind::Bare(optimizer)
        } else {
            let others = Threads::all();
            let run = init("overhead").dir(folder).start().unwrap();
            let threads = others.since();
            let hooks = Hooks::new(&run);
            if way == Way::Watch {
                hooks.watch(&weights);
            }
            Kind::Hooked { optimizer: Box::new(hooks.optimizer(optimizer)), hooks, run, threads }
        };
        Self { model, batches: batches(size), kind }
    }

    /// The CPU time that the threads of its run have taken.
    pub(crate) fn tracker_seconds(&self) -> f64 {
        match &self.kind {
            Kind::Bare(_) => 0.0,
            Kind::Hooked { threads, .. } => threads.cpu_seconds(),
        }
    }

    /// Takes some steps.
    pub(crate) fn round(&mut self) {
        let batches = self.batches.iter().cycle().take(STEPS);
        match &mut self.kind {
            Kind::Bare(optimizer) => train_bare(&self.model, optimizer, batches).unwrap(),
            Kind::Hooked { hooks, optimizer, .. } => {
                train_hooked(&self.model, hooks, optimizer, batches).unwrap();
            }
        }
    }

    pub(crate) fn finish(self) {
        if let Kind::Hooked { run, .. } = self.kind {
            run.finish().unwrap();
        }
    }
}

/// The loop as people write it, with the means of its epoch.
fn train_bare<'a>(
    model: &Model,
    optimizer: &mut AdamW,
    batches: impl Iterator<Item = &'a (Tensor, Tensor)>,
) -> Result<()> {
    let (mut sum_loss, mut right) = (0_f32, 0_f32);
    for (images, labels) in batches {
        let logits = model.forward(images)?;
        let loss = loss::cross_entropy(&logits, labels)?;
        let answers = logits.argmax(D::Minus1)?;
        right += answers.eq(labels)?.to_dtype(DType::F32)?.sum_all()?.to_scalar::<f32>()?;
        optimizer.backward_step(&loss)?;
        sum_loss += loss.to_vec0::<f32>()?;
    }
    std::hint::black_box((sum_loss / STEPS as f32, right));
    Ok(())
}

fn train_hooked<'a>(
    model: &Model,
    hooks: &Hooks,
    optimizer: &mut TrackedOptimizer<AdamW>,
    batches: impl Iterator<Item = &'a (Tensor, Tensor)>,
) -> Result<()> {
    let mut batches = Some(batches);
    for _ in hooks.epochs(1..=1) {
        for (images, labels) in hooks.batches(batches.take().into_iter().flatten()) {
            let logits = model.forward(images)?;
            hooks.accuracy(&logits, labels)?;
            optimizer.backward_step(&loss::cross_entropy(&logits, labels)?)?;
        }
    }
    Ok(())
}

fn batches(size: Size) -> Vec<(Tensor, Tensor)> {
    let digits = mnist_data::load(None).unwrap().train;
    let count = digits.labels.len() / BATCH_SIZE;
    let batch = |index: usize| {
        let images = &digits.pixels[index * BATCH_SIZE * 784..][..BATCH_SIZE * 784];
        let labels = &digits.labels[index * BATCH_SIZE..][..BATCH_SIZE];
        let images = Tensor::from_slice(images, (BATCH_SIZE, 784), &Device::Cpu)?;
        let images = images.narrow(1, (784 - size.pixels) / 2, size.pixels)?.contiguous()?;
        let labels = Tensor::from_slice(labels, BATCH_SIZE, &Device::Cpu)?;
        Ok::<_, candle_hooks::candle_core::Error>((
            (images.to_dtype(DType::F32)? / 255.0)?,
            labels.to_dtype(DType::U32)?,
        ))
    };
    (0..count).map(|index| batch(index).unwrap()).collect()
}
