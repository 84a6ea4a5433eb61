//! What a store holds, compared with what was logged.

use tracker_core::read::RunReader;

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

/// Compares a run with what its threads had logged: `acknowledged` calls of each had returned, and
/// at most `beyond` more had begun.
pub(crate) fn check(
    run: &RunReader,
    training: &Training,
    acknowledged: &[u64],
    beyond: u64,
) -> Damage {
    let mut damage = Damage::default();
    let known = run.metrics().unwrap();
    for (thread, calls) in acknowledged.iter().enumerate() {
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
    let strangers =
        known.iter().filter(|name| (0..acknowledged.len()).all(|t| metric(t) != **name));
    damage.wrong += strangers.count() as u64;
    damage
}
