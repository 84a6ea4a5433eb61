//! `tracker sql`: views over the store for DuckDB, and DuckDB with them.

use std::{
    io,
    process::{Command, ExitCode},
};

use anyhow::{Result, anyhow};
use tracker_core::{
    read::{SqlViews, Store},
    text::plural,
};

use crate::{
    args::Sql,
    platform,
    terminal::{
        printer,
        text::{clean, date},
        unseen::json_text,
    },
};

/// The program that reads the views.
const DUCKDB: &str = "duckdb";

/// Runs `tracker sql`.
pub(crate) fn run(store: &Store, args: &Sql) -> Result<ExitCode> {
    let views = store.write_sql_views(args.live)?;
    if let Some(live) = &views.live {
        printer::note(&format!(
            "{} of {} that are not sealed yet are seen as of {}",
            plural(live.points, "point"),
            plural(live.runs, "run"),
            date(live.as_of)
        ));
    }
    if args.query.is_some() || !args.args.is_empty() {
        return duckdb(&views, args);
    }
    printer::text(&if args.print { views.text } else { how_to_use(&views) })?;
    Ok(printer::exit_code())
}

/// Runs DuckDB in this process's place, where the system lets; else waits for it.
fn duckdb(views: &SqlViews, args: &Sql) -> Result<ExitCode> {
    let mut command = Command::new(DUCKDB);
    command.arg("-init").arg(&views.path);
    if args.csv {
        command.arg("-csv");
    }
    if args.json {
        command.arg("-json");
    }
    command.args(&args.args);
    if let Some(query) = &args.query {
        command.arg("-c").arg(query);
    }
    platform::run_in_place(&mut command).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => anyhow!(
            "found no program `duckdb`, which answers the query\n\
             hint: install it by `pip install duckdb-cli`, `brew install duckdb`, or from https://duckdb.org/install; the views \
             are in {}, for any other DuckDB",
            clean(&views.path.to_string_lossy())
        ),
        _ => anyhow!("failed to start `duckdb`: {error}\nhint: does `duckdb --version` work?"),
    })
}

fn how_to_use(views: &SqlViews) -> String {
    let path = clean(&views.path.to_string_lossy());
    format!(
        "wrote {path}\n\n\
         tracker sql \"SELECT project, count(*) FROM runs GROUP BY ALL\"   # where `duckdb` is installed; --csv, --json\n\
         duckdb -init {quoted}\n\
         duckdb.execute(open({in_python}).read())   # Python, then: duckdb.sql(\"FROM runs\").df()\n\n\
         views: runs, config, points, summaries, events, alerts, tables (`DESCRIBE points` lists columns)\n",
        quoted = in_shell(&path),
        // A text of JSON is one of Python.
        in_python = json_text(&path),
    )
}

/// A path as one word of a shell.
fn in_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@\\".contains(c);
    if path.chars().all(is_plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}
