//! What happens between two steps of an optimizer: accumulation, clipping, schedules; and which
//! step is which.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{
    cell::Cell,
    path::Path,
    time::{Duration, Instant},
};

use candle_hooks::{
    Hooks, Schedule,
    candle_core::{Device, Result, Tensor, Var, backprop::GradStore},
    candle_nn::{Optimizer, SGD},
    tracker_core::{Knob, NoopTracker, Run, Tracker, TrackerExt, control::SetKnobs, init},
};
use common::{Digits, Network, close, hooks, problems, steps, tracked, values};

/// Trains with four batches of 50 images a step; gives the weights.
fn accumulated(hooks: &Hooks, images: usize, rest: bool) -> Result<Vec<u32>> {
    let network = Network::new();
    let batches = Digits::new(images).batches(50);
    let sgd = SGD::new(network.variables.clone(), 0.5)?;
    let mut optimizer = hooks.optimizer(sgd).accumulate(4);
    for _ in hooks.epochs(1..=2) {
        for (images, labels) in hooks.batches(&batches) {
            let (loss, logits) = network.loss(images, labels)?;
            hooks.accuracy(&logits, labels)?;
            optimizer.backward_step(&loss)?;
        }
        if rest {
            optimizer.step_accumulated()?;
        }
    }
    Ok(network.bits())
}

#[test]
fn accumulated_batches_make_a_step_with_their_mean_gradient() -> Result<()> {
    let (hooks, tracker) = tracked();
    let bits = accumulated(&hooks, 400, false)?;
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2, 3]);
    assert_eq!(values(&tracker, "batch/train/items"), [200.0; 4]);
    assert_eq!(steps(&tracker, "train/loss"), [1, 3]);

    // The same by hand.
    let network = Network::new();
    let mut optimizer = SGD::new(network.variables.clone(), 0.5)?;
    for batches in
        [(); 2].iter().flat_map(|()| Digits::new(400).batches(50)).collect::<Vec<_>>().chunks(4)
    {
        let mut sums: Vec<Option<Tensor>> = vec![None; network.variables.len()];
        for (images, labels) in batches {
            let gradients = network.loss(images, labels)?.0.backward()?;
            for (variable, sum) in network.variables.iter().zip(&mut sums) {
                let gradient = gradients.get(variable).unwrap();
                *sum = Some(match sum.take() {
                    Some(sum) => (sum + gradient)?,
                    None => gradient.clone(),
                });
            }
        }
        let mut gradients = GradStore::default();
        for (variable, sum) in network.variables.iter().zip(sums) {
            gradients.insert(variable, (sum.unwrap() / 4.0)?);
        }
        optimizer.step(&gradients)?;
    }
    assert_eq!(bits, network.bits());
    Ok(())
}

#[test]
fn batches_that_are_left_over_can_make_a_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    accumulated(&hooks, 300, true)?;
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2, 3]);
    assert_eq!(values(&tracker, "batch/train/items"), [200.0, 100.0, 200.0, 100.0]);
    assert_eq!(steps(&tracker, "epoch"), [1, 3]);

    let (hooks, tracker) = tracked();
    accumulated(&hooks, 300, false)?;
    assert_eq!(values(&tracker, "batch/train/items"), [200.0, 200.0, 200.0]);
    assert_eq!(steps(&tracker, "epoch"), [0, 2]);
    Ok(())
}

#[test]
fn the_same_happens_where_nothing_is_tracked() -> Result<()> {
    let tracked = accumulated(&tracked().0, 400, false)?;
    assert_eq!(tracked, accumulated(&hooks(NoopTracker::new()), 400, false)?);
    let trained = |hooks: &Hooks| {
        let network = Network::new();
        let sgd = SGD::new(network.variables.clone(), 0.0)?;
        let schedule = Schedule::cosine(0.5, 10).warm_up(3);
        let optimizer = hooks.optimizer(sgd).variables(&network.variables);
        let mut optimizer = optimizer.clip_grad_norm(0.1).schedule(schedule);
        for (images, labels) in hooks.batches(Digits::new(300).batches(50)) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
        Ok::<_, candle_hooks::candle_core::Error>(network.bits())
    };
    assert_eq!(trained(&common::tracked().0)?, trained(&hooks(NoopTracker::new()))?);
    Ok(())
}

