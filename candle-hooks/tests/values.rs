//! Values that people name themselves, tokens and perplexities, and when a training ends by itself.

mod common;

use candle_hooks::{
    AccuracyOptions, EarlyStopping, Hooks, WatchOptions,
    candle_core::{DType, Device, Error, Result, Tensor},
    candle_nn::{Optimizer, SGD, VarBuilder, VarMap, linear, loss},
    tracker_core::{Event, MemoryTracker, NoopTracker, Requests, Stop},
};
use common::{DEVICE, Digits, Network, close, hooks, problems, steps, tracked, values};

#[test]
fn metrics_of_ones_own_are_logged_by_step_and_weighted_by_epoch() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(100);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for _ in hooks.epochs(1..=1) {
        for (index, (images, labels)) in hooks.batches(digits.batches(75)).enumerate() {
            let (loss, logits) = network.loss(&images, &labels)?;
            hooks.metric("greatest", &logits.max_all()?);
            hooks.metric("index", index);
            hooks.metric("both", true);
            optimizer.backward_step(&loss)?;
        }
        hooks.valid(|valid| {
            valid.metric("index", 3.5_f32);
            valid.metric("index", &Tensor::new(4.5, &DEVICE)?);
            Ok::<_, Error>(())
        })?;
    }
    assert_eq!(values(&tracker, "batch/train/index"), [0.0, 1.0]);
    assert!(close(values(&tracker, "train/index")[0], 0.25), "weighted by 75 and 25");
    assert_eq!(values(&tracker, "train/both"), [1.0]);
    assert_eq!(values(&tracker, "batch/train/greatest").len(), 2);
    assert_eq!(tracker.series("valid/index"), [(1.into(), 4.0)]);
    hooks.metric("index", &digits.images);
    assert_eq!(problems(&tracker)["metric-not-scalar"], 1);
    Ok(())
}

#[test]
fn right_answers_among_the_best_have_a_metric_of_their_own() -> Result<()> {
    let (hooks, tracker) = tracked();
    let logits = Tensor::new(&[[3_f32, 2.0, 1.0], [3.0, 2.0, 1.0], [1.0, 2.0, 3.0]], &DEVICE)?;
    let labels = Tensor::new(&[0_u8, 1, 0], &DEVICE)?;
    for () in hooks.batches([()]) {
        hooks.accuracy(&logits, &labels)?;
        hooks.accuracy_with(&logits, &labels, &AccuracyOptions::new().top_k(2))?;
    }
    let best = AccuracyOptions::new().top_k(2);
    hooks.valid(|valid| valid.accuracy_with(&logits, &labels, &best))?;
    hooks.flush();
    assert!(close(values(&tracker, "batch/train/accuracy")[0], 1.0 / 3.0));
    assert!(close(values(&tracker, "batch/train/top_2_accuracy")[0], 2.0 / 3.0));
    assert!(close(values(&tracker, "valid/top_2_accuracy")[0], 2.0 / 3.0));
    let defined = tracker.events().into_iter().find_map(|event| match event {
        Event::Define { metric, definition } if metric == "valid/top_2_accuracy" => {
            Some(definition)
        }
        _ => None,
    });
    assert_eq!(defined.and_then(|definition| definition.unit), Some("%".to_owned()));
    Ok(())
}

#[test]
fn labels_that_are_no_class_are_counted_with_their_step() -> Result<()> {
    let (hooks, tracker) = tracked();
    let logits = Tensor::zeros((3, 4), DType::F32, &DEVICE)?;
    let labels = Tensor::new(&[0_i64, 4, -1], &DEVICE)?;
    for () in hooks.batches([(); 2]) {
        hooks.accuracy(&logits, &labels)?;
    }
    let problem = &tracker.problems()[0];
    assert_eq!((problem.kind.as_str(), problem.count), ("labels-out-of-range", 2));
    assert!(problem.message.starts_with("2 labels at step 0"), "{}", problem.message);
    assert!(close(values(&tracker, "batch/train/accuracy")[0], 1.0 / 3.0));
    Ok(())
}

