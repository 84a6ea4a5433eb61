//! Trainings that are interrupted, and go on as if they had not been.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{fs, path::Path, thread, time::Duration};

use candle_hooks::{
    CheckpointOptions, EarlyStopping, Hooks, Order, ResumableAdamW, Schedule, Weights,
    candle_core::{DType, Module as _, Result, Tensor, Var},
    candle_nn::{AdamW, Linear, Optimizer, ParamsAdamW, SGD, VarBuilder, VarMap, linear, loss},
    tracker_core::{
        Run, Stop, Tracker as _,
        control::{CheckpointRequest, StopRequest},
        init,
        read::{RunReader, StoredEvent, StoredEventKind},
    },
};
use common::{DEVICE, Digits, hooks};

/// A model of two layers, with the same weights each time it is made.
struct Model {
    weights: VarMap,
    first: Linear,
    second: Linear,
}

impl Model {
    fn new() -> Self {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, DType::F32, &DEVICE);
        let first = linear(784, 16, builder.pp("first")).unwrap();
        let second = linear(16, 10, builder.pp("second")).unwrap();
        for (name, variable) in weights.data().lock().unwrap().iter() {
            let count = variable.elem_count();
            let value = |index: usize| ((index * 7 + name.len()) as f32).sin() * 0.1;
            let values: Vec<f32> = (0..count).map(value).collect();
            variable.set(&Tensor::from_vec(values, variable.shape(), &DEVICE).unwrap()).unwrap();
        }
        Self { weights, first, second }
    }

    fn loss(&self, images: &Tensor, labels: &Tensor) -> Result<(Tensor, Tensor)> {
        let logits = self.second.forward(&self.first.forward(images)?.relu()?)?;
        Ok((loss::cross_entropy(&logits, &labels.to_dtype(DType::U32)?)?, logits))
    }

    fn bits(&self) -> Vec<(String, Vec<u32>)> {
        let weights = self.weights.data().lock().unwrap();
        let bits = |value: f32| value.to_bits();
        let mut all: Vec<_> = weights
            .iter()
            .map(|(name, variable)| {
                let values = variable.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                (name.clone(), values.into_iter().map(bits).collect())
            })
            .collect();
        all.sort();
        all
    }
}

/// Trains up to an epoch as a program does that can be started again; gives the weights.
fn train(run: &Run, epochs: u64) -> Result<Vec<(String, Vec<u32>)>> {
    train_with(run, epochs, CheckpointOptions::new())
}

fn train_with(
    run: &Run,
    epochs: u64,
    options: CheckpointOptions,
) -> Result<Vec<(String, Vec<u32>)>> {
    let (model, digits) = (Model::new(), Digits::new(200));
    let hooks = hooks(run);
    let adamw = ResumableAdamW::from_var_map(&model.weights, ParamsAdamW::default())?;
    let schedule = Schedule::cosine(0.01, 50).warm_up(5);
    let mut optimizer = hooks.optimizer(adamw).with_state().schedule(schedule);
    hooks.checkpoint_with(&model.weights, options);
    hooks.restore(&model.weights)?;
    train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=epochs)?;
    Ok(model.bits())
}

fn train_epochs<O: Optimizer>(
    hooks: &Hooks,
    model: &Model,
    digits: &Digits,
    optimizer: &mut O,
    epochs: impl IntoIterator<Item = u64>,
) -> Result<()> {
    for _ in hooks.epochs(epochs) {
        for (images, labels) in hooks.batches(digits.batches(30)) {
            let (loss, logits) = model.loss(&images, &labels)?;
            hooks.accuracy(&logits, &labels)?;
            optimizer.backward_step(&loss)?;
        }
        let (loss, logits) = model.loss(&digits.images, &digits.labels)?;
        hooks.valid(|valid| {
            valid.loss(&loss);
            valid.accuracy(&logits, &digits.labels)
        })?;
    }
    Ok(())
}

fn started(store: &Path) -> Run {
    init("digits").name("first").dir(store).start().unwrap()
}

