//! `compare`: groups of runs, and which is better, as `tracker compare --group` has it.

use serde_json::{Value, json};

use crate::{
    answers::agent::groups::{Group, JudgedGroups},
    mcp::{
        arguments::{Arguments, refused},
        lists::Lists,
        named_runs,
        tool::{Parameter, Takes, Tool},
    },
    ui::{
        failure::Answer,
        responses::groups::{GroupsAsked, groups},
        state::App,
    },
    view::groups::At,
};

/// More runs are chosen by a query.
const MOST_RUNS: usize = 1000;

/// The settings that are said to make a pair.
const MOST_PAIRED_BY: usize = 20;

/// The lists of the answer.
const LISTS: [&str; 4] = ["groups", "notes", "metrics", "warnings"];

pub(crate) static TOOL: Tool = Tool {
    name: "compare",
    title: "Compare groups of runs",
    about: "Which group of runs is better, by a test over seeds: mean, deviation and 95 % interval of each group, and a \
            verdict beside the baseline such as `B is better than A by 0.4 pp [0.1, 0.7], 5 seeds each, paired` or `no \
            difference shown` or `not enough seeds`. Repeat the sentence `text` as it is; `no difference shown` does \
            not mean that they are equal, and under three seeds nothing is concluded. `notes` has what must be said \
            beside it: seeds that diverged, other settings that differ. Name the runs by `runs`, or find them by \
            `query`.",
    parameters: &[
        Parameter::optional(
            "runs",
            Takes::Texts,
            "Ids or names of runs, @group:NAME, @study:NAME.",
        ),
        Parameter::optional("query", Takes::Text, "Which runs, as find_runs takes it."),
        Parameter::optional(
            "by",
            Takes::Text,
            "What the runs of a group share: group (unless said), study, project, tag, or the dot path of a setting \
             such as optimizer.lr.",
        ),
        Parameter::optional("baseline", Takes::Text, "The group that others are compared with."),
        Parameter::optional("metric", Takes::Text, "What they are judged by."),
        Parameter::optional(
            "at",
            Takes::Text,
            "Which value of a run counts: best, last or a step.",
        ),
        Parameter::optional("pair", Takes::Text, "The setting that makes pairs, such as seed."),
        Parameter::list(&LISTS),
        Parameter::skip(),
    ],
    change: None,
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let lists = Lists::of(arguments)?;
    let references = arguments.texts("runs")?;
    let query = arguments.text("query")?.unwrap_or_default();
    if references.is_empty() && query.trim().is_empty() {
        let hint = "name runs such as [\"@group:wide\", \"@group:narrow\"], or send a query";
        return Err(refused("`runs` and `query` choose none", hint));
    }
    let runs = named_runs::all(app, &references, MOST_RUNS)?;
    let at = arguments.text("at")?.map_or(Ok(At::Best), |text| text.parse());
    let Ok(by) = arguments.text("by")?.as_deref().unwrap_or("group").parse();
    let asked = GroupsAsked {
        project: None,
        runs: runs.iter().map(|run| run.info().id.to_string()).collect(),
        query,
        by,
        picks: arguments.text("baseline")?.into_iter().collect(),
        pair: arguments.text("pair")?,
        at: at.map_err(|error| refused(format!("`at`: {error}"), "send best, last or a step"))?,
        metric: arguments.text("metric")?,
        columns: Vec::new(),
    };
    let found = groups(app, &asked)?;
    Ok(json!(JudgedGroups {
        runs: found.runs,
        metric: found.metric,
        baseline: found.baseline,
        paired_by: found.paired_by.into_iter().take(MOST_PAIRED_BY).collect(),
        level: found.level,
        groups: lists.page("groups", found.groups.into_iter().map(Group::from)),
        notes: lists.page("notes", found.notes),
        metrics: lists.page("metrics", found.metrics),
        warnings: lists.page("warnings", found.warnings),
    }))
}
