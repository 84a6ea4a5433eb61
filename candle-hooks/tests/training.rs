//! Trainings whose values are known otherwise.

mod common;

use candle_hooks::{
    Hooks,
    candle_core::{DType, Result, Tensor},
    candle_nn::{AdamW, Optimizer, ParamsAdamW, SGD},
    tracker_core::{Direction, Event, NoopTracker, Tracker},
};
use common::{Digits, Network, close, hooks, problems, steps, tracked, values};

/// Trains as the README does; gives the losses and right answers of each batch as counted by hand.
fn train(hooks: &Hooks, network: &Network, epochs: u64, size: usize) -> Result<Vec<[f64; 3]>> {
    let digits = Digits::new(300);
    let mut by_hand = Vec::new();
    let params = ParamsAdamW { lr: 0.01, ..ParamsAdamW::default() };
    let mut optimizer = hooks.optimizer(AdamW::new(network.variables.clone(), params)?);
    for _ in hooks.epochs(1..=epochs) {
        for (images, labels) in hooks.batches(digits.batches(size)) {
            let (loss, logits) = network.loss(&images, &labels)?;
            hooks.accuracy(&logits, &labels)?;
            optimizer.backward_step(&loss)?;
            by_hand.push([f64::from(loss.to_scalar::<f32>()?), right(&logits, &labels)?, {
                labels.elem_count() as f64
            }]);
        }
        hooks.valid(|valid| {
            for (images, labels) in digits.batches(128) {
                let (loss, logits) = network.loss(&images, &labels)?;
                valid.loss(&loss);
                valid.accuracy(&logits, &labels)?;
            }
            Ok::<_, candle_hooks::candle_core::Error>(())
        })?;
    }
    Ok(by_hand)
}

fn right(logits: &Tensor, labels: &Tensor) -> Result<f64> {
    let answers = logits.argmax(1)?.to_vec1::<u32>()?;
    let labels = labels.to_dtype(DType::U32)?.to_vec1::<u32>()?;
    Ok(answers.iter().zip(&labels).filter(|(answer, label)| answer == label).count() as f64)
}

#[test]
fn rows_are_the_losses_of_their_steps() -> Result<()> {
    let (hooks, tracker) = tracked();
    let by_hand = train(&hooks, &Network::new(), 2, 64)?;
    assert_eq!(by_hand.len(), 10);
    assert_eq!(steps(&tracker, "batch/train/loss"), (0..10).collect::<Vec<_>>());
    let losses: Vec<f64> = by_hand.iter().map(|row| row[0]).collect();
    assert_eq!(values(&tracker, "batch/train/loss"), losses);
    let accuracies: Vec<f64> = by_hand.iter().map(|row| row[1] / row[2]).collect();
    assert_eq!(values(&tracker, "batch/train/accuracy"), accuracies);
    let items = [64.0, 64.0, 64.0, 64.0, 44.0];
    assert_eq!(values(&tracker, "batch/train/items"), [items, items].concat());
    assert_eq!(tracker.step(), Some(9.into()));
    assert_eq!(tracker.problems(), []);
    Ok(())
}

#[test]
fn epoch_values_are_weighted_means_at_the_last_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    let by_hand = train(&hooks, &Network::new(), 2, 64)?;
    for (epoch, batches) in by_hand.chunks(5).enumerate() {
        let step = [4, 9][epoch];
        let at = |metric: &str| {
            let row = tracker.series(metric)[epoch];
            assert_eq!(row.0.0, step, "{metric}");
            row.1
        };
        let loss: f64 = batches.iter().map(|row| row[0] * row[2]).sum::<f64>() / 300.0;
        assert!(close(at("train/loss"), loss));
        let right: f64 = batches.iter().map(|row| row[1]).sum();
        assert!(close(at("train/accuracy"), right / 300.0));
        assert!(close(at("epoch"), epoch as f64 + 1.0));
        assert!(at("epoch_seconds") > 0.0);
        assert!(at("items_per_second") >= 300.0 / at("epoch_seconds"));
        at("valid/loss");
        at("valid/accuracy");
    }
    for metric in ["train/loss", "train/accuracy", "epoch", "valid/loss"] {
        assert_eq!(tracker.series(metric).len(), 2, "{metric}");
    }
    assert_eq!(steps(&tracker, "learning_rate"), [0, 4, 9], "the first, and the end of each epoch");
    assert!(values(&tracker, "learning_rate").iter().all(|rate| close(*rate, 0.01)));
    Ok(())
}

