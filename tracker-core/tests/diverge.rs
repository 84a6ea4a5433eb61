//! Where two runs begin to differ, of runs as trainings log them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use tempfile::TempDir;
use tracker_core::{
    Run, RunBuilder, Step, Tracker, init, metrics,
    read::{DifferingPoint, Divergence, RunReader, diverge},
};

const TOLERANCE: f64 = 1e-6;

struct Store(TempDir);

impl Store {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn init(&self) -> RunBuilder {
        init("diverge").dir(self.0.path()).signals(false).code_changes(false)
    }

    fn start(&self) -> Run {
        self.init().system_metrics(false).start().unwrap()
    }

    /// A run with these values of `loss`, at steps from 0 on.
    fn losses(&self, values: impl IntoIterator<Item = f64>) -> RunReader {
        let run = self.start();
        for (step, loss) in (0_u64..).zip(values) {
            run.log_at(step, metrics! { "loss" => loss });
        }
        finished(&run)
    }
}

fn finished(run: &Run) -> RunReader {
    run.finish().unwrap();
    RunReader::open(run.path()).unwrap()
}

/// The run, as if every second of its points came from another rank.
fn of_two_ranks(run: &RunReader) -> RunReader {
    let mut points = run.points().unwrap();
    let part = std::fs::read_dir(run.path().join("scalars")).unwrap().next().unwrap().unwrap();
    points.series[0].rows.iter_mut().skip(1).step_by(2).for_each(|row| row.writer.rank = 1);
    let mut bytes = Vec::new();
    points.write_parquet(&run.info().id, &mut bytes).unwrap();
    std::fs::write(part.path(), bytes).unwrap();
    RunReader::open(run.path()).unwrap()
}

fn compare(first: &RunReader, second: &RunReader) -> Divergence {
    diverge(first, second, |_| true, TOLERANCE).unwrap()
}

/// Metric, step, and the last step before that is the same.
fn told(points: &[DifferingPoint]) -> Vec<(&str, u64, Option<u64>)> {
    let told = |point: &DifferingPoint| point.after.map(|step: Step| step.0);
    points.iter().map(|point| (&*point.metric, point.step.0, told(point))).collect()
}

fn next_up(value: f64) -> f64 {
    f64::from_bits(value.to_bits() + 1)
}

fn loss(step: u64) -> f64 {
    1.0 / (step as f64 + 1.0)
}

#[test]
fn a_planted_bit_is_found_within_many_blocks_and_what_follows_it_too() {
    let store = Store::new();
    let clean = store.losses((0..20_000).map(loss));
    // One bit at 7,777, which neither ends nor extremes of a block tell; more than the tolerance from 15,000 on.
    let planted = |step: u64| match step {
        7_777 => next_up(loss(step)),
        15_000.. => loss(step) * 1.01,
        _ => loss(step),
    };
    let found = compare(&clean, &store.losses((0..20_000).map(planted)));
    assert_eq!(told(&found.bitwise), [("loss", 7_777, Some(7_776))]);
    assert_eq!(told(&found.beyond), [("loss", 15_000, Some(14_999))]);
    assert_eq!(found.bitwise[0].values, [loss(7_777), next_up(loss(7_777))]);
    assert!((15_001..20_000).contains(&found.compared), "{}", found.compared);
}

#[test]
fn equal_runs_have_no_difference() {
    let store = Store::new();
    let (first, second) = (store.losses((0..3_000).map(loss)), store.losses((0..3_000).map(loss)));
    let found = compare(&first, &second);
    assert_eq!((found.bitwise.len(), found.beyond.len(), found.compared), (0, 0, 3_000));
    assert_eq!(found.alone[0].points + found.alone[1].points, 0);
}

#[test]
fn what_a_resumed_training_took_back_is_not_compared() {
    let store = Store::new();
    let straight = store.losses((0..100).map(loss));
    let first = store.start();
    for step in 0..70_u64 {
        // Beyond step 50 it went wrong, and the training was resumed there.
        let value = if step > 50 { 9.0 } else { loss(step) };
        first.log_at(step, metrics! { "loss" => value });
    }
    first.finish().unwrap();
    let again = store.init().resume(first.id().to_string()).start().unwrap();
    again.resume_after(50_u64).unwrap();
    for step in 51..100_u64 {
        again.log_at(step, metrics! { "loss" => loss(step) });
    }
    let resumed = finished(&again);
    let found = diverge(&straight, &resumed, |metric| metric == "loss", TOLERANCE).unwrap();
    assert_eq!((found.bitwise, found.compared), (vec![], 100));
}