/// A variable, and a loss whose gradient is (3, 4) times `scale`.
fn slope(scale: f64) -> Result<(Var, Tensor)> {
    let variable = Var::new(&[1.0_f32, 2.0], &Device::Cpu)?;
    let loss = (variable.as_tensor() * &Tensor::new(&[3.0_f32, 4.0], &Device::Cpu)?)?;
    Ok((variable, (loss.sum_all()? * scale)?))
}

#[test]
fn gradients_above_the_greatest_norm_are_scaled_down() -> Result<()> {
    for (scale, moved) in [(1.0, [0.6, 0.8]), (0.1, [0.3, 0.4])] {
        let (hooks, tracker) = tracked();
        let (variable, loss) = slope(scale)?;
        let before = variable.to_vec1::<f32>()?;
        let variables = vec![variable.clone()];
        let optimizer = hooks.optimizer(SGD::new(variables.clone(), 1.0)?).variables(&variables);
        let mut optimizer = optimizer.clip_grad_norm(1.0);
        optimizer.backward_step(&loss)?;
        for ((before, after), moved) in before.iter().zip(variable.to_vec1::<f32>()?).zip(moved) {
            assert!((before - after - moved).abs() < 1e-5, "{scale}");
        }
        // What is logged is the norm before.
        assert!(close(values(&tracker, "gradients/norm")[0], 5.0 * scale));
    }
    Ok(())
}

#[test]
fn a_step_with_gradients_of_ones_own_is_clipped_if_it_knows_the_variables() -> Result<()> {
    let (hooks, _) = tracked();
    let (variable, loss) = slope(1.0)?;
    let sgd = || SGD::new(vec![variable.clone()], 1.0);
    let gradients = hooks.backward(&loss)?;
    let mut optimizer = hooks.optimizer(sgd()?).clip_grad_norm(1.0);
    let error = optimizer.step(&gradients).unwrap_err().to_string();
    assert!(error.contains("hint: say `hooks.optimizer(..).variables("), "{error}");

    let variables = [variable.clone()];
    let mut optimizer = hooks.optimizer(sgd()?).variables(&variables).clip_grad_norm(1.0);
    optimizer.step(&gradients)?;
    let after = variable.to_vec1::<f32>()?;
    assert!((after[0] - 0.4).abs() < 1e-5 && (after[1] - 1.2).abs() < 1e-5, "{after:?}");
    Ok(())
}

#[test]
fn gradients_that_are_no_numbers_are_told_of_with_their_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    let (variable, loss) = slope(f64::INFINITY)?;
    let variables = vec![variable];
    let optimizer = hooks.optimizer(SGD::new(variables.clone(), 1e-3)?).variables(&variables);
    let mut optimizer = optimizer.clip_grad_norm(1.0);
    optimizer.backward_step(&loss)?;
    assert_eq!(problems(&tracker)["gradient-not-finite"], 1);
    let message =
        &tracker.problems().into_iter().find(|p| p.kind == "gradient-not-finite").unwrap();
    assert!(message.message.ends_with("at step 0"), "{}", message.message);
    Ok(())
}

#[test]
fn the_norm_is_logged_each_tenth_step_unless_asked_otherwise() -> Result<()> {
    let trained = |hooks: Hooks| {
        let network = Network::new();
        let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
        for (images, labels) in hooks.batches(Digits::new(250).batches(10)) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
        Ok::<_, candle_hooks::candle_core::Error>(())
    };
    let (hooks, tracker) = tracked();
    trained(hooks)?;
    assert_eq!(steps(&tracker, "gradients/norm"), [0, 10, 20]);

    let network = Network::new();
    let (images, labels) = &Digits::new(10).batches(10)[0];
    let gradients = network.loss(images, labels)?.0.backward()?;
    let mut squares = 0.0;
    for variable in &network.variables {
        let values = gradients.get(variable).unwrap().flatten_all()?.to_vec1::<f32>()?;
        squares += values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
    }
    assert!(close(values(&tracker, "gradients/norm")[0], squares.sqrt()));

    let (hooks, tracker) = tracked();
    trained(hooks.gradient_norm_every(0))?;
    assert!(steps(&tracker, "gradients/norm").is_empty());
    let (hooks, tracker) = tracked();
    trained(hooks.gradient_norm_every(7))?;
    assert_eq!(steps(&tracker, "gradients/norm"), [0, 7, 14, 21]);
    Ok(())
}

