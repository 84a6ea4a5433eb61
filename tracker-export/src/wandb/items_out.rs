//! Histograms, pictures, tables and files as values of W&B's history, and their files.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};
use tracker_core::{
    Artifact, Histogram,
    read::{MediaItem, MediaTable, RunReader, StoredMedia, TableCell},
};

use super::{files::HINT, names, number};
use crate::{Account, Result, failed::failed, words};

/// Tables of more rows are not shown by W&B.
const MOST_ROWS: usize = 10_000;

/// A histogram's JSON.
pub(super) fn histogram(histogram: &Histogram) -> String {
    let edges: Vec<String> = histogram.edges().into_iter().map(number::text).collect();
    let counts: Vec<String> = histogram.counts.iter().map(ToString::to_string).collect();
    let (counts, edges) = (counts.join(","), edges.join(","));
    format!("{{\"_type\":\"histogram\",\"values\":[{counts}],\"bins\":[{edges}]}}")
}

/// A value that was made of things that were logged.
#[derive(Debug)]
pub(super) struct Made {
    /// What they are, in the plural.
    pub(super) what: &'static str,
    pub(super) count: u64,
    pub(super) key: String,
    pub(super) value: Value,
}

/// Where files of media are written to.
#[derive(Debug)]
pub(super) struct MediaOut<'a> {
    /// The run's folder `files`.
    pub(super) files: &'a Path,
    pub(super) run: &'a RunReader,
    pub(super) step: u64,
    /// The paths, within that folder, of what was written.
    pub(super) written: Vec<String>,
}

