//! Which messages a request asks for.

use tracker_core::{Level, read::MessageFilter};

use crate::ui::failure::{Answer, Failure};

/// The most messages of an answer.
const MOST: usize = 5_000;

/// How many are told unless the request says.
const USUAL: usize = 200;

/// The filter that the parameters of a request ask for.
pub(crate) fn of(parameters: &[(String, String)]) -> Answer<MessageFilter> {
    let (mut filter, mut steps) = (MessageFilter::new().count(USUAL), (0, u64::MAX));
    let (mut has_steps, mut has_place) = (false, false);
    for (name, value) in parameters {
        filter = match name.as_str() {
            "level" => filter.level(level(value)?),
            "source" => filter.source(value),
            "search" => filter.search(value),
            "count" => filter.count(count(value)?),
            "from" | "to" => {
                has_steps = true;
                *(if name == "from" { &mut steps.0 } else { &mut steps.1 }) = step(name, value)?;
                filter
            }
            "before" | "after" if has_place => {
                return Err(Failure::bad_request("there is one of `before` and `after`"));
            }
            "before" | "after" => {
                has_place = true;
                let place = value.parse();
                let place = place.map_err(|_| {
                    Failure::bad_request(format!("`{name}` is a `begin` or `end` of an answer"))
                })?;
                if name == "before" { filter.before(place) } else { filter.after(place) }
            }
            _ => return Err(Failure::bad_request(format!("unknown parameter `{name:.40}`"))),
        };
    }
    Ok(if has_steps { filter.steps(steps.0..=steps.1) } else { filter })
}

pub(crate) fn level(value: &str) -> Answer<Level> {
    match value {
        "trace" => Ok(Level::Trace),
        "debug" => Ok(Level::Debug),
        "info" => Ok(Level::Info),
        "warning" => Ok(Level::Warning),
        "error" => Ok(Level::Error),
        _ => Err(Failure::bad_request("`level` is trace, debug, info, warning or error")),
    }
}

fn count(value: &str) -> Answer<usize> {
    let count = value.parse().ok().filter(|count| (1..=MOST).contains(count));
    count.ok_or_else(|| Failure::bad_request(format!("`count` is a number from 1 to {MOST}")))
}

fn step(name: &str, value: &str) -> Answer<u64> {
    value.parse().map_err(|_| Failure::bad_request(format!("`{name}` is a step")))
}
