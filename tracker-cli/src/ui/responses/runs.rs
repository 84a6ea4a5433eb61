//! The store and its runs as JSON.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};
use tracker_core::{
    Alert as CoreAlert, Definition as Known, KnobChange, State, Summary as CoreSummary, Timestamp,
    read::{
        EventKind, RunReader, SinceLast as KnownSince, Snapshot, Warning, WriterInfo, mount::named,
    },
};

use crate::{
    answers::{
        page::{
            run::{Alert, Definitions, Forked, Git, Run, RunDetail, Runs, SinceLast, Writer},
            store::{Project, Store},
        },
        step::Step,
        summary::Summary,
        value::Value as Number,
    },
    ui::{
        failure::Answer,
        responses::{code, exact::exact_settings, knobs},
        state::App,
    },
    view::{
        elapsed::elapsed,
        forks::{self as view, Forks},
        live::{self, Live},
        short_id::ShortIds,
    },
};

/// The alerts that a run's page lists, the last ones.
const MOST_ALERTS: usize = 200;

fn texts(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(Warning::to_string).collect()
}

/// What `/store` answers.
pub(crate) fn store(app: &App) -> Answer<Store> {
    let listing = app.library().listing()?;
    let (runs, warnings) = match &listing {
        Some(listing) => (listing.runs.as_slice(), texts(&listing.warnings)),
        None => (&[][..], Vec::new()),
    };
    let mut projects: BTreeMap<&str, Project> = BTreeMap::new();
    for run in runs {
        let info = run.info();
        let project = projects.entry(&info.project).or_insert_with(|| Project {
            name: info.project.clone(),
            runs: 0,
            running: 0,
            last_started_at: None,
        });
        project.runs += 1;
        project.running += u64::from(run.state() == State::Running);
        project.last_started_at = project.last_started_at.max(Some(info.started_at));
    }
    let root = app.library().root();
    let (read_only, read_only_because) = app.writing().of_store(root);
    Ok(Store {
        tracker: env!("CARGO_PKG_VERSION"),
        root: named(root),
        read_only,
        read_only_because,
        projects: projects.into_values().collect(),
        warnings,
    })
}

/// What `/runs` answers.
pub(crate) fn runs(app: &App, project: Option<&str>) -> Answer<Runs> {
    let Some(listing) = app.library().listing()? else { return Ok(Runs::default()) };
    let short_ids = ShortIds::of(&listing.runs);
    let mut warnings = texts(&listing.warnings);
    let is_wanted = |run: &&RunReader| project.is_none_or(|name| name == run.info().project);
    let wanted: Vec<&RunReader> = listing.runs.iter().filter(is_wanted).collect();
    let known = known_definitions(&wanted);
    let mut runs = Vec::new();
    let ordinals = ordinals(&listing.runs);
    for run in wanted {
        let summary = run.summary().unwrap_or_else(|error| {
            warnings.push(error.to_string());
            std::sync::Arc::default()
        });
        // The listing has told what is wrong with `run.json`.
        let damage = run.damage();
        let others = run.warnings().into_iter().filter(|warning| Some(warning) != damage);
        warnings.extend(others.map(|warning| warning.to_string()));
        let id = &run.info().id;
        let ordinal = ordinals.get(id.as_str()).copied();
        let mut listed = row(run, &summary, &known, short_ids.short(id), ordinal);
        listed.live = live_of(app, run);
        runs.push(listed);
    }
    Ok(Runs { warnings, runs, definitions: definitions(&known) })
}

/// What is known of a run that trains. Of one whose points cannot be read, others tell.
fn live_of(app: &App, run: &RunReader) -> Option<Live> {
    let now = (run.state() == State::Running).then(|| app.snapshots().now(run).ok())??;
    live::live(&now.read())
}

/// What any of the runs knows of each metric, the first that knows it.
pub(crate) fn known_definitions(runs: &[&RunReader]) -> BTreeMap<String, Known> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
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

fn definitions(known: &BTreeMap<String, Known>) -> Definitions {
    known.iter().map(|(metric, known)| (metric.clone(), known.into())).collect()
}

