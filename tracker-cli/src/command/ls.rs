//! `tracker ls`: all runs, the latest first.

mod chosen;
mod csv;
mod wanted;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    io::Write,
    sync::Arc,
};

use anyhow::anyhow;
use tracker_core::{
    Definition, Direction, State, Summary, Timestamp,
    read::{Elapsed, RunFields, RunReader, Store, mount::named},
    text::shown_value,
};

use crate::{
    answers::{
        command::run::{Run, Runs},
        versioned::Versioned,
    },
    args::Ls,
    terminal::{
        printer,
        table::{Align, Grid, MISSING},
        text::{ago, bold, clean, shorten, trained_of_passed},
    },
    view::{elapsed::elapsed, metric_order, short_id::ShortIds},
};

/// The longest name that a terminal shows whole.
const NAME_WIDTH: usize = 24;

/// The title of the column that is left out where all runs are of one project.
const PROJECT: &str = "project";

/// Metrics in the table, if the terminal is wide enough for them.
const MAX_METRICS: usize = 6;

/// Runs `tracker ls`.
pub(crate) fn run(store: &Store, args: &Ls) -> anyhow::Result<()> {
    let listing = store.runs()?;
    listing.warnings.iter().for_each(printer::left_out);
    let short_ids = ShortIds::of(&listing.runs);
    let projects: BTreeSet<String> =
        listing.runs.iter().map(|run| run.info().project.clone()).collect();
    let is_wanted = |run: &RunReader| {
        args.project.as_ref().is_none_or(|project| *project == run.info().project)
    };
    let runs: Vec<RunReader> = listing.runs.into_iter().filter(is_wanted).collect();
    if let Some(project) = args.project.as_ref().filter(|_| runs.is_empty()) {
        return Err(unknown_project(store, project, &projects));
    }
    let summaries: Vec<Arc<BTreeMap<String, Summary>>> = runs.iter().map(summary_of).collect();
    let runs: Vec<Listed<'_>> = runs
        .iter()
        .zip(&summaries)
        .map(|(run, summary)| Listed {
            run,
            state: run.state(),
            elapsed: elapsed(run),
            summary,
            short_id: short_ids.short(&run.info().id),
            fields: OnceCell::new(),
        })
        .collect();
    let is_empty = runs.is_empty();
    let known = wanted::known(&runs, args);
    let chosen = chosen::fields(&args.columns, &known)?;
    let runs = wanted::wanted(runs, &known, args)?;

    if args.json {
        printer::json(&Versioned::new(answer(&runs)))?;
    } else if args.csv {
        let mut out = printer::data();
        let page =
            if chosen.is_empty() { csv::to_csv(&runs) } else { chosen::to_csv(&runs, &chosen) };
        out.write_all(page.as_bytes())?;
        out.flush()?;
    } else if is_empty {
        printer::note(&format!(
            "the store {} has no runs yet\n\
             next: start one with `tracker_core::init(\"my-project\").start()` and train",
            named(store.root())
        ));
    } else if runs.is_empty() {
        // It was said why.
    } else if !chosen.is_empty() {
        let width = printer::room().unwrap_or(u16::MAX);
        printer::text(&chosen::to_text(&runs, &chosen, width))?;
    } else {
        printer::text(&to_text(&runs, args.project.is_some(), printer::room()))?;
    }
    Ok(())
}

/// A run that cannot be summed up is still listed.
fn summary_of(run: &RunReader) -> Arc<BTreeMap<String, Summary>> {
    let summary = run.summary().unwrap_or_else(|error| {
        printer::left_out(&error);
        Arc::default()
    });
    // The list has told what is wrong with `run.json`.
    let known = run.damage();
    let warnings = run.warnings();
    warnings.iter().filter(|warning| Some(*warning) != known).for_each(printer::left_out);
    summary
}

fn unknown_project(store: &Store, project: &str, known: &BTreeSet<String>) -> anyhow::Error {
    let hint = if known.is_empty() {
        "it has no runs yet".to_owned()
    } else {
        format!("it has {}", metric_order::some_of(known.iter(), project))
    };
    anyhow!("the store {} has no project `{project}`\nhint: {hint}", named(store.root()))
}

/// A run and what the table needs of it.
struct Listed<'a> {
    run: &'a RunReader,
    state: State,
    elapsed: Option<Elapsed>,
    summary: &'a BTreeMap<String, Summary>,
    short_id: &'a str,
    /// What it is found by, once somebody asks.
    fields: OnceCell<RunFields>,
}

impl Listed<'_> {
    fn fields(&self) -> &RunFields {
        let fields = || RunFields::with(self.run.info(), self.state, self.elapsed, self.summary);
        self.fields.get_or_init(fields)
    }
}

fn answer<'a>(runs: &[Listed<'a>]) -> Runs<'a> {
    Runs { runs: runs.iter().map(|listed| Run::of(listed.run, listed.summary)).collect() }
}