#[test]
fn epoch_loss_can_be_recomputed_from_its_rows() -> Result<()> {
    let (hooks, tracker) = tracked();
    train(&hooks, &Network::new(), 2, 77)?;
    let losses = values(&tracker, "batch/train/loss");
    let items = values(&tracker, "batch/train/items");
    for (epoch, mean) in values(&tracker, "train/loss").into_iter().enumerate() {
        let rows = || losses.iter().zip(&items).skip(epoch * 4).take(4);
        let sum: f64 = rows().map(|(loss, items)| loss * items).sum();
        assert!(close(mean, sum / rows().map(|(_, items)| items).sum::<f64>()));
    }
    Ok(())
}

#[test]
fn validation_is_weighted_by_batch_size() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    train(&hooks, &network, 1, 64)?;
    let digits = Digits::new(300);
    let (loss, logits) = network.loss(&digits.images, &digits.labels)?;
    let loss = f64::from(loss.to_scalar::<f32>()?);
    assert!(close(values(&tracker, "valid/loss")[0], loss));
    let right = right(&logits, &digits.labels)?;
    assert!(close(values(&tracker, "valid/accuracy")[0], right / 300.0));
    Ok(())
}

#[test]
fn hooks_leave_the_weights_bit_for_bit_alone() -> Result<()> {
    let bare = Network::new();
    let digits = Digits::new(300);
    let params = ParamsAdamW { lr: 0.01, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(bare.variables.clone(), params)?;
    for _ in 0..2 {
        for (images, labels) in digits.batches(64) {
            optimizer.backward_step(&bare.loss(&images, &labels)?.0)?;
        }
    }
    let hooked = Network::new();
    train(&tracked().0, &hooked, 2, 64)?;
    assert_eq!(bare.bits(), hooked.bits());
    let disabled = Network::new();
    train(&hooks(NoopTracker::new()), &disabled, 2, 64)?;
    assert_eq!(bare.bits(), disabled.bits());
    assert_ne!(bare.bits(), Network::new().bits());
    Ok(())
}

#[test]
fn common_loop_knows_its_batch_sizes_without_a_call() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(100);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for _ in hooks.epochs(0..1) {
        for (images, labels) in hooks.batches(digits.batches(64)) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
    }
    assert_eq!(values(&tracker, "batch/train/items"), [64.0, 36.0]);
    let losses = values(&tracker, "batch/train/loss");
    let mean = losses[0] * 0.64 + losses[1] * 0.36;
    assert!(close(values(&tracker, "train/loss")[0], mean));
    Ok(())
}

#[test]
fn stated_batch_size_wins() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(100);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for (images, labels) in hooks.batches(digits.batches(64)) {
        hooks.batch_size(7);
        optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
    }
    assert_eq!(values(&tracker, "batch/train/items"), [7.0, 7.0]);
    Ok(())
}

#[test]
fn accumulated_losses_make_one_row_a_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(180);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    let mut losses = Vec::new();
    for _ in hooks.epochs(1..=1) {
        for (index, (images, labels)) in hooks.batches(digits.batches(50)).enumerate() {
            let (loss, logits) = network.loss(&images, &labels)?;
            losses.push(f64::from(loss.to_scalar::<f32>()?));
            hooks.accuracy(&logits, &labels)?;
            let gradients = hooks.backward(&loss)?;
            if index % 2 == 1 {
                optimizer.step(&gradients)?;
            }
        }
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1]);
    assert_eq!(values(&tracker, "batch/train/items"), [100.0, 80.0]);
    let rows = values(&tracker, "batch/train/loss");
    assert!(close(rows[0], f64::midpoint(losses[0], losses[1])));
    assert!(close(rows[1], (losses[2] * 50.0 + losses[3] * 30.0) / 80.0));
    Ok(())
}