fn resumed(store: &Path) -> Run {
    init("digits").dir(store).resume("first").start().unwrap()
}

#[test]
fn a_checkpoint_is_saved_when_somebody_asks_for_one() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    let (model, digits) = (Model::new(), Digits::new(60));
    let hooks = hooks(&run);
    let sgd = SGD::new(model.weights.all_vars(), 0.1)?;
    let mut optimizer = hooks.optimizer(sgd);
    hooks.checkpoint(&model.weights);
    let mut is_asked = false;
    let saved = || {
        let versions = run.reader().unwrap().artifacts().unwrap();
        versions.iter().find_map(|known| known.artifact.step)
    };
    for (step, (images, labels)) in digits.batches(30).into_iter().cycle().enumerate() {
        optimizer.backward_step(&model.loss(&images, &labels)?.0)?;
        if step == 3 {
            assert_eq!(saved(), None);
            CheckpointRequest::new().send(&run.reader().unwrap()).unwrap();
            is_asked = true;
        }
        if is_asked && saved().is_some() {
            break;
        }
        assert!(step < 10_000, "no checkpoint is saved");
        thread::sleep(Duration::from_millis(2));
    }
    run.flush(Duration::from_secs(30)).unwrap();
    assert!(saved().unwrap() > 3.into());
    assert_eq!(run.finish().unwrap().problems(), []);
    assert_eq!(run.reader().unwrap().artifacts().unwrap().len(), 1, "one, and no more");
    Ok(())
}

#[test]
fn a_resumed_training_goes_on_with_the_rate_of_its_knob() -> Result<()> {
    let store = tempfile::tempdir()?;
    let digits = Digits::new(60);
    let train = |run: &Run, epochs: u64| {
        let (model, hooks) = (Model::new(), hooks(run));
        let lr = run.knob("lr", 0.1).bounds(0.0..=1.0);
        let sgd = SGD::new(model.weights.all_vars(), lr.get())?;
        let mut optimizer = hooks.optimizer(sgd).rate(&lr);
        hooks.checkpoint(&model.weights);
        hooks.restore(&model.weights)?;
        train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=epochs)
    };
    let run = started(store.path());
    let _ = run.knob("lr", 0.1);
    let line = "{\"time\":\"2026-01-01T00:00:00Z\",\"request\":\"apply\",\"by\":\"bob\",\
                \"knobs\":{\"lr\":0.05},\"from_step\":1}\nseen?\n";
    fs::write(run.path().join("control.jsonl"), line)?;
    while run.status().problems.is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    train(&run, 1)?;
    run.finish().unwrap();
    let run = resumed(store.path());
    train(&run, 3)?;
    assert_eq!(run.finish().unwrap().problems().len(), 1, "the line that is no request");
    let rates = series(&run.reader().unwrap(), "learning_rate");
    let (first, other) = (0.1_f64.to_bits(), 0.05_f64.to_bits());
    assert_eq!(rates[0], (0, first));
    assert!(rates[1..].iter().all(|(_, rate)| *rate == other), "{rates:?}");
    assert_eq!(rates.last().map(|(step, _)| *step), Some(5));
    Ok(())
}

/// All steps and values of a metric.
fn series(run: &RunReader, metric: &str) -> Vec<(u64, u64)> {
    let rows = run.series(metric).unwrap();
    rows.iter().map(|row| (row.step.0, row.value.to_bits())).collect()
}

/// What is the same in two runs that trained the same.
const COMPARED: [&str; 7] = [
    "batch/train/loss",
    "train/loss",
    "train/accuracy",
    "valid/loss",
    "valid/accuracy",
    "learning_rate",
    "epoch",
];

