//! A watched model: what is logged of it, and that it trains as without the watch.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    common::{BATCHES, Mlp, Points, loader, memory, model, steps, values},
    training::Panics,
};
use burn::{
    lr_scheduler::module_lr_scheduler::ModuleLearningRate,
    module::{Module, ModuleVisitor, Param, ParamId},
    nn::{Linear, LinearConfig},
    optim::{AdamConfig, GradientsParams, ModuleOptimizer, MultiGradientsParams, SgdConfig},
    tensor::{Device, FloatDType, Int, Tensor, TensorData},
    train::{
        ClassificationOutput, ExecutionStrategy, InferenceStep, Learner, LearnerModel,
        MultiDeviceOptim, SupervisedTraining, TrainOutput, TrainStep,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::{Watched, prelude::*};
use tracker_core::{Histogram, MetricId, Point, read::Store};

/// A training of any model that classifies points.
fn training_of<M: Classifier>(directory: impl AsRef<Path>, epochs: usize) -> SupervisedTraining<M> {
    SupervisedTraining::new(directory, loader(), loader())
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .num_epochs(epochs)
}

fn launch<M: Classifier>(training: SupervisedTraining<M>, model: M) -> M {
    training.launch(Learner::new(model, AdamConfig::new().init(), 0.02)).model
}

trait Classifier:
    LearnerModel
    + TrainStep<Input = Points, Output = ClassificationOutput>
    + InferenceStep<Input = Points, Output = ClassificationOutput>
{
}

impl<M> Classifier for M where
    M: LearnerModel
        + TrainStep<Input = Points, Output = ClassificationOutput>
        + InferenceStep<Input = Points, Output = ClassificationOutput>
{
}

fn often() -> WatchOptions {
    WatchOptions::new().every(1).histogram_bins(8)
}

fn bits(model: &Mlp) -> Vec<u32> {
    model.weights().into_iter().map(f32::to_bits).collect()
}

fn histograms(tracker: &MemoryTracker, of: &str) -> Vec<(u64, Histogram)> {
    let of_name = |event| match event {
        Event::Histogram { name, step, histogram } if name == of => Some((step.0, histogram)),
        _ => None,
    };
    tracker.events().into_iter().filter_map(of_name).collect()
}

fn kinds(tracker: &MemoryTracker) -> Vec<String> {
    tracker.problems().into_iter().map(|problem| problem.kind).collect()
}

/// Trains a watched model as the learner does, with given gradients.
fn optimize<M: TrainStep + Module>(
    model: Watched<M>,
    gradients: Vec<GradientsParams>,
) -> Watched<M> {
    let mut optimizer = SgdConfig::new().init();
    gradients.into_iter().fold(model, |model, gradients| {
        model.optimize(&mut optimizer, ModuleLearningRate::from(0.1), gradients)
    })
}

/// A model whose parameters a test sets, of rank 1.
#[derive(Module, Debug)]
struct Parameters {
    first: Param<Tensor<1>>,
    second: Param<Tensor<1>>,
    indices: Param<Tensor<1, Int>>,
}

impl TrainStep for Parameters {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, _: Points) -> TrainOutput<Self::Output> {
        panic!("a test gives the gradients")
    }
}

impl Parameters {
    fn new(first: &[f32], second: &[f32]) -> Self {
        let device = Device::flex().autodiff();
        let of = |values: &[f32]| Param::from_data(TensorData::from(values), &device);
        let indices = Tensor::from_ints([1, 2, 3], &device);
        Self {
            first: of(first),
            second: of(second),
            indices: Param::initialized(ParamId::new(), indices),
        }
    }

    fn gradients(&self, first: Option<&[f32]>, second: Option<&[f32]>) -> GradientsParams {
        let mut gradients = GradientsParams::new();
        for (param, values) in [(&self.first, first), (&self.second, second)] {
            if let Some(values) = values {
                let gradient = Tensor::<1>::from_data(values, &Device::flex());
                gradients.register(param.id, gradient);
            }
        }
        gradients
    }
}

#[test]
fn statistics_are_those_counted_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let seer = Seer::default();
    let watched = tracker.watch_with(Seen { model: model(), seer: seer.clone() }, often());
    drop(launch(training_of(&directory, 2).track_in(tracker, &directory), watched));

    let by_hand = seer.steps.lock().unwrap();
    assert_eq!(by_hand.len() as u64, 2 * BATCHES);
    for (step, tensors) in by_hand.iter().enumerate() {
        for (section, of) in ["gradients", "parameters"].iter().enumerate() {
            let mut squares = 0.0;
            for (path, both) in tensors {
                let values = &both[section];
                let norm = values.iter().map(|value| value * value).sum::<f64>();
                squares += norm;
                let logged = values_at(&seen, &format!("{of}/{path}/norm"), step);
                assert_close(logged, norm.sqrt(), path);
                let (_, histogram) = &histograms(&seen, &format!("{of}/{path}"))[step];
                check_histogram(histogram, values);
            }
            assert_close(values_at(&seen, &format!("{of}/norm"), step), squares.sqrt(), of);
        }
    }
    let paths: Vec<&String> = by_hand[0].keys().collect();
    assert_eq!(
        paths,
        ["model.hidden.bias", "model.hidden.weight", "model.output.bias", "model.output.weight"]
    );
    assert_eq!(kinds(&seen), Vec::<String>::new());
}

