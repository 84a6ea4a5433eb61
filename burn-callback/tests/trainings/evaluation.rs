//! Burn's evaluator logs its tests.

use std::sync::{Arc, Mutex};

use crate::common::{BATCHES, Items, Mlp, learner, loader, ordered_loader, training};
use burn::train::{
    EvaluatorBuilder, LearnerSummary,
    logger::{EvaluationProgressLogger, TrainingProgressLogger},
    metric::{AccuracyMetric, LossMetric, MetricDefinition},
    renderer::{
        EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
        MetricsRendererTraining,
    },
};
use burn_callback::prelude::*;
use tracker_core::read::{RunReader, Store};

fn start(store: &tempfile::TempDir) -> Run {
    init("points").dir(store.path()).signals(false).start().unwrap()
}

fn only_run(store: &tempfile::TempDir) -> RunReader {
    Store::open(store.path()).unwrap().runs().unwrap().runs.pop().unwrap()
}

fn evaluate(run: &Run, model: Mlp, renderer: Box<dyn MetricsRenderer>) {
    EvaluatorBuilder::new(run.dir())
        .with_application_logger(None)
        .renderer(renderer)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .build(model)
        .eval_all([("shuffled", loader()), ("in order", ordered_loader())]);
}

#[test]
fn a_trainings_renderer_logs_what_is_evaluated_after_it() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    // A learning rate of 0: the tests see what validation saw.
    let result =
        training(run.dir(), 1).with_default_checkpointers().track(&run).launch(learner(0.0));
    evaluate(&run, result.model, result.renderer);
    assert_eq!(run.finish().unwrap().problems(), []);

    let reader = only_run(&store);
    for name in ["loss", "accuracy"] {
        let valid = reader.series(&format!("valid/{name}")).unwrap()[0].value;
        for test in ["shuffled", "in order"] {
            let rows = reader.series(&format!("test/{test}/{name}")).unwrap();
            assert_eq!(rows.len(), 1, "{test} {name}");
            assert_eq!(rows[0].step, Step(BATCHES - 1), "at the training's last step");
            assert!((rows[0].value - valid).abs() < 1e-6, "{test} {name}: {rows:?}, {valid}");
        }
    }
    let accuracy = &reader.info().definitions["test/in order/accuracy"];
    assert_eq!(accuracy.unit.as_deref(), Some("%"));
    assert_eq!(accuracy.direction, Some(Direction::Higher));
}

#[test]
fn an_evaluation_without_a_training_logs_at_step_0() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    evaluate(&run, learner(0.0).model(), run.renderer());
    run.finish().unwrap();
    let rows = only_run(&store).series("test/shuffled/accuracy").unwrap();
    assert_eq!(rows[0].step, Step(0));
    assert!((0.0..=1.0).contains(&rows[0].value));
}

#[test]
fn a_renderer_of_the_users_own_sees_all_that_it_would_see_alone() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let alone = Recorder::default();
    let directory = tempfile::tempdir().unwrap();
    let result = training(&directory, 2).renderer(Box::new(alone.clone())).launch(learner(0.01));
    evaluate_alone(&directory, result.model, result.renderer);

    let beside = Recorder::default();
    let options = TrackOptions::new().renderer(Box::new(beside.clone()));
    let result = training(run.dir(), 2).track_with(&run, options).launch(learner(0.01));
    evaluate(&run, result.model, result.renderer);
    run.finish().unwrap();

    let without_step = |calls: Vec<String>| -> Vec<String> {
        calls.into_iter().filter(|call| !call.contains("Step")).collect()
    };
    assert_eq!(without_step(beside.calls()), alone.calls());
    assert_eq!(only_run(&store).series("test/shuffled/loss").unwrap().len(), 1);
}