#[test]
fn a_training_in_two_parts_is_the_same_as_one_in_one() -> Result<()> {
    let (whole, parts) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let run = started(whole.path());
    let expected = train(&run, 5)?;
    assert_eq!(run.finish().unwrap().problems(), []);
    let one = run.reader().unwrap();

    let run = started(parts.path());
    train(&run, 2)?;
    run.finish().unwrap();
    let run = resumed(parts.path());
    assert_eq!(train(&run, 5)?, expected);
    assert_eq!(run.finish().unwrap().problems(), []);
    let two = run.reader().unwrap();

    for metric in COMPARED {
        assert_eq!(series(&one, metric), series(&two, metric), "{metric}");
    }
    let standing = |run: &RunReader| {
        let all = run.artifacts().unwrap().into_iter().filter(|version| !version.deleted);
        let of = |version: candle_hooks::tracker_core::read::ArtifactVersion| {
            let artifact = version.artifact;
            (artifact.name, artifact.version, artifact.aliases, artifact.metrics)
        };
        all.map(of).collect::<Vec<_>>()
    };
    assert_eq!(standing(&one), standing(&two));
    assert!(!standing(&one).is_empty());
    Ok(())
}

#[test]
fn a_fork_with_the_same_settings_comes_to_the_same_weights_and_curves() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    let expected = train_with(&run, 3, CheckpointOptions::new().keep_all())?;
    run.finish().unwrap();
    let parent = run.reader().unwrap();
    let last_of_epoch = |epoch: usize| parent.series("epoch").unwrap()[epoch - 1].step.0;

    // At the end of an epoch, and within the next one: from the same checkpoint.
    for after in [last_of_epoch(1), last_of_epoch(1) + 3, last_of_epoch(2)] {
        let fork = init("digits").dir(store.path()).fork(format!("first@{after}"));
        let run = fork.start().unwrap();
        assert_eq!(train(&run, 3)?, expected, "after step {after}");
        assert_eq!(run.finish().unwrap().problems(), []);
        let fork = run.reader().unwrap();
        for metric in COMPARED {
            assert_eq!(series(&fork, metric), series(&parent, metric), "{metric} after {after}");
        }
        let own = fork.summary().unwrap()["epoch"].count;
        assert_eq!(own, if after == last_of_epoch(2) { 1 } else { 2 });
    }
    Ok(())
}

#[test]
fn a_fork_of_a_live_training_keeps_its_checkpoint_and_can_be_resumed() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    train(&run, 1)?;
    run.flush(std::time::Duration::from_secs(10)).unwrap();
    let fork = init("digits").name("fork").dir(store.path()).fork("first").start().unwrap();
    // The parent trains on, and deletes the checkpoint of its first epoch.
    run.finish().unwrap();
    let run = resumed(store.path());
    let expected = train_with(&run, 4, CheckpointOptions::new().keep_last(1).without_best())?;
    run.finish().unwrap();
    assert!(!run.dir().join("checkpoint/model-epoch-1.safetensors").exists());
    fork.finish().unwrap();

    let fork = init("digits").dir(store.path()).resume("fork").start().unwrap();
    assert_eq!(train(&fork, 4)?, expected);
    assert_eq!(fork.finish().unwrap().problems(), []);
    let (fork, run) = (fork.reader().unwrap(), run.reader().unwrap());
    assert_eq!(series(&fork, "train/loss"), series(&run, "train/loss"));
    Ok(())
}

#[test]
fn a_fork_without_restoring_counts_its_steps_on() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    train(&run, 1)?;
    run.finish().unwrap();
    let run = init("digits").dir(store.path()).fork("first@4").start().unwrap();
    let (model, digits) = (Model::new(), Digits::new(60));
    let hooks = hooks(&run);
    let mut optimizer = hooks.optimizer(SGD::new(model.weights.all_vars(), 0.1)?);
    train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=1)?;
    let report = run.finish().unwrap();
    assert_eq!(report.problems()[0].kind, "training-begins-anew");
    let losses = series(&run.reader().unwrap(), "batch/train/loss");
    let steps: Vec<u64> = losses.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, (0..7).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn what_came_after_the_checkpoint_is_done_again() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    train(&run, 2)?;
    // A third epoch that is cut short, as by a kill: no checkpoint has its steps.
    let (model, digits) = (Model::new(), Digits::new(60));
    let hooks_of_third = hooks(&run);
    let mut optimizer = hooks_of_third.optimizer(SGD::new(model.weights.all_vars(), 0.1)?);
    for (images, labels) in &digits.batches(30) {
        optimizer.backward_step(&model.loss(images, labels)?.0)?;
    }
    run.finish().unwrap();
    assert_eq!(run.reader().unwrap().last_step().unwrap(), Some(15.into()));

    let run = resumed(store.path());
    train(&run, 3)?;
    run.finish().unwrap();
    let losses = series(&run.reader().unwrap(), "batch/train/loss");
    let steps: Vec<u64> = losses.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, (0..21).collect::<Vec<_>>(), "each step once");
    Ok(())
}

