//! The media of a run as files of a person's.

use std::{
    collections::HashMap,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tracker_core::{
    ColumnType,
    read::{MediaContents, MediaItem, MediaRow, MediaTable, RunReader, StoredMedia, TableCell},
};

use crate::{command::export::write_file, terminal::printer};

/// The most letters of a name that a folder gets.
const MOST_LETTERS: usize = 100;

/// A folder that a person named, and what was saved into it: a folder for each name, and in it a file
/// for each item, named by its step.
#[derive(Debug)]
pub(crate) struct MediaFolder<'a> {
    run: &'a RunReader,
    folder: &'a Path,
    /// Whose folder each one is: two names may look alike once they are made names of folders.
    owners: HashMap<String, String>,
    files: u64,
}

impl<'a> MediaFolder<'a> {
    pub(crate) fn new(run: &'a RunReader, folder: &'a Path) -> Self {
        Self { run, folder, owners: HashMap::new(), files: 0 }
    }

    /// How many files were written.
    pub(crate) fn files(&self) -> u64 {
        self.files
    }

    /// Saves the items of a name; where each one is now, in their order. Of those that are not there any
    /// more, a warning tells.
    pub(crate) fn save(&mut self, name: &str, rows: &[MediaRow]) -> Result<Vec<Option<String>>> {
        let folder = self.folder.join(self.folder_of(name));
        make(&folder)?;
        let mut saved = Vec::new();
        let mut before = None;
        let mut number = 0;
        for row in rows {
            // Those of several calls at one step are numbered through.
            number = if before == Some(row.step) { number } else { 0 };
            before = Some(row.step);
            for item in &row.items {
                let stem = folder.join(format!("step-{:08}-{number}", row.step.0));
                saved.push(self.save_item(item, &stem)?);
                number += 1;
            }
        }
        Ok(saved)
    }

    /// A name as that of a folder, which leads nowhere else.
    fn folder_of(&mut self, name: &str) -> String {
        let plain = |letter: char| {
            if letter.is_alphanumeric() || "-_".contains(letter) { letter } else { '_' }
        };
        let plain: String = name.chars().take(MOST_LETTERS).map(plain).collect();
        let mut folder = plain.clone();
        for number in 2_u32.. {
            let owner = self.owners.entry(folder.clone()).or_insert_with(|| name.to_owned());
            if owner == name {
                break;
            }
            folder = format!("{plain}~{number}");
        }
        folder
    }

    fn save_item(&mut self, item: &MediaItem, stem: &Path) -> Result<Option<String>> {
        let path = if let Some(file) = item.file() {
            let path = stem.with_extension(file.ext.as_str());
            if !self.save_file(file, &path)? {
                return Ok(None);
            }
            if matches!(item, MediaItem::Table { .. }) {
                self.save_pictures(file, stem)?;
            }
            path
        } else {
            let path = stem.with_extension("json");
            let text = serde_json::to_vec(item)?;
            self.write(&path, |out| out.write_all(&text))?;
            path
        };
        Ok(Some(path.to_string_lossy().into_owned()))
    }

    /// Whether a file is there, whole.
    fn save_file(&mut self, file: &StoredMedia, path: &Path) -> Result<bool> {
        let Some(contents) = self.open(file.sha256.as_str()) else { return Ok(false) };
        if contents.bytes != file.bytes {
            let (hash, bytes) = (&file.sha256, contents.bytes);
            printer::left_out(&format!("{hash} has {bytes} bytes, not {}", file.bytes));
            return Ok(false);
        }
        self.copy(contents, path)?;
        Ok(true)
    }

    /// Saves the pictures that stand in a table beside it, by their hashes.
    fn save_pictures(&mut self, file: &StoredMedia, stem: &Path) -> Result<()> {
        let Some(contents) = self.open(file.sha256.as_str()) else { return Ok(()) };
        let table = match MediaTable::open(contents) {
            Ok(table) => table,
            Err(error) => {
                printer::left_out(&error);
                return Ok(());
            }
        };
        let is_image = |(_, kind): &(String, ColumnType)| *kind == ColumnType::Image;
        for (column, _) in table.columns().iter().enumerate().filter(|(_, of)| is_image(of)) {
            for cell in table.column(column, 0..table.rows())? {
                let TableCell::Image(hash) = cell else { continue };
                let path = stem.join(format!("{hash}.png"));
                if let Some(contents) = self.open(hash.as_str()) {
                    make(stem)?;
                    self.copy(contents, &path)?;
                }
            }
        }
        Ok(())
    }

    fn open(&self, hash: &str) -> Option<MediaContents> {
        self.run.media_file(hash).inspect_err(printer::left_out).ok()
    }

    fn copy(&mut self, contents: MediaContents, path: &Path) -> Result<()> {
        let mut file = contents.file.take(contents.bytes);
        self.write(path, |out| io::copy(&mut file, out).map(drop))
    }

    fn write(
        &mut self,
        path: &Path,
        write: impl FnOnce(&mut io::BufWriter<fs::File>) -> io::Result<()>,
    ) -> Result<()> {
        write_file(path, write).with_context(|| cannot_write(path))?;
        self.files += 1;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "a folder that the person names")]
fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| cannot_write(folder))
}

fn cannot_write(path: &Path) -> String {
    let path: PathBuf = path.to_owned();
    format!("failed to write {}\nhint: name a folder that can be written", path.display())
}