fn values_at(tracker: &MemoryTracker, metric: &str, step: usize) -> f64 {
    let (at, value) = tracker.series(metric)[step];
    assert_eq!(at.0, step as u64, "{metric}");
    value
}

fn assert_close(value: f64, expected: f64, of: &str) {
    assert!((value - expected).abs() <= 1e-6 * expected.abs(), "{of}: {value}, not {expected}");
}

/// Bins are found in f32: a value closer to an edge than that may be on its other side.
fn check_histogram(histogram: &Histogram, values: &[f64]) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert_eq!((histogram.min, histogram.max, histogram.not_finite), (least, greatest, 0));
    assert_eq!(histogram.counts.iter().sum::<u64>(), values.len() as u64);
    let within = |edge: f64| values.iter().filter(|value| **value < edge).count() as u64;
    let slack = 1e-6 * least.abs().max(greatest.abs());
    let mut below = 0;
    for (count, edge) in histogram.counts.iter().zip(&histogram.edges()[1..]) {
        below += count;
        let last = *edge == greatest;
        let expected = if last { values.len() as u64 } else { within(*edge) };
        let least = within(edge - slack).min(expected);
        let most = within(edge + slack).max(expected);
        assert!((least..=most).contains(&below), "{below} below {edge}, not {expected}");
    }
}

/// What each optimizer step gets: gradient and weight of each parameter, by path.
type Step64 = BTreeMap<String, [Vec<f64>; 2]>;

/// Keeps what the optimizer gets.
#[derive(Debug, Clone, Default)]
struct Seer {
    steps: Arc<Mutex<Vec<Step64>>>,
}

/// A model with an `optimize` of its own.
#[derive(Module, Debug)]
struct Seen {
    model: Mlp,
    #[module(skip)]
    seer: Seer,
}

impl TrainStep for Seen {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> TrainOutput<ClassificationOutput> {
        TrainStep::step(&self.model, batch)
    }

    fn optimize(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        gradients: GradientsParams,
    ) -> Self {
        let mut collect =
            Collect { gradients: &gradients, path: Vec::new(), found: BTreeMap::new() };
        self.visit(&mut collect);
        self.seer.steps.lock().unwrap().push(collect.found);
        optimizer.step(rate, self, gradients)
    }
}

impl InferenceStep for Seen {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> ClassificationOutput {
        InferenceStep::step(&self.model, batch)
    }
}

struct Collect<'a> {
    gradients: &'a GradientsParams,
    path: Vec<String>,
    found: Step64,
}

impl ModuleVisitor for Collect<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let of = |tensor: Tensor<D>| tensor.into_data().iter::<f64>().collect::<Vec<_>>();
        let both = [of(self.gradients.get(param.id).unwrap()), of(param.val())];
        self.found.insert(self.path.join("."), both);
    }
}

#[test]
fn a_watched_model_ends_with_the_same_weights() {
    let directory = tempfile::tempdir().unwrap();
    let bare = launch(training_of::<Mlp>(&directory, 3), model());
    let (_, tracker) = memory();
    let watched = tracker.watch_with(model(), often());
    let watched = launch(training_of(&directory, 3).track_in(tracker, &directory), watched);
    let disabled: Arc<dyn Tracker> = Arc::new(NoopTracker::new());
    let disabled = disabled.watch(model());
    let disabled = launch(training_of(&directory, 3), disabled);
    assert_eq!(bits(watched.inner()), bits(&bare));
    assert_eq!(bits(&disabled.into_inner()), bits(&bare));
}