/// A run as the list shows it. Best values are those by the directions of `definitions`: a run that
/// was never told which values are better stands beside others that were.
fn row(
    run: &RunReader,
    summaries: &BTreeMap<String, CoreSummary>,
    definitions: &BTreeMap<String, Known>,
    short_id: &str,
    ordinal: Option<u64>,
) -> Run {
    let info = run.info();
    let origin = &info.provenance;
    let elapsed = elapsed(run);
    let (commit, branch) = (origin.git_commit.clone(), origin.git_branch.clone());
    let is_known = commit.is_some() || branch.is_some() || origin.git_dirty.is_some();
    let summary = |(metric, summary): (&String, &CoreSummary)| {
        let direction = definitions.get(metric).and_then(|known| known.direction);
        (metric.clone(), Summary::of(summary, direction))
    };
    Run {
        id: info.id.to_string(),
        short_id: short_id.to_owned(),
        name: info.name.clone(),
        project: info.project.clone(),
        group: info.group.clone(),
        study: info.study().map(str::to_owned),
        state: run.state().as_str(),
        message: info.message.clone(),
        started_at: info.started_at,
        finished_at: info.finished_at,
        seconds: elapsed.map(|elapsed| elapsed.passed.as_secs_f64()),
        trained_seconds: elapsed.map(|elapsed| elapsed.trained.as_secs_f64()),
        notes: info.notes.clone(),
        tags: info.tags.clone(),
        rank: None,
        ordinal,
        host: origin.host.clone(),
        user: origin.user.clone(),
        git: is_known.then_some(Git { commit, branch, dirty: origin.git_dirty }),
        config: info.config.clone(),
        config_exact: exact_settings(&info.config),
        summary: summaries.iter().map(summary).collect(),
        problems: info.problems.len(),
        alerts: info.alerts.count,
        last_alert: info.alerts.last.as_ref().map(|alert| alert.text.clone()),
        live: None,
    }
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

pub(crate) fn alert((time, alert): (Timestamp, CoreAlert)) -> Alert {
    Alert {
        time,
        level: alert.level,
        rule: alert.rule,
        text: alert.text,
        hint: alert.hint,
        metric: alert.metric,
        step: alert.step.map(Step),
        value: alert.value.map(Number),
    }
}

/// What a run has that is no scalar.
struct Recorded {
    histograms: Vec<String>,
    texts: BTreeSet<String>,
    media: Vec<String>,
    artifacts: usize,
    alerts: Vec<Alert>,
    knob_changes: Vec<(Timestamp, KnobChange)>,
}

impl Recorded {
    fn of(now: &Snapshot) -> Answer<Self> {
        let mut texts = BTreeSet::new();
        now.events_of(|head| {
            let name = head.name.filter(|_| head.kind == EventKind::Text);
            texts.extend(name.filter(|name| !texts.contains(*name)).map(str::to_owned));
            false
        })?;
        let (histograms, artifacts) = (now.histogram_names()?, now.artifacts()?.len());
        let mut alerts = now.alerts()?;
        alerts.drain(..alerts.len().saturating_sub(MOST_ALERTS));
        let alerts = alerts.into_iter().map(alert).collect();
        let (media, knob_changes) = (now.media_names()?, now.knob_changes()?);
        Ok(Self { histograms, texts, media, artifacts, alerts, knob_changes })
    }
}

fn forked(other: view::Forked) -> Forked {
    let view::Forked { run, run_name, project, step, is_there } = other;
    Forked { run, run_name, project, step: Step(step), is_there }
}

fn since(known: &KnownSince) -> SinceLast {
    SinceLast { run: known.run.to_string(), run_name: known.name.clone(), text: known.text.clone() }
}

/// What `/runs/ID` answers.
pub(crate) fn run(app: &App, run: &RunReader) -> Answer<RunDetail> {
    let kept = app.snapshots().now(run)?;
    // The run as the snapshot knows it is told what cannot be read.
    let (run, recorded, live, metrics) = {
        let now = kept.read();
        (&now.run().clone(), Recorded::of(&now)?, live::live(&now), now.metrics_as_logged())
    };
    let summary = run.summary()?;
    let info = run.info();
    let writer = |known: WriterInfo| Writer {
        rank: known.writer.rank,
        attempt: known.writer.attempt,
        state: known.state.as_str(),
    };
    let (code, unread) = match run.code() {
        Ok(code) => (code, None),
        Err(error) => (None, Some(error.to_string())),
    };
    run.check()?;
    let mut warnings = texts(&run.warnings());
    warnings.extend(unread);
    let listing = app.library().listing()?;
    let listed = listing.as_ref().map_or(&[][..], |listing| &listing.runs);
    let Forks { forked_from, forks } = Forks::of(run, listed);
    let ordinal = ordinals(listed).get(info.id.as_str()).copied();
    let short = info.id.as_str().get(..8).unwrap_or_default();
    let topic =
        |(topic, facts): (&String, &Map<String, Value>)| (topic.clone(), facts.clone().into());
    let about: Map<String, Value> = info.about.iter().map(topic).collect();
    Ok(RunDetail {
        run: Run { live, ..row(run, &summary, &info.definitions, short, ordinal) },
        provenance: info.provenance.clone(),
        about_exact: exact_settings(&about),
        about,
        writers: run.writers()?.into_iter().map(writer).collect(),
        problem_list: info.problems.iter().map(Into::into).collect(),
        alert_list: recorded.alerts,
        definitions: definitions(&info.definitions),
        metrics,
        key_metrics: live::key_metrics(&summary, &info.definitions),
        histograms: recorded.histograms,
        texts: recorded.texts.into_iter().collect(),
        media: recorded.media,
        artifacts: recorded.artifacts,
        knobs: knobs::knobs(&info.knobs, recorded.knob_changes),
        forked_from: forked_from.map(forked),
        since: info.since.as_ref().map(since),
        forks: forks.into_iter().map(forked).collect(),
        listens_to_stop: listens_to_stop(run)?,
        read_only: app.writing().of_run(app.library().root(), run),
        code: code.map(code::of_run),
        warnings,
    })
}
