//! `tag`: adds tags to a run and takes tags away.

use serde_json::{Value, json};
use tracker_core::read::Edit;

use crate::{
    answers::agent::changes::Changed,
    mcp::{
        arguments::{Arguments, refused},
        change::Change,
        tool::{Parameter, Takes, Tool},
        tools::target::{RUN, edit, target},
    },
    ui::{failure::Answer, state::App},
};

pub(crate) static TOOL: Tool = Tool {
    name: "tag",
    title: "Tag a run",
    about: "Adds tags to a run and takes tags away, so that find_runs finds it by `tag = WORD`.",
    parameters: &[
        Parameter::needed("run", Takes::Text, RUN),
        Parameter::optional("add", Takes::Texts, "Tags to add."),
        Parameter::optional("remove", Takes::Texts, "Tags to take away."),
    ],
    change: Some(Change::Tag),
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let run = target(app, arguments)?;
    let [add, remove] = ["add", "remove"].map(|name| arguments.texts(name));
    let (add, remove) = (add?, remove?);
    if add.is_empty() && remove.is_empty() {
        return Err(refused("`add` and `remove` name no tag", "name one such as [\"good\"]"));
    }
    let mut tags = run.info().tags.clone();
    tags.retain(|tag| !remove.contains(tag));
    for tag in add {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let undo = edit(app, &run, |_| Edit::new().tags(tags.as_slice()))?;
    let done = match tags.len() {
        0 => "it has no tags now".to_owned(),
        _ => format!("its tags are now: {}", tags.join(", ")),
    };
    Ok(json!(Changed { run: run.info().id.to_string(), done, undo }))
}
