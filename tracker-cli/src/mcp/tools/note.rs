//! `note`: writes the notes of a run.

use serde_json::{Value, json};
use tracker_core::read::Edit;

use crate::{
    answers::agent::changes::Changed,
    mcp::{
        arguments::Arguments,
        change::Change,
        tool::{Parameter, Takes, Tool},
        tools::target::{RUN, edit, target},
    },
    ui::{failure::Answer, state::App},
};

pub(crate) static TOOL: Tool = Tool {
    name: "note",
    title: "Write notes of a run",
    about: "Adds a line to the notes of a run, or replaces them. Write what was tried and what came out, with numbers.",
    parameters: &[
        Parameter::needed("run", Takes::Text, RUN),
        Parameter::needed("text", Takes::Text, "The notes."),
        Parameter::optional(
            "replace",
            Takes::Flag,
            "Replace what is there, in place of adding a line; false unless said.",
        ),
    ],
    change: Some(Change::Note),
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let run = target(app, arguments)?;
    let text = arguments.needed("text")?;
    let replaces = arguments.flag("replace")?;
    let undo = edit(app, &run, |info| {
        let notes = match info.notes.as_deref().filter(|notes| !replaces && !notes.is_empty()) {
            Some(before) => format!("{before}\n{text}"),
            None => text.clone(),
        };
        Edit::new().notes(notes)
    })?;
    let done = if replaces { "replaced the notes" } else { "added a line to the notes" };
    Ok(json!(Changed { run: run.info().id.to_string(), done: done.to_owned(), undo }))
}