#[test]
fn every_step_has_its_time_and_every_fiftieth_its_statistics() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let watched = tracker.watch(model());
    drop(launch(training_of(&directory, 8).track_in(tracker, &directory), watched));
    assert_eq!(steps(&seen, "gradients/norm"), [0, 50]);
    assert_eq!(steps(&seen, "parameters/hidden.weight/norm"), [0, 50]);
    let at: Vec<u64> = histograms(&seen, "gradients/output.bias").iter().map(|it| it.0).collect();
    assert_eq!(at, [0, 50]);
    let timed = steps(&seen, "batch/train/step_seconds");
    let first_of_epoch = |step: &u64| step.is_multiple_of(BATCHES);
    let expected: Vec<u64> = (0..8 * BATCHES).filter(|step| !first_of_epoch(step)).collect();
    assert_eq!(timed, expected, "validation is no part of a step");
}

#[test]
fn values_that_are_no_numbers_are_counted_from_the_first_one_on() {
    let (seen, tracker) = memory();
    let model = Parameters::new(&[1.0, 2.0], &[3.0, 4.0]);
    let good = || model.gradients(Some(&[0.5, 0.25]), Some(&[1.0, 0.0]));
    let bad = model.gradients(Some(&[f32::NAN, 0.25]), Some(&[f32::INFINITY, 1.0]));
    let gradients = vec![good(), bad, good()];
    let watched = tracker.watch_with(model, often().every(1));
    drop(optimize(watched, gradients));

    assert_eq!(values(&seen, "gradients/first/nan"), [1.0, 0.0]);
    assert_eq!(steps(&seen, "gradients/first/nan"), [1, 2]);
    assert_eq!(values(&seen, "gradients/first/infinite"), [0.0, 0.0]);
    assert_eq!(values(&seen, "gradients/second/infinite"), [1.0, 0.0]);
    let norms = values(&seen, "gradients/first/norm");
    assert!((norms[0] - 0.3125_f64.sqrt()).abs() < 1e-7 && norms[1].is_nan(), "{norms:?}");
    assert_eq!(values(&seen, "gradients/second/norm")[1], f64::INFINITY);
    assert!(values(&seen, "gradients/norm")[1].is_nan());
    let (_, histogram) = &histograms(&seen, "gradients/first")[1];
    assert_eq!((histogram.min, histogram.max, histogram.not_finite), (0.25, 0.25, 1));
    // The bad gradients went into the weights of the step after.
    assert_eq!(values(&seen, "parameters/first/nan"), [1.0]);
    let problems = seen.problems();
    assert_eq!((&problems[0].kind[..], problems[0].count), ("gradient-not-finite", 2));
}

#[test]
fn a_healthy_model_has_no_counts_of_what_is_no_number() {
    let (seen, tracker) = memory();
    let model = Parameters::new(&[1.0], &[2.0]);
    let gradients = vec![model.gradients(Some(&[0.5]), Some(&[1.0]))];
    drop(optimize(tracker.watch_with(model, often()), gradients));
    let mut names = seen.names();
    names.sort();
    assert_eq!(
        names,
        [
            "gradients/first/norm",
            "gradients/norm",
            "gradients/second/norm",
            "parameters/first/norm",
            "parameters/norm",
            "parameters/second/norm"
        ]
    );
}

#[test]
fn parameters_without_a_gradient_and_empty_ones_are_left_out() {
    let (seen, tracker) = memory();
    let model = Parameters::new(&[1.0, 1.0], &[]);
    let gradients = vec![
        model.gradients(Some(&[3.0, 4.0]), Some(&[])),
        model.gradients(None, None),
        model.gradients(Some(&[0.0, 0.0]), None),
    ];
    drop(optimize(tracker.watch_with(model, often()), gradients));
    assert_eq!(seen.series("gradients/first/norm"), [(Step(0), 5.0), (Step(2), 0.0)]);
    assert_eq!(seen.series("gradients/norm"), [(Step(0), 5.0), (Step(2), 0.0)]);
    assert_eq!(values(&seen, "gradients/second/norm"), Vec::<f64>::new());
    assert_eq!(kinds(&seen), Vec::<String>::new());
}

