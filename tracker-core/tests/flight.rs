//! The last steps of a training, as its flight recorder stores them when something goes wrong.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::Path, sync::Arc, thread, time::Duration};

use tracker_core::{
    Event, Outcome, Rule, Run, Step, Tracker,
    adapter::{FlightRecorder, WatchOptions},
    control,
    flight::{Departure, FlightRecord, FlightStep, FlightValues, Quantity},
    init,
    read::{RunReader, Store},
};

const TENSORS: [&str; 3] = ["first.weight", "first.bias", "second.weight"];

fn start(store: &Path) -> Run {
    init("flights").dir(store).system_metrics(false).start().unwrap()
}

fn recorder() -> FlightRecorder {
    FlightRecorder::new(TENSORS.map(|name| (name.into(), 10)), &WatchOptions::new().whole_flight())
}

/// Mean squares of weights, gradient and change of a tensor at a step.
type Squares = [f64; 3];

fn usual(step: u64, tensor: usize) -> Squares {
    let wave = 1.0 + 0.3 * ((step * 7 + tensor as u64 * 3) as f64).sin();
    [4.0, wave, 1e-4 * wave]
}

/// Takes steps, with `squares` for each tensor.
fn fly(
    recorder: &mut FlightRecorder,
    run: &Run,
    steps: impl IntoIterator<Item = u64>,
    squares: impl Fn(u64, usize) -> Squares,
) {
    for step in steps {
        run.log_at(step, [("train/loss", 0.3)]);
        let Some(mut look) = recorder.begin() else { continue };
        for tensor in 0..TENSORS.len() {
            let [weight, gradient, change] = squares(step, tensor);
            look.push(Some(weight), Some(gradient), Some(change));
        }
        let samples: Arc<[u64]> = [step * 10, step * 10 + 1].into();
        let (epoch, batch) = (Some(step / 100 + 1), Some(step % 100 + 1));
        let (step, rate, values) = (Step(step), Some(1e-3), Vec::new());
        let step = FlightStep { step, epoch, batch, samples, rate, values };
        recorder.end(look, step, run);
    }
}

/// Another thread hears of what the training shows, and asks.
fn wait_until_asked(run: &Run) {
    while tracker_core::RunContext::flights_asked(run) == 0 {
        thread::sleep(Duration::from_millis(20));
    }
}

fn read(store: &Path) -> RunReader {
    Store::open(store).unwrap().find("@latest").unwrap()
}

fn records(run: &RunReader) -> Vec<FlightRecord> {
    run.flights().unwrap().iter().map(|flight| run.flight(flight).unwrap()).collect()
}

#[test]
fn a_gradient_that_is_not_finite_has_the_last_steps_stored() {
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    let mut recorder = recorder();
    let bad = |step, tensor| match usual(step, tensor) {
        [weight, _, change] if step >= 300 => [weight, f64::NAN, change],
        squares => squares,
    };
    fly(&mut recorder, &run, 0..340, bad);
    recorder.finish(None, &run);
    run.finish().unwrap();

    let run = read(store.path());
    let [record] = &records(&run)[..] else { panic!("one record") };
    assert_eq!(record.tensors.iter().map(|name| &**name).collect::<Vec<_>>(), TENSORS);
    let first = &record.findings()[0];
    assert_eq!((first.quantity, first.departure), (Quantity::Gradient, Departure::NotFinite));
    let step = &record.steps[first.at];
    assert_eq!(step.step, Step(300));
    assert_eq!(*step.samples, [step.step.0 * 10, step.step.0 * 10 + 1]);
    assert_eq!((step.epoch, step.rate), (Some(4), Some(1e-3)));
    assert!(step.values.iter().all(|values| values.weight == Some(2.0)));
    assert!(step.values.iter().all(|values| values.gradient.unwrap().is_nan()));

    let (_, alert) = run.alerts().unwrap().into_iter().find(|(_, of)| of.rule == "flight").unwrap();
    assert_eq!(alert.step, Some(step.step));
    assert!(alert.text.contains("the batch or the loss is to blame"), "{}", alert.text);
    assert!(alert.text.contains(&format!("samples {}", step.step.0 * 10)), "{}", alert.text);
}

