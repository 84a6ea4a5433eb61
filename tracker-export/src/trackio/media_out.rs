//! Pictures, tables and files go to Trackio's folder of media, and a value says where they are.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::PathBuf,
};

use serde_json::{Map, Value, json};
use tracker_core::{
    Step,
    read::{MediaItem, MediaTable, RunReader, StoredMedia, TableCell},
    text::number_to_json,
};

use crate::{Account, Result, failed::failed, words};

/// A table is one value of one line, which Trackio holds in memory.
const MOST_CELLS: usize = 200_000;

const HINT: &str = "name a folder that can be written";

/// Where the media of a run are in Trackio's folder.
#[derive(Debug)]
pub(super) struct MediaFolder {
    /// The folder of all media.
    pub(super) root: PathBuf,
    /// `<project>/<run>` in it.
    pub(super) run: String,
}

impl MediaFolder {
    /// What Trackio keeps of an item; `None` if that is nothing, and the account says why.
    pub(super) fn value(
        &self,
        run: &RunReader,
        step: Step,
        item: &MediaItem,
        account: &mut Account,
    ) -> Result<Option<Value>> {
        let value = match item {
            MediaItem::Image { file, caption, .. } | MediaItem::File { file, caption } => {
                self.file_value(run, step, (file, caption.as_deref()), account)?
            }
            MediaItem::Table { file, .. } => self.table_value(run, step, file, account)?,
            other => {
                account.leave_out(words::of_media(other), "Trackio has no place for them", 1);
                None
            }
        };
        if value.is_some() {
            account.keep(words::of_media(item), 1);
        }
        Ok(value)
    }

    fn file_value(
        &self,
        run: &RunReader,
        step: Step,
        (file, caption): (&StoredMedia, Option<&str>),
        account: &mut Account,
    ) -> Result<Option<Value>> {
        let kind = match file.ext.content_type().split([';', '/']).take(2).collect::<Vec<_>>()[..] {
            ["image", _] => "trackio.image",
            ["video", _] => "trackio.video",
            ["audio", _] => "trackio.audio",
            ["text", "html"] => "trackio.html",
            _ => {
                let why = format!("Trackio has no place for .{}", file.ext.as_str());
                account.leave_out(words::of_file(file.ext), why, 1);
                return Ok(None);
            }
        };
        let Some(path) =
            self.copy(run, step, (file.sha256.as_str(), words::of_file(file.ext)), account)?
        else {
            return Ok(None);
        };
        Ok(Some(json!({"_type": kind, "file_path": path, "caption": caption})))
    }

    /// Copies a file of media; answers its path in the folder of all media. It is named by its contents: twice is once.
    fn copy(
        &self,
        run: &RunReader,
        step: Step,
        (hash, what): (&str, &'static str),
        account: &mut Account,
    ) -> Result<Option<String>> {
        let Ok(contents) = run.media_file(hash) else {
            account.leave_out(what, "their files are missing or cannot be read", 1);
            return Ok(None);
        };
        let folder = format!("{}/{step}", self.run);
        let name = format!("{hash}.{}", contents.extension.as_str());
        let path = self.root.join(&folder).join(&name);
        let in_place = fs::metadata(&path).is_ok_and(|found| found.len() == contents.bytes);
        if !in_place {
            let folder = self.root.join(&folder);
            fs::create_dir_all(&folder).map_err(failed("create", &folder, HINT))?;
            let unfinished = folder.join(format!("{name}.tmp"));
            let copied = File::create(&unfinished).and_then(|mut out| {
                io::copy(&mut contents.file.take(contents.bytes), &mut out)?;
                fs::rename(&unfinished, &path)
            });
            copied.map_err(failed("write", &path, HINT))?;
        }
        Ok(Some(format!("{folder}/{name}")))
    }

    fn table_value(
        &self,
        run: &RunReader,
        step: Step,
        file: &StoredMedia,
        account: &mut Account,
    ) -> Result<Option<Value>> {
        let opened = run.media_file(file.sha256.as_str()).and_then(MediaTable::open);
        let Ok(table) = opened else {
            account.leave_out(words::TABLES, "their files are missing or cannot be read", 1);
            return Ok(None);
        };
        if table.rows().saturating_mul(table.columns().len()) > MOST_CELLS {
            account.leave_out(words::TABLES, format!("they have more than {MOST_CELLS} cells"), 1);
            return Ok(None);
        }
        let mut rows = vec![Map::new(); table.rows()];
        for (index, (name, _)) in table.columns().iter().enumerate() {
            let Ok(cells) = table.column(index, 0..table.rows()) else {
                account.leave_out("columns of tables", "they are damaged", 1);
                continue;
            };
            for (row, cell) in rows.iter_mut().zip(cells) {
                row.insert(name.clone(), self.cell(run, step, cell, account)?);
            }
        }
        Ok(Some(json!({"_type": "trackio.table", "_value": rows})))
    }

    fn cell(
        &self,
        run: &RunReader,
        step: Step,
        cell: TableCell,
        account: &mut Account,
    ) -> Result<Value> {
        Ok(match cell {
            TableCell::Number(number) => number_to_json(number),
            TableCell::Text(text) => text.into(),
            TableCell::Bool(is) => is.into(),
            TableCell::Image(file) => {
                let path = self.copy(run, step, (file.as_str(), words::PICTURES), account)?;
                let value =
                    |path| json!({"_type": "trackio.image", "file_path": path, "caption": null});
                path.map_or(Value::Null, value)
            }
            _ => Value::Null,
        })
    }
}