#[test]
fn candles_own_adamw_starts_anew_and_that_is_said() -> Result<()> {
    let store = tempfile::tempdir()?;
    let train = |run: &Run, epochs| -> Result<f64> {
        let (model, digits) = (Model::new(), Digits::new(60));
        let hooks = hooks(run);
        let params = ParamsAdamW { lr: 0.01, ..ParamsAdamW::default() };
        let mut optimizer = hooks.optimizer(AdamW::new(model.weights.all_vars(), params)?);
        hooks.checkpoint(&model.weights);
        if let Some(restored) = hooks.restore(&model.weights)? {
            assert!(!restored.optimizer_state());
            assert_eq!((restored.step(), restored.epoch()), (1, Some(1)));
        } else {
            optimizer.set_learning_rate(0.003);
        }
        train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=epochs)?;
        Ok(optimizer.learning_rate())
    };
    let run = started(store.path());
    train(&run, 1)?;
    run.finish().unwrap();
    let run = resumed(store.path());
    assert_eq!(train(&run, 2)?, 0.003, "the learning rate comes back");
    let report = run.finish().unwrap();
    assert_eq!(report.problems()[0].kind, "optimizer-begins-anew");
    assert!(report.problems()[0].message.contains("AdamW"), "{:?}", report.problems());
    Ok(())
}

fn messages(run: &Run) -> Vec<String> {
    let events = run.reader().unwrap().events().unwrap();
    let message = |event: StoredEvent| match event.kind {
        StoredEventKind::Message { text, .. } => Some(text),
        _ => None,
    };
    events.into_iter().filter_map(message).collect()
}

#[test]
fn a_resumed_training_with_nothing_left_to_train_says_so() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    let weights = train(&run, 2)?;
    run.finish().unwrap();
    let run = resumed(store.path());
    assert_eq!(train(&run, 2)?, weights);
    assert_eq!(run.finish().unwrap().problems(), []);
    let told = "nothing is left to train: the checkpoint is of the last epoch, 2";
    assert!(messages(&run).iter().any(|message| message == told), "{:?}", messages(&run));
    assert_eq!(series(&run.reader().unwrap(), "train/loss").len(), 2);
    Ok(())
}

#[test]
fn epochs_that_are_none_of_those_before_are_told() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    train(&run, 2)?;
    run.finish().unwrap();
    let run = resumed(store.path());
    let (model, digits) = (Model::new(), Digits::new(60));
    let hooks = hooks(&run);
    let adamw = ResumableAdamW::from_var_map(&model.weights, ParamsAdamW::default())?;
    let mut optimizer = hooks.optimizer(adamw).with_state();
    hooks.restore(&model.weights)?;
    train_epochs(&hooks, &model, &digits, &mut optimizer, (1..=5).rev())?;
    let problems = run.finish().unwrap().problems().to_vec();
    let told = problems.iter().find(|problem| problem.kind == "epochs-not-those-of-before");
    assert!(
        told.is_some_and(|problem| problem.message.contains("of epoch 2; the loop goes on with 5"))
    );
    Ok(())
}

