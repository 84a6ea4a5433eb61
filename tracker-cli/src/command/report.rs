//! `tracker report`: the page and the runs in one file, which opens without a server.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::Path,
};

use anyhow::{Context, Result, anyhow, bail};
use tracker_core::{
    Definition, Summary,
    read::{RunReader, Store},
    text::plural,
};

use crate::{
    args::Report,
    command::export::write_file,
    terminal::printer,
    ui::report::{
        document::{self, Wanted, Written},
        opening,
    },
    view::metric_order,
};

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
    let wanted = Wanted {
        title: args.title.clone(),
        notes: args.notes.as_deref().map(words).transpose()?,
        charts: charts(&runs, &args.charts)?,
        metrics: None,
        opens: args.view.as_deref().map(|view| opening::opening(store, &runs, view)).transpose()?,
        code: args.code,
    };
    let Written { html, without_room } = document::html(store.root(), &runs, &wanted)
        .map_err(|failure| anyhow!("failed to read the runs: {failure}"))?;
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

/// More words than this are a book.
const MOST_WORDS: u64 = 1 << 20;

/// The text of a file of notes.
#[expect(clippy::disallowed_methods, reason = "a file that the person names")]
fn words(path: &Path) -> Result<String> {
    let failed = || format!("failed to read the notes in {}", path.display());
    let length = fs::metadata(path).with_context(failed)?.len();
    if length > MOST_WORDS {
        bail!("{} is longer than 1 MiB\nhint: name a file of Markdown", path.display());
    }
    let bytes = fs::read(path).with_context(failed)?;
    String::from_utf8(bytes)
        .map_err(|_| anyhow!("{} is no text in UTF-8\nhint: save it as UTF-8", path.display()))
}

/// The metrics that patterns choose, in the order of the patterns. Each must be there in one run at least.
fn charts(runs: &[RunReader], patterns: &[String]) -> Result<Vec<String>> {
    let mut summaries: BTreeMap<String, Summary> = BTreeMap::new();
    let mut definitions: BTreeMap<String, Definition> = BTreeMap::new();
    for run in runs.iter().filter(|_| !patterns.is_empty()) {
        summaries.extend(run.summary()?.iter().map(|(name, known)| (name.clone(), *known)));
        definitions.extend(run.info().definitions.clone());
    }
    let mut chosen: Vec<String> = Vec::new();
    for pattern in patterns {
        let of_pattern = std::slice::from_ref(pattern);
        let found = metric_order::chosen("no run has the", &summaries, &definitions, of_pattern)?;
        chosen.extend(found);
    }
    let mut seen = BTreeSet::new();
    chosen.retain(|metric| seen.insert(metric.clone()));
    Ok(chosen)
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
