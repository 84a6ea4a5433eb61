//! What a training writes: names, steps, epochs, means and definitions.

use std::collections::BTreeMap;

use crate::common::{
    BATCH, BATCHES, ITEMS, assert_three_epochs, learner, memory, steps, training, values,
};
use burn::train::{
    LearnerSummary,
    metric::{
        AucPrMetric, AurocMetric, ClassReduction, FBetaScoreMetric, IterationSpeedMetric,
        LearningRateMetric, Metric, MetricMetadata, MetricName, PerplexityMetric, PrecisionMetric,
        RecallMetric, SerializedEntry, TopKAccuracyMetric,
    },
};
use burn_callback::prelude::*;

#[test]
fn every_optimizer_step_and_every_epoch_is_logged_once() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 3).track_in(tracker, &directory).launch(learner(0.01));

    assert_three_epochs(&seen);
    let known = [0, BATCHES - 1, 2 * BATCHES - 1, 3 * BATCHES - 1];
    assert_eq!(steps(&seen, "learning_rate"), known, "the first, and the end of each epoch");
    assert_eq!(values(&seen, "learning_rate"), [0.01; 4]);
    assert_eq!(seen.step(), Some(Step(3 * BATCHES - 1)));
    assert_eq!(seen.problems(), []);
}

#[test]
fn an_epoch_is_the_mean_of_its_batches_weighted_by_their_sizes() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 3).track_in(tracker, &directory).launch(learner(0.01));

    let items = values(&seen, "batch/train/items");
    assert_eq!(items[..7], [16.0, 16.0, 16.0, 16.0, 16.0, 16.0, (ITEMS % BATCH) as f64]);
    for (batch, epoch) in
        [("batch/train/loss", "train/loss"), ("batch/train/accuracy", "train/accuracy")]
    {
        let rows = values(&seen, batch);
        for (index, epoch) in values(&seen, epoch).into_iter().enumerate() {
            let rows = rows.chunks(ITEMS.div_ceil(BATCH)).nth(index).unwrap();
            let sum: f64 = rows.iter().zip(&items).map(|(value, items)| value * items).sum();
            assert!((epoch - sum / ITEMS as f64).abs() < 1e-9, "{batch}: {epoch}");
            let plain = rows.iter().sum::<f64>() / rows.len() as f64;
            assert!((epoch - plain).abs() > 1e-9, "{batch}: the sizes make a difference");
        }
    }
}

#[test]
fn validation_means_are_weighted_too() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    // A learning rate of 0 leaves the weights alone, so that training sees the same losses.
    training(&directory, 1).track_in(tracker, &directory).launch(learner(0.0));
    let (train, valid) = (values(&seen, "train/loss"), values(&seen, "valid/loss"));
    assert!((train[0] - valid[0]).abs() < 1e-6, "{train:?} {valid:?}");
}

#[test]
fn percent_is_stored_as_a_fraction_and_defined_as_percent() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 2).track_in(tracker, &directory).launch(learner(0.05));

    let accuracy = values(&seen, "valid/accuracy");
    assert!(accuracy.iter().all(|value| (0.5..=1.0).contains(value)), "{accuracy:?}");
    let definitions = definitions(&seen);
    for metric in ["train/accuracy", "valid/accuracy", "batch/train/accuracy"] {
        let expected = Definition::new().unit("%").higher_is_better().display_name("Accuracy");
        assert_eq!(definitions[metric], expected, "{metric}");
    }
    let expected = Definition::new().lower_is_better().display_name("Loss");
    assert_eq!(definitions["valid/loss"], expected);
}

#[test]
fn each_epoch_has_its_time_and_speed() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 2).track_in(tracker, &directory).launch(learner(0.01));
    let seconds = values(&seen, "epoch_seconds");
    let speed = values(&seen, "items_per_second");
    for metric in ["epoch_seconds", "items_per_second"] {
        assert_eq!(steps(&seen, metric), [BATCHES - 1, 2 * BATCHES - 1], "{metric}");
    }
    assert!(seconds[0] * speed[0] >= ITEMS as f64, "{seconds:?} {speed:?}");
}