#[test]
fn a_schedule_sets_and_logs_the_learning_rate_of_each_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    let (variable, loss) = slope(1e-3)?;
    let schedule = Schedule::linear(1.0, 4).warm_up(2);
    let sgd = SGD::new(vec![variable.clone()], 7.0)?;
    let mut optimizer = hooks.optimizer(sgd).schedule(schedule);
    for _ in 0..5 {
        optimizer.backward_step(&loss)?;
    }
    let rates = [(0.into(), 0.5), (1.into(), 1.0), (3.into(), 0.5), (4.into(), 0.0)];
    assert_eq!(tracker.series("learning_rate"), rates);
    let moved = 3e-3 * (0.5 + 1.0 + 1.0 + 0.5);
    assert!((f64::from(variable.to_vec1::<f32>()?[0]) - (1.0 - moved)).abs() < 1e-6);
    Ok(())
}

type TrackedSgd = candle_hooks::TrackedOptimizer<SGD>;

#[test]
fn a_knob_that_nobody_turns_leaves_all_weights_as_they_are() -> Result<()> {
    let trained = |hooks: &Hooks, lr: &Knob, rate: fn(TrackedSgd, &Knob) -> TrackedSgd| {
        let network = Network::new();
        let sgd = SGD::new(network.variables.clone(), 0.05)?;
        let mut optimizer = rate(hooks.optimizer(sgd), lr);
        for (images, labels) in hooks.batches(Digits::new(300).batches(50)) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
        Ok::<_, candle_hooks::candle_core::Error>(network.bits())
    };
    let store = tempfile::tempdir()?;
    let run = run_in(store.path());
    let lr = run.knob("lr", 0.05);
    let plain = trained(&hooks(&run), &lr, |optimizer, _| optimizer)?;
    assert_eq!(trained(&hooks(&run), &lr, TrackedSgd::rate)?, plain);
    let (noop, fixed) = (NoopTracker::new(), NoopTracker::new().knob("lr", 0.05));
    assert_eq!(trained(&hooks(noop), &fixed, TrackedSgd::rate)?, plain);
    let one = Knob::fixed("scale", 1.0);
    let schedule = Schedule::constant(0.05).scaled(&one);
    assert_eq!(schedule.rate(7), 0.05);
    let points = run.reader().unwrap().series("knobs/lr").unwrap();
    assert_eq!(points.iter().map(|row| row.step.0).collect::<Vec<_>>(), [0]);
    assert_eq!(run.finish().unwrap().problems(), []);
    Ok(())
}

#[test]
fn a_knob_turns_the_learning_rate_and_a_schedule_where_a_step_begins() -> Result<()> {
    for is_scaled in [false, true] {
        let store = tempfile::tempdir()?;
        let run = run_in(store.path());
        let (variable, loss) = slope(1e-3)?;
        let hooks = hooks(&run);
        let knob = run.knob("lr", 0.5).bounds(0.0..=1.0);
        let optimizer = hooks.optimizer(SGD::new(vec![variable], 7.0)?);
        let mut optimizer = if is_scaled {
            optimizer.schedule(Schedule::constant(1.0).scaled(&knob))
        } else {
            optimizer.rate(&knob)
        };
        optimizer.backward_step(&loss)?;
        while run.flush(Duration::from_secs(30)).is_ok()
            && run.reader().unwrap().info().knobs["lr"].most.is_none()
        {}
        SetKnobs::new().knob("lr", 0.25).send(&run.reader().unwrap()).unwrap();
        while knob.get() == 0.5 {
            std::thread::sleep(Duration::from_millis(5));
            optimizer.backward_step(&loss)?;
        }
        assert_eq!(optimizer.learning_rate(), 0.25);
        drop(hooks);
        run.finish().unwrap();
        let reader = run.reader().unwrap();
        let [(_, change)] = &reader.knob_changes().unwrap()[..] else { panic!("one change") };
        let of = |metric: &str| -> Vec<(u64, f64)> {
            let rows = reader.series(metric).unwrap();
            rows.iter().map(|row| (row.step.0, row.value)).collect()
        };
        assert_eq!(of("knobs/lr"), [(0, 0.5), (change.from_step.0, 0.25)]);
        assert_eq!(of("learning_rate"), of("knobs/lr"));
    }
    Ok(())
}

