//! A training loop of one's own: what the hooks log of it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crate::common::{
    BATCH, BATCHES, ITEMS, Mlp, Points, assert_three_epochs, loader, memory, model, steps, values,
};
use burn::{
    data::dataloader::DataLoader,
    module::Module,
    nn::LinearConfig,
    optim::{AdamConfig, GradientsParams},
    tensor::{Device, Int, Tensor},
    train::{InferenceStep, TrainStep},
};
use burn_callback::{CheckpointOptions, prelude::*};
use tracker_core::{progress::ProgressMode, read::Store};

fn hooks(tracker: impl Into<Arc<dyn Tracker>>) -> Loop {
    Loop::new(tracker).progress(ProgressMode::Off).watch(WatchOptions::new().every(5))
}

/// The training batches, and the ones to evaluate on, which have no graph.
fn loaders() -> [Arc<dyn DataLoader<Points>>; 2] {
    let device = Device::flex();
    [loader().to_device(&device.clone().autodiff()), loader().to_device(&device)]
}

/// The loop that this crate's documentation shows.
fn train(hooks: &Loop, epochs: std::ops::RangeInclusive<u64>) -> Mlp {
    let [train, valid] = loaders();
    let (mut model, mut optimizer) = (model(), AdamConfig::new().init());
    for _ in hooks.epochs(epochs) {
        for batch in hooks.batches(&train) {
            let output = InferenceStep::step(&model, batch.unwrap());
            hooks.loss(&output.loss);
            hooks.accuracy(&output.output, &output.targets);
            hooks.learning_rate(0.02);
            let gradients = GradientsParams::from_grads(output.loss.backward(), &model);
            hooks.observe(&model, &gradients);
            model = optimizer.step(0.02, model, gradients);
        }
        evaluate(hooks, &model, &valid);
    }
    model
}

fn evaluate(hooks: &Loop, model: &Mlp, valid: &Arc<dyn DataLoader<Points>>) {
    let model = model.valid();
    hooks.valid(|| {
        for batch in hooks.batches(valid) {
            let output = InferenceStep::step(&model, batch.unwrap());
            hooks.loss(&output.loss);
            hooks.accuracy(&output.output, &output.targets);
        }
    });
}

#[test]
fn each_of_several_models_is_looked_at_under_its_name() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker).watch(WatchOptions::new().every(7).histogram_bins(0));
    let model = model();
    for _ in hooks.epochs(1..=2) {
        for batch in hooks.batches(&loaders()[0]) {
            let output = TrainStep::step(&model, batch.unwrap());
            hooks.observe_named("generator", &model, &output.grads);
            hooks.observe_named("critic", &model, &output.grads);
        }
    }
    hooks.flush();
    for name in ["generator", "critic"] {
        assert_eq!(steps(&seen, &format!("parameters/{name}/norm")), [0, 7], "{name}");
    }
    let of_a_parameter = steps(&seen, "parameters/critic/hidden.weight/norm");
    assert_eq!(of_a_parameter, [0, 7]);
    assert_eq!(seen.problems(), []);
}

#[test]
fn a_second_model_without_a_name_is_told() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    hooks.observe(&model(), &GradientsParams::default());
    let other = LinearConfig::new(2, 2).init(&Device::flex());
    hooks.observe(&other, &GradientsParams::default());
    let kinds: Vec<_> = seen.problems().into_iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, ["two-models-observed"]);
}

#[test]
fn a_loop_logs_what_a_learner_does() {
    let (seen, tracker) = memory();
    train(&hooks(tracker), 1..=3);
    assert_three_epochs(&seen);
    let known = [0, BATCHES - 1, 2 * BATCHES - 1, 3 * BATCHES - 1];
    assert_eq!(steps(&seen, "learning_rate"), known, "the first, and the end of each epoch");
    for metric in ["epoch_seconds", "items_per_second"] {
        assert!(values(&seen, metric).iter().all(|value| *value > 0.0), "{metric}");
    }
    assert_eq!(values(&seen, "batch/train/items")[5..8], [16.0, 4.0, 16.0]);
    assert_eq!(steps(&seen, "gradients/norm"), [0, 5, 10, 15, 20]);
    assert_eq!(seen.problems(), []);
    let accuracy = Definition::new().unit("%").higher_is_better();
    let metric = "valid/accuracy".to_owned();
    assert!(seen.events().contains(&Event::Define { metric, definition: accuracy }));
}

