//! What becomes a file among the artifacts of a run there: pictures, tables, texts.

use std::fs::File;

use serde_json::{Value, json};
use tracker_core::{
    Step, Timestamp,
    read::{MediaItem, MediaTable, RunReader, StoredEvent, StoredEventKind, TableCell},
};

use crate::{
    Account,
    mlflow::{client::Sent, file_names, names::Written},
    words,
};

/// So many rows of a table are decoded at a time.
const MOST_ROWS_TOGETHER: usize = 1_000;

/// A file that is to be put there.
#[derive(Debug)]
pub(super) struct Upload {
    /// What kind of thing it is, in the plural.
    pub(super) what: &'static str,
    /// Where below the run's artifacts, in one or two places: MLflow's page shows a picture small and large.
    pub(super) paths: Vec<String>,
    /// The hash of a name that was cut, with the name.
    pub(super) cut: Option<(String, String)>,
    pub(super) contents: Contents,
}

#[derive(Debug)]
pub(super) enum Contents {
    File(File),
    Bytes(Vec<u8>),
}

impl Contents {
    pub(super) fn sent(&self) -> Sent<'_> {
        match self {
            Self::File(file) => Sent::File(file),
            Self::Bytes(bytes) => Sent::Bytes(bytes),
        }
    }
}

const MISSING: &str = "their file is missing or damaged";

/// The files that an event becomes. What MLflow has no place for is told.
pub(super) fn of_event(run: &RunReader, event: &StoredEvent, account: &mut Account) -> Vec<Upload> {
    match &event.kind {
        StoredEventKind::Text { name, step, text } => {
            let id = format!("{:016x}", hash(text));
            let file = file_names::write(name, *step, event.time, &id);
            let contents = Contents::Bytes(text.clone().into_bytes());
            return vec![upload("texts", "texts", name, file, "txt", contents)];
        }
        StoredEventKind::Media { name, step, items } => {
            return of_media(run, (name, *step, event.time), items, account);
        }
        other => {
            let why = match other {
                StoredEventKind::Artifact(_) => {
                    "tracker leaves them where they are, and so does its export"
                }
                _ => "MLflow has no place for them",
            };
            account.leave_out(words::of_event(other), why, 1);
        }
    }
    Vec::new()
}

fn of_media(
    run: &RunReader,
    (name, step, time): (&str, Step, Timestamp),
    items: &[MediaItem],
    account: &mut Account,
) -> Vec<Upload> {
    let mut uploads = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let Some(stored) = item.file() else {
            account.leave_out(words::of_media(item), "MLflow has no place for them", 1);
            continue;
        };
        if item.caption().is_some() {
            account.leave_out(words::CAPTIONS, "MLflow's files have none", 1);
        }
        let hash = stored.sha256.as_str();
        let file = file_names::write(name, step, time, &id(hash, at));
        let opened = run.media_file(hash);
        let Ok(opened) = opened else {
            account.leave_out(words::of_media(item), MISSING, 1);
            continue;
        };
        match item {
            MediaItem::Table { .. } => {
                match MediaTable::open(opened).and_then(|table| as_json(&table)) {
                    Ok(bytes) => uploads.push(upload(
                        words::TABLES,
                        "tables",
                        name,
                        file,
                        "json",
                        Contents::Bytes(bytes),
                    )),
                    Err(_) => account.leave_out(words::TABLES, MISSING, 1),
                }
            }
            _ if stored.ext.content_type().starts_with("image/") => {
                let small = format!("images/{}+compressed.webp", file.text);
                let contents = Contents::File(opened.file);
                let mut picture =
                    upload(words::PICTURES, "images", name, file, stored.ext.as_str(), contents);
                // Browsers look at the bytes, whatever the ending says.
                picture.paths.push(small);
                uploads.push(picture);
            }
            _ => {
                let contents = Contents::File(opened.file);
                uploads.push(upload(
                    words::of_media(item),
                    "media",
                    name,
                    file,
                    stored.ext.as_str(),
                    contents,
                ));
            }
        }
    }
    uploads
}

fn upload(
    what: &'static str,
    folder: &str,
    name: &str,
    file: Written,
    extension: &str,
    contents: Contents,
) -> Upload {
    let cut = file.cut.map(|hash| (hash, name.to_owned()));
    Upload { what, paths: vec![format!("{folder}/{}.{extension}", file.text)], cut, contents }
}

/// Tells files at one step apart: the beginning of their hash, with the place in their call. Written as the ids of
/// MLflow's client.
fn id(hash: &str, at: usize) -> String {
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    let (one, two, three, four) = (part(0, 8), part(8, 12), part(12, 16), part(16, 20));
    format!("{one}-{two}-{three}-{four}-{}{at:02x}", part(20, 30))
}

/// A table as MLflow's client writes it and its page shows it.
fn as_json(table: &MediaTable) -> tracker_core::Result<Vec<u8>> {
    let columns: Vec<&String> = table.columns().iter().map(|(name, _)| name).collect();
    let mut rows: Vec<Value> = Vec::new();
    let mut from = 0;
    while from < table.rows() {
        let range = from..table.rows().min(from + MOST_ROWS_TOGETHER);
        let mut some = vec![Vec::with_capacity(columns.len()); range.len()];
        for column in 0..columns.len() {
            for (row, cell) in some.iter_mut().zip(table.column(column, range.clone())?) {
                row.push(of_cell(cell));
            }
        }
        rows.extend(some.into_iter().map(Value::from));
        from = range.end;
    }
    Ok(json!({ "columns": columns, "data": rows }).to_string().into_bytes())
}

fn of_cell(cell: TableCell) -> Value {
    match cell {
        TableCell::Number(number) if number.is_nan() => "NaN".into(),
        TableCell::Number(number) if number.is_infinite() => {
            (if number > 0.0 { "Infinity" } else { "-Infinity" }).into()
        }
        TableCell::Number(number) => number.into(),
        TableCell::Text(text) => text.into(),
        TableCell::Bool(yes) => yes.into(),
        TableCell::Image(hash) => hash.as_str().into(),
        _ => Value::Null,
    }
}

/// The same for the same text.
fn hash(text: &str) -> u64 {
    let crc = u64::from(crc32fast::hash(text.as_bytes()));
    crc << 32 | u64::from(crc32c::crc32c(text.as_bytes()))
}
