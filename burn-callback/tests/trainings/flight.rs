//! What each of the last steps did to a watched model, and what is said of it when something goes wrong.

use std::sync::Arc;

use crate::common::{BATCHES, Points, loader, memory, model};
use burn::{
    data::dataloader::DataLoader,
    lr_scheduler::module_lr_scheduler::ModuleLearningRate,
    module::{Module, Param},
    optim::{AdamConfig, GradientsParams, SgdConfig},
    tensor::{Device, Tensor, TensorData},
    train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep},
};
use burn_callback::{Watched, prelude::*, samples};
use tracker_core::{
    flight::{Departure, FlightRecord, Quantity},
    progress::ProgressMode,
    read::Store,
};

fn records(tracker: &MemoryTracker) -> Vec<Arc<FlightRecord>> {
    let record = |event| match event {
        Event::Flight(record) => Some(record),
        _ => None,
    };
    tracker.events().into_iter().filter_map(record).collect()
}

fn options() -> WatchOptions {
    WatchOptions::new().every(0).whole_flight()
}

/// A model whose gradients a test gives.
#[derive(Module, Debug)]
struct Parameters {
    first: Param<Tensor<1>>,
    second: Param<Tensor<1>>,
}

impl Parameters {
    fn new() -> Self {
        let device = Device::flex().autodiff();
        let of =
            |value: f32| Param::from_data(TensorData::from([value; 3_000].as_slice()), &device);
        Self { first: of(1.0), second: of(2.0) }
    }

    fn gradients(&self, [first, second]: [f32; 2]) -> GradientsParams {
        let mut gradients = GradientsParams::new();
        for (param, value) in [(&self.first, first), (&self.second, second)] {
            gradients.register(param.id, Tensor::<1>::full([3_000], value, &Device::flex()));
        }
        gradients
    }
}

impl TrainStep for Parameters {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, _: Points) -> TrainOutput<Self::Output> {
        panic!("a test gives the gradients")
    }
}

/// Takes steps of a watched model as the learner does, with the samples 10 · step and the one after.
fn optimize(
    model: Watched<Parameters>,
    steps: u64,
    gradients: impl Fn(u64) -> [f32; 2],
) -> Watched<Parameters> {
    let mut optimizer = SgdConfig::new().init();
    (0..steps).fold(model, |model, step| {
        samples([10 * step, 10 * step + 1]);
        let gradients = model.inner().gradients(gradients(step));
        model.optimize(&mut optimizer, ModuleLearningRate::from(1e-3), gradients)
    })
}

#[test]
fn a_gradient_that_is_not_finite_has_the_last_steps_handed_over() {
    let (seen, tracker) = memory();
    let wave = |step: u64| 1.0 + 0.2 * (step as f32).sin();
    let gradients = |step| [wave(step), if step == 100 { f32::NAN } else { wave(step) }];
    let model = optimize(tracker.watch_with(Parameters::new(), options()), 125, gradients);
    let records_seen = records(&seen);
    let [record] = &records_seen[..] else { panic!("one record: {}", records_seen.len()) };
    assert_eq!(record.tensors.iter().map(|name| &**name).collect::<Vec<_>>(), ["first", "second"]);
    let first = &record.findings()[0];
    assert_eq!((&*first.tensor, first.quantity), ("second", Quantity::Gradient));
    assert_eq!(first.departure, Departure::NotFinite);
    let step = &record.steps[first.at];
    assert_eq!((step.step.0, &*step.samples), (100, &[1_000, 1_001][..]));
    assert_eq!(record.steps[0].values[0].weight, Some(1.0));
    let change = record.steps[10].values[0].change.unwrap();
    assert!((change / (1e-3 * wave(10)) - 1.0).abs() < 1e-2, "{change}");
    drop(model);
    assert_eq!(records(&seen).len(), 1);
}

#[test]
fn a_training_of_a_learner_that_panics_leaves_its_last_steps_in_the_run() {
    let store = tempfile::tempdir().unwrap();
    let directory = store.path().to_owned();
    let training = std::thread::spawn(move || {
        let run = init("flights").dir(directory).start().unwrap();
        let model = run.watch_with(Parameters::new(), options());
        let _model = optimize(model, 50, |step| {
            assert!(step < 40, "out of memory");
            [1.0, 1.0]
        });
    });
    training.join().unwrap_err();
    let run = Store::open(store.path()).unwrap().find("@latest").unwrap();
    let flights = run.flights().unwrap();
    assert_eq!(flights.len(), 1, "{:?}", run.info());
    assert_eq!(run.flight(&flights[0]).unwrap().steps.len(), 40);
}

#[test]
fn a_loop_of_one_s_own_tells_its_epoch_and_its_batch_too() {
    let store = tempfile::tempdir().unwrap();
    let run = init("flights").dir(store.path()).system_metrics(false).start().unwrap();
    let hooks = Loop::new(&run).progress(ProgressMode::Off).watch(options());
    let train: Arc<dyn DataLoader<Points>> = loader().to_device(&Device::flex().autodiff());
    let (mut model, mut optimizer) = (model(), AdamConfig::new().init());
    let mut step = 0;
    for _ in hooks.epochs(1..=4_u64) {
        for batch in hooks.batches(&train) {
            samples([step]);
            let mut batch = batch.unwrap();
            if step == 3 * BATCHES + 2 {
                batch.inputs = batch.inputs * f32::NAN;
            }
            let output = InferenceStep::step(&model, batch);
            hooks.loss(&output.loss);
            let gradients = GradientsParams::from_grads(output.loss.backward(), &model);
            hooks.observe(&model, &gradients);
            model = optimizer.step(0.02, model, gradients);
            step += 1;
        }
    }
    run.finish().unwrap();
    let run = Store::open(store.path()).unwrap().find("@latest").unwrap();
    let flights = run.flights().unwrap();
    let record = run.flight(&flights[0]).unwrap();
    let first = &record.findings()[0];
    let step = &record.steps[first.at];
    assert_eq!((step.epoch, step.batch), (Some(4), Some(3)));
    assert_eq!(*step.samples, [3 * BATCHES + 2]);
}