#[test]
fn a_resumed_run_without_restoring_counts_its_steps_on() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    train(&run, 1)?;
    run.finish().unwrap();
    let run = resumed(store.path());
    let (model, digits) = (Model::new(), Digits::new(60));
    let hooks = hooks(&run);
    let mut optimizer = hooks.optimizer(SGD::new(model.weights.all_vars(), 0.1)?);
    train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=1)?;
    let report = run.finish().unwrap();
    assert_eq!(report.problems()[0].kind, "training-begins-anew");
    assert!(report.problems()[0].hint.contains("hooks.restore"), "{:?}", report.problems());
    let losses = series(&run.reader().unwrap(), "batch/train/loss");
    let steps: Vec<u64> = losses.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, (0..9).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn early_stopping_remembers_what_was_before_the_interruption() -> Result<()> {
    let trained = |interrupted_after: Option<u64>| -> Result<Vec<(u64, u64)>> {
        let store = tempfile::tempdir()?;
        let train = |run: &Run, epochs| -> Result<()> {
            let (model, digits) = (Model::new(), Digits::new(60));
            let stopping = EarlyStopping::new("valid/loss").patience(3);
            let hooks = hooks(run).early_stopping(stopping);
            // A rate at which the loss soon gets no better.
            let mut optimizer =
                hooks.optimizer(SGD::new(model.weights.all_vars(), 4.0)?).with_state();
            hooks.checkpoint(&model.weights);
            hooks.restore(&model.weights)?;
            train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=epochs)
        };
        if let Some(epochs) = interrupted_after {
            let run = started(store.path());
            train(&run, epochs)?;
            run.finish().unwrap();
        }
        let run =
            if interrupted_after.is_some() { resumed(store.path()) } else { started(store.path()) };
        train(&run, 60)?;
        run.finish().unwrap();
        Ok(series(&run.reader().unwrap(), "valid/loss"))
    };
    let whole = trained(None)?;
    assert!(whole.len() > 3 && whole.len() < 60, "{} epochs", whole.len());
    for epochs in [1, whole.len() as u64 - 1] {
        assert_eq!(trained(Some(epochs))?, whole, "after {epochs}");
    }
    Ok(())
}

#[test]
fn a_loop_of_steps_saves_every_so_many_of_them() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    let (model, digits) = (Model::new(), Digits::new(30));
    let hooks = hooks(&run);
    let options = CheckpointOptions::new().every_epochs(0).every_steps(4).keep_last(2);
    hooks.checkpoint_with(&model.weights, options);
    let mut optimizer = hooks.optimizer(SGD::new(model.weights.all_vars(), 0.1)?);
    for _ in 0..13 {
        optimizer.backward_step(&model.loss(&digits.images, &digits.labels)?.0)?;
    }
    hooks.save_checkpoint();
    hooks.flush();
    assert_eq!(run.finish().unwrap().problems(), []);
    let artifacts = run.reader().unwrap().artifacts().unwrap();
    let standing: Vec<_> = artifacts.iter().filter(|version| !version.deleted).collect();
    let versions: Vec<&str> = standing.iter().map(|of| of.artifact.version.as_str()).collect();
    assert_eq!(versions, ["step-12", "step-13"]);
    let files = fs::read_dir(run.dir().join("checkpoint"))?.count();
    assert_eq!(files, 2);
    // What candle itself reads has the weights of the training.
    let mut loaded = Model::new();
    loaded.weights.load(run.dir().join("checkpoint/model-step-13.safetensors"))?;
    assert_eq!(loaded.bits(), model.bits());
    Ok(())
}

#[test]
fn a_checkpoint_that_no_epoch_saved_is_told() {
    let (hooks, tracker) = common::tracked();
    hooks.checkpoint(&Model::new().weights);
    for loss in hooks.batches([0.5, 0.25]) {
        hooks.loss(loss);
    }
    drop(hooks);
    assert_eq!(common::problems(&tracker)["no-checkpoint-saved"], 1);
}

