//! One line of `control.jsonl`: what somebody asks of a run that lives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Step, Timestamp, Writer,
    format::line_id::LineId,
    tracker::{checkpoint_request::CheckpointRequest, stop_request::StopRequest},
};

/// A request as it is stored, with the time at which it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ControlLine {
    /// None in what earlier trackers wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<LineId>,
    /// By the clock of who asks, for people: clocks of machines differ.
    pub(crate) time: Timestamp,
    /// The attempt of the run's first rank that is meant, where who asks has seen one: another attempt does not obey. It
    /// takes a while until a request from another machine is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attempt: Option<u16>,
    #[serde(flatten)]
    pub(crate) request: Request,
}

impl ControlLine {
    /// A request that is made now, of whichever attempt is there.
    pub(crate) fn new(time: Timestamp, request: Request) -> Self {
        Self { id: Some(LineId::generate()), time, attempt: None, request }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub(crate) enum Request {
    /// That training ends.
    Stop(StopRequest),
    /// That the last steps are stored, as the flight recorder has them.
    Flight {
        /// The process that asks, where it is one of the run: it has asked itself already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        writer: Option<Writer>,
    },
    /// That a checkpoint is saved after the step that training is in.
    Checkpoint(CheckpointRequest),
    /// That knobs get other values, all of them where one step begins. Of several ranks, the first
    /// answers by an `Apply`.
    Set(KnobValues),
    /// That knobs get other values from a step on, in each rank.
    Apply {
        from_step: Step,
        #[serde(flatten)]
        values: KnobValues,
    },
}

/// Values for knobs, and who wants them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KnobValues {
    pub(crate) knobs: BTreeMap<String, f64>,
    pub(crate) by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        let request = StopRequest::after_epoch().by("alice@host").why("out of\nbudget");
        let (id, time) = (None, Timestamp(1_000_000));
        let line = ControlLine { id, time, attempt: None, request: Request::Stop(request) };
        let text = serde_json::to_string(&line).unwrap();
        let expected = "{\"time\":\"1970-01-01T00:00:01.000000Z\",\"request\":\"stop\",\
                        \"when\":\"after_epoch\",\"by\":\"alice@host\",\"why\":\"out of\\nbudget\"}";
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<ControlLine>(&text).unwrap(), line);
    }

    #[test]
    fn values_for_knobs_read_back_and_are_finite() {
        let values = KnobValues { knobs: [("lr".into(), 5e-4)].into(), by: "alice@host".into() };
        let set = Request::Set(values.clone());
        let apply = Request::Apply { from_step: Step(u64::MAX), values };
        for request in [set, apply] {
            let line = ControlLine::new(Timestamp(0), request);
            let text = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<ControlLine>(&text).unwrap(), line, "{text}");
            for no_number in ["1e400", "NaN", "\"NaN\"", "null"] {
                let text = text.replace("0.0005", no_number);
                assert!(serde_json::from_str::<ControlLine>(&text).is_err(), "{text}");
            }
        }
    }
}
