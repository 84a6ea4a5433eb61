//! Trainings that are killed in the middle of an epoch, and go on with the next batch: their series and
//! weights are those of one that was never killed, bit for bit.
//!
//! Each killed training is this test program, started again as a process of its own, see [`process`].
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{
    cell::Cell,
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use candle_hooks::{
    CheckpointOptions, EarlyStopping, Hooks, Order, ResumableAdamW, Schedule, TrackedOptimizer,
    candle_core::{DType, Module as _, Result, Tensor},
    candle_nn::{Linear, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, loss},
    tracker_core::{Run, init, read::Store},
};
use common::{DEVICE, Digits, hooks};
use rustix::process::{Signal, getpid, kill_process};

const ROLE: &str = "TRACKER_TEST_KIND";
const KILL_AT: &str = "TRACKER_TEST_KILL_AT";

/// How many digits the training sees, in batches of how many, and how often. The batches are even in
/// number: what is accumulated for a step beyond the end of an epoch is not in its checkpoint.
const DIGITS: usize = 200;
const BATCH: usize = 25;
const EPOCHS: u64 = 4;

/// How the loop is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Accumulating,
    TwoLoops,
    EvaluatingWithin,
}

impl Kind {
    const ALL: [Self; 4] =
        [Self::Plain, Self::Accumulating, Self::TwoLoops, Self::EvaluatingWithin];

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| format!("{kind:?}") == name).unwrap()
    }
}

/// Kills the process at the moment whose turn it is.
struct Killer(Cell<Option<u32>>);

impl Killer {
    fn moment(&self) {
        match self.0.get() {
            Some(0) => kill_process(getpid(), Signal::KILL).unwrap(),
            left => self.0.set(left.map(|left| left - 1)),
        }
    }
}

struct Model {
    weights: VarMap,
    first: Linear,
    second: Linear,
}

impl Model {
    /// The same weights each time.
    fn new() -> Self {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, DType::F32, &DEVICE);
        let first = linear(784, 8, builder.pp("first")).unwrap();
        let second = linear(8, 10, builder.pp("second")).unwrap();
        for (name, variable) in weights.data().lock().unwrap().iter() {
            let value = |index: usize| ((index * 7 + name.len()) as f32).sin() * 0.1;
            let values: Vec<f32> = (0..variable.elem_count()).map(value).collect();
            variable.set(&Tensor::from_vec(values, variable.shape(), &DEVICE).unwrap()).unwrap();
        }
        Self { weights, first, second }
    }

    fn loss(&self, images: &Tensor, labels: &Tensor) -> Result<(Tensor, Tensor)> {
        let logits = self.second.forward(&self.first.forward(images)?.relu()?)?;
        Ok((loss::cross_entropy(&logits, &labels.to_dtype(DType::U32)?)?, logits))
    }

    /// The bits of all weights, as text.
    fn bits(&self) -> String {
        let weights = self.weights.data().lock().unwrap();
        let variables: BTreeMap<&String, Vec<u32>> = weights
            .iter()
            .map(|(name, variable)| {
                let values = variable.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                (name, values.into_iter().map(f32::to_bits).collect())
            })
            .collect();
        format!("{variables:?}")
    }
}

struct Training<'a> {
    kind: Kind,
    hooks: Hooks,
    model: &'a Model,
    digits: Digits,
    order: Order,
    killer: Killer,
}

impl Training<'_> {
    fn run(&self, optimizer: &mut TrackedOptimizer<ResumableAdamW>) -> Result<()> {
        for epoch in self.hooks.epochs(1..=EPOCHS) {
            self.go_over_batches(epoch, optimizer)?;
            if self.kind == Kind::TwoLoops {
                self.go_over_batches(epoch + 100, optimizer)?;
            }
            self.evaluate()?;
            self.killer.moment();
        }
        Ok(())
    }

    fn go_over_batches(
        &self,
        order: u64,
        optimizer: &mut TrackedOptimizer<ResumableAdamW>,
    ) -> Result<()> {
        let load = |indices: Vec<usize>| self.load(&indices);
        let batches = self.order.batches(order, BATCH).load(load);
        for (at, batch) in self.hooks.batches(batches.enumerate()) {
            let (images, labels) = batch?;
            let (loss, logits) = self.model.loss(&images, &labels)?;
            self.hooks.accuracy(&logits, &labels)?;
            self.killer.moment();
            optimizer.backward_step(&loss)?;
            self.hooks.metric("doubled", &(&loss * 2.0)?);
            self.killer.moment();
            if self.kind == Kind::EvaluatingWithin && at % 3 == 1 {
                self.evaluate()?;
            }
        }
        Ok(())
    }

    fn load(&self, indices: &[usize]) -> Result<(Tensor, Tensor)> {
        let indices: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
        let indices = Tensor::new(indices, &DEVICE)?;
        let of = |tensor: &Tensor| tensor.index_select(&indices, 0);
        Ok((of(&self.digits.images)?, of(&self.digits.labels)?))
    }

    fn evaluate(&self) -> Result<()> {
        let (loss, logits) = self.model.loss(&self.digits.images, &self.digits.labels)?;
        self.hooks.valid(|valid| {
            valid.loss(&loss);
            self.killer.moment();
            valid.accuracy(&logits, &self.digits.labels)
        })
    }
}

