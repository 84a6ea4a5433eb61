//! The store and its runs as JSON.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};
use tracker_core::{
    Definition, State, Summary, Timestamp,
    read::{RunReader, StoredEventKind, Warning},
    text::number_to_json,
};

use crate::{
    ui::{
        failure::Answer,
        json::{Object, object, step},
        responses::{code, exact::exact_settings},
        state::App,
    },
    view::{
        run_json::{elapsed, summary_json},
        short_id::ShortIds,
    },
};

fn texts(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(Warning::to_string).collect()
}

/// What `/store` answers.
pub(crate) fn store(app: &App) -> Answer<Object> {
    let listing = app.library().listing()?;
    let (runs, warnings) = match &listing {
        Some(listing) => (listing.runs.as_slice(), texts(&listing.warnings)),
        None => (&[][..], Vec::new()),
    };
    let mut projects: BTreeMap<&str, (u64, u64, Timestamp)> = BTreeMap::new();
    for run in runs {
        let info = run.info();
        let project = projects.entry(&info.project).or_insert((0, 0, info.started_at));
        project.0 += 1;
        project.1 += u64::from(run.state() == State::Running);
        project.2 = project.2.max(info.started_at);
    }
    let projects: Vec<Value> = projects
        .into_iter()
        .map(|(name, (runs, running, last))| {
            json!({ "name": name, "runs": runs, "running": running, "last_started_at": last })
        })
        .collect();
    let root = app.library().root();
    let (read_only, why) = app.writing().of_store(root);
    Ok(object(json!({
        "tracker": env!("CARGO_PKG_VERSION"),
        "root": root.to_string_lossy(),
        "read_only": read_only,
        "read_only_because": why,
        "projects": projects,
        "warnings": warnings,
    })))
}

/// What `/runs` answers.
pub(crate) fn runs(app: &App, project: Option<&str>) -> Answer<Object> {
    let Some(listing) = app.library().listing()? else {
        return Ok(object(json!({ "warnings": [], "runs": [], "definitions": {} })));
    };
    let short_ids = ShortIds::of(&listing.runs);
    let mut warnings = texts(&listing.warnings);
    let is_wanted = |run: &&RunReader| project.is_none_or(|name| name == run.info().project);
    let wanted: Vec<&RunReader> = listing.runs.iter().filter(is_wanted).collect();
    let definitions = known_definitions(&wanted);
    let mut runs = Vec::new();
    let ordinals = ordinals(&listing.runs);
    for run in wanted {
        let summary = run.summary().unwrap_or_else(|error| {
            warnings.push(error.to_string());
            std::sync::Arc::default()
        });
        // The listing has told what is wrong with `run.json`.
        let known = run.damage();
        let others = run.warnings().into_iter().filter(|warning| Some(warning) != known);
        warnings.extend(others.map(|warning| warning.to_string()));
        let mut shown = row(run, &summary, &definitions, short_ids.short(&run.info().id));
        shown.insert("ordinal".to_owned(), json!(ordinals.get(run.info().id.as_str())));
        runs.push(Value::Object(shown));
    }
    let definitions = definitions_json(&definitions);
    Ok(object(json!({ "warnings": warnings, "runs": runs, "definitions": definitions })))
}

/// What any of the runs knows of each metric, the first that knows it.
fn known_definitions(runs: &[&RunReader]) -> BTreeMap<String, Definition> {
    let mut known: BTreeMap<String, Definition> = BTreeMap::new();
    for (metric, definition) in runs.iter().flat_map(|run| &run.info().definitions) {
        let Some(entry) = known.get_mut(metric) else {
            known.insert(metric.clone(), definition.clone());
            continue;
        };
        entry.direction = entry.direction.or(definition.direction);
        for (entry, told) in [
            (&mut entry.unit, &definition.unit),
            (&mut entry.display_name, &definition.display_name),
        ] {
            if entry.is_none() {
                entry.clone_from(told);
            }
        }
    }
    known
}

/// How many runs of its project started before each, by id. Pages draw by it, so that a run has one
/// colour on all of them.
fn ordinals(runs: &[RunReader]) -> HashMap<&str, u64> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    let oldest_first = runs.iter().rev().map(RunReader::info);
    oldest_first
        .map(|info| {
            let count = counts.entry(&info.project).or_default();
            *count += 1;
            (info.id.as_str(), *count - 1)
        })
        .collect()
}