#[test]
fn a_parameter_at_two_places_counts_once() {
    let (seen, tracker) = memory();
    let mut model = Parameters::new(&[1.0, 1.0], &[0.0]);
    model.second = model.first.clone();
    let gradients = vec![model.gradients(Some(&[3.0, 4.0]), None)];
    drop(optimize(tracker.watch_with(model, often()), gradients));
    assert_eq!(values(&seen, "gradients/norm"), [5.0]);
    assert_eq!(values(&seen, "gradients/second/norm"), Vec::<f64>::new());
}

#[test]
fn parameters_of_every_float_type_are_watched() {
    for dtype in [FloatDType::F64, FloatDType::F16, FloatDType::BF16] {
        let (seen, tracker) = memory();
        let mut model = Parameters::new(&[3.0, 4.0], &[0.0]);
        let cast = |tensor: Tensor<1>| tensor.inner().cast(dtype);
        model.first = model.first.map(|tensor| Tensor::from_inner(cast(tensor)).require_grad());
        let mut gradients = GradientsParams::new();
        let gradient = Tensor::<1>::from_floats([6.0, 8.0], &Device::flex());
        gradients.register(model.first.id, cast(gradient));
        drop(optimize(tracker.watch_with(model, often()), vec![gradients]));
        assert_eq!(values(&seen, "gradients/first/norm"), [10.0], "{dtype:?}");
        assert_eq!(values(&seen, "parameters/first/norm"), [5.0], "{dtype:?}");
    }
}

#[test]
fn watching_draws_no_lazy_weights() {
    let device = Device::flex().autodiff();
    let lazy = LinearConfig::new(3, 2).init(&device);
    let mut gradients = GradientsParams::new();
    gradients.register(lazy.weight.id, Tensor::<2>::ones([3, 2], &Device::flex()));
    let (seen, tracker) = memory();
    let watched = tracker.watch_with(Lazy { lazy: lazy.clone() }, often());
    // This model takes no step: the optimizer would read the weights.
    let watched = optimize(watched, vec![gradients]);
    assert_eq!(seen.names(), Vec::<String>::new());
    assert!(!lazy.weight.is_initialized());
    drop(watched);
}

#[derive(Module, Debug)]
struct Lazy {
    lazy: Linear,
}

impl TrainStep for Lazy {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, _: Points) -> TrainOutput<Self::Output> {
        panic!("a test gives the gradients")
    }

    fn optimize(self, _: &mut ModuleOptimizer, _: ModuleLearningRate, _: GradientsParams) -> Self {
        self
    }
}

#[test]
fn options_choose_parameters_and_histograms() {
    let (seen, tracker) = memory();
    let model = Parameters::new(&[1.0], &[2.0]);
    let gradients = vec![model.gradients(Some(&[0.5]), Some(&[1.0]))];
    let options = often().exclude("second").histogram_bins(0);
    drop(optimize(tracker.watch_with(model, options), gradients));
    assert_eq!(values(&seen, "gradients/norm"), [0.5]);
    assert_eq!(values(&seen, "gradients/second/norm"), Vec::<f64>::new());
    assert_eq!(histograms(&seen, "gradients/first"), []);
}

#[test]
fn records_load_from_one_into_the_other() {
    let directory = tempfile::tempdir().unwrap();
    let (bare, watched) = (directory.path().join("bare"), directory.path().join("watched"));
    let (_, tracker) = memory();
    let trained = launch(training_of::<Mlp>(&directory, 1), model());
    trained.clone().save_file(&bare).unwrap();
    tracker.watch(trained.clone()).save_file(&watched).unwrap();
    assert_eq!(bits(&model().load_file(&watched)), bits(&trained));
    assert_eq!(bits(tracker.watch(model()).load_file(&bare).inner()), bits(&trained));
}

#[test]
fn a_checkpoint_of_a_watched_model_goes_on_without_the_watch() {
    let at_once = tempfile::tempdir().unwrap();
    let expected = launch(training_of::<Mlp>(&at_once, 3).with_default_checkpointers(), model());
    let directory = tempfile::tempdir().unwrap();
    let (_, tracker) = memory();
    let watched = tracker.watch_with(model(), often());
    let training = training_of(&directory, 3).with_default_checkpointers();
    drop(launch(training.track_in(tracker, &directory), watched));
    let resumed = training_of::<Mlp>(&directory, 3).with_default_checkpointers().checkpoint(3);
    assert_eq!(bits(&launch(resumed, model())), bits(&expected));
}