#[test]
fn all_that_a_step_reads_has_one_value() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = run_in(store.path());
    let (variable, loss) = slope(1e-3)?;
    let hooks = hooks(&run);
    let (lr, noise) = (run.knob("lr", 0.5), run.knob("noise", 0.5));
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable], 7.0)?).rate(&lr);
    let mut seen = Vec::new();
    for batch in hooks.batches(0..2_000_u64) {
        if batch == 3 {
            run.flush(Duration::from_secs(30)).unwrap();
            let set = SetKnobs::new().knob("lr", 0.25).knob("noise", 0.25);
            set.send(&run.reader().unwrap()).unwrap();
        }
        let forward = noise.get();
        std::thread::sleep(Duration::from_millis(1));
        optimizer.backward_step(&loss)?;
        seen.push((forward, optimizer.learning_rate(), noise.get()));
        if seen.len() as u64 > batch && forward == 0.25 {
            break;
        }
    }
    drop(hooks);
    run.finish().unwrap();
    let changes = run.reader().unwrap().knob_changes().unwrap();
    assert_eq!(changes.len(), 2);
    for (step, values) in (0..).zip(seen) {
        let all =
            if changes.iter().all(|(_, change)| change.from_step.0 <= step) { 0.25 } else { 0.5 };
        assert_eq!(values, (all, all, all), "in step {step}");
    }
    Ok(())
}

#[test]
fn a_second_training_in_a_run_goes_on_after_the_first() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = run_in(store.path());
    for _ in 0..2 {
        let hooks = hooks(&run);
        let (variable, loss) = slope(1e-3)?;
        let mut optimizer = hooks.optimizer(SGD::new(vec![variable], 0.1)?);
        for _ in hooks.epochs(1..=2) {
            for () in hooks.batches([(); 3]) {
                optimizer.backward_step(&loss)?;
            }
        }
    }
    let reader = run.reader().unwrap();
    let of = |metric: &str| -> Vec<u64> {
        reader.series(metric).unwrap().iter().map(|row| row.step.0).collect()
    };
    assert_eq!(of("batch/train/loss"), (0..12).collect::<Vec<_>>());
    assert_eq!(of("epoch"), [2, 5, 8, 11]);
    assert_eq!(run.finish().unwrap().problems(), []);
    Ok(())
}

#[test]
fn two_hooks_at_once_are_told_of() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = run_in(store.path());
    let (variable, loss) = slope(1e-3)?;
    let one = hooks(&run);
    let two = hooks(&run);
    let mut first = one.optimizer(SGD::new(vec![variable.clone()], 0.1)?);
    let mut second = two.optimizer(SGD::new(vec![variable], 0.1)?);
    for _ in 0..2 {
        first.backward_step(&loss)?;
        second.backward_step(&loss)?;
    }
    drop((one, two, first, second));
    let report = run.finish().unwrap();
    assert_eq!(report.problems()[0].kind, "two-hooks");
    assert_eq!(run.reader().unwrap().series("batch/train/loss").unwrap().len(), 4);
    Ok(())
}

fn run_in(store: &Path) -> Run {
    init("steps").dir(store).start().unwrap()
}

