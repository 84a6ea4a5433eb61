//! `enqueue`: lets a study try values that somebody has thought of.

use serde_json::{Map, Value, json};
use tracker_study::Journal;

use crate::{
    answers::agent::changes::Queued,
    mcp::{
        arguments::{Arguments, refused},
        change::Change,
        tool::{Parameter, Takes, Tool},
        tools::study::{folder, of_study},
    },
    ui::{failure::Answer, state::App},
};

pub(crate) static TOOL: Tool = Tool {
    name: "enqueue",
    title: "Queue a trial of a study",
    about: "Lets a study try these values next, where its sweep runs or the next time it does. What is not said is chosen \
            as for other trials. The tool study tells the parameters and what they take.",
    parameters: &[
        Parameter::needed("study", Takes::Text, "PROJECT/NAME of the study."),
        Parameter::needed(
            "values",
            Takes::Texts,
            "The values, such as [\"lr=0.01\", \"act=relu\"].",
        ),
    ],
    change: Some(Change::Enqueue),
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    app.writing().check_server()?;
    let name = arguments.needed("study")?;
    let values: Map<String, Value> =
        arguments.texts("values")?.iter().map(|text| value(text)).collect::<Answer<_>>()?;
    let folder = folder(app, &name)?;
    app.writing().check_folder(app.library().root(), folder.path())?;
    let mut journal = Journal::open(&folder).map_err(|error| of_study(&error))?;
    let number = journal.enqueue(&values).map_err(|error| of_study(&error))?;
    Ok(json!(Queued {
        study: name,
        trial: number,
        done: format!("trial {number} waits to be trained"),
        undo: "it cannot be taken back; it counts as a trial of the study".to_owned(),
    }))
}

/// A parameter and its value: JSON, else a text.
fn value(text: &str) -> Answer<(String, Value)> {
    let refusal = || refused(format!("`{text:.40}` gives no parameter a value"), "send lr=0.01");
    let (name, value) = text.split_once('=').ok_or_else(refusal)?;
    let value = value.trim();
    let parsed = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((name.trim().to_owned(), parsed))
}