#[test]
fn the_change_of_a_step_is_that_step_s_though_it_is_seen_in_the_next() {
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    let mut recorder = recorder();
    fly(&mut recorder, &run, 0..200, |step, tensor| {
        let [weight, gradient, change] = usual(step, tensor);
        // Seen before step 150: what happened after the look before it.
        [weight, gradient, if step == 150 && tensor == 2 { 1e6 } else { change }]
    });
    recorder.finish(Some(&Outcome::Failed("out of memory".into())), &run);
    run.finish_as(Outcome::Failed("out of memory".into())).unwrap();
    let [record] = &records(&read(store.path()))[..] else { panic!("a failed training has one") };
    let findings = record.findings();
    let first = &findings[0];
    assert_eq!(&*first.tensor, "second.weight");
    assert_eq!((first.quantity, first.departure), (Quantity::Change, Departure::Jumped));
    assert_eq!(record.steps[first.at].step, Step(149));
    let verdict = record.verdict(&findings).unwrap();
    assert!(verdict.starts_with("`second.weight` left what was usual first"), "{verdict}");
}

#[test]
fn a_rule_that_sees_something_asks_for_the_last_steps() {
    let store = tempfile::tempdir().unwrap();
    let run = init("flights").dir(store.path()).system_metrics(false);
    let run = run.rule(Rule::above("train/loss", 0.2)).start().unwrap();
    let mut recorder = recorder();
    fly(&mut recorder, &run, 0..100, usual);
    wait_until_asked(&run);
    fly(&mut recorder, &run, 100..200, usual);
    recorder.finish(None, &run);
    run.finish().unwrap();
    let run = read(store.path());
    assert_eq!(records(&run).len(), 1, "what follows within a second is answered by the first");
    assert!(
        run.alerts().unwrap().iter().all(|(_, alert)| alert.rule == "above"),
        "none is at fault"
    );
}

#[test]
fn whoever_sees_the_run_may_ask_for_the_last_steps() {
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    let mut recorder = recorder();
    fly(&mut recorder, &run, 0..50, usual);
    control::ask_for_flight(&read(store.path())).unwrap();
    wait_until_asked(&run);
    fly(&mut recorder, &run, 50..200, usual);
    run.finish().unwrap();
    let reader = read(store.path());
    assert_eq!(records(&reader).len(), 1);
    let error = control::ask_for_flight(&reader).unwrap_err().to_string();
    assert!(error.contains("is finished") && error.contains("hint: "), "{error}");
}

#[test]
fn a_training_that_goes_well_stores_no_steps() {
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    let mut recorder = recorder();
    fly(&mut recorder, &run, 0..100, usual);
    recorder.finish(Some(&Outcome::Finished), &run);
    run.finish().unwrap();
    assert_eq!(records(&read(store.path())), []);
}

#[test]
fn a_run_stores_five_records_at_most_and_keeps_any_step() {
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    let mut recorder =
        FlightRecorder::new([("a".into(), 1)], &WatchOptions::new().flight(8).whole_flight());
    let mut step = u64::MAX - 2_000;
    for round in 0..8 {
        for at in 0..40 {
            step += 1;
            let Some(mut look) = recorder.begin() else { continue };
            let gradient = if (15..23).contains(&at) { f64::INFINITY } else { f64::from(round) };
            look.push(Some(1.0), Some(gradient), None);
            let flown = FlightStep { step: Step(step), ..FlightStep::default() };
            recorder.end(look, flown, &run);
        }
    }
    run.finish().unwrap();
    let records = records(&read(store.path()));
    assert_eq!(records.len(), 5);
    assert!(records.iter().all(|record| record.steps.len() == 8));
    assert!(records.iter().all(|record| record.steps[0].step.0 > u64::MAX - 2_000));
}

#[test]
fn media_of_that_name_that_are_no_record_are_none() {
    use tracker_core::Table;
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    let table = || Table::new(["a"]).row([1.into()]);
    run.log_media("flight", 3_u64, table());
    run.log_media("flight", 4_u64, [table(), table()]);
    run.finish().unwrap();
    let run = read(store.path());
    let flights = run.flights().unwrap();
    assert_eq!(flights.len(), 1);
    let error = run.flight(&flights[0]).unwrap_err().to_string();
    assert!(error.contains("not those of a flight recorder"), "{error}");
}

