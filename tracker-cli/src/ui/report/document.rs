//! A report: the page and the runs in one file, which opens without a server.
//!
//! The file holds the page's own bundle and what the server would answer to it. So a report shows what
//! `tracker ui` shows, and nothing is drawn twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_STANDARD};
use tracker_core::{
    Timestamp,
    read::{MessageFilter, RunReader, Snapshot, mount::named},
};

use crate::{
    answers::page::{
        comparison::Comparison,
        lineage::Lineage,
        media::MediaAt,
        report::{OpensWith, Saved, SavedAnswer},
        run::Runs,
        store::{Project, Store as StoreAnswer},
    },
    ui::{
        assets,
        curves::answer::{self, CurvesRequest},
        failure::{Answer, Failure},
        guard::{base_path::BasePath, guard::Guard, names::Names, writing::Writing},
        library::Library,
        report::{clock, pictures},
        responses::{artifacts, code, comparison, lineage, media, recorded, runs},
        state::App,
    },
};

/// The buckets of each curve: fewer than on a screen's width, because each one is a part of the file.
pub(crate) const BUCKETS: usize = 1000;

/// As many rows of a histogram as the page asks for.
const ROWS: usize = 200;

/// The last messages of each run.
const MESSAGES: usize = 2_000;

/// Where nobody's browser asks, the address does not matter.
const NO_HOST: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// What a report is to hold.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) title: Option<String>,
    /// Markdown.
    pub(crate) notes: Option<String>,
    /// The metrics whose charts stand below the words, in their order.
    pub(crate) charts: Vec<String>,
    /// The metrics whose curves it holds; `None` for all.
    pub(crate) metrics: Option<BTreeSet<String>>,
    /// What it opens with, where it has no words.
    pub(crate) opens: Option<OpensWith>,
    /// What was changed in the code of the runs since their commits.
    pub(crate) code: bool,
}

/// A report, and how many pictures it has no room for.
pub(crate) struct Written {
    pub(crate) html: String,
    pub(crate) without_room: usize,
}

/// The whole file. Of a store that others write to meanwhile, as it is now.
pub(crate) fn html(root: &Path, runs: &[RunReader], wanted: &Wanted) -> Answer<Written> {
    let names = Names::new(NO_HOST, 0, Vec::new());
    let guard = Guard { names, port: 0, base: BasePath::default(), access: None };
    let app = App::new(Library::new(root.to_owned()), guard, Writing::Nothing);
    let ids: Vec<&str> = runs.iter().map(|run| run.info().id.as_str()).collect();
    let (saved, without_room) = saved(&app, runs, &ids, wanted)?;
    let (script, style) = (asset("report.js")?, asset("app.css")?);
    let data = serde_json::to_string(&saved).map_err(|error| internal(error.to_string()))?;
    // Nothing in it ends the element that it stands in.
    let data = data.replace('<', "\\u003c");
    let script = script.replace("</script", "<\\/script");
    let style = style.replace("</style", "<\\/style");
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:\">\n\
         <title>tracker</title>\n<style>{style}</style>\n</head>\n<body>\n<div id=\"app\"></div>\n\
         <noscript>This report draws with JavaScript.</noscript>\n\
         <script type=\"application/json\" id=\"tracker-report\">{data}</script>\n\
         <script type=\"module\">{script}</script>\n</body>\n</html>\n"
    );
    Ok(Written { html, without_room })
}

fn asset(name: &str) -> Answer<String> {
    assets::text(name).ok_or_else(|| internal(format!("{name} is not part of this program")))
}

fn internal(error: String) -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, error, "install tracker again")
}

/// What the page finds in place of a server, and how many pictures are not part of it.
fn saved<'a>(
    app: &App,
    runs: &'a [RunReader],
    ids: &'a [&'a str],
    wanted: &'a Wanted,
) -> Answer<(Saved<'a>, usize)> {
    let mut answers = vec![
        ("/api/v1/store".to_owned(), SavedAnswer::Store(store_answer(app, runs))),
        ("/api/v1/runs".to_owned(), SavedAnswer::Runs(list(app, ids)?)),
        ("/api/v1/compare".to_owned(), SavedAnswer::Comparison(compared(runs, wanted.code)?)),
    ];
    let (mut metrics, mut clocks, mut without_room) = (BTreeSet::new(), Vec::new(), 0);
    for run in runs {
        without_room += about(app, run, ids, wanted.code, &mut answers)?;
        clocks.push((run.info().id.as_str(), clock::clock(run)?));
        metrics.extend(run.summary()?.keys().cloned());
    }
    if let Some(held) = &wanted.metrics {
        metrics.retain(|metric| held.contains(metric));
    }
    let mut curves = BTreeMap::new();
    for metric in metrics {
        let asked = CurvesRequest::overview(&metric, ids, BUCKETS);
        let bytes = answer::curves(app, &asked)?.concat();
        curves.insert(metric, BASE64_STANDARD.encode(bytes));
    }
    let saved = Saved {
        title: wanted.title.as_deref(),
        notes: wanted.notes.as_deref(),
        charts: &wanted.charts,
        made_at: Timestamp::now(),
        runs: ids,
        opens: wanted.opens.as_ref(),
        answers: answers.into_iter().collect(),
        curves,
        clocks: clocks.into_iter().collect(),
    };
    Ok((saved, without_room))
}

