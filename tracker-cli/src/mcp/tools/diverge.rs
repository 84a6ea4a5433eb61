//! `diverge`: where two runs begin to differ.

use serde_json::{Value, json};

use crate::{
    answers::agent::divergence::Divergence,
    mcp::{
        arguments::{Arguments, refused},
        lists::Lists,
        named_runs,
        tool::{Parameter, Takes, Tool},
    },
    ui::{failure::Answer, responses::divergence::divergence, state::App},
};

/// The lists of the answer.
const LISTS: [&str; 8] =
    ["bitwise", "beyond", "alone", "config", "facts", "origin", "packages", "warnings"];

pub(crate) static TOOL: Tool = Tool {
    name: "diverge",
    title: "First difference of two runs",
    about: "The first step at which two runs differ, bit by bit (`bitwise`) and beyond rounding (`beyond`), the likely \
            cause first: losses, gradients, parameters, layer by layer. Beside it what else differs: settings, facts \
            such as the device, host and commit, packages. Empty lists mean that what both have is the same. For \
            `why is this run not like that one?`.",
    parameters: &[
        Parameter::needed("a", Takes::Text, "A run's id, name, @latest or @latest~1."),
        Parameter::needed("b", Takes::Text, "The other run."),
        Parameter::list(&LISTS),
        Parameter::skip(),
    ],
    change: None,
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let lists = Lists::of(arguments)?;
    let [a, b] = ["a", "b"].map(|name| named_runs::one(app, &arguments.needed(name)?));
    let runs = [a?, b?];
    let [a, b] = [&runs[0], &runs[1]].map(|run| run.info().id.to_string());
    if a == b {
        return Err(refused("`a` and `b` are one run", "name two runs"));
    }
    let found = divergence(&runs)?;
    Ok(json!(Divergence {
        a,
        b,
        compared: found.compared,
        tolerance: found.tolerance,
        bitwise: lists.page("bitwise", found.bitwise),
        beyond: lists.page("beyond", found.beyond),
        alone: lists.page("alone", found.alone),
        config: lists.page("config", found.config),
        facts: lists.page("facts", found.facts),
        origin: lists.page("origin", found.origin),
        packages: lists.page("packages", found.packages),
        warnings: lists.page("warnings", found.warnings),
    }))
}