/// Trains from where the run stands to the end, unless it is killed before.
fn train(kind: Kind, run: &Run, kill_at: Option<u32>) -> Result<String> {
    let model = Model::new();
    let hooks = hooks(run).early_stopping(EarlyStopping::new("valid/loss").patience(3));
    let adamw = ResumableAdamW::from_var_map(&model.weights, ParamsAdamW::default())?;
    let schedule = Schedule::cosine(0.01, 50).warm_up(5);
    let optimizer = hooks.optimizer(adamw).with_state().variables(&model.weights.all_vars());
    let mut optimizer = optimizer.schedule(schedule).clip_grad_norm(2.0);
    if kind == Kind::Accumulating {
        optimizer = optimizer.accumulate(2);
    }
    hooks.checkpoint_with(&model.weights, CheckpointOptions::new().every_steps(2));
    hooks.restore(&model.weights).unwrap();
    let training = Training {
        kind,
        order: hooks.order(Order::shuffled(DIGITS, 3)),
        hooks,
        model: &model,
        digits: Digits::new(DIGITS),
        killer: Killer(Cell::new(kill_at)),
    };
    training.run(&mut optimizer)?;
    Ok(model.bits())
}

/// One attempt: of the training that the environment names, up to the kill that it asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Ok(kind) = env::var(ROLE) else { return };
    let store = env::var("TRACKER_DIR").unwrap();
    let is_new = Store::open(&store).unwrap().runs().unwrap().runs.is_empty();
    let run = init("digits").code_changes(false);
    let run = if is_new { run.name("first") } else { run.resume("first") }.start().unwrap();
    let kill_at = env::var(KILL_AT).ok().map(|at| at.parse().unwrap());
    let weights = train(Kind::named(&kind), &run, kill_at).unwrap();
    assert_eq!(run.finish().unwrap().problems(), []);
    fs::write(Path::new(&store).join("weights"), weights).unwrap();
}

/// Whether the attempt came to the end of the training.
fn attempt(kind: Kind, store: &Path, kill_at: Option<u32>) -> bool {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "process", "--ignored", "--nocapture"]).env("TRACKER_DIR", store);
    command.env(ROLE, format!("{kind:?}")).stdin(Stdio::null());
    if let Some(at) = kill_at {
        command.env(KILL_AT, at.to_string());
    }
    let output = command.output().unwrap();
    let is_killed = output.status.code().is_none();
    if is_killed && !has_checkpoint(store) {
        // What was killed before its first checkpoint has nothing to go on from.
        fs::remove_dir_all(store).unwrap();
        fs::create_dir(store).unwrap();
    }
    assert!(output.status.success() || is_killed, "{}", String::from_utf8_lossy(&output.stderr));
    !is_killed
}

fn has_checkpoint(store: &Path) -> bool {
    let listing = Store::open(store).unwrap().runs().unwrap();
    let path = listing.runs[0].path().join("files/checkpoint");
    let Ok(entries) = fs::read_dir(path) else { return false };
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.into_iter().any(|name| name.starts_with("model-") && name.ends_with(".safetensors"))
}

/// What two trainings share that are the same: all but times.
#[derive(Debug, PartialEq)]
struct Traces {
    weights: String,
    series: BTreeMap<String, Vec<(u64, u64)>>,
}

impl Traces {
    fn of(store: &Path) -> Self {
        let listing = Store::open(store).unwrap().runs().unwrap();
        assert_eq!((listing.runs.len(), listing.warnings.len()), (1, 0));
        let run = &listing.runs[0];
        let is_time = |name: &String| {
            ["seconds", "per_second", "data_wait"].iter().any(|time| name.ends_with(time))
        };
        let metrics = run.metrics().unwrap().into_iter().filter(|name| !is_time(name));
        let rows = |name: &str| {
            let rows = run.series(name).unwrap();
            rows.iter().map(|row| (row.step.0, row.value.to_bits())).collect()
        };
        Self {
            weights: fs::read_to_string(store.join("weights")).unwrap(),
            series: metrics.map(|name| (name.clone(), rows(&name))).collect(),
        }
    }
}

/// Trains once in one piece, and then in pieces that are killed at these moments; the last of them goes
/// on to the end.
fn compare(kind: Kind, trainings: &[Vec<u32>]) {
    let whole = tempfile::tempdir().unwrap();
    assert!(attempt(kind, whole.path(), None));
    let whole = Traces::of(whole.path());
    assert!(whole.series.len() >= 8, "{:?}", whole.series.keys());
    for kills in trainings {
        let parts = tempfile::tempdir().unwrap();
        let is_over = kills.iter().any(|kill| attempt(kind, parts.path(), Some(*kill)));
        assert!(is_over || attempt(kind, parts.path(), None));
        let parts = Traces::of(parts.path());
        for (name, rows) in &whole.series {
            assert_eq!(parts.series.get(name), Some(rows), "{kind:?} {kills:?}: {name}");
        }
        assert_eq!(parts, whole, "{kind:?} {kills:?}");
    }
}

/// Numbers below 20 from a small generator, as many trainings as that with so many kills each.
fn moments(seed: u64, trainings: usize, kills: usize) -> Vec<Vec<u32>> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((state >> 40) % 20) as u32
    };
    (0..trainings).map(|_| (0..kills).map(|_| next()).collect()).collect()
}

#[test]
fn a_training_that_is_killed_goes_on_with_the_next_batch() {
    compare(Kind::Plain, &moments(1, 3, 5));
}

#[test]
fn one_that_accumulates_gradients_goes_on_with_the_first_batch_of_a_step() {
    compare(Kind::Accumulating, &moments(2, 3, 4));
}

#[test]
fn one_with_two_loops_an_epoch_goes_on_in_either() {
    compare(Kind::TwoLoops, &moments(3, 3, 4));
}

#[test]
fn one_that_evaluates_within_epochs_evaluates_nothing_twice() {
    compare(Kind::EvaluatingWithin, &moments(4, 3, 4));
}