#[test]
fn language_models_count_tokens_and_have_a_perplexity() -> Result<()> {
    let (hooks, tracker) = tracked();
    let hooks = hooks.tokens().perplexity();
    let weights = VarMap::new();
    let model = linear(8, 5, VarBuilder::from_varmap(&weights, DType::F32, &DEVICE))?;
    let mut optimizer = hooks.optimizer(SGD::new(weights.all_vars(), 0.1)?);
    let inputs = Tensor::randn(0_f32, 1.0, (2, 6, 8), &DEVICE)?;
    let labels = Tensor::zeros((2, 6), DType::U32, &DEVICE)?;
    for _ in hooks.epochs(1..=1) {
        for with_accuracy in hooks.batches([false, true]) {
            use candle_hooks::candle_core::Module as _;
            let logits = model.forward(&inputs)?;
            if with_accuracy {
                hooks.accuracy(&logits, &labels)?;
            }
            let loss = loss::cross_entropy(&logits.flatten(0, 1)?, &labels.flatten_all()?)?;
            optimizer.backward_step(&loss)?;
        }
    }
    assert_eq!(values(&tracker, "batch/train/tokens"), [12.0, 12.0]);
    assert!(values(&tracker, "tokens_per_second")[0] > 0.0);
    for (loss, perplexity) in
        [("batch/train/loss", "batch/train/perplexity"), ("train/loss", "train/perplexity")]
    {
        assert!(close(values(&tracker, loss)[0].exp(), values(&tracker, perplexity)[0]));
    }
    assert!(values(&tracker, "batch/train/items").is_empty());
    Ok(())
}

/// Ten epochs whose validation loss is given; says how many there were.
fn epochs_with(hooks: &Hooks, losses: &[f64]) -> Result<usize> {
    let mut epochs = 0;
    for (_, loss) in hooks.epochs((1..).zip(losses)) {
        for () in hooks.batches([(); 2]) {
            hooks.loss(&Tensor::new(1_f32, &Device::Cpu)?);
        }
        let loss = Tensor::new(*loss, &Device::Cpu)?;
        hooks.valid(|valid| valid.loss(&loss));
        epochs += 1;
    }
    Ok(epochs)
}

const LOSSES: [f64; 7] = [0.5, 0.4, 0.45, 0.41, 0.39, 0.39, 0.39];

fn patient(hooks: Hooks, patience: u64) -> Hooks {
    hooks.early_stopping(EarlyStopping::new("valid/loss").patience(patience))
}

#[test]
fn a_training_that_gets_no_better_ends_and_says_why() -> Result<()> {
    let (hooks, tracker) = tracked();
    assert_eq!(epochs_with(&patient(hooks, 2), &LOSSES)?, 4);
    assert_eq!(values(&tracker, "epoch"), [1.0, 2.0, 3.0, 4.0]);
    let why = tracker.events().into_iter().find_map(|event| match event {
        Event::Conclusion { text } => Some(text),
        _ => None,
    });
    let expected = "stopped early, after epoch 4 of 7: valid/loss was not better than 0.4";
    assert!(why.as_ref().is_some_and(|why| why.starts_with(expected)), "{why:?}");
    let (hooks, _) = tracked();
    assert_eq!(epochs_with(&patient(hooks, 3), &LOSSES)?, 7);
    Ok(())
}

#[test]
fn early_stopping_decides_the_same_where_nothing_is_tracked() -> Result<()> {
    assert_eq!(epochs_with(&patient(hooks(NoopTracker::new()), 2), &LOSSES)?, 4);
    Ok(())
}

#[test]
fn early_stopping_without_its_metric_is_told_of() -> Result<()> {
    let (hooks, tracker) = tracked();
    let hooks = hooks.early_stopping(EarlyStopping::new("valid/lost"));
    assert_eq!(epochs_with(&hooks, &LOSSES)?, 7);
    assert_eq!(problems(&tracker)["early-stopping-without-metric"], 1);
    assert!(tracker.problems()[0].hint.contains("valid/loss"));
    Ok(())
}

/// A loop of steps, without epochs; says how many it took.
fn steps_until_it_should_stop(hooks: &Hooks, tracker: Option<&MemoryTracker>) -> Result<usize> {
    let network = Network::new();
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.0)?);
    let digits = Digits::new(10);
    let mut taken = 0;
    while taken < 50 && !hooks.should_stop() {
        optimizer.backward_step(&network.loss(&digits.images, &digits.labels)?.0)?;
        taken += 1;
        if taken % 5 == 0 {
            // With a learning rate of 0 it is always the same.
            let loss = network.loss(&digits.images, &digits.labels)?.0;
            hooks.valid(|valid| valid.loss(&loss));
        }
        if let Some(tracker) = tracker.filter(|_| taken == 7) {
            tracker.request(Requests::stop(Stop::AfterEpoch));
        }
    }
    Ok(taken)
}