#[test]
fn the_model_is_shown_as_itself() {
    let (_, tracker) = memory();
    let (bare, watched) = (model(), tracker.watch(model()));
    assert_eq!(watched.num_params(), bare.num_params());
    assert_eq!(watched.devices(), bare.devices());
    assert_eq!(watched.to_string().lines().count(), bare.to_string().lines().count());
    assert!(format!("{watched:?}").starts_with("Watched(Mlp"), "{watched:?}");
}

#[test]
fn several_devices_give_the_gradients_of_the_step() {
    let norms = |optim: MultiDeviceOptim| {
        let directory = tempfile::tempdir().unwrap();
        let (seen, tracker) = memory();
        let watched = tracker.watch_with(model(), often());
        let devices = vec![Device::flex(), Device::flex()];
        let training = training_of(&directory, 1)
            .with_training_strategy(ExecutionStrategy::multi(devices, optim).into())
            .track_in(tracker, &directory);
        drop(launch(training, watched));
        assert_eq!(kinds(&seen), Vec::<String>::new());
        seen.series("gradients/norm")
    };
    let (main, sharded) =
        (norms(MultiDeviceOptim::OptimMainDevice), norms(MultiDeviceOptim::OptimSharded));
    assert_eq!(main.len(), 4, "two devices share seven batches");
    for (main, sharded) in main.iter().zip(&sharded) {
        assert_eq!(main.0, sharded.0);
        assert!((main.1 / sharded.1 - 1.0).abs() < 1e-4, "{main:?} {sharded:?}");
    }
}

#[test]
fn gradients_of_several_devices_are_summed() {
    let (seen, tracker) = memory();
    let model = Parameters::new(&[1.0, 1.0], &[1.0]);
    let several = MultiGradientsParams {
        grads: vec![
            (model.gradients(Some(&[1.0, 1.0]), Some(&[2.0])), Device::flex()),
            (model.gradients(Some(&[2.0, 3.0]), None), Device::flex()),
        ],
    };
    let watched = tracker.watch_with(model, often());
    let mut optimizer = SgdConfig::new().init();
    drop(watched.optimize_multi(&mut optimizer, ModuleLearningRate::from(0.0), several));
    assert_eq!(values(&seen, "gradients/first/norm"), [5.0]);
    assert_eq!(values(&seen, "gradients/second/norm"), [2.0]);
}

#[test]
fn accumulated_gradients_make_one_step() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let watched = tracker.watch_with(model(), often());
    let training = training_of(&directory, 1).grads_accumulation(3).track_in(tracker, &directory);
    drop(launch(training, watched));
    assert_eq!(steps(&seen, "gradients/norm"), [0, 1, 2], "seven batches, three by three");
}

#[test]
fn of_replicas_that_train_side_by_side_one_is_watched() {
    let (seen, tracker) = memory();
    let model = Parameters::new(&[1.0], &[2.0]);
    let gradients = |model: &Parameters| vec![model.gradients(Some(&[0.5]), None)];
    let [first, second, third] = [gradients(&model), gradients(&model), gradients(&model)];
    let watched = tracker.watch_with(model, often());
    let one = watched.clone().fork(&Device::flex().autodiff());
    let two = watched.fork(&Device::flex().autodiff());
    let one = optimize(one, first);
    let two = optimize(two, second);
    assert_eq!(one.inner().first.val().into_data(), two.inner().first.val().into_data());
    drop(one);
    drop(optimize(two, third));
    assert_eq!(steps(&seen, "gradients/norm"), [0, 1], "the next training goes on");
}

#[test]
fn a_run_has_all_samples_when_launch_returns() {
    let root = tempfile::tempdir().unwrap();
    let run = init("watch").dir(root.path()).start().unwrap();
    let watched = run.watch_with(model(), often());
    let model = launch(training_of(run.dir(), 2).track(&run), watched);
    run.finish().unwrap();
    drop(model);
    let store = Store::open(root.path()).unwrap();
    let stored = store.runs().unwrap().runs.pop().unwrap();
    let norms = stored.series("gradients/norm").unwrap();
    let steps: Vec<u64> = norms.iter().map(|row| row.step.0).collect();
    assert_eq!(steps, (0..2 * BATCHES).collect::<Vec<_>>());
}