#[test]
fn a_model_whose_layers_are_made_later_is_watched_and_one_without_any_is_told() -> Result<()> {
    let (hooks, tracker) = common::tracked();
    let (late, none) = (VarMap::new(), VarMap::new());
    hooks.watch(&late);
    hooks.watch_named("other", &none, candle_hooks::WatchOptions::new());
    let builder = VarBuilder::from_varmap(&late, DType::F32, &DEVICE);
    let layer = linear(4, 1, builder.pp("layer"))?;
    let mut optimizer = hooks.optimizer(SGD::new(late.all_vars(), 0.1)?);
    let mut other = hooks.optimizer_named("other", SGD::new(late.all_vars(), 0.1)?);
    let loss = layer.forward(&Tensor::ones((2, 4), DType::F32, &DEVICE)?)?.sqr()?.mean_all()?;
    other.backward_step(&loss)?;
    optimizer.backward_step(&loss)?;
    drop((hooks, optimizer, other));
    assert_eq!(common::steps(&tracker, "parameters/layer.weight/norm"), [0]);
    assert_eq!(common::problems(&tracker)["nothing-to-watch"], 1);
    Ok(())
}

/// Two loops over epochs, one after the other, each with an optimizer of its own; the second one goes
/// through so many epochs. Early stopping ends the first.
fn train_phases(run: &Run, epochs: u64) -> Result<Vec<(String, Vec<u32>)>> {
    let (model, digits) = (Model::new(), Digits::new(200));
    let stopping = EarlyStopping::new("valid/loss").patience(1).min_delta(0.02);
    let hooks = hooks(run).early_stopping(stopping);
    hooks.checkpoint(&model.weights);
    hooks.restore(&model.weights)?;
    let mut optimizer = hooks.optimizer(SGD::new(model.weights.all_vars(), 0.02)?);
    train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=3)?;
    let mut optimizer = hooks.optimizer(SGD::new(model.weights.all_vars(), 0.1)?);
    train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=epochs)?;
    Ok(model.bits())
}

#[test]
fn a_training_of_two_phases_goes_on_in_the_second() -> Result<()> {
    let whole = tempfile::tempdir()?;
    let run = started(whole.path());
    let expected = train_phases(&run, 4)?;
    run.finish().unwrap();
    let one = run.reader().unwrap();
    let epochs: Vec<f64> = one.series("epoch").unwrap().iter().map(|row| row.value).collect();
    assert!(
        epochs.len() > 5 && epochs.iter().filter(|epoch| **epoch == 1.0).count() == 2,
        "{epochs:?}"
    );

    for before in [0, 1, 3] {
        let parts = tempfile::tempdir()?;
        let run = started(parts.path());
        train_phases(&run, before)?;
        run.finish().unwrap();
        let run = resumed(parts.path());
        let same = train_phases(&run, 4)? == expected;
        assert!(same, "weights, {before} epochs of the second phase before");
        run.finish().unwrap();
        let two = run.reader().unwrap();
        for metric in COMPARED {
            assert_eq!(series(&one, metric), series(&two, metric), "{metric}, {before} before");
        }
    }
    Ok(())
}

/// Batches of an order, for a training that goes on in the middle of an epoch.
struct Within {
    digits: Digits,
    order: Order,
    batch: usize,
    /// After how many batches somebody asks it to stop.
    stop_after: Option<usize>,
}

impl Within {
    fn new(seed: u64, batch: usize, stop_after: Option<usize>) -> Self {
        Self { digits: Digits::new(200), order: Order::shuffled(200, seed), batch, stop_after }
    }

    /// Trains in a run; gives how many batches it took.
    fn train(&self, run: &Run, epochs: impl Iterator<Item = u64>) -> Result<usize> {
        let model = Model::new();
        let hooks = hooks(run);
        let adamw = ResumableAdamW::from_var_map(&model.weights, ParamsAdamW::default())?;
        let mut optimizer = hooks.optimizer(adamw).with_state();
        hooks.checkpoint_with(&model.weights, CheckpointOptions::new().every_steps(1_000));
        hooks.order(self.order);
        hooks.restore(&model.weights).unwrap();
        let mut taken = 0;
        for epoch in hooks.epochs(epochs) {
            for indices in hooks.batches(self.order.batches(epoch, self.batch)) {
                let indices: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
                let indices = Tensor::new(indices, &DEVICE)?;
                let images = self.digits.images.index_select(&indices, 0)?;
                let labels = self.digits.labels.index_select(&indices, 0)?;
                optimizer.backward_step(&model.loss(&images, &labels)?.0)?;
                taken += 1;
                if self.stop_after == Some(taken) {
                    StopRequest::now().send(&run.reader().unwrap()).unwrap();
                    while run.requests().stop != Stop::Now {
                        thread::sleep(Duration::from_millis(5));
                    }
                }
            }
        }
        Ok(taken)
    }
}

