//! `stop`: asks a training to end by itself.

use serde_json::{Value, json};

use crate::{
    answers::agent::changes::Changed,
    mcp::{
        arguments::Arguments,
        change::Change,
        tool::{Parameter, Takes, Tool},
        tools::target::{RUN, target},
    },
    ui::{
        failure::Answer,
        responses::edits::{StopAsked, When, stop_run},
        state::App,
    },
};

pub(crate) static TOOL: Tool = Tool {
    name: "stop",
    title: "Stop a training",
    about: "Asks a run that trains to stop and to save what it has. It ends by itself, after its epoch or within a \
            batch; wait_until with `state != running` says when. A stopped training does not go on by itself.",
    parameters: &[
        Parameter::needed("run", Takes::Text, RUN),
        Parameter::needed(
            "why",
            Takes::Text,
            "Why, with the evidence: people read it beside the state.",
        ),
        Parameter::optional(
            "when",
            Takes::OneOf(&["epoch", "now"]),
            "After the epoch, unless said, or within a batch.",
        ),
    ],
    change: Some(Change::Stop),
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let run = target(app, arguments)?;
    let why = format!("an agent: {}", arguments.needed("why")?);
    let is_now = arguments.text("when")?.as_deref() == Some("now");
    let when = if is_now { When::Now } else { When::Epoch };
    let stopped = stop_run(&run, &StopAsked { when, why: Some(why) })?;
    let moment = if is_now { "within a batch" } else { "after its epoch" };
    Ok(json!(Changed {
        run: stopped.run,
        done: format!("asked the training to stop {moment}; wait_until tells when it has"),
        undo: "it cannot be taken back; a person types `tracker fork RUN@STEP -- COMMAND` to go on from a checkpoint"
            .to_owned(),
    }))
}
