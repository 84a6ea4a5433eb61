//! Whole runs in the order of steps.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use tracker_core::{
    Event, Step, Tracker, init,
    read::{Row, RunReader, StoredEvent},
};
use tracker_export::{Account, Order, Result, Target, export};

/// Takes points by step, and looks whether they are in order.
#[derive(Debug, Default)]
struct InOrder {
    last: u64,
    points: u64,
    events: u64,
    calls: Vec<(u64, String)>,
}

impl Target for InOrder {
    fn order(&self) -> Order {
        Order::ByStep
    }

    fn begin(&mut self, _: &RunReader, _: &mut Account) -> Result<()> {
        Ok(())
    }

    fn points(&mut self, metric: &str, rows: &[Row], _: &mut Account) -> Result<()> {
        for row in rows {
            assert!(row.step.0 >= self.last, "{metric} goes back to {}", row.step);
            self.last = row.step.0;
        }
        self.points += rows.len() as u64;
        self.calls.push((self.last, metric.to_owned()));
        Ok(())
    }

    fn event(&mut self, _: &RunReader, event: &StoredEvent, _: &mut Account) -> Result<()> {
        if let Some(step) = event.head().step {
            assert!(step.0 >= self.last);
            self.last = step.0;
            self.calls.push((self.last, "event".to_owned()));
        }
        self.events += 1;
        Ok(())
    }

    fn flush(&mut self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn end(&mut self, _: &RunReader, _: &mut Account) -> Result<()> {
        Ok(())
    }
}

#[test]
fn points_come_in_the_order_of_steps_however_their_steps_lie() {
    let folder = tempfile::tempdir().unwrap();
    let init = init("steps").dir(folder.path()).signals(false).code_changes(false);
    let run = init.system_metrics(false).default_rules(false).start().unwrap();
    for step in (0..200_000_u64).rev() {
        run.log_at(step / 3, [("a", 1.0), ("b", 2.0)]);
    }
    for step in [u64::MAX, 0, u64::MAX - 1, 1 << 63, 1 << 40, 1 << 40] {
        run.log_at(step, [("far", 1.0)]);
        run.record(Event::Text { name: "text".into(), step: Step(step), text: String::new() });
    }
    for _ in 0..300_000 {
        run.log_at(70_000, [("same", 0.5)]);
    }
    let mut seen = InOrder::default();
    run.finish().unwrap();
    export(&RunReader::open(run.path()).unwrap(), &mut seen).unwrap();
    assert_eq!((seen.points, seen.events, seen.last), (700_006, 6, u64::MAX));
    let of_first: Vec<&str> =
        seen.calls.iter().filter(|(step, _)| *step == 0).map(|(_, what)| what.as_str()).collect();
    assert_eq!(of_first, ["a", "b", "far", "event"]);
}

#[test]
fn a_fork_tells_of_its_own_points_alone() {
    let folder = tempfile::tempdir().unwrap();
    let quiet = || {
        let init = init("steps").dir(folder.path()).signals(false).code_changes(false);
        init.system_metrics(false).default_rules(false)
    };
    let parent = quiet().name("parent").start().unwrap();
    (0..10_u64).for_each(|step| parent.log_at(step, [("loss", 1.0), ("system/cpu", 0.5)]));
    parent.finish().unwrap();
    let fork = quiet().fork("parent@5").start().unwrap();
    (6..9_u64).for_each(|step| fork.log_at(step, [("loss", 2.0), ("system/cpu", 0.5)]));
    fork.finish().unwrap();
    let fork = RunReader::open(fork.path()).unwrap();
    let mut seen = InOrder::default();
    export(&fork, &mut seen).unwrap();
    let stored =
        fork.points().unwrap().series.iter().map(|series| series.rows.len()).sum::<usize>();
    assert_eq!((seen.points, stored), (6, 6));
}