/// The store as if it held these runs alone.
fn store_answer(app: &App, runs: &[RunReader]) -> StoreAnswer {
    let names: BTreeSet<&str> = runs.iter().map(|run| run.info().project.as_str()).collect();
    let project = |name: &str| {
        let of_project = runs.iter().filter(|run| run.info().project == name);
        Project {
            name: name.to_owned(),
            last_started_at: of_project.clone().map(|run| run.info().started_at).max(),
            runs: of_project.count() as u64,
            running: 0,
        }
    };
    StoreAnswer {
        tracker: env!("CARGO_PKG_VERSION"),
        root: named(app.library().root()),
        read_only: true,
        read_only_because: None,
        projects: names.into_iter().map(project).collect(),
        warnings: Vec::new(),
    }
}

fn list(app: &App, ids: &[&str]) -> Answer<Runs> {
    let mut listed = runs::runs(app, None)?;
    listed.runs.retain(|run| ids.contains(&run.id.as_str()));
    listed.warnings.clear();
    Ok(listed)
}

/// What differs. What was changed in the code leaves this machine only if somebody says so: it may
/// hold what nobody has meant to publish.
fn compared(runs: &[RunReader], with_code: bool) -> Answer<Comparison> {
    let mut compared = comparison::compare(runs)?;
    for of_run in compared.code.iter_mut().filter(|_| !with_code) {
        of_run.diff = None;
    }
    Ok(compared)
}

/// What the run used, and those runs of the report that used it: others are nobody's concern who reads it.
fn lineage_among(app: &App, now: &Snapshot, ids: &[&str]) -> Answer<Lineage> {
    let mut found = lineage::lineage(app.library(), now)?;
    found.used_by.retain(|user| ids.contains(&&*user.run));
    Ok(found)
}

/// The media of each name at its last step. A report has no other, and says so by its steps.
fn of_last_step(
    now: &Snapshot,
    base: &str,
    answers: &mut Vec<(String, SavedAnswer)>,
) -> Answer<Vec<MediaAt>> {
    let mut names = media::names(now)?;
    let mut last = Vec::with_capacity(names.names.len());
    for of_name in &mut names.names {
        let mut at = media::at(now, &of_name.name, None)?;
        at.steps = at.step.into_iter().collect();
        of_name.steps.clone_from(&at.steps);
        last.push(at);
    }
    answers.push((format!("{base}/media"), SavedAnswer::MediaNames(names)));
    Ok(last)
}

/// What only the run's own page shows. Pictures come along; answers how many have no room. Other
/// files stay where they are.
fn about(
    app: &App,
    run: &RunReader,
    ids: &[&str],
    with_code: bool,
    answers: &mut Vec<(String, SavedAnswer)>,
) -> Answer<usize> {
    let base = format!("/api/v1/runs/{}", run.info().id);
    let now = &run.snapshot()?;
    for name in now.histogram_names()? {
        let rows = recorded::histograms(now, &name, ROWS)?;
        answers.push((format!("{base}/histograms {name}"), SavedAnswer::Histograms(rows)));
    }
    let mut files = artifacts::list(now)?;
    let (mut room, mut without_room) = (pictures::MOST_BYTES, 0);
    for mut at in of_last_step(now, &base, answers)? {
        without_room += pictures::embed_media(run, &mut at, &mut room);
        answers.push((format!("{base}/media {}", at.name), SavedAnswer::MediaAt(at)));
    }
    without_room += pictures::embed(now, &mut files)?;
    answers.push((format!("{base}/artifacts"), SavedAnswer::Artifacts(files)));
    answers.push((format!("{base}/lineage"), SavedAnswer::Lineage(lineage_among(app, now, ids)?)));
    if with_code {
        answers.push((format!("{base}/patch"), SavedAnswer::Patch(code::patch(run)?)));
    }
    answers.push((format!("{base}/events"), SavedAnswer::Events(recorded::events(now)?)));
    let said = recorded::messages(run, &MessageFilter::new().count(MESSAGES))?;
    answers.push((format!("{base}/messages"), SavedAnswer::Messages(said)));
    let mut detail = runs::run(app, run)?;
    detail.forks.retain(|fork| ids.contains(&&*fork.run));
    answers.push((base, SavedAnswer::Run(Box::new(detail))));
    Ok(without_room)
}
