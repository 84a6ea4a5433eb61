//! Real trainings, stored and resumed in one process.

mod damaged;
#[cfg(unix)]
mod killed;
#[cfg(unix)]
mod links;
mod refused;
mod resuming;
mod saving;
mod trouble;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use candle_core::{DType, Device, Module, Result, Tensor, Var};
use candle_nn::{
    AdamW, Linear, Optimizer, ParamsAdamW, SGD, VarBuilder, VarMap, linear, loss::mse,
};
use tempfile::TempDir;
use tracker_core::{
    MemoryTracker, Run, Tracker,
    adapter::{
        checkpoints::{
            CheckpointFormat as _, CheckpointOptions, Header, Part, Patience, Progress, Restored,
            TrainingState, Version,
        },
        recorder::{LoopState, Phase},
    },
    init,
};

use super::{
    Checkpoints, RestoreError,
    format::Safetensors,
    snapshot::{Snapshot, States},
};
use crate::{OptimizerState, ResumableAdamW};

const DEVICE: Device = Device::Cpu;
/// Steps in an epoch.
const BATCHES: u64 = 5;

/// 6-8-2, with the same weights each time it is made.
struct Model {
    first: Linear,
    second: Linear,
    weights: VarMap,
}

impl Model {
    fn new() -> Self {
        Self::of(8, DType::F32)
    }

    fn of(hidden: usize, dtype: DType) -> Self {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, dtype, &DEVICE);
        let first = linear(6, hidden, builder.pp("first")).unwrap();
        let second = linear(hidden, 2, builder.pp("second")).unwrap();
        let mut names: Vec<String> = weights.data().lock().unwrap().keys().cloned().collect();
        names.sort();
        for (seed, name) in names.iter().enumerate() {
            let shape = weights.data().lock().unwrap()[name].shape().clone();
            let values = numbers(shape.elem_count(), seed as u64 + 1);
            let values = Tensor::from_vec(values, shape, &DEVICE).unwrap();
            weights.clone().set_one(name, values.to_dtype(dtype).unwrap()).unwrap();
        }
        Self { first, second, weights }
    }

    /// The loss of the batch of a step, which is the same each time.
    fn loss(&self, step: u64) -> Result<Tensor> {
        let images = Tensor::from_vec(numbers(24, 100 + step), (4, 6), &DEVICE)?;
        let wanted = Tensor::from_vec(numbers(8, 200 + step), (4, 2), &DEVICE)?;
        mse(&self.second.forward(&self.first.forward(&images)?.relu()?)?, &wanted)
    }

    fn bits(&self) -> BTreeMap<String, Vec<u32>> {
        let variables = self.weights.data().lock().unwrap();
        let bits = |variable: &Var| -> Vec<u32> {
            let values = variable.to_dtype(DType::F32).unwrap().flatten_all().unwrap();
            values.to_vec1::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
        };
        variables.iter().map(|(name, variable)| (name.clone(), bits(variable))).collect()
    }

    fn sgd(&self) -> SGD {
        SGD::new(self.weights.all_vars(), 0.1).unwrap()
    }

    fn adamw(&self) -> ResumableAdamW {
        let params = ParamsAdamW { lr: 0.05, ..ParamsAdamW::default() };
        ResumableAdamW::from_var_map(&self.weights, params).unwrap()
    }
}

/// Numbers from -1 to 1 of a small fixed generator.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn start(store: &TempDir) -> Run {
    init("checkpoints").dir(store.path()).signals(false).start().unwrap()
}

/// Ends the run and goes on with it, as another process would.
fn resumed(store: &TempDir, run: &Run) -> Run {
    run.finish().unwrap();
    let builder = init("checkpoints").dir(store.path()).signals(false);
    builder.resume(run.id().to_string()).start().unwrap()
}

fn restore(
    tracker: &dyn Tracker,
    weights: &VarMap,
    states: &States,
    folder: Option<&Path>,
) -> std::result::Result<Option<Restored>, RestoreError> {
    super::restore(tracker, &weights.into(), states, folder)
}

fn checkpoints(tracker: impl Into<Arc<dyn Tracker>>, model: &Model) -> Checkpoints {
    checkpoints_with(tracker, model, CheckpointOptions::new())
}

fn checkpoints_with(
    tracker: impl Into<Arc<dyn Tracker>>,
    model: &Model,
    options: CheckpointOptions,
) -> Checkpoints {
    Checkpoints::new(tracker.into(), (&model.weights).into(), options)
}

/// The end of an epoch, counted from 1, whose validation had this loss.
fn state(epoch: u64, loss: f64) -> TrainingState {
    let step = epoch * BATCHES - 1;
    TrainingState {
        epoch: Some(epoch),
        last_epoch: Some(epoch),
        phase: Phase::default(),
        step,
        within: LoopState::default(),
        metrics: [("valid/loss".to_owned(), loss)].into(),
        learning_rates: vec![(String::new(), 0.1)],
        optimizer_steps: vec![(String::new(), step + 1)],
    }
}

fn train(model: &Model, optimizer: &mut impl Optimizer, epoch: u64) {
    for step in (epoch - 1) * BATCHES..epoch * BATCHES {
        optimizer.backward_step(&model.loss(step).unwrap()).unwrap();
    }
}

/// Trains with SGD, with a checkpoint after each epoch, and these losses of the validation.
fn train_sgd(run: &Run, model: &Model, first_epoch: u64, losses: &[f64]) {
    let mut checkpoints = checkpoints(run, model);
    let mut optimizer = model.sgd();
    for (epoch, loss) in (first_epoch..).zip(losses) {
        train(model, &mut optimizer, epoch);
        checkpoints.save(state(epoch, *loss));
    }
}

fn restored(run: &Run, model: &Model) -> Restored {
    restore(run, &model.weights, &[], None).unwrap().unwrap()
}

fn folder(run: &Run) -> PathBuf {
    run.dir().join("checkpoint")
}

fn model_file(run: &Run, epoch: u64) -> PathBuf {
    folder(run).join(format!("model-epoch-{epoch}.safetensors"))
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Version and aliases of each model in the index that stands.
fn index(run: &Run) -> Vec<String> {
    run.flush(Duration::from_secs(10)).unwrap();
    let known = run.reader().unwrap().artifacts().unwrap();
    let models = known.into_iter().filter(|known| !known.deleted);
    let mut told: Vec<String> = models
        .filter(|known| known.artifact.name == "checkpoint/model")
        .map(|known| {
            let mut aliases = known.artifact.aliases.clone();
            aliases.sort();
            format!("{} {}", known.artifact.version, aliases.join(" ")).trim().to_owned()
        })
        .collect();
    told.sort();
    told
}

/// The kinds of all problems with their counts.
fn problems(run: &Run) -> BTreeMap<String, u64> {
    let problems = run.status().problems.into_iter();
    problems.map(|problem| (problem.kind, problem.count)).collect()
}

fn problem(kind: &str, count: u64) -> BTreeMap<String, u64> {
    [(kind.to_owned(), count)].into()
}
