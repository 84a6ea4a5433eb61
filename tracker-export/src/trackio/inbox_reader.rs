//! The files of an inbox that Trackio has not read yet.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use crate::{Account, Result, failed::failed};

/// The longest line that is read. A longer one is passed over.
const MOST_BYTES: u64 = 64 << 20;

/// Folders in folders that are looked into.
const DEEPEST: usize = 4;

/// Files that wait to be read by Trackio.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// In the order in which Trackio reads them.
    files: Vec<PathBuf>,
}

/// A line of an inbox.
pub(super) type Record = Map<String, Value>;

impl Inbox {
    /// The files in a folder; none if there is no such folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let mut files = Vec::new();
        find(folder, 0, &mut files);
        files.sort();
        Self { files }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The first whole record, to see what the folder is.
    pub(super) fn first(&self) -> Option<Record> {
        let mut account = Account::default();
        let mut first = None;
        let file = self.files.first()?;
        let line = BufReader::new(File::open(file).ok()?.take(1 << 20)).lines().next()?.ok()?;
        take(line.as_bytes(), &mut account, &mut |record| {
            first = Some(record);
            Ok(())
        })
        .ok()?;
        first
    }

    /// Tells all records of a file.
    pub(super) fn read(
        &self,
        file: usize,
        account: &mut Account,
        tell: &mut dyn FnMut(Record) -> Result<()>,
    ) -> Result<()> {
        let Some(path) = self.files.get(file) else { return Ok(()) };
        let hint = "look whether Trackio has read it meanwhile, and try again";
        let opened = File::open(path).map_err(failed("open", path, hint))?;
        let mut reader = BufReader::new(opened);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.by_ref().take(MOST_BYTES).read_until(b'\n', &mut line);
            match length.map_err(failed("read", path, hint))? {
                0 => return Ok(()),
                length if length as u64 == MOST_BYTES && line.last() != Some(&b'\n') => {
                    account.leave_out("lines", "they are longer than any that Trackio writes", 1);
                    reader.skip_until(b'\n').map_err(failed("read", path, hint))?;
                }
                _ => take(&line, account, tell)?,
            }
        }
    }
}

fn take(
    line: &[u8],
    account: &mut Account,
    tell: &mut dyn FnMut(Record) -> Result<()>,
) -> Result<()> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let record = serde_json::from_slice::<Record>(line).ok();
    let is_known = |record: &Record| {
        let kind = record.get("kind").and_then(Value::as_str);
        matches!(kind, Some("metric" | "system_metric" | "alert")) && record.contains_key("run")
    };
    if let Some(record) = record.filter(is_known) {
        return tell(record);
    }
    account.leave_out("lines", "they are no records of Trackio, or torn", 1);
    Ok(())
}

/// Looks into folders, but follows no links.
fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(listed) = fs::read_dir(folder) else { return };
    for entry in listed.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() && depth < DEEPEST {
            find(&path, depth + 1, files);
        } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "jsonl") {
            files.push(path);
        }
    }
}