impl MediaOut<'_> {
    /// The values of what was logged in one call, by key.
    pub(super) fn values(
        &mut self,
        name: &str,
        items: &[MediaItem],
        account: &mut Account,
    ) -> Result<Vec<Made>> {
        let is_picture = |item: &MediaItem| matches!(item, MediaItem::Image { .. });
        if items.len() > 1 && items.iter().all(is_picture) {
            let (key, count) = (name.to_owned(), items.len() as u64);
            return Ok(vec![Made {
                what: words::PICTURES,
                count,
                key,
                value: self.pictures(name, items)?,
            }]);
        }
        let mut values = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let key = match items.len() {
                1 => name.to_owned(),
                _ => format!("{name}/{number}"),
            };
            account.rename(name, &key);
            if let Some((what, value)) = self.value(&key, item, account)? {
                values.push(Made { what, count: 1, key, value });
            }
        }
        Ok(values)
    }

    fn value(
        &mut self,
        key: &str,
        item: &MediaItem,
        account: &mut Account,
    ) -> Result<Option<(&'static str, Value)>> {
        match item {
            MediaItem::Image { file, width, height, caption } => {
                let mut value = self.file(key, "images", file, "image-file")?;
                value.extend([("format".into(), "png".into()), ("width".into(), (*width).into())]);
                value.insert("height".into(), (*height).into());
                value.extend(
                    caption.iter().map(|caption| ("caption".into(), caption.clone().into())),
                );
                Ok(Some((words::PICTURES, value.into())))
            }
            MediaItem::Table { file, rows, .. } if *rows <= MOST_ROWS as u64 => {
                Ok(Some((words::TABLES, self.table(key, file)?)))
            }
            MediaItem::Table { .. } => {
                account.leave_out(
                    words::TABLES,
                    format!("W&B shows none of more than {MOST_ROWS} rows"),
                    1,
                );
                Ok(None)
            }
            MediaItem::File { file, caption } => {
                let Some((folder, kind)) = kind(file.ext.as_str()) else {
                    account.leave_out(
                        words::of_file(file.ext),
                        format!("W&B has no kind for .{}", file.ext.as_str()),
                        1,
                    );
                    return Ok(None);
                };
                let mut value = self.file(key, folder, file, kind)?;
                value.extend(
                    caption.iter().map(|caption| ("caption".into(), caption.clone().into())),
                );
                Ok(Some((words::of_file(file.ext), value.into())))
            }
            other => {
                let why = "W&B draws them by a chart of its own for each";
                account.leave_out(words::of_media(other), why, 1);
                Ok(None)
            }
        }
    }

    /// Several pictures are one value.
    fn pictures(&mut self, name: &str, items: &[MediaItem]) -> Result<Value> {
        let (mut filenames, mut captions, mut size) = (Vec::new(), Vec::new(), (0, 0));
        for item in items {
            let MediaItem::Image { file, width, height, .. } = item else { continue };
            filenames.push(self.copy(name, "images", file)?);
            captions.push(item.caption().unwrap_or_default());
            size = (*width, *height);
        }
        let (width, height) = size;
        let (count, kind) = (filenames.len(), "images/separated");
        let mut value = json!({
            "_type": kind, "width": width, "height": height, "format": "png", "count": count, "filenames": filenames,
        });
        if let Some(value) =
            value.as_object_mut().filter(|_| captions.iter().any(|one| !one.is_empty()))
        {
            value.insert("captions".into(), captions.into());
        }
        Ok(value)
    }

    fn file(
        &mut self,
        key: &str,
        folder: &str,
        file: &StoredMedia,
        kind: &str,
    ) -> Result<Map<String, Value>> {
        let path = self.copy(key, folder, file)?;
        let value = [
            ("_type", kind.into()),
            ("path", path.into()),
            ("sha256", file.sha256.as_str().into()),
            ("size", file.bytes.into()),
        ];
        Ok(value.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
    }

    /// Copies a file of the run. Gives its path as W&B has it.
    fn copy(&mut self, key: &str, folder: &str, file: &StoredMedia) -> Result<String> {
        let hash = file.sha256.as_str();
        let (name, path) = self.place(key, folder, hash, file.ext.as_str())?;
        let mut contents = self.run.media_file(hash)?;
        let copied = File::create(&path).and_then(|mut to| io::copy(&mut contents.file, &mut to));
        copied.map_err(failed("write", &path, HINT))?;
        Ok(name)
    }

    fn place(
        &mut self,
        key: &str,
        folder: &str,
        hash: &str,
        ending: &str,
    ) -> Result<(String, PathBuf)> {
        let short = hash.get(..20).unwrap_or(hash);
        let name = format!("media/{folder}/{}_{}_{short}.{ending}", names::in_file(key), self.step);
        let path = self.files.join(&name);
        let parent = path.parent().unwrap_or(self.files);
        fs::create_dir_all(parent).map_err(failed("create", parent, HINT))?;
        self.written.push(name.clone());
        Ok((name, path))
    }

    fn table(&mut self, key: &str, file: &StoredMedia) -> Result<Value> {
        let table = MediaTable::open(self.run.media_file(file.sha256.as_str())?)?;
        let columns: Vec<&String> = table.columns().iter().map(|(name, _)| name).collect();
        let mut data = vec![Vec::with_capacity(columns.len()); table.rows()];
        for column in 0..columns.len() {
            let cells = table.column(column, 0..table.rows())?;
            for (row, cell) in data.iter_mut().zip(cells) {
                row.push(of_cell(cell));
            }
        }
        let text = json!({ "columns": columns, "data": data }).to_string();
        let (name, path) = self.place(key, "table", file.sha256.as_str(), "table.json")?;
        fs::write(&path, &text).map_err(failed("write", &path, HINT))?;
        let sha256 = Artifact::of_file(key, "1", &path)?.sha256;
        let (size, rows, columns) = (text.len(), table.rows(), columns.len());
        Ok(json!({
            "_type": "table-file", "path": name, "sha256": sha256, "size": size, "ncols": columns, "nrows": rows,
        }))
    }
}

fn of_cell(cell: TableCell) -> Value {
    match cell {
        TableCell::Number(value) if value.is_finite() => value.into(),
        TableCell::Number(value) => number::text(value).into(),
        TableCell::Text(text) => text.into(),
        TableCell::Bool(is) => is.into(),
        TableCell::Image(hash) => hash.as_str().into(),
        _ => Value::Null,
    }
}

/// The folder of a kind of file, and its kind.
fn kind(ending: &str) -> Option<(&'static str, &'static str)> {
    match ending {
        "png" | "jpg" | "gif" | "webp" => Some(("images", "image-file")),
        "mp4" | "webm" => Some(("videos", "video-file")),
        "wav" | "mp3" | "ogg" => Some(("audio", "audio-file")),
        "html" => Some(("html", "html-file")),
        _ => None,
    }
}
