//! Learning rates that people change while the training goes on.

use std::{fs::File, io::Write, path::Path, thread, time::Duration};

use crate::common::{BATCHES, loader, model, ordered_loader, scheduled_learner, training_on};
use burn::{
    lr_scheduler::{LrScheduler, constant::ConstantLr},
    optim::{AdamConfig, GradientsParams},
    tensor::Device,
    train::InferenceStep,
};
use burn_callback::prelude::*;
use tracker_core::{control::CheckpointRequest, progress::ProgressMode, read::RunReader};

fn builder(store: &Path) -> RunBuilder {
    init("points").dir(store).signals(false)
}

/// Asks for a rate from a step on, as the first of several ranks does, and waits until it is seen.
fn plan(run: &Run, rate: f64, from_step: u64) {
    let path = run.path().join("control.jsonl");
    let mut file = File::options().append(true).create(true).open(path).unwrap();
    let line = format!(
        "{{\"time\":\"2026-01-01T00:00:00Z\",\"request\":\"apply\",\"by\":\"bob\",\
         \"knobs\":{{\"lr\":{rate:?}}},\"from_step\":{from_step}}}\nseen?\n"
    );
    file.write_all(line.as_bytes()).unwrap();
    while run.status().problems.is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
}

fn series(run: &RunReader, metric: &str) -> Vec<(u64, f64)> {
    run.series(metric).unwrap().iter().map(|row| (row.step.0, row.value)).collect()
}

/// The weights after two epochs.
fn trained(run: &Run, scheduler: impl LrScheduler + 'static) -> Vec<f32> {
    let scheduler = burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler::from(scheduler);
    let training = training_on(ordered_loader(), run.dir(), 2).track(run);
    training.launch(scheduled_learner(7, scheduler)).model.weights()
}

#[test]
fn a_knob_that_nobody_turns_leaves_all_weights_as_they_are() {
    let store = tempfile::tempdir().unwrap();
    let start = || builder(store.path()).start().unwrap();
    let run = start();
    let plain = trained(&run, ConstantLr::new(0.01));
    run.finish().unwrap();
    let run = start();
    let lr = run.knob("lr", 0.01);
    assert_eq!(trained(&run, lr.scheduler()), plain);
    run.finish().unwrap();
    let run = start();
    let scale = run.knob("scale", 1.0);
    assert_eq!(trained(&run, scale.scale(ConstantLr::new(0.01))), plain);
    run.finish().unwrap();
    assert_eq!(series(&run.reader().unwrap(), "knobs/scale"), [(0, 1.0)]);
}

#[test]
fn a_rate_changes_with_its_step_and_again_where_the_run_is_repeated() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).name("first").start().unwrap();
    let lr = run.knob("lr", 0.01).bounds(1e-6..=1.0);
    plan(&run, 0.002, 9);
    let first = trained(&run, lr.scheduler());
    run.finish().unwrap();
    let reader = run.reader().unwrap();
    assert_eq!(series(&reader, "knobs/lr"), [(0, 0.01), (9, 0.002)]);
    let rates = series(&reader, "learning_rate");
    let changed: Vec<_> = rates.iter().filter(|(step, _)| [0, 9].contains(step)).collect();
    assert_eq!(changed, [&(0, 0.01), &(9, 0.002)], "{rates:?}");

    let run = builder(store.path()).replay_knobs("first").start().unwrap();
    let lr = run.knob("lr", 0.01).bounds(1e-6..=1.0);
    assert_eq!(trained(&run, lr.scheduler()), first);
    run.finish().unwrap();
    assert_eq!(series(&run.reader().unwrap(), "learning_rate"), rates);
}

#[test]
fn a_resumed_training_goes_on_with_its_rate() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    let lr = run.knob("lr", 0.01);
    plan(&run, 0.002, 3);
    let training = training_on(ordered_loader(), run.dir(), 1).with_default_checkpointers();
    training.track(&run).launch(scheduled_learner(7, lr.scheduler()));
    run.finish().unwrap();

    let run = builder(store.path()).resume(run.id().as_str()).start().unwrap();
    let lr = run.knob("lr", 0.01);
    let training = training_on(ordered_loader(), run.dir(), 2).with_default_checkpointers();
    let training = training.resume(&run).unwrap();
    training.launch(scheduled_learner(7, lr.scheduler()));
    run.finish().unwrap();
    let reader = run.reader().unwrap();
    let points = series(&reader, "knobs/lr");
    assert_eq!(points, [(0, 0.01), (3, 0.002), (BATCHES, 0.002)]);
    assert_eq!(reader.knob_changes().unwrap().len(), 1);
}

#[test]
fn a_loop_of_ones_own_changes_with_its_batches_and_saves_a_checkpoint_when_it_is_asked() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    let lr = run.knob("lr", 0.01);
    plan(&run, 0.002, 4);
    let hooks = Loop::new(&run).progress(ProgressMode::Off);
    let (mut model, mut optimizer) = (model(), AdamConfig::new().init());
    let train = loader().to_device(&Device::flex().autodiff());
    let saved = || {
        let versions = run.reader().unwrap().artifacts().unwrap();
        versions.iter().any(|known| known.artifact.name == "checkpoint/model")
    };
    let mut rates = Vec::new();
    'all: for _ in 0..500 {
        for batch in hooks.batches(&train) {
            let output = InferenceStep::step(&model, batch.unwrap());
            hooks.loss(&output.loss);
            let gradients = GradientsParams::from_grads(output.loss.backward(), &model);
            rates.push(lr.get());
            model = optimizer.step(lr.get(), model, gradients);
            hooks.checkpoint(&model, &optimizer);
            if rates.len() == 6 {
                assert!(!saved());
                CheckpointRequest::new().send(&run.reader().unwrap()).unwrap();
            }
            if rates.len() > 6 && saved() {
                break 'all;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
    drop(hooks);
    assert!(saved());
    assert_eq!(rates[..6], [0.01, 0.01, 0.01, 0.01, 0.002, 0.002]);
    let report = run.finish().unwrap();
    let kinds: Vec<&str> = report.problems().iter().map(|known| &*known.kind).collect();
    assert_eq!(kinds, ["request-not-understood"]);
}

#[test]
fn a_scheduler_keeps_its_step_in_its_record() {
    let knob = Knob::fixed("lr", 0.5);
    let mut scaled = knob.scale(ConstantLr::new(0.1));
    assert_eq!((scaled.step(), scaled.step()), (0.05, 0.05));
    let record = scaled.to_record();
    assert_eq!(record.scalar::<u64>("knob_steps"), Some(2));
    let mut other = knob.scheduler();
    other.load_record(record);
    let _ = other.step();
    assert_eq!(other.to_record().scalar::<u64>("knob_steps"), Some(3));
}