#[test]
fn a_renderer_beside_tracker_logs_in_an_evaluation_too() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let beside = Recorder::default();
    evaluate(&run, learner(0.0).model(), run.renderer_beside(Box::new(beside.clone())));
    run.finish().unwrap();
    let began = |call: &String| call.starts_with("start_test shuffled") && call.ends_with("100");
    assert!(beside.calls().iter().any(began));
    assert_eq!(only_run(&store).series("test/shuffled/loss").unwrap().len(), 1);
}

fn evaluate_alone(directory: &tempfile::TempDir, model: Mlp, renderer: Box<dyn MetricsRenderer>) {
    EvaluatorBuilder::new(directory)
        .with_application_logger(None)
        .renderer(renderer)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .build(model)
        .eval_all([("shuffled", loader()), ("in order", ordered_loader())]);
}

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Recorder {
    calls: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn call(&self, call: String) {
        self.calls.lock().unwrap().push(call);
    }

    /// Metrics are told in an order that Burn leaves open.
    fn calls(&self) -> Vec<String> {
        let mut calls = self.calls.lock().unwrap().clone();
        calls.sort();
        calls
    }

    fn value(&self, split: &str, state: &MetricState) {
        if let MetricState::Numeric(metric, entry) = state {
            self.call(format!("{split} {:?} {entry:?}", metric.metric_id));
        }
    }
}

impl MetricsRendererTraining for Recorder {
    fn update_train(&mut self, state: MetricState) {
        self.value("train", &state);
    }
    fn update_valid(&mut self, state: MetricState) {
        self.value("valid", &state);
    }
    fn on_train_end(
        &mut self,
        summary: Option<LearnerSummary>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        self.call(format!("on_train_end {}", summary.is_some()));
        Ok(())
    }
}

impl TrainingProgressLogger for Recorder {
    fn start(&mut self, epochs: usize, first: usize, items: Option<usize>, label: Option<&str>) {
        self.call(format!("start {epochs} {first} {items:?} {label:?}"));
    }
    fn update_epoch(&mut self, epoch: usize) {
        self.call(format!("update_epoch {epoch}"));
    }
    fn start_split(&mut self, split: &str, items: Items<'_>) {
        self.call(format!("start_split {split} {items}"));
    }
    fn update_split(&mut self, items: Items<'_>) {
        self.call(format!("update_split {items}"));
    }
    #[cfg(not(feature = "burn-0-23"))]
    fn end_split(&mut self) {
        self.call("end_split".to_owned());
    }
    #[cfg(feature = "burn-0-23")]
    fn end_split(&mut self, items: Items<'_>) {
        self.call(format!("end_split {items}"));
    }
    fn end(&mut self) {
        self.call("end".to_owned());
    }
    fn log_event_training(&mut self, event: String) {
        self.call(format!("log_event_training {event}"));
    }
}

impl MetricsRendererEvaluation for Recorder {
    fn update_test(&mut self, name: EvaluationName, state: MetricState) {
        self.value(name.as_str(), &state);
    }
}

impl EvaluationProgressLogger for Recorder {
    fn start_global_progress(&mut self, tests: usize) {
        self.call(format!("start_global_progress {tests}"));
    }
    fn start_test(&mut self, name: &str, items: Items<'_>) {
        self.call(format!("start_test {name} {items}"));
    }
    fn update_test_progress(&mut self, items: Items<'_>) {
        self.call(format!("update_test_progress {items}"));
    }
    #[cfg(not(feature = "burn-0-23"))]
    fn end_test(&mut self) {
        self.call("end_test".to_owned());
    }
    #[cfg(feature = "burn-0-23")]
    fn end_test(&mut self, items: Items<'_>) {
        self.call(format!("end_test {items}"));
    }
    fn end_global_progress(&mut self) {
        self.call("end_global_progress".to_owned());
    }
    fn log_event_evaluation(&mut self, event: String) {
        self.call(format!("log_event_evaluation {event}"));
    }
}

impl MetricsRenderer for Recorder {
    fn manual_close(&mut self) {
        self.call("manual_close".to_owned());
    }
    fn register_metric(&mut self, definition: MetricDefinition) {
        self.call(format!("register_metric {}", definition.name));
    }
}