#[test]
fn only_steps_that_both_have_are_compared_and_the_others_are_counted() {
    let store = Store::new();
    let (often, rarely) = (store.start(), store.start());
    for step in 0..1_000_u64 {
        often.log_at(step, metrics! { "loss" => loss(step) });
        if step % 10 == 0 && step < 900 {
            let value = if step > 800 { 0.5 } else { loss(step) };
            rarely.log_at(step, metrics! { "loss" => value, "only/here" => 1.0 });
        }
    }
    let found = compare(&finished(&often), &finished(&rarely));
    // Between the samples of one, nobody knows: after 800, by 810.
    assert_eq!(told(&found.bitwise), [("loss", 810, Some(800))]);
    assert_eq!(found.alone[1].metrics, ["only/here"]);
    assert_eq!((found.alone[0].metrics.len(), found.alone[1].points), (0, 0));
    assert_eq!(found.alone[0].first, Some(("loss".to_owned(), Step(1))));
    assert_eq!(found.alone.map(|alone| alone.last_step), [Some(Step(999)), Some(Step(890))]);
}

#[test]
fn nan_is_the_same_as_nan_and_differs_from_numbers() {
    let store = Store::new();
    let first = store.losses([1.0, f64::NAN, f64::INFINITY, f64::NAN]);
    let found = compare(&first, &store.losses([1.0, -f64::NAN, f64::INFINITY, 0.5]));
    assert_eq!(told(&found.bitwise), [("loss", 3, Some(2))]);
    assert_eq!(told(&found.beyond), [("loss", 3, Some(2))]);
}

#[test]
fn of_what_differs_at_one_step_the_cause_comes_first() {
    let store = Store::new();
    let run = |shift: f64| {
        let run = store.start();
        for step in 0..20_u64 {
            let shift = if step >= 12 { shift } else { 0.0 };
            run.log_at(
                step,
                metrics! {
                    "accuracy" => 0.5 + shift,
                    "updates/ratio" => 0.1 + shift,
                    "gradients/second/norm" => 3.0 + shift,
                    "gradients/first/norm" => 2.0 + shift,
                    "train/loss" => 1.0 + shift,
                    "learning_rate" => 0.1,
                },
            );
        }
        finished(&run)
    };
    let found = compare(&run(0.0), &run(1e-9));
    let order: Vec<&str> = found.bitwise.iter().map(|point| &*point.metric).collect();
    let wanted = [
        "train/loss",
        "gradients/second/norm",
        "gradients/first/norm",
        "updates/ratio",
        "accuracy",
    ];
    assert_eq!(order, wanted);
    assert_eq!(found.beyond, []);
}

#[test]
fn ranks_are_compared_with_the_same_rank() {
    let store = Store::new();
    // Both ranks log the same name at the same steps: 1 and 2.
    let run = |planted: f64| {
        let run = store.start();
        for step in 0..50_u64 {
            run.log_at(step, metrics! { "loss" => 1.0 });
            run.log_at(step, metrics! { "loss" => if step == 30 { planted } else { 2.0 } });
        }
        of_two_ranks(&finished(&run))
    };
    let found = compare(&run(2.0), &run(next_up(2.0)));
    let point = &found.bitwise[0];
    assert_eq!((point.rank, point.step, found.bitwise.len()), (1, Step(30), 1));
    assert_eq!((point.values, point.after), ([2.0, next_up(2.0)], Some(Step(29))));
}

#[test]
fn several_points_of_a_step_are_compared_in_their_order() {
    let store = Store::new();
    let run = |values: [f64; 3]| {
        let run = store.start();
        for value in values {
            run.log_at(7_u64, metrics! { "loss" => value });
        }
        finished(&run)
    };
    let found = compare(&run([1.0, 2.0, 3.0]), &run([1.0, 2.5, 3.0]));
    assert_eq!(found.bitwise[0].values, [2.0, 2.5]);
    assert_eq!(found.bitwise[0].after, None);
}

#[test]
fn a_run_that_lives_is_compared_as_it_is_now() {
    let store = Store::new();
    let ended = store.losses((0..100).map(loss));
    let live = store.start();
    for step in 0..60_u64 {
        let value = if step == 42 { 0.0 } else { loss(step) };
        live.log_at(step, metrics! { "loss" => value });
    }
    live.flush(std::time::Duration::from_secs(30)).unwrap();
    let found = compare(&ended, &RunReader::open(live.path()).unwrap());
    assert_eq!(told(&found.bitwise), [("loss", 42, Some(41))]);
    live.finish().unwrap();
}
