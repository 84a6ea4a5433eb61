//! `study`: what studies have tried.

use serde_json::{Value, json};
use tracker_core::studies::StudyFolder;
use tracker_study::StudyState;

use crate::{
    answers::agent::study::{Studies, StudyDetail, StudyInShort, TriedOut, varied},
    mcp::{
        arguments::{Arguments, refused},
        lists::Lists,
        named_runs,
        tool::{Parameter, Takes, Tool},
    },
    ui::{
        failure::{Answer, Failure},
        state::App,
    },
    view::study::ordered,
};

/// The studies that are read for a list.
const MOST_STUDIES: usize = 100;

/// The lists of the answer.
const LISTS: [&str; 4] = ["studies", "parameters", "trials", "warnings"];

pub(crate) static TOOL: Tool = Tool {
    name: "study",
    title: "Studies and their trials",
    about: "Studies search for good settings by training with many. Without `study`, all of them: what is made better, how \
            many trials are how far, the best one. With one: what is varied, and all trials, the best first, each with its \
            run for describe_run and curve. The best of many trials is better than its repetition will be: train it \
            again with new seeds before you conclude.",
    parameters: &[
        Parameter::optional("study", Takes::Text, "PROJECT/NAME of one, as the list has it."),
        Parameter::list(&LISTS),
        Parameter::skip(),
    ],
    change: None,
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let lists = Lists::of(arguments)?;
    let Some(name) = arguments.text("study")? else { return all(app, &lists) };
    let detail = |study: &StudyState| {
        let trials = ordered(&study.trials, &study.plan.metrics)
            .into_iter()
            .map(|trial| TriedOut::of(&study.plan, trial));
        json!(StudyDetail {
            short: StudyInShort::of(study),
            seed: study.plan.seed,
            parameters: lists.page("parameters", varied(&study.plan)),
            trials: lists.page("trials", trials),
            warnings: lists.page("warnings", study.warnings.iter().cloned()),
        })
    };
    app.studies().read(&folder(app, &name)?, detail).map_err(|error| of_study(&error))
}

fn all(app: &App, lists: &Lists) -> Answer<Value> {
    let store = app.library().store();
    let folders = store.map_or_else(|| Ok(Vec::new()), |store| store.studies())?;
    let mut warnings = Vec::new();
    if folders.len() > MOST_STUDIES {
        warnings.push(format!("of {} studies, {MOST_STUDIES} are told of", folders.len()));
    }
    let mut studies = Vec::new();
    for folder in folders.iter().take(MOST_STUDIES) {
        match app.studies().read(folder, StudyInShort::of) {
            Ok(study) => studies.push(study),
            Err(error) => warnings.push(format!("{}/{}: {error}", folder.project(), folder.name())),
        }
    }
    Ok(json!(Studies {
        studies: lists.page("studies", studies),
        warnings: lists.page("warnings", warnings),
    }))
}

/// The folder of a study that is named with its project.
pub(super) fn folder(app: &App, name: &str) -> Answer<StudyFolder> {
    let store = named_runs::store(app)?;
    let hint = "name it as PROJECT/NAME; the tool study without `study` lists all";
    let unknown = || refused(format!("there is no study `{name:.80}`"), hint);
    let (project, study) = name.split_once('/').ok_or_else(unknown)?;
    StudyFolder::open(&store, project, study).map_err(|_| unknown())
}

pub(super) fn of_study(error: &tracker_study::Error) -> Failure {
    let text = error.to_string();
    let (error, hint) =
        text.split_once("\nhint: ").unwrap_or((&text, "look at the study's journal"));
    refused(error, hint)
}