#[test]
fn means_are_weighted_by_the_sizes_of_the_batches() {
    let (seen, tracker) = memory();
    let model = train(&hooks(tracker), 1..=2);
    let items = values(&seen, "batch/train/items");
    for name in ["loss", "accuracy"] {
        let rows = values(&seen, &format!("batch/train/{name}"));
        for (index, epoch) in values(&seen, &format!("train/{name}")).into_iter().enumerate() {
            let rows = rows.chunks(ITEMS.div_ceil(BATCH)).nth(index).unwrap();
            let sum: f64 = rows.iter().zip(&items).map(|(value, items)| value * items).sum();
            assert!((epoch - sum / ITEMS as f64).abs() < 1e-9, "{name}: {epoch}");
        }
    }
    let mut right = 0.0;
    for batch in loaders()[1].iter() {
        let output = InferenceStep::step(&model.valid(), batch.unwrap());
        let answers = output.output.argmax(1).flatten::<1>(0, 1);
        let equal = answers.equal(output.targets).int().sum();
        right += equal.into_data().iter::<f64>().sum::<f64>();
    }
    let logged = values(&seen, "valid/accuracy")[1];
    assert!((logged - right / ITEMS as f64).abs() < 1e-12, "{logged}, {right} right");
}

#[test]
fn hooks_change_no_bit_of_the_weights() {
    let bits = |hooks: &Loop| -> Vec<u32> {
        train(hooks, 1..=2).weights().into_iter().map(f32::to_bits).collect()
    };
    assert_eq!(bits(&hooks(memory().1)), bits(&Loop::new(NoopTracker::new())));
}

#[test]
fn a_stop_after_the_epoch_ends_the_loop_there() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    let [train, _] = loaders();
    let mut epochs = 0;
    for epoch in hooks.epochs(1..=10) {
        epochs = epoch;
        for batch in hooks.batches(&train) {
            batch.unwrap();
            if epoch == 2 {
                seen.request(Requests::stop(Stop::AfterEpoch));
            }
        }
    }
    assert_eq!(epochs, 2);
    assert_eq!(values(&seen, "epoch"), [1.0, 2.0]);
    assert_eq!(steps(&seen, "batch/train/items").len() as u64, 2 * BATCHES);
}

#[test]
fn a_stop_ends_the_loop_within_a_batch_and_leaves_no_means_of_the_rest() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    let [train, valid] = loaders();
    for epoch in hooks.epochs(1..=10) {
        for (index, batch) in hooks.batches(&train).enumerate() {
            batch.unwrap();
            if (epoch, index) == (2, 3) {
                seen.request(Requests::stop(Stop::Now));
            }
        }
        evaluate(&hooks, &model(), &valid);
    }
    assert_eq!(values(&seen, "epoch"), [1.0]);
    assert_eq!(steps(&seen, "valid/loss"), [BATCHES - 1]);
    assert_eq!(steps(&seen, "batch/train/items").len() as u64, BATCHES + 4);
}

#[test]
fn an_evaluation_in_the_midst_of_a_batch_leaves_the_batch_alone() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    let [train, valid] = loaders();
    let model = model();
    for (index, batch) in hooks.batches(&train).enumerate() {
        let output = InferenceStep::step(&model, batch.unwrap());
        hooks.loss(&output.loss);
        if index == 2 {
            evaluate(&hooks, &model, &valid);
        }
        hooks.accuracy(&output.output, &output.targets);
    }
    let all: Vec<u64> = (0..BATCHES).collect();
    assert_eq!(steps(&seen, "batch/train/loss"), all);
    assert_eq!(steps(&seen, "batch/train/accuracy"), all);
    assert_eq!(steps(&seen, "valid/loss"), [1]);
    assert_eq!(steps(&seen, "train/loss"), [0; 0], "without epochs there are no means");
}

#[test]
fn without_batches_each_loss_is_a_step() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    let loss = |value: f32| Tensor::<1>::from_floats([value], &Device::flex());
    for value in [3.0, 2.0, 1.0] {
        hooks.loss(&loss(value));
        hooks.learning_rate(f64::from(value));
    }
    hooks.flush();
    assert_eq!(seen.series("batch/train/loss"), [(Step(0), 3.0), (Step(1), 2.0), (Step(2), 1.0)]);
    assert_eq!(values(&seen, "learning_rate"), [3.0, 2.0, 1.0]);
}

#[test]
fn what_does_not_fit_is_counted_and_training_goes_on() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    let device = Device::flex();
    hooks.loss(&Tensor::<1>::zeros([3], &device));
    hooks.accuracy(&Tensor::zeros([3, 2], &device), &Tensor::<1, Int>::zeros([4], &device));
    hooks.loss(&Tensor::<2>::ones([1, 1], &device));
    hooks.flush();
    let kinds: Vec<_> = seen.problems().into_iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, ["accuracy-shapes-differ", "loss-not-scalar"]);
    assert_eq!(values(&seen, "batch/train/loss"), [1.0]);
}

