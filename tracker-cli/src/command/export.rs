//! `tracker export`: all points of a run, for other programs; `tools` writes whole runs for other tools.

mod tools;

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail};
use tracker_core::{
    RunId,
    read::{Row, RowStream, RunReader, Series, Store, write_parquet},
    text::{number_to_json, plural},
};

use crate::{
    args::{Export, Format},
    command::{chosen::chosen, media_folder::MediaFolder},
    terminal::{printer, unseen::json_text},
    view::csv,
};

/// The columns of CSV and the keys of JSON lines.
const COLUMNS: &str = "run,key,step,time,value,writer,seq";

/// Runs `tracker export`.
pub(crate) fn run(store: &Store, args: &Export) -> Result<()> {
    let is_stdout = args.output == Path::new("-");
    if let Some(destination) = args.tool() {
        if !is_stdout {
            bail!(
                "{} is no file for -o\nhint: its place stands behind `--to`",
                destination.neighbour.title()
            );
        }
        return tools::run(store, args, destination);
    }
    if args.contradicts_itself() {
        bail!("--json prints JSON lines, and `--to` names a format\nhint: give one of the two");
    }
    if is_stdout && args.format() == Format::Parquet && printer::is_terminal() {
        bail!("refused to write Parquet to a terminal\nhint: name a file: `-o run.parquet`");
    }
    let run = only_one(store, args)?;
    if let Some(folder) = &args.media {
        save_media(&run, folder)?;
        if !args.wants_points() {
            return Ok(());
        }
    }
    let id = &run.info().id;
    let mut points = Exported { stream: run.stream()?, count: 0, huge_steps: 0 };
    if is_stdout {
        write_all(&mut printer::data(), id, &mut points, args.format())?;
        points.warn();
        return Ok(());
    }
    write_file(&args.output, |out| write_all(out, id, &mut points, args.format()))
        .map_err(|error| cannot_write(&args.output, &error))?;
    points.warn();
    printer::note(&format!(
        "wrote {} of run {} to {}",
        plural(points.count, "point"),
        run.info().name,
        args.output.display()
    ));
    if args.format() == Format::Parquet {
        note_huge_steps(points.huge_steps);
    }
    Ok(())
}

/// Points are written of one run.
fn only_one(store: &Store, args: &Export) -> Result<RunReader> {
    if let ([reference], None) = (&*args.runs, &args.filter) {
        return Ok(store.find(reference)?);
    }
    let mut runs = chosen(store, &args.runs, args.filter.as_deref())?;
    match (runs.pop(), runs.len()) {
        (Some(run), 0) => Ok(run),
        (_, others) => bail!(
            "points are written of one run, not of {}\nhint: export each by itself, or all to another tool",
            others + 1
        ),
    }
}

/// Saves all media of a run as files. Points stay on standard output, so what was done is told beside
/// it.
fn save_media(run: &RunReader, folder: &Path) -> Result<()> {
    let mut media = MediaFolder::new(run, folder);
    for name in run.media_names()? {
        media.save(&name, &run.media(&name)?)?;
    }
    printer::left_out_by(run);
    printer::note(&format!(
        "wrote {} of run {} to {}",
        plural(media.files(), "file"),
        run.info().name,
        folder.display()
    ));
    Ok(())
}

/// The rows of a run as they are written, and how many there were.
struct Exported {
    stream: RowStream,
    count: u64,
    /// Those with a step that a signed integer cannot hold.
    huge_steps: u64,
}

impl Iterator for Exported {
    type Item = Series;

    fn next(&mut self) -> Option<Series> {
        let some = self.stream.next()?;
        let huge = some.rows.iter().filter(|row| row.step.0 >= 1 << 63);
        self.huge_steps += huge.count() as u64;
        self.count += some.rows.len() as u64;
        Some(some)
    }
}

impl Exported {
    /// Says what could not be read. It is known once all that could be is written.
    fn warn(&self) {
        self.stream.warnings().iter().for_each(printer::left_out);
    }
}

/// CSV and JSON lines have every step as it is.
fn note_huge_steps(huge: u64) {
    if huge > 0 {
        printer::warning(&format!(
            "{} a step of 2^63 or more, which other programs read as negative\nhint: export CSV",
            if huge == 1 { "1 point has".into() } else { plural(huge, "point") + " have" }
        ));
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!(
        "failed to write {}: {error}\nhint: name a file in a folder that can be written",
        path.display()
    )
}

/// Writes a file whole or not at all: a temporary one beside it, then a rename. What is no
/// regular file, such as a pipe or `/dev/null`, is written to as it is.
#[expect(clippy::disallowed_methods, reason = "a file that the person names")]
pub(crate) fn write_file(
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

fn write_all(
    out: &mut (impl Write + Send),
    run: &RunId,
    points: &mut Exported,
    format: Format,
) -> io::Result<()> {
    let line = match format {
        Format::Parquet => {
            write_parquet(points, run, &mut *out)?;
            return out.flush();
        }
        Format::Csv => {
            writeln!(out, "{COLUMNS}")?;
            write_csv
        }
        Format::Jsonl => write_json,
    };
    for some in points {
        let key = match format {
            Format::Csv => csv::cell(&some.metric),
            _ => json_text(&some.metric),
        };
        for row in &some.rows {
            line(out, run.as_str(), &key, row)?;
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