#[test]
fn what_is_logged_after_finish_is_counted() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = run_in(store.path());
    let hooks = hooks(&run);
    let (variable, loss) = slope(1e-3)?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable.clone()], 0.1)?);
    optimizer.backward_step(&loss)?;
    let points = run.finish().unwrap().points();
    let before = variable.to_vec1::<f32>()?;
    for () in hooks.batches([(); 2]) {
        optimizer.backward_step(&loss)?;
    }
    assert_ne!(variable.to_vec1::<f32>()?, before, "training goes on");
    assert!(run.status().problems.iter().any(|problem| problem.kind == "logged-after-finish"));
    assert_eq!(run.finish().unwrap().points(), points);
    Ok(())
}

#[test]
fn each_step_has_its_time_but_not_that_of_an_evaluation() -> Result<()> {
    let (hooks, tracker) = tracked();
    let (variable, loss) = slope(1e-3)?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable], 0.1)?);
    let (began, mut evaluated) = (Instant::now(), Duration::ZERO);
    for step in hooks.batches(0..4) {
        optimizer.backward_step(&loss)?;
        if step == 1 {
            evaluated = hooks.valid(|_| pause());
        }
    }
    let trained = began.elapsed().saturating_sub(evaluated).as_secs_f64();
    let seconds = values(&tracker, "batch/train/step_seconds");
    assert_eq!(seconds.len(), 4);
    assert!(seconds.iter().sum::<f64>() <= trained, "{seconds:?} of {trained}");
    Ok(())
}

/// Sleeps a little; gives how long it was.
fn pause() -> Duration {
    let began = Instant::now();
    std::thread::sleep(Duration::from_millis(4));
    began.elapsed()
}

/// One epoch of five batches; gives the share of the time that waited for data, and the share that
/// all pauses have in the whole time: those before a batch if the data are slow, else those after.
fn waits(slow_data: bool) -> Result<(f64, f64)> {
    let (hooks, tracker) = tracked();
    let (variable, loss) = slope(1e-3)?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable], 0.1)?);
    let paused = Cell::new(Duration::ZERO);
    let pause_if = |due: bool| {
        if due {
            paused.set(paused.get() + pause());
        }
    };
    let began = Instant::now();
    for _ in hooks.epochs(1..=1) {
        for () in hooks.batches((0..5).map(|_| pause_if(slow_data))) {
            optimizer.backward_step(&loss)?;
            pause_if(!slow_data);
        }
    }
    let share = paused.get().as_secs_f64() / began.elapsed().as_secs_f64();
    Ok((values(&tracker, "data_wait")[0], share))
}

#[test]
fn the_wait_for_data_is_a_share_of_the_training() -> Result<()> {
    // The training is a part of the whole time, so its shares are greater.
    let (waited, paused) = waits(true)?;
    assert!(waited >= paused && waited <= 1.0, "{waited} {paused}");
    let (waited, paused) = waits(false)?;
    assert!(waited <= 1.0 - paused, "{waited} {paused}");
    Ok(())
}

#[test]
fn epochs_within_epochs_and_epochs_left_open_are_no_trouble() -> Result<()> {
    let (hooks, tracker) = tracked();
    let (variable, loss) = slope(1e-3)?;
    let mut optimizer = hooks.optimizer(SGD::new(vec![variable], 0.1)?);
    for _ in hooks.epochs(1..=2) {
        for _ in hooks.epochs(10..12) {
            optimizer.backward_step(&loss)?;
        }
    }
    assert_eq!(values(&tracker, "epoch"), [10.0, 11.0, 10.0, 11.0]);
    assert_eq!(problems(&tracker)["nested-epochs"], 2);

    let (hooks, tracker) = common::tracked();
    let mut optimizer = hooks.optimizer(optimizer.into_inner());
    let mut left = hooks.epochs(1..=9);
    left.next();
    let mut batches = hooks.batches(0..9);
    batches.next();
    optimizer.backward_step(&loss)?;
    for _ in hooks.epochs(20..22) {
        for _ in hooks.batches(0..2) {
            optimizer.backward_step(&loss)?;
        }
    }
    drop((batches, left));
    assert_eq!(values(&tracker, "epoch"), [1.0, 20.0, 21.0]);
    assert_eq!(steps(&tracker, "epoch"), [0, 2, 4]);
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2, 3, 4]);
    Ok(())
}