/// The widest table that fits: it loses its least telling column until it does. Where nothing says
/// how much room there is, nothing is cut.
fn to_text(runs: &[Listed<'_>], of_one_project: bool, room: Option<u16>) -> String {
    let width = room.unwrap_or(u16::MAX);
    let mut columns = columns(runs, Timestamp::now(), room.map_or(usize::MAX, |_| NAME_WIDTH));
    columns.retain(|column| !(of_one_project && column.title == PROJECT));
    loop {
        let grid = grid(&columns, runs.len(), width);
        let least = columns.iter().enumerate().max_by_key(|(_, column)| column.losable);
        match least {
            Some((index, column))
                if column.losable > 0 && grid.natural_width() > usize::from(width) =>
            {
                columns.remove(index);
            }
            _ => return styled(grid.lines(), &columns),
        }
    }
}

/// The column titles stand out. Those of metrics fill several lines.
fn styled(lines: Vec<String>, columns: &[Column]) -> String {
    let title_lines = columns.iter().map(|column| column.title.lines().count()).max().unwrap_or(1);
    let style = |(index, line): (usize, String)| {
        if index < title_lines { bold(&line) + "\n" } else { line + "\n" }
    };
    lines.into_iter().enumerate().map(style).collect()
}

fn grid(columns: &[Column], rows: usize, width: u16) -> Grid {
    let aligns: Vec<Align> = columns.iter().map(|column| column.align).collect();
    let mut grid = Grid::new(aligns, width);
    grid.header(columns.iter().map(|column| &column.title));
    for row in 0..rows {
        grid.row(columns.iter().filter_map(|column| column.cells.get(row)));
    }
    grid
}

/// A column of the table.
struct Column {
    title: String,
    align: Align,
    cells: Vec<String>,
    /// Of the columns that do not fit, the one with the greatest number goes first; 0 stays.
    losable: usize,
}

impl Column {
    fn new(
        title: impl Into<String>,
        losable: usize,
        runs: &[Listed<'_>],
        cell: impl Fn(&Listed<'_>) -> String,
    ) -> Self {
        let cells = runs.iter().map(cell).collect();
        Self { title: title.into(), align: Align::Left, cells, losable }
    }

    fn right(self) -> Self {
        Self { align: Align::Right, ..self }
    }
}

fn columns(runs: &[Listed<'_>], now: Timestamp, name_width: usize) -> Vec<Column> {
    let column = |title, losable, cell: &dyn Fn(&Listed<'_>) -> String| {
        Column::new(title, losable, runs, cell)
    };
    let mut columns = vec![
        column("name", 0, &|listed| shorten(&clean(&listed.run.info().name), name_width)),
        column("id", 0, &|listed| listed.short_id.to_owned()),
        column(PROJECT, 1, &|listed| shorten(&clean(&listed.run.info().project), name_width)),
        column("state", 0, &|listed| listed.state.to_string()),
        column("started", 3, &|listed| ago(listed.run.info().started_at, now)),
        column("duration", 5, &|listed| {
            listed.elapsed.map_or_else(|| MISSING.to_owned(), trained_of_passed)
        })
        .right(),
    ];
    if runs.iter().any(|listed| listed.run.info().alerts.count > 0) {
        columns.push(
            column("alerts", 1, &|listed| match listed.run.info().alerts.count {
                0 => String::new(),
                count => count.to_string(),
            })
            .right(),
        );
    }
    // The best-known metric outlives the dates, and a second one the duration.
    let losable = [2, 4].into_iter().chain(6..);
    let metrics = telling_metrics(runs).into_iter().take(MAX_METRICS).zip(losable);
    columns.extend(metrics.map(|((metric, known), losable)| {
        let direction = known.and_then(|known| known.direction);
        Column::new(title_of(metric, direction), losable, runs, |listed| {
            value(listed, metric, direction)
        })
        .right()
    }));
    columns
}

/// A metric's name, and whether its column has best or last values. Its section, its quantity and that
/// stand under each other.
fn title_of(metric: &str, direction: Option<Direction>) -> String {
    let name = clean(metric);
    let which = metric_order::which(direction);
    match name.rsplit_once('/') {
        Some((section, quantity)) => format!("{section}/\n{quantity}\n({which})"),
        None => format!("{name}\n({which})"),
    }
}

fn value(listed: &Listed<'_>, metric: &str, direction: Option<Direction>) -> String {
    let definition = listed.run.info().definitions.get(metric).cloned().unwrap_or_default();
    let shown = |summary: &Summary| clean(&shown_value(summary.telling(direction), &definition));
    listed.summary.get(metric).map_or_else(|| MISSING.to_owned(), shown)
}

/// The metrics of all runs with what any of them knows of each, those that tell most first;
/// background metrics are left out.
fn telling_metrics<'a>(runs: &[Listed<'a>]) -> Vec<(&'a str, Option<&'a Definition>)> {
    let mut known: BTreeMap<&str, Option<&Definition>> = BTreeMap::new();
    for listed in runs {
        for name in listed.summary.keys().filter(|name| !metric_order::is_background(name)) {
            let definition = listed.run.info().definitions.get(name);
            if metric_order::is_hidden(definition) {
                continue;
            }
            let entry = known.entry(name).or_default();
            if entry.is_none_or(|known| known.direction.is_none()) {
                *entry = definition.or(*entry);
            }
        }
    }
    let mut metrics: Vec<(&str, Option<&Definition>)> = known.into_iter().collect();
    metrics.sort_by_cached_key(|metric| metric_order::rank(*metric));
    metrics
}