/// A record of so many tensors at these steps, in which each value tells where it belongs.
fn record_of(tensors: usize, steps: impl IntoIterator<Item = u64>) -> FlightRecord {
    let value = |at: usize, tensor: usize| FlightValues {
        gradient: Some((at * tensors + tensor) as f32),
        ..FlightValues::default()
    };
    let step = |(at, step): (usize, u64)| FlightStep {
        step: Step(step),
        values: (0..tensors).map(|tensor| value(at, tensor)).collect(),
        ..FlightStep::default()
    };
    FlightRecord {
        tensors: (0..tensors).map(|tensor| format!("layer.{tensor}").into()).collect(),
        steps: steps.into_iter().enumerate().map(step).collect(),
    }
}

/// A record as it is read back.
fn stored(record: &FlightRecord) -> FlightRecord {
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    run.record(Event::Flight(Arc::new(record.clone())));
    run.finish().unwrap();
    let [record] = &records(&read(store.path()))[..] else { panic!("one record") };
    record.clone()
}

#[test]
fn the_record_of_a_large_model_is_read_with_the_last_steps_that_found_room() {
    let record = record_of(4_096, 0..512);
    let read = stored(&record);
    assert_eq!((read.tensors.len(), read.steps.len()), (4_096, 512));
    let whole = read.steps.iter().rev().take_while(|step| !step.values.is_empty()).count();
    assert_eq!(whole, 200_000 / 4_096);
    assert_eq!(read.steps[512 - whole..], record.steps[512 - whole..]);
}

#[test]
fn a_step_that_came_twice_has_the_values_of_each_time() {
    for steps in [vec![5, 6, 5, 6], vec![7, 7, 7], vec![0, u64::MAX, u64::MAX, 0, 1]] {
        for tensors in [1, 3] {
            let record = record_of(tensors, steps.clone());
            assert_eq!(stored(&record), record, "{steps:?}");
        }
    }
}

#[test]
fn of_more_samples_than_a_record_keeps_those_of_the_last_batches_are_there() {
    let mut record = record_of(1, 0..1_100);
    for step in &mut record.steps {
        step.samples = vec![u64::MAX; 1_024].into();
    }
    let read = stored(&record);
    let with_samples = read.steps.iter().filter(|step| !step.samples.is_empty()).count();
    assert_eq!((read.steps.len(), with_samples), (1_100, 1_024));
    assert_eq!(read.steps.last(), record.steps.last());
}

#[test]
fn a_few_bytes_of_a_stranger_do_not_become_any_number_of_samples() {
    use tracker_core::{Cell, Table};
    let tables = |rows: usize| {
        let tensors = Table::new(["step", "tensor", "weight", "gradient", "change"]);
        let mut batches = Table::new(["step", "epoch", "batch", "learning rate", "samples"]);
        let samples = "1 ".repeat(1_024);
        for row in 0..rows {
            let [step, samples] = [row.to_string(), samples.clone()].map(Cell::Text);
            batches.push([step, 1.into(), Cell::Null, Cell::Number(f64::NAN), samples]);
        }
        let [weight, gradient, change] = [f64::NAN, f64::INFINITY, 1e300].map(Cell::Number);
        let (step, name) = (Cell::Text("0".to_owned()), Cell::Text("\u{1b}[2J".to_owned()));
        [tensors.row([step, name, weight, gradient, change]), batches]
    };
    let store = tempfile::tempdir().unwrap();
    let run = start(store.path());
    run.log_media("flight", 1_u64, tables(8_192));
    run.log_media("flight", 2_u64, tables(8_193));
    run.finish().unwrap();
    let run = read(store.path());
    let [most, more] = &run.flights().unwrap()[..] else { panic!("two records") };
    let record = run.flight(most).unwrap();
    let samples: usize = record.steps.iter().map(|step| step.samples.len()).sum();
    assert!((1 << 19..=1 << 20).contains(&samples), "{samples}");
    let error = run.flight(more).unwrap_err().to_string();
    assert!(error.contains("not those of a flight recorder"), "{error}");
}