#[test]
fn losses_after_the_last_step_belong_to_the_next_epoch() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(30);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    let mut batches = 0;
    for _ in hooks.epochs(1..=2) {
        for (images, labels) in hooks.batches(digits.batches(10)) {
            let gradients = hooks.backward(&network.loss(&images, &labels)?.0)?;
            batches += 1;
            if batches % 2 == 0 {
                optimizer.step(&gradients)?;
            }
        }
    }
    assert_eq!(steps(&tracker, "train/loss"), [0, 2]);
    assert_eq!(values(&tracker, "batch/train/items"), [20.0, 20.0, 20.0]);
    Ok(())
}

#[test]
fn validation_in_the_middle_of_an_epoch_is_logged_at_its_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(60);
    let batches = digits.batches(10);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for _ in hooks.epochs(1..=1) {
        for (index, (images, labels)) in hooks.batches(&batches).enumerate() {
            optimizer.backward_step(&network.loss(images, labels)?.0)?;
            if index % 2 == 1 {
                hooks.valid(|valid| {
                    for (images, labels) in hooks.batches(&batches) {
                        valid.accuracy(&network.logits(images)?, labels)?;
                    }
                    Ok::<_, candle_hooks::candle_core::Error>(())
                })?;
            }
        }
    }
    assert_eq!(steps(&tracker, "valid/accuracy"), [1, 3, 5]);
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2, 3, 4, 5]);
    Ok(())
}

#[test]
fn accuracy_after_the_step_belongs_to_it() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(100);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for _ in hooks.epochs(1..=1) {
        for (images, labels) in hooks.batches(digits.batches(50)) {
            let (loss, logits) = network.loss(&images, &labels)?;
            optimizer.backward_step(&loss)?;
            hooks.accuracy(&logits, &labels)?;
            // The same loss once more changes nothing.
            hooks.loss(&loss);
        }
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1]);
    assert_eq!(steps(&tracker, "batch/train/accuracy"), [0, 1]);
    assert_eq!(values(&tracker, "batch/train/items"), [50.0, 50.0]);
    Ok(())
}

#[test]
fn loop_without_epochs_and_batches_works_by_steps() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(60);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for step in 0..4_u64 {
        let (loss, logits) = network.loss(&digits.images, &digits.labels)?;
        hooks.accuracy(&logits, &digits.labels)?;
        optimizer.backward_step(&loss)?;
        assert_eq!(tracker.step(), Some(step.into()));
        if step == 2 {
            hooks.valid(|valid| valid.accuracy(&logits, &digits.labels))?;
            optimizer.set_learning_rate(0.01);
        }
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2, 3]);
    assert_eq!(steps(&tracker, "batch/train/accuracy"), [0, 1, 2, 3]);
    assert_eq!(steps(&tracker, "valid/accuracy"), [2]);
    assert_eq!(steps(&tracker, "learning_rate"), [0, 3]);
    assert_eq!(values(&tracker, "learning_rate"), [0.1, 0.01]);
    assert!(values(&tracker, "train/loss").is_empty());
    Ok(())
}

#[test]
fn loop_without_a_wrapped_optimizer_counts_its_batches() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(100);
    let mut optimizer = SGD::new(network.variables.clone(), 0.1)?;
    for _ in hooks.epochs(1..=2) {
        for (images, labels) in hooks.batches(digits.batches(40)) {
            let (loss, _) = network.loss(&images, &labels)?;
            optimizer.step(&hooks.backward(&loss)?)?;
        }
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2, 3, 4, 5]);
    assert_eq!(steps(&tracker, "train/loss"), [2, 5]);
    Ok(())
}