#[test]
fn a_loop_of_steps_can_ask_whether_to_stop() -> Result<()> {
    let (hooks, tracker) = tracked();
    assert_eq!(steps_until_it_should_stop(&hooks, Some(&tracker))?, 7);
    let (hooks, _) = tracked();
    // The first evaluation, three that are no better, and the step after which that is known.
    assert_eq!(steps_until_it_should_stop(&patient(hooks, 3), None)?, 21);
    let (hooks, tracker) = tracked();
    let mut taken = 0;
    for _ in hooks.batches(0..50) {
        taken += 1;
        tracker.request(Requests::stop(Stop::AfterEpoch));
    }
    assert_eq!(taken, 1, "without epochs, there is none to whose end it could go on");
    Ok(())
}

/// Trains a linear layer and watches it; gives the weights.
fn watched(hooks: &Hooks, options: Option<WatchOptions>) -> Result<Vec<f32>> {
    use candle_hooks::candle_core::Module as _;
    let weights = VarMap::new();
    let model = linear(784, 10, VarBuilder::from_varmap(&weights, DType::F32, &DEVICE))?;
    for variable in weights.all_vars() {
        variable.set(&variable.zeros_like()?)?;
    }
    let mut optimizer = hooks.optimizer(SGD::new(weights.all_vars(), 0.1)?);
    match options {
        Some(options) => hooks.watch_with(&weights, options),
        None => hooks.watch(&weights),
    }
    for (images, labels) in hooks.batches(Digits::new(1_020).batches(10)) {
        let logits = model.forward(&images)?;
        optimizer.backward_step(&loss::cross_entropy(&logits, &labels.to_dtype(DType::U32)?)?)?;
    }
    model.weight().flatten_all()?.to_vec1()
}

#[test]
fn a_model_is_watched_every_fifty_steps_under_the_names_of_its_layers() -> Result<()> {
    let (hooks, tracker) = tracked();
    let weights = watched(&hooks, None)?;
    for metric in ["gradients/weight/norm", "gradients/bias/norm", "parameters/weight/norm"] {
        assert_eq!(steps(&tracker, metric), [0, 50, 100], "{metric}");
    }
    assert_eq!(values(&tracker, "parameters/weight/norm")[0], 0.0);
    // Weights of 0 have no ratio, so the first sample has none.
    assert_eq!(steps(&tracker, "updates/weight/ratio"), [50, 100]);
    // Not twice where both the norm and the sample are due.
    assert_eq!(steps(&tracker, "gradients/norm"), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    let (of_weight, of_bias) =
        (values(&tracker, "gradients/weight/norm")[1], values(&tracker, "gradients/bias/norm")[1]);
    assert!(close(values(&tracker, "gradients/norm")[5], of_weight.hypot(of_bias)));
    let histograms = tracker.events().into_iter().filter_map(|event| match event {
        Event::Histogram { name, step, histogram } => Some((name, step, histogram)),
        _ => None,
    });
    let histograms: Vec<_> = histograms.collect();
    assert_eq!(histograms.len(), 3 * 4);
    let of_weight = histograms
        .iter()
        .find(|(name, step, _)| (name.as_str(), step.0) == ("parameters/weight", 100));
    assert_eq!(of_weight.map(|(.., of)| of.counts.iter().sum::<u64>()), Some(7_840));
    assert_eq!(tracker.problems(), []);
    assert_eq!(weights, watched(&common::hooks(NoopTracker::new()), None)?);
    Ok(())
}

#[test]
fn options_say_what_is_watched_and_how_often() -> Result<()> {
    let (hooks, tracker) = tracked();
    let options = WatchOptions::new().every(20).exclude("bias").histogram_bins(0);
    watched(&hooks, Some(options))?;
    assert_eq!(steps(&tracker, "gradients/weight/norm"), [0, 20, 40, 60, 80, 100]);
    assert!(steps(&tracker, "gradients/bias/norm").is_empty());
    assert!(!tracker.events().iter().any(|event| matches!(event, Event::Histogram { .. })));
    Ok(())
}
