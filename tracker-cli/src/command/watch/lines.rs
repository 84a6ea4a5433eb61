//! A line a step, for a pipe, a log or a narrow connection.

use std::{collections::BTreeMap, io::Write, thread::sleep, time::Duration};

use anyhow::{Result, bail};
use tracker_core::{
    Definition, State, Timestamp,
    read::{Cursor, Row, RunReader, Store},
    text::shown_value,
};

use crate::{
    answers::{
        command::{
            run::summaries,
            watch::{Ended, Logged},
        },
        value::Value,
        versioned::Versioned,
    },
    args::Watch,
    command::watch::away,
    terminal::{printer, text::clean, unseen::json_text},
    view::metric_order,
};

/// How often the run is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// The steps that stand before those to come.
const BEFORE: usize = 10;

/// The values of one call or a few, of one step.
struct Line {
    step: u64,
    time: Timestamp,
    values: BTreeMap<String, f64>,
}

/// Follows a run until it ends.
pub(crate) fn run(store: &Store, first: &RunReader, args: &Watch) -> Result<()> {
    let mut cursor = Cursor::default();
    let (mut is_first, mut is_away) = (true, false);
    loop {
        let Some(Look { run, has_ended, mut lines }) = look(store, first, &mut cursor)? else {
            if !is_away {
                printer::note(&away(store));
            }
            is_away = true;
            sleep(PAUSE);
            continue;
        };
        is_away = false;
        if is_first && !args.all {
            lines.drain(..lines.len().saturating_sub(BEFORE));
        }
        is_first = false;
        print(&run, &lines, args.json)?;
        if has_ended {
            return print_end(&run, args.json);
        }
        sleep(PAUSE);
    }
}

/// What is seen of a run at a moment.
struct Look {
    run: RunReader,
    has_ended: bool,
    lines: Vec<Line>,
}

/// Looks at the run again; `None` while its store is away.
#[expect(clippy::disallowed_methods, reason = "asks only whether the folder is there")]
fn look(store: &Store, first: &RunReader, cursor: &mut Cursor) -> Result<Option<Look>> {
    let looked = store.find(first.info().id.as_str()).and_then(|run| {
        // Looked at before the points: what is logged last is then read too.
        let has_ended = run.state() != State::Running;
        let lines = lines_of(run.tail(cursor)?.metrics);
        Ok(Look { run, has_ended, lines })
    });
    let is_there = first.path().is_dir();
    match looked {
        // A folder that went away meanwhile looks like that of a run that crashed.
        Ok(look) => Ok(Some(Look { has_ended: look.has_ended && is_there, ..look })),
        Err(error) if is_there => Err(error.into()),
        Err(_) if !store.root().is_dir() => Ok(None),
        Err(_) => bail!(
            "run {} was removed\nhint: `tracker ls` shows the runs that are there",
            first.info().name
        ),
    }
}

/// Rows that were logged after one another at one step stand on one line.
fn lines_of(metrics: BTreeMap<String, Vec<Row>>) -> Vec<Line> {
    let mut rows: Vec<(String, Row)> = metrics
        .into_iter()
        .flat_map(|(metric, rows)| rows.into_iter().map(move |row| (metric.clone(), row)))
        .collect();
    rows.sort_by_key(|(_, row)| (row.writer, row.seq));
    let mut lines: Vec<Line> = Vec::new();
    for (metric, row) in rows {
        let fits = |line: &&mut Line| line.step == row.step.0 && !line.values.contains_key(&metric);
        match lines.last_mut().filter(fits) {
            Some(line) => {
                line.values.insert(metric, row.value);
            }
            None => lines.push(Line {
                step: row.step.0,
                time: row.time,
                values: BTreeMap::from([(metric, row.value)]),
            }),
        }
    }
    lines
}

fn print(run: &RunReader, lines: &[Line], as_json: bool) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut out = printer::data();
    for line in lines {
        if as_json {
            writeln!(out, "{}", json_text(&Versioned::new(logged(run, line))))?;
        } else {
            writeln!(out, "{}", line_text(line, &run.info().definitions))?;
        }
    }
    Ok(out.flush()?)
}

fn logged<'a>(run: &'a RunReader, line: &'a Line) -> Logged<'a> {
    let values = line.values.iter();
    Logged {
        run: run.info().id.as_str(),
        step: line.step,
        time: line.time,
        metrics: values.map(|(name, value)| (name.as_str(), Value(*value))).collect(),
    }
}

fn line_text(line: &Line, definitions: &BTreeMap<String, Definition>) -> String {
    let mut names: Vec<&String> = line.values.keys().collect();
    names.retain(|name| !metric_order::is_hidden(definitions.get(*name)));
    names.sort_by(|a, b| metric_order::order((a, definitions.get(*a)), (b, definitions.get(*b))));
    let values: Vec<String> = names
        .into_iter()
        .filter_map(|name| {
            let value = line.values.get(name)?;
            let known = definitions.get(name).cloned().unwrap_or_default();
            Some(format!("{} {}", clean(name), clean(&shown_value(*value, &known))))
        })
        .collect();
    format!("step {:<8} {}", line.step, values.join("  "))
}

fn print_end(run: &RunReader, as_json: bool) -> Result<()> {
    let info = run.info();
    let state = run.state();
    let summary = run.summary()?;
    let mut out = printer::data();
    if as_json {
        let ended = Ended {
            run: info.id.as_str(),
            state: state.as_str(),
            message: info.message.as_deref(),
            summary: summaries(&summary),
        };
        writeln!(out, "{}", json_text(&Versioned::new(ended)))?;
    } else {
        let told = state.told_with(info.message.as_deref());
        writeln!(out, "{} {}", clean(&info.name), clean(&told))?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use tracker_core::Tracker;

    use super::*;

    #[test]
    fn what_was_logged_at_one_step_stands_on_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let run = tracker_core::init("watch").dir(folder.path()).signals(false).start().unwrap();
        run.log_at(1_u64, [("loss", 0.5), ("accuracy", 0.9)]);
        run.log_at(2_u64, [("loss", f64::NAN)]);
        run.log_at(2_u64, [("loss", 0.25)]);
        run.flush(Duration::from_secs(30)).unwrap();
        let tail = run.reader().unwrap().tail(&mut Cursor::default()).unwrap();
        let lines = lines_of(tail.metrics);
        let steps: Vec<(u64, usize)> =
            lines.iter().map(|line| (line.step, line.values.len())).collect();
        assert_eq!(steps, [(1, 2), (2, 1), (2, 1)]);
        assert!(line_text(lines.first().unwrap(), &BTreeMap::new()).starts_with("step 1 "));
        run.finish().unwrap();
    }
}
