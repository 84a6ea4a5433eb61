//! A training in which a fault is planted.

use std::{
    path::Path,
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use candle_hooks::{
    candle_core::{DType, Device, Module, Result, Tensor},
    candle_nn::{AdamW, Linear, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, loss},
    prelude::*,
};
use mnist_data::{Images, Mnist};
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tracker_core::{Rule, control, read::RunReader};

use crate::Fault;

/// Images of a batch.
const BATCH: usize = 64;

/// Steps after the fault.
const AFTER: u64 = 60;

/// A fault, and where it is.
#[derive(Debug, Clone)]
pub struct Planted {
    /// What goes wrong.
    pub fault: Fault,
    /// At which step.
    pub step: u64,
    /// With which samples that step is taken.
    pub samples: Vec<u64>,
}

/// Three layers.
struct Model {
    first: Linear,
    second: Linear,
    output: Linear,
}

impl Model {
    fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            first: linear(28 * 28, 64, builder.pp("first"))?,
            second: linear(64, 32, builder.pp("second"))?,
            output: linear(32, 10, builder.pp("output"))?,
        })
    }
}

impl Module for Model {
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let first = self.first.forward(images)?.relu()?;
        self.output.forward(&self.second.forward(&first)?.relu()?)
    }
}

/// Trains as `run` in `store`, on real digits, watched as the options say. With a fault, something goes wrong in it.
///
/// # Errors
/// If Candle or the tracker fails.
pub fn train(
    store: &Path,
    fault: Option<Fault>,
    seed: u64,
    options: WatchOptions,
) -> anyhow::Result<Planted> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let step_of_fault = random.random_range(600..1_000);
    let name = format!("{fault:?}-{seed}");
    let stall = Rule::stall().patience(Duration::from_secs(1));
    let run = init("faults").name(name).dir(store).rule(stall).start()?;

    let weights = VarMap::new();
    let model = Model::new(&VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu))?;
    initialize(&weights, &mut random)?;
    let hooks = Hooks::new(&run);
    hooks.watch_with(&weights, options.every(0));
    let params = ParamsAdamW { lr: 1e-3, ..ParamsAdamW::default() };
    let mut optimizer = hooks.optimizer(AdamW::new(weights.all_vars(), params)?);

    let data = data();
    let order = Order::shuffled(data.len(), seed);
    let mut planted = None;
    let mut step = 0;
    let (mut last, mut longest_pause) = (Instant::now(), Duration::ZERO);
    for epoch in hooks.epochs(1..=20_u64) {
        for indices in hooks.batches(order.batches(epoch, BATCH)) {
            longest_pause = longest_pause.max(last.elapsed());
            last = Instant::now();
            let now = fault.filter(|_| step == step_of_fault);
            let samples: Vec<u64> = indices.iter().map(|index| *index as u64).collect();
            hooks.samples(samples.iter().copied());
            let (mut images, mut labels) = batch(data, &indices)?;
            match now {
                Some(Fault::ScaledBatch) => images = images.affine(-1e3, 1e3)?,
                Some(Fault::NanBatch) => images = spoiled(&images)?,
                Some(Fault::WrongLabels) => labels = others(&labels)?,
                Some(Fault::HighRate) => optimizer.set_learning_rate(0.1),
                Some(Fault::ZeroRate) => optimizer.set_learning_rate(0.0),
                Some(Fault::StalledLoader) => {
                    // The rule waits for ten times the longest pause that there was.
                    thread::sleep(Duration::from_secs(2).max(longest_pause * 15));
                }
                Some(fault) => change(&weights, fault)?,
                None => {}
            }
            let mut loss = loss::cross_entropy(&model.forward(&images)?, &labels)?;
            if now == Some(Fault::ScaledLoss) {
                loss = (loss * 1e4)?;
            }
            optimizer.backward_step(&loss)?;
            if let Some(fault) = now {
                planted = Some(Planted { fault, step, samples });
            }
            step += 1;
            if step == step_of_fault + 30 && fault == Some(Fault::ZeroRate) {
                // No rule sees that a training stands still so soon: somebody asks.
                control::ask_for_flight(&RunReader::of_context(&run)?)?;
                thread::sleep(Duration::from_millis(1_500));
            }
            if step == step_of_fault + AFTER {
                run.finish()?;
                let none = Planted { fault: Fault::NanBatch, step, samples: Vec::new() };
                return Ok(planted.unwrap_or(none));
            }
        }
    }
    anyhow::bail!("the fault's step never came")
}

/// Small random weights: Candle's own generator on the CPU has no seed.
fn initialize(weights: &VarMap, random: &mut ChaCha8Rng) -> Result<()> {
    let named = weights.data().lock().unwrap().clone();
    let mut names: Vec<&String> = named.keys().collect();
    names.sort();
    for name in names {
        let variable = &named[name];
        let fan_in = variable.dims().last().copied().unwrap_or(1) as f32;
        let limit = 1.0 / fan_in.sqrt();
        let draw = |_| random.random_range(-limit..limit);
        let values: Vec<f32> = (0..variable.elem_count()).map(draw).collect();
        variable.set(&Tensor::from_vec(values, variable.shape(), &Device::Cpu)?)?;
    }
    Ok(())
}

fn change(weights: &VarMap, fault: Fault) -> Result<()> {
    let named = weights.data().lock().unwrap().clone();
    let variable = fault.tensor().and_then(|name| named.get(name));
    variable.map_or(Ok(()), |variable| variable.set(&fault.change(variable)?))
}

fn data() -> &'static Images {
    static MNIST: OnceLock<Mnist> = OnceLock::new();
    &MNIST.get_or_init(|| mnist_data::load(None).unwrap()).train
}

fn batch(data: &Images, indices: &[usize]) -> Result<(Tensor, Tensor)> {
    let pixels = indices.iter().flat_map(|index| data.image(*index));
    let pixels: Vec<f32> = pixels.map(|pixel| f32::from(*pixel) / 255.0).collect();
    let labels: Vec<u32> = indices.iter().map(|index| u32::from(data.labels[*index])).collect();
    let count = indices.len();
    let images = Tensor::from_vec(pixels, (count, 28 * 28), &Device::Cpu)?;
    Ok((images, Tensor::from_vec(labels, count, &Device::Cpu)?))
}

/// One pixel is NaN.
fn spoiled(images: &Tensor) -> Result<Tensor> {
    let mut pixels = images.flatten_all()?.to_vec1::<f32>()?;
    if let Some(pixel) = pixels.get_mut(17) {
        *pixel = f32::NAN;
    }
    Tensor::from_vec(pixels, images.shape(), &Device::Cpu)
}

/// Each label is another digit's.
fn others(labels: &Tensor) -> Result<Tensor> {
    let labels: Vec<u32> = labels.to_vec1::<u32>()?.iter().map(|digit| (digit + 5) % 10).collect();
    let count = labels.len();
    Tensor::from_vec(labels, count, &Device::Cpu)
}
