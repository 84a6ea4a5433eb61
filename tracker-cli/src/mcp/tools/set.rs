//! `set`: gives a knob of a training another value.

use serde_json::{Value, json};
use tracker_core::control::SetKnobs;

use crate::{
    answers::agent::changes::Changed,
    mcp::{
        arguments::{Arguments, refused},
        change::Change,
        tool::{Parameter, Takes, Tool},
        tools::target::{RUN, target},
    },
    ui::{failure::Answer, state::App},
};

pub(crate) static TOOL: Tool = Tool {
    name: "set",
    title: "Turn a knob of a training",
    about: "Gives a knob that a training has declared, such as its learning rate, another value while it trains; it \
            takes it with its next step. describe_run lists the knobs and what they take.",
    parameters: &[
        Parameter::needed("run", Takes::Text, RUN),
        Parameter::needed("knob", Takes::Text, "The name of the knob."),
        Parameter::needed("value", Takes::Number, "The value."),
    ],
    change: Some(Change::Set),
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let run = target(app, arguments)?;
    let name = arguments.needed("knob")?;
    let value = arguments.number("value")?;
    let value = value.ok_or_else(|| refused("`value` is missing", "send a number"))?;
    SetKnobs::new().knob(&name, value).by("an agent").send(&run)?;
    let before = run.info().knobs.get(&name).map_or(value, |knob| knob.value);
    Ok(json!(Changed {
        run: run.info().id.to_string(),
        done: format!("asked for {name} = {value:?}; the training takes it with its next step"),
        undo: format!("set {name} to {before:?}, which it was"),
    }))
}
