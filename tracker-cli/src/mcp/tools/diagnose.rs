//! `diagnose`: what seems to be the matter with a run.

use serde_json::{Value, json};
use tracker_core::read::diagnose;

use crate::{
    answers::agent::diagnosis::{Diagnosed, Found},
    mcp::{
        arguments::Arguments,
        lists::Lists,
        named_runs,
        tool::{Parameter, Takes, Tool},
    },
    ui::{failure::Answer, state::App},
};

pub(crate) static TOOL: Tool = Tool {
    name: "diagnose",
    title: "Diagnose a run",
    about: "What seems to be the matter with a run, each with its evidence: kind, metric, steps, values and the limit \
            that they passed. Looks for NaN and infinities, spikes, a rising loss, overfitting, a plateau, a learning \
            rate that is too high, waiting for data, slow steps, an idle graphics card, full memory or disk, a crash. A \
            finding is a place to look at by `curve`, no proof; `unseen` names what could not be looked for.",
    parameters: &[
        Parameter::needed("run", Takes::Text, "A run's id, name, @latest or @best:METRIC."),
        Parameter::list(&["findings"]),
        Parameter::skip(),
    ],
    change: None,
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let lists = Lists::of(arguments)?;
    let run = named_runs::one(app, &arguments.needed("run")?)?;
    let found = diagnose(&run)?;
    Ok(json!(Diagnosed {
        run: run.info().id.to_string(),
        name: run.info().name.clone(),
        state: run.state().as_str(),
        findings: lists.page("findings", found.findings.into_iter().map(Found::from)),
        unseen: found.unseen,
    }))
}