#[test]
fn full_batch_loop_without_optimizer_and_batches_has_a_step_an_epoch() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(50);
    for _ in hooks.epochs(1..=3) {
        hooks.loss(&network.loss(&digits.images, &digits.labels)?.0);
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2]);
    assert_eq!(steps(&tracker, "train/loss"), [0, 1, 2]);
    Ok(())
}

#[test]
fn named_optimizer_does_not_own_the_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    let (generator, critic) = (Network::new(), Network::new());
    let digits = Digits::new(100);
    let mut of_generator = hooks.optimizer(SGD::new(generator.variables.clone(), 0.1)?);
    let mut of_critic = hooks.optimizer_named("critic", SGD::new(critic.variables.clone(), 0.2)?);
    for _ in hooks.epochs(1..=1) {
        for (images, labels) in hooks.batches(digits.batches(50)) {
            for _ in 0..3 {
                of_critic.backward_step(&critic.loss(&images, &labels)?.0)?;
            }
            of_generator.backward_step(&generator.loss(&images, &labels)?.0)?;
        }
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1]);
    assert_eq!(steps(&tracker, "batch/train/critic/loss"), [0, 1]);
    assert_eq!(values(&tracker, "batch/train/items"), [50.0, 50.0]);
    assert_eq!(tracker.series("train/critic/learning_rate"), [0, 1].map(|step| (step.into(), 0.2)));
    assert_eq!(tracker.series("learning_rate"), [0, 1].map(|step| (step.into(), 0.1)));
    assert!(values(&tracker, "train/critic/loss")[0] < values(&tracker, "train/loss")[0]);
    assert_eq!(tracker.problems(), []);
    Ok(())
}

#[test]
fn two_optimizers_without_names_are_told_of() -> Result<()> {
    let (hooks, tracker) = tracked();
    let (one, two) = (Network::new(), Network::new());
    let digits = Digits::new(100);
    let mut first = hooks.optimizer(SGD::new(one.variables.clone(), 0.1)?);
    let mut second = hooks.optimizer(SGD::new(two.variables.clone(), 0.1)?);
    for (images, labels) in hooks.batches(digits.batches(50)) {
        first.backward_step(&one.loss(&images, &labels)?.0)?;
        second.backward_step(&two.loss(&images, &labels)?.0)?;
    }
    assert_eq!(problems(&tracker)["two-optimizers"], 2);
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1]);
    Ok(())
}

#[test]
fn metrics_are_defined_for_readers() -> Result<()> {
    let (hooks, tracker) = tracked();
    train(&hooks, &Network::new(), 2, 64)?;
    let defined = |name: &str| {
        let events = tracker.events();
        let mut of_name = events.into_iter().filter_map(|event| match event {
            Event::Define { metric, definition } if metric == name => Some(definition),
            _ => None,
        });
        let definition = of_name.next();
        assert_eq!(of_name.next(), None, "{name} is defined once");
        definition
    };
    for name in ["batch/train/accuracy", "train/accuracy", "valid/accuracy"] {
        let definition =
            defined(name).ok_or_else(|| candle_hooks::candle_core::Error::msg(name))?;
        assert_eq!(definition.unit.as_deref(), Some("%"));
        assert_eq!(definition.direction, Some(Direction::Higher));
    }
    for name in ["batch/train/loss", "train/loss", "valid/loss"] {
        assert_eq!(defined(name).and_then(|of| of.direction), Some(Direction::Lower));
    }
    assert_eq!(defined("epoch_seconds").and_then(|of| of.unit).as_deref(), Some("s"));
    Ok(())
}

#[test]
fn run_may_be_finished_while_hooks_live() -> Result<()> {
    let (hooks, tracker) = tracked();
    train(&hooks, &Network::new(), 1, 64)?;
    let report = tracker.finish(candle_hooks::tracker_core::Outcome::Finished);
    assert!(report.is_ok());
    drop(hooks);
    assert_eq!(tracker.problems(), []);
    Ok(())
}
