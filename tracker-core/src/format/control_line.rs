//! One line of `control.jsonl`: what somebody asks of a run that lives.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Writer, tracker::stop_request::StopRequest};

/// A request as it is stored, with the time at which it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ControlLine {
    /// By the clock of who asks, for people: clocks of machines differ.
    pub(crate) time: Timestamp,
    #[serde(flatten)]
    pub(crate) request: Request,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        let request = StopRequest::after_epoch().by("alice@host").why("out of\nbudget");
        let line = ControlLine { time: Timestamp(1_000_000), request: Request::Stop(request) };
        let text = serde_json::to_string(&line).unwrap();
        let expected = "{\"time\":\"1970-01-01T00:00:01.000000Z\",\"request\":\"stop\",\
                        \"when\":\"after_epoch\",\"by\":\"alice@host\",\"why\":\"out of\\nbudget\"}";
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<ControlLine>(&text).unwrap(), line);
    }
}