fn definitions_json(definitions: &BTreeMap<String, Definition>) -> Object {
    let definition_json = |definition: &Definition| {
        json!({
            "unit": definition.unit,
            "direction": definition.direction,
            "display_name": definition.display_name,
            "hidden": definition.hidden,
        })
    };
    let definitions = definitions.iter();
    definitions.map(|(metric, known)| (metric.clone(), definition_json(known))).collect()
}

/// A run as the list shows it. Best values are those by the directions of `definitions`: a run that
/// was never told which values are better stands beside others that were.
fn row(
    run: &RunReader,
    summaries: &BTreeMap<String, Summary>,
    definitions: &BTreeMap<String, Definition>,
    short_id: &str,
) -> Object {
    let info = run.info();
    let origin = &info.provenance;
    let state = run.state();
    let elapsed = elapsed(run);
    let (commit, branch, dirty) = (&origin.git_commit, &origin.git_branch, origin.git_dirty);
    let is_known = commit.is_some() || branch.is_some() || dirty.is_some();
    let git = is_known.then(|| json!({ "commit": commit, "branch": branch, "dirty": dirty }));
    let summary: Object = summaries
        .iter()
        .map(|(metric, summary)| {
            let mut shown = summary_json(summary);
            shown["step"] = step(summary.step);
            let direction = definitions.get(metric).and_then(|known| known.direction);
            let best = direction.and_then(|direction| summary.best_by(direction));
            shown["best"] = json!(best.map(number_to_json));
            (metric.clone(), shown)
        })
        .collect();
    object(json!({
        "id": info.id.as_str(),
        "short_id": short_id,
        "name": info.name,
        "project": info.project,
        "group": info.group,
        "state": state.as_str(),
        "message": info.message,
        "started_at": info.started_at,
        "finished_at": info.finished_at,
        "seconds": elapsed.map(|elapsed| elapsed.passed.as_secs_f64()),
        "trained_seconds": elapsed.map(|elapsed| elapsed.trained.as_secs_f64()),
        "notes": info.notes,
        "tags": info.tags,
        "rank": null,
        "host": origin.host,
        "user": origin.user,
        "git": git,
        "config": info.config,
        "config_exact": exact_settings(&info.config),
        "summary": summary,
        "problems": info.problems.len(),
    }))
}

/// Whether the training looks for requests to stop. What the first rank says is not the word of
/// the others, which hear the same requests.
pub(crate) fn listens_to_stop(run: &RunReader) -> Answer<Option<bool>> {
    match run.info().listens_to_stop {
        Some(false) if has_other_ranks(run)? => Ok(None),
        known => Ok(known),
    }
}

fn has_other_ranks(run: &RunReader) -> Answer<bool> {
    Ok(run.writers()?.iter().any(|known| known.writer.rank > 0))
}

/// What `/runs/ID` answers.
pub(crate) fn run(app: &App, run: &RunReader) -> Answer<Object> {
    let summary = run.summary()?;
    let info = run.info();
    let mut named_texts = BTreeSet::new();
    for event in run.events()? {
        if let StoredEventKind::Text { name, .. } = event.kind {
            named_texts.insert(name);
        }
    }
    let writers: Vec<Value> = run
        .writers()?
        .into_iter()
        .map(|known| {
            let state = known.state.as_str();
            json!({ "rank": known.writer.rank, "attempt": known.writer.attempt, "state": state })
        })
        .collect();
    let short = info.id.as_str().get(..8).unwrap_or_default();
    let (code, unread) = match run.code() {
        Ok(code) => (code, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let (histograms, artifacts) = (run.histogram_names()?, run.artifacts()?.len());
    run.check()?;
    let mut warnings = texts(&run.warnings());
    warnings.extend(unread);
    let listing = app.library().listing()?;
    let listed = listing.as_ref().map_or(&[][..], |listing| &listing.runs);
    let about = object(json!(info.about));
    let mut shown = row(run, &summary, &info.definitions, short);
    shown.extend(object(json!({
        "provenance": info.provenance,
        "ordinal": ordinals(listed).get(info.id.as_str()),
        "about": about,
        "about_exact": exact_settings(&about),
        "writers": writers,
        "problem_list": info.problems,
        "definitions": definitions_json(&info.definitions),
        "metrics": summary.keys().collect::<Vec<_>>(),
        "histograms": histograms,
        "texts": named_texts,
        "artifacts": artifacts,
        "listens_to_stop": listens_to_stop(run)?,
        "read_only": app.writing().of_run(app.library().root(), run),
        "code": code::of_run(code.as_ref()),
        "warnings": warnings,
    })));
    Ok(shown)
}
