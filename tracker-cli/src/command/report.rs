//! `tracker report`: the page and the runs in one file, which opens without a server.
//!
//! The file holds the page's own bundle and what the server would answer to it. So a report shows what
//! `tracker ui` shows, and nothing is drawn twice.

mod clock;
mod opening;
mod pictures;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::Path,
};

use anyhow::{Context, Result, anyhow, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use tracker_core::{
    Timestamp,
    read::{MessageFilter, RunReader, Snapshot, Store},
    text::plural,
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
    args::Report,
    command::export::write_file,
    terminal::printer,
    ui::{
        assets,
        curves::answer::{self, CurvesRequest},
        failure::{Answer, Failure},
        guard::{base_path::BasePath, guard::Guard, names::Names, writing::Writing},
        library::Library,
        responses::{artifacts, code, comparison, lineage, media, recorded, runs},
        state::{App, ExportAsked},
    },
};

/// The buckets of each curve: fewer than on a screen's width, because each one is a part of the file.
const BUCKETS: usize = 1000;

/// As many rows of a histogram as the page asks for.
const ROWS: usize = 200;

/// The last messages of each run.
const MESSAGES: usize = 2_000;

/// More runs make no file that anybody could send.
const MOST_EXPORTED: usize = 500;

/// Where nobody's browser asks, the address does not matter.
const NO_HOST: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Runs `tracker report`.
#[expect(clippy::disallowed_methods, reason = "a file that the person names")]
pub(crate) fn run(store: &Store, args: &Report) -> Result<()> {
    let runs: Vec<RunReader> =
        args.runs.iter().map(|run| store.find(run)).collect::<Result<_, _>>()?;
    let mut seen = BTreeSet::new();
    let runs: Vec<RunReader> =
        runs.into_iter().filter(|run| seen.insert(run.info().id.clone())).collect();
    let is_file = args.output.as_os_str() != "-";
    if is_file && args.output.exists() && !args.force {
        bail!(
            "{} is there already\nhint: add --force to replace it, or name another file with -o",
            args.output.display()
        );
    }
    runs.iter().try_for_each(RunReader::check)?;
    let Written { html, without_room } = html(store.root(), &runs, args)?;
    runs.iter().for_each(printer::left_out_by);
    if without_room > 0 {
        printer::note(&format!(
            "{} found no room in the report\nhint: `tracker ui` shows them all",
            plural(without_room as u64, "picture")
        ));
    }
    if !is_file {
        let mut out = printer::data();
        out.write_all(html.as_bytes())?;
        return Ok(out.flush()?);
    }
    write(&args.output, &html)?;
    let megabytes = html.len() as f64 / 1e6;
    let count = plural(runs.len() as u64, "run");
    printer::note(&format!(
        "wrote {} ({count}, {megabytes:.1} MB): open it in a browser, or send it to somebody",
        args.output.display()
    ));
    Ok(())
}

/// Whole or not at all: a report that is cut would open as an empty page.
fn write(path: &Path, html: &str) -> Result<()> {
    write_file(path, |out| out.write_all(html.as_bytes()).and_then(|()| out.flush())).with_context(
        || {
            format!(
                "failed to write {}\nhint: name a file in a folder that you may write",
                path.display()
            )
        },
    )
}

/// A report, and how many pictures it has no room for.
struct Written {
    html: String,
    without_room: usize,
}

/// The view that a page of `tracker ui` shows. Nothing that people did not see comes along: no code.
pub(crate) fn exported(app: &App, asked: &ExportAsked) -> Answer<String> {
    let mut seen = BTreeSet::new();
    let ids: Vec<String> = asked.runs.iter().filter(|id| seen.insert(*id)).cloned().collect();
    if ids.len() > MOST_EXPORTED {
        return Err(Failure::bad_request(format!("a report has at most {MOST_EXPORTED} runs")));
    }
    let runs = app.library().find_all(&ids)?;
    let args = Report { title: asked.title.clone(), ..Report::default() };
    let opens = opening::of_address(&asked.address).map_err(Failure::bad_request)?;
    let written = page(app, &runs, &args, Some(opens));
    Ok(written.map_err(|error| Failure::internal(&error))?.html)
}

fn html(root: &Path, runs: &[RunReader], args: &Report) -> Result<Written> {
    let names = Names::new(NO_HOST, 0, Vec::new());
    let guard = Guard { names, port: 0, base: BasePath::default(), access: None };
    let app = App::new(Library::new(root.to_owned()), guard, Writing::Nothing);
    let opens = args.view.as_deref().map(|view| opening::opening(root, runs, view)).transpose()?;
    page(&app, runs, args, opens)
}

/// The file for these runs, which opens with a view.
fn page(app: &App, runs: &[RunReader], args: &Report, opens: Option<OpensWith>) -> Result<Written> {
    let ids: Vec<&str> = runs.iter().map(|run| run.info().id.as_str()).collect();
    let (saved, without_room) = saved(app, runs, &ids, args, opens)
        .map_err(|failure| anyhow!("failed to read the runs: {failure}"))?;
    let (script, style) = (asset("report.js")?, asset("app.css")?);
    // Nothing in it ends the element that it stands in.
    let data = serde_json::to_string(&saved)?.replace('<', "\\u003c");
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

fn asset(name: &str) -> Result<String> {
    let file = assets::text(name).with_context(|| format!("{name} is not part of this program"))?;
    Ok(file)
}

/// What the page finds in place of a server, and how many pictures are not part of it.
fn saved<'a>(
    app: &App,
    runs: &'a [RunReader],
    ids: &'a [&'a str],
    args: &'a Report,
    opens: Option<OpensWith>,
) -> Answer<(Saved<'a>, usize)> {
    let mut answers = vec![
        ("/api/v1/store".to_owned(), SavedAnswer::Store(store_answer(app, runs))),
        ("/api/v1/runs".to_owned(), SavedAnswer::Runs(list(app, ids)?)),
        ("/api/v1/compare".to_owned(), SavedAnswer::Comparison(compared(runs, args.code)?)),
    ];
    let (mut metrics, mut clocks, mut without_room) = (BTreeSet::new(), Vec::new(), 0);
    for run in runs {
        without_room += about(app, run, ids, args.code, &mut answers)?;
        clocks.push((run.info().id.as_str(), clock::clock(run)?));
        metrics.extend(run.summary()?.keys().cloned());
    }
    let mut curves = BTreeMap::new();
    for metric in metrics {
        let asked = CurvesRequest::overview(&metric, ids, BUCKETS);
        let bytes = answer::curves(app, &asked)?.concat();
        curves.insert(metric, BASE64_STANDARD.encode(bytes));
    }
    let saved = Saved {
        title: args.title.as_deref(),
        made_at: Timestamp::now(),
        runs: ids,
        opens,
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
        root: app.library().root().to_string_lossy().into_owned(),
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
