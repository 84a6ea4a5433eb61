//! `tracker export`: all points of a run, for other programs.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow};
use serde_json::Value;
use tracker_core::{
    number_to_json,
    read::{Row, Series, Store},
};

use crate::{
    args::{Export, Format},
    printer,
};

/// The columns of CSV and the keys of JSON lines.
const COLUMNS: &str = "run,key,step,time,value,writer,seq";

/// Runs `tracker export`.
pub(crate) fn run(store: &Store, args: &Export) -> Result<()> {
    let run = store.find(&args.run)?;
    let points = run.points()?;
    points.warnings.iter().for_each(printer::warning);
    let series = points.series;
    let id = run.info().id.as_str();
    if args.output == Path::new("-") {
        write_all(&mut printer::data(), id, &series, args.format())?;
        return Ok(());
    }
    write_file(&args.output, |out| write_all(out, id, &series, args.format()))
        .map_err(|error| cannot_write(&args.output, &error))?;
    let points: usize = series.iter().map(|series| series.rows.len()).sum();
    printer::note(&format!(
        "wrote {points} points of run {} to {}",
        run.info().name,
        args.output.display()
    ));
    Ok(())
}

fn cannot_write(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!(
        "failed to write {}: {error}\nhint: name a file in a folder that can be written",
        path.display()
    )
}

/// Writes a file whole or not at all: a temporary one beside it, then a rename. What is no
/// regular file, such as a pipe or `/dev/null`, is written to as it is.
fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let file = File::options().write(true).open(&target)?;
        return write(&mut BufWriter::new(file));
    }
    if target.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let temporary = temporary_beside(&target)?;
    let written = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create_new(&temporary)?);
        write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&temporary, &target)
    };
    let result = written();
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn temporary_beside(target: &Path) -> io::Result<PathBuf> {
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "it has no file name");
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().ok_or_else(no_name)?);
    name.push(format!(".{}.tmp", std::process::id()));
    Ok(target.with_file_name(name))
}

fn write_all(out: &mut impl Write, run: &str, series: &[Series], format: Format) -> io::Result<()> {
    if format == Format::Csv {
        writeln!(out, "{COLUMNS}")?;
    }
    for series in series {
        let key = match format {
            Format::Csv => csv_cell(&series.metric),
            Format::Jsonl => Value::from(series.metric.as_str()).to_string(),
        };
        for row in &series.rows {
            match format {
                Format::Csv => write_csv(out, run, &key, row)?,
                Format::Jsonl => write_json(out, run, &key, row)?,
            }
        }
    }
    out.flush()
}

/// `{:?}` is the shortest form of a float that reads back exactly, with an exponent where it is
/// shorter, and writes `NaN`, `inf` and `-inf`.
fn write_csv(out: &mut impl Write, run: &str, key: &str, row: &Row) -> io::Result<()> {
    let Row { step, time, value, writer, seq, .. } = row;
    writeln!(out, "{run},{key},{step},{time},{value:?},{},{seq}", writer.number())
}

/// `key` is JSON already: it is the same for all rows of a metric.
fn write_json(out: &mut impl Write, run: &str, key: &str, row: &Row) -> io::Result<()> {
    let Row { step, time, value, writer, seq, .. } = row;
    let (value, writer) = (number_to_json(*value), writer.number());
    writeln!(
        out,
        r#"{{"run":"{run}","key":{key},"step":{step},"time":"{time}","value":{value},"writer":{writer},"seq":{seq}}}"#
    )
}

/// A text as a cell (RFC 4180). What a spreadsheet could take for a formula is quoted as well.
fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) || text.starts_with(['=', '+', '-', '@', ' ']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(csv_cell("train/loss"), "train/loss");
        assert_eq!(csv_cell("a,b"), "\"a,b\"");
        assert_eq!(csv_cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(csv_cell("=1+1"), "\"=1+1\"");
    }
}
