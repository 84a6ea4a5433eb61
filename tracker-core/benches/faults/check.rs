//! What a store holds, compared with what was logged.

use tracker_core::read::RunReader;

use std::ops::AddAssign;

use crate::child::{Training, metric, points_a_call, value};

/// What is wrong with a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Points whose call had returned and that are not there.
    pub(crate) lost: u64,
    /// Points that are there twice.
    pub(crate) doubled: u64,
    /// Points with other bits than were logged, or that nobody logged.
    pub(crate) wrong: u64,
}

impl Damage {
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl AddAssign for Damage {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.wrong += other.wrong;
    }
}

/// Compares a run with what the threads of its only training had logged: `acknowledged` calls of
/// each had returned, and at most `beyond` more had begun.
pub(crate) fn check(
    run: &RunReader,
    training: &Training,
    acknowledged: &[u64],
    beyond: u64,
) -> Damage {
    check_all(run, &[(training, acknowledged.to_vec())], beyond)
}

/// As [`check`], of several trainings in one run.
pub(crate) fn check_all(
    run: &RunReader,
    trainings: &[(&Training, Vec<u64>)],
    beyond: u64,
) -> Damage {
    let mut damage = Damage::default();
    let known = run.metrics().unwrap();
    for (training, acknowledged) in trainings {
        damage += check_threads(run, training, acknowledged, beyond, &known);
    }
    let is_known = |name: &String| {
        let mut threads = trainings.iter().flat_map(|(training, _)| training.thread_numbers());
        threads.any(|thread| metric(thread) == *name)
    };
    damage.wrong += known.iter().filter(|name| !is_known(name)).count() as u64;
    damage
}

fn check_threads(
    run: &RunReader,
    training: &Training,
    acknowledged: &[u64],
    beyond: u64,
    known: &[String],
) -> Damage {
    let mut damage = Damage::default();
    for (thread, calls) in training.thread_numbers().zip(acknowledged) {
        let logged = calls * points_a_call(thread);
        let begun = training.calls.min(calls.saturating_add(beyond));
        let possible = begun.saturating_mul(points_a_call(thread));
        let rows = match run.series(&metric(thread)) {
            Ok(rows) => rows,
            Err(_) if !known.contains(&metric(thread)) => Vec::new(),
            Err(error) => panic!("{error}"),
        };
        let mut expected = 0;
        for row in &rows {
            let step = row.step.0;
            if step < expected {
                damage.doubled += 1;
                continue;
            }
            damage.lost += step.min(logged).saturating_sub(expected);
            if step >= possible || row.value.to_bits() != value(thread, step).to_bits() {
                damage.wrong += 1;
            }
            expected = step + 1;
        }
        damage.lost += logged.saturating_sub(expected);
    }
    damage
}