#[test]
fn every_metric_of_burn_has_its_values_its_unit_and_its_direction() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let class = ClassReduction::Macro;
    training(&directory, 2)
        .metrics((
            TopKAccuracyMetric::new(2),
            PrecisionMetric::multiclass(1, class),
            RecallMetric::multiclass(1, class),
            FBetaScoreMetric::multiclass(2.0, 1, class),
            AurocMetric::multiclass(class),
            PerplexityMetric::new(),
        ))
        .metrics((AucPrMetric::multiclass(class), IterationSpeedMetric::new()))
        .metric_train(Words)
        .track_in(tracker, &directory)
        .launch(learner(0.05));

    let names = [
        "Accuracy",
        "Loss",
        "Top-K Accuracy @ TopK(2)",
        "Precision @ TopK(1) [Macro]",
        "Recall @ TopK(1) [Macro]",
        "FBetaScore (2) @ TopK(1) [Macro]",
        "Perplexity",
    ];
    let summary = LearnerSummary::new(&directory, &names).unwrap();
    assert_eq!(summary.metrics.valid.len(), names.len(), "Burn knows them by these names");
    let definitions = definitions(&seen);
    for burn in &summary.metrics.valid {
        let (metric, definition) = definitions
            .iter()
            .find(|(metric, known)| {
                metric.starts_with("valid/") && known.display_name.as_deref() == Some(&burn.name)
            })
            .unwrap();
        let scale = if definition.unit.as_deref() == Some("%") { 100.0 } else { 1.0 };
        let stored = values(&seen, metric);
        assert_eq!(stored.len(), 2, "{metric}");
        for (own, burn) in stored.iter().zip(&burn.entries) {
            let weighted = burn.value * 0.2 / scale;
            assert!((own - burn.value / scale).abs() <= weighted.abs(), "{metric}: {own} {burn:?}");
        }
        let direction = definition.direction.unwrap();
        let lower = burn.name == "Loss" || burn.name == "Perplexity";
        assert_eq!(direction == Direction::Lower, lower, "{metric}");
        let batches = metric.replace("valid/", "batch/train/");
        assert_eq!(values(&seen, &batches).len() as u64, 2 * BATCHES, "{batches}");
    }
    // These have a value for a whole epoch only, or for a batch only.
    let areas = seen.names();
    for area in ["valid/auroc_macro", "valid/auc_pr_macro"] {
        assert!(areas.contains(&area.to_owned()), "{areas:?}");
        assert!(values(&seen, area).iter().all(|value| (0.0..=1.0).contains(value)), "{area}");
    }
    // Burn has no speed yet at the first batch of an epoch.
    let speeds = values(&seen, "batch/train/iteration_speed");
    assert_eq!(speeds.iter().filter(|speed| **speed > 0.0).count() as u64, 2 * BATCHES - 2);
    assert_eq!(seen.problems(), []);
}

#[test]
fn burns_mean_of_the_learning_rate_is_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 1)
        .metric_train_numeric(LearningRateMetric::new())
        .track_in(tracker, &directory)
        .launch(learner(0.01));
    let rates: Vec<_> = seen.names().into_iter().filter(|name| name.contains("rate")).collect();
    assert_eq!(rates, ["learning_rate"]);
}

#[test]
fn a_metric_of_words_becomes_a_text_an_epoch() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    training(&directory, 2).metric_valid(Words).track_in(tracker, &directory).launch(learner(0.01));
    let text = |event: Event| match event {
        Event::Text { name, step, text } => Some((name, step.0, text)),
        _ => None,
    };
    let texts: Vec<_> = seen.events().into_iter().filter_map(text).collect();
    let expected = |step| ("valid/best_words".to_owned(), step, "all of them".to_owned());
    assert_eq!(texts, [expected(BATCHES - 1), expected(2 * BATCHES - 1)]);
}

fn definitions(tracker: &MemoryTracker) -> BTreeMap<String, Definition> {
    let definition = |event: Event| match event {
        Event::Define { metric, definition } => Some((metric, definition)),
        _ => None,
    };
    tracker.events().into_iter().filter_map(definition).collect()
}

#[derive(Clone)]
struct Words;

impl Metric for Words {
    type Input = ();

    fn name(&self) -> MetricName {
        MetricName::new("Best Words".to_owned())
    }

    fn update(
        &mut self,
        (): &(),
        _: &MetricMetadata,
    ) -> Result<SerializedEntry, burn::tensor::TensorReadError> {
        Ok(SerializedEntry::new("some of them".into(), "some".into()))
    }

    fn compute(&mut self) -> Result<SerializedEntry, burn::tensor::TensorReadError> {
        Ok(SerializedEntry::new("all of them".into(), "all".into()))
    }

    fn clear(&mut self) {}
}