#[test]
fn an_evaluation_that_panics_has_no_means() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    let evaluated = catch_unwind(AssertUnwindSafe(|| {
        hooks.valid(|| {
            hooks.loss(&Tensor::<1>::ones([1], &Device::flex()));
            panic!("the user's model gave up");
        });
    }));
    assert!(evaluated.is_err());
    assert_eq!(values(&seen, "valid/loss"), [0.0; 0]);
    hooks.evaluate("test", || hooks.loss(&Tensor::<1>::ones([1], &Device::flex())));
    hooks.flush();
    assert_eq!(values(&seen, "test/loss"), [1.0]);
}

#[test]
fn a_run_that_goes_on_counts_its_steps_on() {
    let root = tempfile::tempdir().unwrap();
    let run = init("loop").dir(root.path()).start().unwrap();
    train(&hooks(&run), 1..=1);
    train(&hooks(&run), 2..=2);
    run.finish().unwrap();
    let store = Store::open(root.path()).unwrap();
    let stored = store.runs().unwrap().runs.pop().unwrap();
    let steps = |metric: &str| -> Vec<u64> {
        stored.series(metric).unwrap().iter().map(|row| row.step.0).collect()
    };
    assert_eq!(steps("batch/train/loss"), (0..2 * BATCHES).collect::<Vec<_>>());
    assert_eq!(steps("epoch"), [BATCHES - 1, 2 * BATCHES - 1]);
    assert_eq!(steps("gradients/norm"), [0, 5, BATCHES, BATCHES + 5]);
}

#[test]
fn an_evaluation_within_another_leaves_both_alone_and_training_goes_on() {
    let (seen, tracker) = memory();
    let hooks = hooks(tracker);
    let loss = |value: f32| Tensor::<1>::from_floats([value], &Device::flex());
    let [train, _] = loaders();
    for _ in hooks.epochs(1..=2) {
        hooks.valid(|| {
            hooks.loss(&loss(0.5));
            hooks.evaluate("test", || hooks.loss(&loss(0.25)));
            hooks.loss(&loss(1.0));
        });
        for batch in hooks.batches(&train) {
            batch.unwrap();
            hooks.loss(&loss(2.0));
        }
    }
    hooks.flush();
    assert_eq!(values(&seen, "valid/loss"), [0.75, 0.75]);
    assert_eq!(values(&seen, "test/loss"), [0.25, 0.25]);
    assert_eq!(values(&seen, "train/loss"), [2.0, 2.0]);
}

#[test]
fn a_checkpoint_has_what_was_evaluated_at_its_step_and_the_best_of_them_is_found() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    let every_step = CheckpointOptions::new().every_steps(1);
    let hooks = Loop::new(&run).progress(ProgressMode::Off).checkpoints(every_step);
    let (model, optimizer) = (model(), AdamConfig::new().init());
    for loss in [0.5, 0.25, 0.75] {
        hooks.metric("loss", loss);
        hooks.step();
        hooks.valid(|| hooks.metric("loss", loss));
        hooks.evaluate("test", || hooks.metric("loss", 2.0 * loss));
        hooks.checkpoint(&model, &optimizer);
    }
    drop(hooks);
    let artifacts = run.reader().unwrap().artifacts().unwrap();
    let models = artifacts.iter().filter(|known| known.artifact.kind == "model");
    for model in models {
        let names: Vec<&str> = model.artifact.metrics.keys().map(String::as_str).collect();
        assert_eq!(names, ["test/loss", "valid/loss"], "{:?}", model.artifact);
    }
    let best = run.best_checkpoint("model").unwrap().unwrap();
    assert!(best.ends_with("checkpoint/model-step-2.bpk"), "{best:?}");
    assert!(run.finish().unwrap().problems().is_empty());
}

#[test]
fn checkpoints_that_were_asked_for_and_never_saved_are_told() {
    for (asks, word) in [(false, "never called"), (true, "none was due")] {
        let store = tempfile::tempdir().unwrap();
        let run = init("points").dir(store.path()).signals(false).start().unwrap();
        let options = CheckpointOptions::new().every_steps(100);
        let hooks = Loop::new(&run).progress(ProgressMode::Off).checkpoints(options);
        let (model, optimizer) = (model(), AdamConfig::new().init());
        hooks.metric("loss", 0.5);
        hooks.step();
        if asks {
            hooks.checkpoint(&model, &optimizer);
        }
        drop(hooks);
        let report = run.finish().unwrap();
        let told = report.problems();
        assert!(told.len() == 1 && told[0].message.contains(word), "{told:?}");
    }
}
