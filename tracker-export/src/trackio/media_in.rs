//! Histograms, tables, pictures and files, as Trackio keeps them.

use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};
use tracker_core::{Cell, Event, Histogram, Media, MediaFile, Step, Table};

use crate::{Account, words};

/// More bins than any histogram has.
const MOST_BINS: usize = 4_096;

/// Trackio's folder of media. What a line says may be anything: no path leads out of it.
#[derive(Debug, Clone)]
pub(super) struct MediaFiles {
    root: PathBuf,
}

impl MediaFiles {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The event for a value that says what it is. `None` if nothing comes of it, and the account says why.
    pub(super) fn event(
        &self,
        name: &str,
        step: Step,
        (kind, fields): (&str, &Map<String, Value>),
        account: &mut Account,
    ) -> Option<Event> {
        let name = name.to_owned();
        let (what, media) = match kind {
            "trackio.histogram" => {
                let histogram = histogram(fields, account)?;
                account.keep("histograms", 1);
                return Some(Event::Histogram { name, step, histogram });
            }
            "trackio.table" => (words::TABLES, Media::Table(table(fields, account)?)),
            "trackio.image" | "trackio.video" | "trackio.audio" | "trackio.html" => {
                let file = self.file(kind, fields, account)?;
                (words::of_file(file.extension()), Media::File(file))
            }
            "trackio.object3d" => {
                account.leave_out("solids", "there is no place for them here", 1);
                return None;
            }
            _ => {
                account.leave_out("values", "they are of a kind that is not known", 1);
                return None;
            }
        };
        account.keep(what, 1);
        Some(Event::Media { name, step, items: vec![media] })
    }

    fn file(
        &self,
        kind: &str,
        fields: &Map<String, Value>,
        account: &mut Account,
    ) -> Option<MediaFile> {
        let what = words::of_type(kind);
        let path = fields.get("file_path").and_then(Value::as_str);
        let Some(path) = path.and_then(|path| self.within(Path::new(path))) else {
            account.leave_out(what, "their files are not in Trackio's folder of media", 1);
            return None;
        };
        let Ok(file) = MediaFile::of(path) else {
            account.leave_out(what, "their files are of a kind that is not kept, or too large", 1);
            return None;
        };
        match fields.get("caption").and_then(Value::as_str) {
            Some(caption) => Some(file.caption(caption)),
            None => Some(file),
        }
    }

    /// Where a file is, if it is in the folder: also no link leads out.
    fn within(&self, path: &Path) -> Option<PathBuf> {
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return None;
        }
        let root = self.root.canonicalize().ok()?;
        let found = root.join(path).canonicalize().ok()?;
        (found.starts_with(&root) && found.is_file()).then_some(found)
    }
}

fn histogram(fields: &Map<String, Value>, account: &mut Account) -> Option<Histogram> {
    let list = |key: &str| fields.get(key)?.as_array().filter(|list| list.len() <= MOST_BINS);
    let edges: Option<Vec<f64>> =
        list("bins").and_then(|bins| bins.iter().map(Value::as_f64).collect());
    let whole = |count: &Value| {
        let float =
            || count.as_f64().filter(|float| float.fract() == 0.0 && (0.0..1e18).contains(float));
        #[expect(clippy::cast_sign_loss, reason = "it is not below 0")]
        count.as_u64().or_else(|| float().map(|float| float as u64))
    };
    let counts: Option<Vec<u64>> =
        list("values").and_then(|counts| counts.iter().map(whole).collect());
    let Some((edges, counts)) =
        edges.zip(counts).filter(|(edges, counts)| edges.len() == counts.len() + 1)
    else {
        account.leave_out(
            "histograms",
            "their counts are no whole numbers, or do not fit their bins",
            1,
        );
        return None;
    };
    let (min, max) = (edges.first().copied()?, edges.last().copied()?);
    let histogram = Histogram::new(min, max, counts);
    let off = (max - min).abs() * 1e-6;
    let is_even =
        histogram.edges().iter().zip(&edges).all(|(one, other)| (one - other).abs() <= off);
    if !(is_even && min.is_finite() && max.is_finite()) {
        account.leave_out("histograms", "their bins are not of one width", 1);
        return None;
    }
    Some(histogram)
}

fn table(fields: &Map<String, Value>, account: &mut Account) -> Option<Table> {
    let none = Vec::new();
    let rows = fields.get("_value").and_then(Value::as_array).unwrap_or(&none);
    let rows: Vec<&Map<String, Value>> = rows.iter().filter_map(Value::as_object).collect();
    let mut columns: Vec<&String> = Vec::new();
    for key in rows.iter().flat_map(|row| row.keys()) {
        // One more than may be is refused below.
        if columns.len() <= 256 && !columns.contains(&key) {
            columns.push(key);
        }
    }
    let mut table = Table::new(columns.iter().map(|name| (*name).clone()));
    for row in rows {
        table.push(columns.iter().map(|column| cell(row.get(*column), account)));
    }
    if table.check().is_err() {
        account.leave_out(
            "tables",
            "they have no rows, or more rows or columns than a table may",
            1,
        );
        return None;
    }
    Some(table)
}

fn cell(value: Option<&Value>, account: &mut Account) -> Cell {
    match value {
        None | Some(Value::Null) => Cell::Null,
        Some(Value::Bool(is)) => (*is).into(),
        Some(Value::Number(number)) => number.as_f64().into(),
        Some(Value::String(text)) => match text.as_str() {
            "NaN" => f64::NAN.into(),
            "Infinity" => f64::INFINITY.into(),
            "-Infinity" => f64::NEG_INFINITY.into(),
            text => text.into(),
        },
        Some(Value::Array(_) | Value::Object(_)) => {
            account.leave_out("cells of tables", "they hold pictures or lists", 1);
            Cell::Null
        }
    }
}
