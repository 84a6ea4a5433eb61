//! Values of W&B's history that are no numbers: objects with a `_type`, and what has none.

use std::path::Path;

use serde_json::{Map, Value};
use tracker_core::{Cell, Event, Histogram, Media, MediaFile, Step, Table};

use super::{files, number};
use crate::{Account, words};

/// Of a table's file.
const MOST_BYTES: u64 = 64 << 20;

/// Makes the event of an object that says what it is. `None` if it has no place here, which is counted.
pub(super) fn event(
    (name, step): (&str, Step),
    object: &Map<String, Value>,
    files: Option<&Path>,
    account: &mut Account,
) -> Option<Event> {
    let kind = object.get("_type").and_then(Value::as_str).unwrap_or_default();
    let name = name.to_owned();
    let read = match kind {
        "histogram" => histogram(object)
            .map(|histogram| ("histograms", 1, Event::Histogram { name, step, histogram })),
        "table-file" => table(object, files).map(|table| {
            let items = vec![Media::Table(table)];
            (words::TABLES, 1, Event::Media { name, step, items })
        }),
        "images/separated" => pictures(object, files)
            .map(|items| (words::PICTURES, items.len() as u64, Event::Media { name, step, items })),
        "image-file" | "video-file" | "audio-file" | "html-file" => {
            let text = |key: &str| object.get(key).and_then(Value::as_str);
            file(text("path"), text("caption"), files).map(|file| {
                let what = words::of_file(file.extension());
                (what, 1, Event::Media { name, step, items: vec![Media::File(file)] })
            })
        }
        _ => Err("tracker has no place for its kind"),
    };
    match read {
        Ok((what, count, event)) => {
            account.keep(what, count);
            Some(event)
        }
        Err(why) => {
            let kind: String = kind.chars().filter(|c| !c.is_control()).take(40).collect();
            account.leave_out(words::of_type(&kind), format!("`{kind}`: {why}"), 1);
            None
        }
    }
}

fn numbers(value: Option<&Value>) -> Option<Vec<f64>> {
    value?.as_array()?.iter().map(Value::as_f64).collect()
}

fn histogram(object: &Map<String, Value>) -> Result<Histogram, &'static str> {
    let values = numbers(object.get("values")).ok_or("its counts are no numbers")?;
    let is_count = |value: &&f64| **value >= 0.0 && value.fract() == 0.0 && **value < 9e15;
    if values.is_empty() || values.iter().filter(is_count).count() < values.len() {
        return Err("its counts are no whole numbers");
    }
    #[expect(clippy::cast_sign_loss, reason = "they are counts, as was looked at")]
    let counts: Vec<u64> = values.iter().map(|value| *value as u64).collect();
    if let Some(packed) = object.get("packedBins") {
        let part = |name| packed.get(name).and_then(Value::as_f64).ok_or("its bins are no numbers");
        let (min, size) = (part("min")?, part("size")?);
        return finite(Histogram::new(min, min + size * counts.len() as f64, counts));
    }
    let bins = numbers(object.get("bins")).ok_or("its bins are no numbers")?;
    let (Some(min), Some(max)) = (bins.first(), bins.last()) else { return Err("it has no bins") };
    let made = finite(Histogram::new(*min, *max, counts))?;
    let near = (max - min).abs() * 1e-6;
    let edges = made.edges();
    let is_even = edges.len() == bins.len()
        && edges.iter().zip(&bins).all(|(even, is)| (even - is).abs() <= near);
    if is_even { Ok(made) } else { Err("its bins are not of one width") }
}

fn finite(histogram: Histogram) -> Result<Histogram, &'static str> {
    let is_finite =
        histogram.min.is_finite() && histogram.max.is_finite() && histogram.min <= histogram.max;
    if is_finite { Ok(histogram) } else { Err("its bins are not finite") }
}

fn file(
    path: Option<&str>,
    caption: Option<&str>,
    files: Option<&Path>,
) -> Result<MediaFile, &'static str> {
    let path = path
        .and_then(|path| files::named(files, path))
        .ok_or("its file is not in the run's folder")?;
    let file = MediaFile::of(path).map_err(|_| "its file is of no known kind")?;
    Ok(match caption {
        Some(caption) => file.caption(caption),
        None => file,
    })
}

fn pictures(object: &Map<String, Value>, files: Option<&Path>) -> Result<Vec<Media>, &'static str> {
    let list = |name: &str| {
        object.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    };
    let captions = list("captions");
    let names = list("filenames");
    if names.is_empty() || names.len() > 64 {
        return Err("tracker keeps up to 64 pictures together");
    }
    let caption = |number: usize| {
        captions.get(number).and_then(Value::as_str).filter(|text| !text.is_empty())
    };
    let one = |(number, name): (usize, &Value)| {
        file(name.as_str(), caption(number), files).map(Media::File)
    };
    names.iter().enumerate().map(one).collect()
}

fn table(object: &Map<String, Value>, files: Option<&Path>) -> Result<Table, &'static str> {
    let path = object.get("path").and_then(Value::as_str);
    let path = path
        .and_then(|path| files::named(files, path))
        .ok_or("its file is not in the run's folder")?;
    let length = path.metadata().map_or(u64::MAX, |known| known.len());
    if length > MOST_BYTES {
        return Err("its file is too large");
    }
    let text = std::fs::read_to_string(path).map_err(|_| "its file cannot be read")?;
    let read: Value =
        serde_json::from_str(&finite_json(&text)).map_err(|_| "its file is no JSON")?;
    let list = |name: &str| read.get(name).and_then(Value::as_array).ok_or("its file is no table");
    let columns = list("columns")?
        .iter()
        .map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned));
    let mut table = Table::new(columns);
    for row in list("data")? {
        let row = row.as_array().ok_or("its file is no table")?;
        table.push(row.iter().map(cell));
    }
    table.check().map_err(|_| "its rows do not fit its columns")?;
    Ok(table)
}

/// JSON with `null` where W&B writes NaN outside of texts, which JSON does not know.
fn finite_json(text: &str) -> String {
    if !text.contains("NaN") && !text.contains("Infinity") {
        return text.to_owned();
    }
    let mut made = String::with_capacity(text.len());
    for (number, part) in text.split('"').enumerate() {
        if number > 0 {
            made.push('"');
        }
        let is_outside = number % 2 == 0 && !text.contains("\\\"");
        if is_outside {
            made.push_str(
                &part
                    .replace("-Infinity", "null")
                    .replace("Infinity", "null")
                    .replace("NaN", "null"),
            );
        } else {
            made.push_str(part);
        }
    }
    made
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(is) => Cell::Bool(*is),
        Value::Number(number) => number.as_f64().map_or(Cell::Null, Cell::Number),
        Value::String(text) => {
            let is_number = matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity");
            let number = is_number.then(|| number::of(text)).flatten();
            number.map_or_else(|| Cell::Text(text.clone()), Cell::Number)
        }
        other => Cell::Text(other.to_string()),
    }
}