#[test]
fn a_disabled_tracker_is_never_asked_anything() {
    let asked = Arc::new(AtomicBool::new(false));
    let tracker: Arc<dyn Tracker> = Arc::new(Disabled { asked: Arc::clone(&asked) });
    let directory = tempfile::tempdir().unwrap();
    let watched = tracker.watch_with(model(), often());
    drop(launch(training_of(&directory, 1), watched));
    assert!(!asked.load(Ordering::Relaxed));
}

/// A tracker that is switched off and notices what it is asked all the same.
#[derive(Debug)]
struct Disabled {
    asked: Arc<AtomicBool>,
}

impl Disabled {
    fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }
}

impl Tracker for Disabled {
    fn enabled(&self) -> bool {
        false
    }
    fn metric_id(&self, name: &str) -> MetricId {
        self.ask();
        NoopTracker::new().metric_id(name)
    }
    fn write(&self, _: &[Point]) {
        self.ask();
    }
    fn record(&self, _: Event) {
        self.ask();
    }
    fn flush(&self, _: Duration) -> Result<(), Error> {
        Ok(())
    }
    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        Ok(Report::empty(outcome))
    }
}

#[test]
fn a_tracker_that_panics_does_not_end_the_training() {
    let directory = tempfile::tempdir().unwrap();
    let bare = launch(training_of::<Mlp>(&directory, 1), model());
    let tracker: Arc<dyn Tracker> = Arc::new(Panics);
    let watched = tracker.watch_with(model(), often());
    let watched = launch(training_of(&directory, 1), watched);
    assert_eq!(bits(watched.inner()), bits(&bare));
}

#[test]
fn a_panic_of_the_watch_leaves_the_training_tracked() {
    let directory = tempfile::tempdir().unwrap();
    let seen = MemoryTracker::new();
    let tracker: Arc<dyn Tracker> = Arc::new(NoStepTimes { seen: seen.clone() });
    let watched = tracker.watch_with(model(), often());
    drop(launch(training_of(&directory, 2).track_in(tracker, &directory), watched));
    assert_eq!(kinds(&seen), ["panic-while-watching"]);
    assert_eq!(steps(&seen, "batch/train/loss").len() as u64, 2 * BATCHES);
}

/// A tracker that panics on the training's thread.
#[derive(Debug)]
struct NoStepTimes {
    seen: MemoryTracker,
}

impl Tracker for NoStepTimes {
    fn metric_id(&self, name: &str) -> MetricId {
        assert_ne!(name, "batch/train/step_seconds", "not this one");
        self.seen.metric_id(name)
    }
    fn write(&self, points: &[Point]) {
        self.seen.write(points);
    }
    fn record(&self, event: Event) {
        self.seen.record(event);
    }
    fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.seen.flush(timeout)
    }
    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        self.seen.finish(outcome)
    }
}

#[test]
fn a_slow_tracker_costs_samples_and_no_time() {
    let seen = MemoryTracker::new();
    let gate = Arc::new(Mutex::new(()));
    let closed = gate.lock().unwrap();
    let tracker: Arc<dyn Tracker> = Arc::new(Slow { seen: seen.clone(), gate: Arc::clone(&gate) });
    let model = Parameters::new(&[1.0], &[2.0]);
    let gradients = (0..100).map(|_| model.gradients(Some(&[0.5]), None)).collect();
    let watched = optimize(tracker.watch_with(model, often().exclude("second")), gradients);
    drop(closed);
    drop(watched);
    let problem = seen.problems().into_iter().find(|problem| problem.kind == "watch-behind");
    let lost = problem.unwrap().count;
    assert!(lost >= 30, "{lost}");
    assert_eq!(values(&seen, "gradients/norm").len() as u64, 100 - lost);
}

/// A tracker that writes no gradients while its gate is closed.
#[derive(Debug)]
struct Slow {
    seen: MemoryTracker,
    gate: Arc<Mutex<()>>,
}

impl Tracker for Slow {
    fn metric_id(&self, name: &str) -> MetricId {
        self.seen.metric_id(name)
    }
    fn write(&self, points: &[Point]) {
        self.seen.write(points);
    }
    fn record(&self, event: Event) {
        if matches!(event, Event::Histogram { .. }) {
            let _open = self.gate.lock();
        }
        self.seen.record(event);
    }
    fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.seen.flush(timeout)
    }
    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        self.seen.finish(outcome)
    }
}
