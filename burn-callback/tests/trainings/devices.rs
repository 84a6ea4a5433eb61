//! Several devices, gathered gradients and groups of parameters: what counts as a step, and what
//! is logged at it.

use crate::common::{
    BATCHES, BURN, ITEMS, learner, loader_of, memory, scheduled_learner, steps, training,
    training_on, values,
};
use burn::{
    lr_scheduler::{
        exponential::ExponentialLrSchedulerConfig, linear::LinearLrSchedulerConfig,
        module_lr_scheduler::ModuleLrSchedulerConfig,
    },
    module::ParamGroup,
    tensor::Device,
    train::{ExecutionStrategy, MultiDeviceOptim},
};
use burn_callback::prelude::*;
use tracker_core::read::Store;

/// Each optimizer step once, in order, and every item in exactly one of them. The last of each epoch may
/// gather fewer batches than the others.
fn assert_steps(seen: &MemoryTracker, epochs: usize, per_epoch: u64, last_is_short: bool) {
    let all: Vec<u64> = (0..epochs as u64 * per_epoch).collect();
    for metric in ["batch/train/loss", "batch/train/accuracy"] {
        assert_eq!(steps(seen, metric), all, "{metric}");
    }
    let rates = steps(seen, "learning_rate");
    let epochs_end = |step: &u64| (step + 1).is_multiple_of(per_epoch);
    // Burn 0.23 tells the rate of a short one with the batches of the next epoch.
    let untold = usize::from(last_is_short && cfg!(feature = "burn-0-23"));
    let ends = rates.iter().filter(|step| epochs_end(step)).count();
    assert_eq!((rates[0], ends), (0, epochs - untold), "{rates:?}");
    assert!(rates.is_sorted_by(|one, two| one < two), "{rates:?}");
    let items = values(seen, "batch/train/items");
    for epoch in items.chunks(per_epoch as usize) {
        assert_eq!(epoch.iter().sum::<f64>(), ITEMS as f64, "{items:?}");
    }
    let ends: Vec<u64> = (1..=epochs as u64).map(|epoch| epoch * per_epoch - 1).collect();
    for metric in ["epoch", "train/loss", "valid/loss", "epoch_seconds"] {
        assert_eq!(steps(seen, metric), ends, "{metric}");
    }
    assert_eq!(seen.problems(), []);
}

#[test]
fn devices_under_one_loop_share_their_steps() {
    for optimizer in [MultiDeviceOptim::OptimMainDevice, MultiDeviceOptim::OptimSharded] {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        let devices = vec![Device::flex().autodiff(); 2];
        training(&directory, 3)
            .with_training_strategy(ExecutionStrategy::multi(devices, optimizer).into())
            .track_in(tracker, &directory)
            .launch(learner(0.01));
        // 50 items on each device, in batches of 16.
        assert_steps(&seen, 3, 4, false);
    }
}

#[test]
fn batches_whose_gradients_are_gathered_are_one_step() {
    for gathered in [2_usize, 3, 4] {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        training(&directory, 3)
            .grads_accumulation(gathered)
            .track_in(tracker, &directory)
            .launch(learner(0.01));
        assert_steps(&seen, 3, BATCHES.div_ceil(gathered as u64), true);
    }
}

#[test]
fn any_number_of_batches_may_be_gathered_in_a_step() {
    for (gathered, steps_of_epoch) in [(70, 2), (100, 1)] {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        training_on(loader_of(1), &directory, 2)
            .grads_accumulation(gathered)
            .track_in(tracker, &directory)
            .launch(learner(0.01));
        assert_eq!(steps(&seen, "batch/train/loss").len(), 2 * steps_of_epoch, "{gathered}");
        assert_eq!(values(&seen, "batch/train/items")[0], gathered.min(ITEMS) as f64);
        assert_eq!(seen.problems(), []);
    }
}