fn kinds(run: &Run) -> Vec<String> {
    run.finish().unwrap().problems().iter().map(|problem| problem.kind.clone()).collect()
}

#[test]
fn a_training_that_is_stopped_within_an_epoch_goes_on_with_the_next_batch() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    assert_eq!(Within::new(1, 20, Some(13)).train(&run, 1..=3)?, 13);
    assert_eq!(kinds(&run), [""; 0]);
    let run = resumed(store.path());
    assert_eq!(Within::new(1, 20, None).train(&run, 1..=3)?, 17);
    assert_eq!(series(&run.reader().unwrap(), "epoch").len(), 3);
    assert_eq!(kinds(&run), [""; 0]);
    Ok(())
}

#[test]
fn one_that_goes_on_with_other_batches_begins_its_epoch_anew_and_says_so() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    Within::new(1, 20, Some(13)).train(&run, 1..=3)?;
    kinds(&run);
    let run = resumed(store.path());
    assert_eq!(Within::new(1, 50, None).train(&run, 1..=3)?, 8);
    assert_eq!(kinds(&run), ["batches-changed"]);
    Ok(())
}

#[test]
fn one_that_goes_on_in_another_order_says_so() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    Within::new(1, 20, Some(13)).train(&run, 1..=3)?;
    kinds(&run);
    let run = resumed(store.path());
    assert_eq!(Within::new(2, 20, None).train(&run, 1..=3)?, 17);
    assert_eq!(kinds(&run), ["order-changed"]);
    Ok(())
}

#[test]
fn one_that_goes_on_with_another_epoch_says_so() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    Within::new(1, 20, Some(13)).train(&run, 1..=3)?;
    kinds(&run);
    let run = resumed(store.path());
    assert_eq!(Within::new(1, 20, None).train(&run, 3..=3)?, 10);
    assert_eq!(kinds(&run), ["epoch-goes-on-elsewhere"]);
    Ok(())
}

/// Trains one epoch more with this learning rate, and gives what the run says.
fn train_with_rate(run: &Run, epochs: u64, rate: f64, overrides: bool) -> Result<Vec<String>> {
    let (model, digits) = (Model::new(), Digits::new(60));
    let hooks = hooks(run);
    let params = ParamsAdamW { lr: rate, ..ParamsAdamW::default() };
    let adamw = ResumableAdamW::from_var_map(&model.weights, params)?;
    let mut optimizer = hooks.optimizer(adamw).with_state();
    if overrides {
        optimizer = optimizer.override_learning_rate();
    }
    hooks.checkpoint(&model.weights);
    hooks.restore(&model.weights)?;
    train_epochs(&hooks, &model, &digits, &mut optimizer, 1..=epochs)?;
    drop(hooks);
    drop(optimizer);
    assert_eq!(run.finish().unwrap().problems(), []);
    let message = |event: StoredEvent| match event.kind {
        StoredEventKind::Message { text, .. } if text.contains("learning rate") => Some(text),
        _ => None,
    };
    Ok(run.reader().unwrap().events().unwrap().into_iter().filter_map(message).collect())
}

