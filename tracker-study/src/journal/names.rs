//! How things are called in a journal.

use tracker_core::Timestamp;

use crate::TrialState;

/// The study's attribute that holds our plan and its revision.
pub(super) const SPACE: &str = "tracker:space";

/// The study's attribute that says whether it was asked to stop.
pub(super) const STOP: &str = "tracker:stop";

/// A trial's attribute that names its run.
pub(super) const RUN: &str = "tracker:run";

/// The attribute by which Optuna names what is made better.
pub(super) const METRICS: &str = "study:metric_names";

/// A trial's attribute with the values that it is to have.
pub(super) const FIXED: &str = "fixed_params";

const RUNG: &str = "completed_rung_";

/// The attribute of a trial's value at a rung, as Optuna's pruners call it.
pub(super) fn rung_key(rung: u32) -> String {
    format!("{RUNG}{rung}")
}

/// The rung that an attribute is of.
pub(super) fn rung_of(key: &str) -> Option<u32> {
    key.strip_prefix(RUNG)?.parse().ok()
}

pub(super) fn state_code(state: TrialState) -> u8 {
    match state {
        TrialState::Running => 0,
        TrialState::Complete => 1,
        TrialState::Pruned => 2,
        TrialState::Failed => 3,
        TrialState::Waiting => 4,
    }
}

pub(super) fn state_of(code: u64) -> Option<TrialState> {
    let all = [
        TrialState::Running,
        TrialState::Complete,
        TrialState::Pruned,
        TrialState::Failed,
        TrialState::Waiting,
    ];
    all.get(usize::try_from(code).ok()?).copied()
}

/// A moment as Python writes one: `2026-11-29T09:18:15.877988+00:00`.
pub(super) fn time_text(time: Timestamp) -> String {
    let text = time.to_string();
    text.strip_suffix('Z').map_or_else(|| text.clone(), |text| format!("{text}+00:00"))
}

/// The moment that a text says. One without a place is taken as UTC: whose clock it was is not known.
pub(super) fn time_of(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_python_does_and_read_back() {
        let text = "2026-11-29T09:18:15.877988+00:00";
        assert_eq!(time_text(time_of(text).unwrap()), text);
        assert_eq!(time_of("2026-11-29T09:18:15.877988"), time_of(text));
        assert_eq!(time_of("2026-11-29T10:18:15.877988+01:00"), time_of(text));
        assert_eq!(time_of("yesterday"), None);
    }

    #[test]
    fn states_have_the_numbers_of_optuna() {
        for code in 0..5_u8 {
            assert_eq!(state_of(code.into()).map(state_code), Some(code));
        }
        assert_eq!(state_of(5), None);
        assert_eq!(rung_of(&rung_key(3)), Some(3));
        assert_eq!(rung_of("completed_rung_x"), None);
    }
}