/// Burn 0.22 tells the rate of an epoch's one step with its last batch. Burn 0.23 tells it with the next
/// epoch: until then it looks like a rate of 0.
#[test]
fn more_batches_than_an_epoch_has_may_be_gathered() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 3)
        .grads_accumulation(300)
        .track_in(tracker, &directory)
        .launch(learner(0.01));
    let first = if cfg!(feature = "burn-0-23") { BATCHES } else { 1 };
    let ends = [first - 1, first, first + 1];
    assert_eq!(steps(&seen, "train/loss"), ends);
    assert_eq!(steps(&seen, "batch/train/loss"), (0..first + 2).collect::<Vec<_>>());
    let problems = seen.problems();
    let told: Vec<_> = problems.iter().map(|problem| problem.kind.as_str()).collect();
    assert_eq!(told, if cfg!(feature = "burn-0-23") { vec!["steps-not-known"] } else { vec![] });
}

#[test]
fn gathered_gradients_are_told_from_any_schedule_of_the_learning_rate() {
    for gathered in [1_usize, 3] {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        let warm_up = LinearLrSchedulerConfig::new(1e-9, 0.1, 10).init().unwrap();
        training(&directory, 2)
            .grads_accumulation(gathered)
            .track_in(tracker, &directory)
            .launch(scheduled_learner(7, warm_up));
        assert_steps(&seen, 2, BATCHES.div_ceil(gathered as u64), gathered > 1);
    }
}

#[test]
fn gathered_gradients_may_be_stated() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let options = TrackOptions::new().directory(&directory).grads_accumulation(3);
    training(&directory, 2)
        .grads_accumulation(3)
        .track_with(tracker, options)
        .launch(learner(0.01));
    assert_steps(&seen, 2, BATCHES.div_ceil(3), true);
}

#[test]
fn each_group_of_parameters_has_its_learning_rate() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let decaying = ExponentialLrSchedulerConfig::new(0.1, 0.5);
    let schedule = ModuleLrSchedulerConfig::new(0.01.into())
        .with_group(ParamGroup::from_predicate("output"), decaying)
        .init()
        .unwrap();
    training(&directory, 1)
        .track_in(tracker.clone(), &directory)
        .launch_tracked(tracker, scheduled_learner(7, schedule));

    for constant in ["learning_rate", "learning_rate/hidden"] {
        assert_eq!(
            steps(&seen, constant),
            [0, BATCHES - 1],
            "at the first step and the epoch's end"
        );
        assert_eq!(values(&seen, constant), [0.01; 2]);
    }
    let decayed: Vec<_> = (0..BATCHES).map(|step| 0.1 * 0.5_f64.powi(step as i32)).collect();
    let logged = values(&seen, "learning_rate/output");
    assert!(
        logged.iter().zip(&decayed).all(|(own, other)| (own / other - 1.0).abs() < 1e-9),
        "{logged:?}"
    );
    assert_eq!(logged.len(), decayed.len());
}

#[test]
fn launching_tracked_tells_of_the_model_and_of_burn() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    training(run.dir(), 1).launch_tracked(&run, learner(0.01));
    run.finish().unwrap();

    let reader = Store::open(store.path()).unwrap().runs().unwrap().runs.pop().unwrap();
    let about = &reader.info().about;
    assert_eq!(about["model"]["name"], "Mlp");
    assert_eq!(about["model"]["parameters"], 2 * 8 + 8 + 8 * 2 + 2);
    assert_eq!(about["burn"]["version"], BURN);
    assert_eq!(about["burn"]["features"][0], "autodiff");
    assert!(about["burn"]["devices"][0].as_str().unwrap().contains("Flex"), "{about:?}");
    assert_eq!(reader.series("batch/train/loss").unwrap().len() as u64, BATCHES);
    let texts = reader.events().unwrap();
    let structure = texts.iter().find_map(|event| match &event.kind {
        tracker_core::read::StoredEventKind::Text { name, text, .. } if name == "model" => {
            Some(text.clone())
        }
        _ => None,
    });
    assert!(structure.unwrap().contains("Linear"), "the model's structure is a text of the run");
}