#[test]
fn the_learning_rate_of_a_checkpoint_counts_and_another_one_is_told() -> Result<()> {
    let rates = |run: &Run| -> Vec<f64> {
        let rows = run.reader().unwrap().series("learning_rate").unwrap();
        rows.iter().map(|row| row.value).collect()
    };
    for overrides in [false, true] {
        let store = tempfile::tempdir()?;
        let run = started(store.path());
        assert_eq!(train_with_rate(&run, 1, 0.01, overrides)?, [""; 0]);
        let run = resumed(store.path());
        let told = train_with_rate(&run, 2, 0.5, overrides)?;
        if overrides {
            assert_eq!((told.len(), rates(&run).last()), (0, Some(&0.5)));
        } else {
            assert!(told.len() == 1 && told[0].contains("0.01") && told[0].contains("0.5"));
            assert_eq!(rates(&run).last(), Some(&0.01));
        }
    }
    Ok(())
}

#[test]
fn several_models_are_kept_in_one_checkpoint_and_the_best_of_them_comes_back() -> Result<()> {
    let store = tempfile::tempdir()?;
    let (actor, critic, digits) = (Model::new(), Model::new(), Digits::new(60));
    let scale = Var::new(1_f32, &DEVICE)?;
    let weights = Weights::from([("actor", &actor.weights), ("critic", &critic.weights)]);
    let weights = weights.and_variable("scale", &scale);
    let run = started(store.path());
    let hooks = hooks(&run);
    hooks.checkpoint(&weights);
    let mut optimizer = hooks.optimizer(SGD::new(actor.weights.all_vars(), 0.1)?);
    let mut best = Vec::new();
    for epoch in hooks.epochs(1..=3) {
        for (images, labels) in hooks.batches(digits.batches(20)) {
            optimizer.backward_step(&actor.loss(&images, &labels)?.0)?;
        }
        scale.set(&Tensor::new(epoch as f32, &DEVICE)?)?;
        hooks.valid(|valid| valid.metric("loss", if epoch == 2 { 0.1 } else { 0.5 }));
        if epoch == 2 {
            best = actor.bits();
        }
    }
    assert_ne!(actor.bits(), best);
    let loaded = hooks.load_best(&weights).unwrap().unwrap();
    assert_eq!((loaded.epoch(), scale.to_scalar::<f32>()?), (Some(2), 2.0));
    assert_eq!(actor.bits(), best);
    let file = run.best_checkpoint("model").unwrap().unwrap();
    assert_eq!(file, loaded.file());
    run.finish().unwrap();

    let run = resumed(store.path());
    let (again, hooks) = (Model::new(), common::hooks(&run));
    let maps = [("actor", &again.weights), ("critic", &critic.weights)];
    assert_eq!(hooks.restore(maps).unwrap().unwrap().epoch(), Some(3));
    assert_ne!(again.bits(), best, "the last one, not the best");
    Ok(())
}

/// Goes over the batches of one epoch, each of which is evaluated as worse than the one before.
fn train_worse_and_worse(run: &Run, stop_after: Option<u64>) -> Result<u64> {
    let (model, digits) = (Model::new(), Digits::new(20));
    let hooks = hooks(run).early_stopping(EarlyStopping::new("valid/loss").patience(3));
    let mut optimizer = hooks.optimizer(SGD::new(model.weights.all_vars(), 0.01)?);
    hooks.checkpoint_with(&model.weights, CheckpointOptions::new().every_steps(1_000));
    hooks.restore(&model.weights).unwrap();
    let mut taken = 0;
    for _ in hooks.epochs(1..=1) {
        for at in hooks.batches(0..8_u64) {
            optimizer.backward_step(&model.loss(&digits.images, &digits.labels)?.0)?;
            hooks.valid(|valid| valid.metric("loss", at as f64));
            taken += 1;
            if stop_after == Some(taken) {
                StopRequest::now().send(&run.reader().unwrap()).unwrap();
                while run.requests().stop != Stop::Now {
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
    Ok(taken)
}

#[test]
fn evaluations_within_an_epoch_that_goes_on_are_not_judged_as_its_end() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = started(store.path());
    assert_eq!(train_worse_and_worse(&run, Some(6))?, 6);
    run.finish().unwrap();
    let run = resumed(store.path());
    assert_eq!(train_worse_and_worse(&run, None)?, 2);
    run.finish().unwrap();
    Ok(())
}
