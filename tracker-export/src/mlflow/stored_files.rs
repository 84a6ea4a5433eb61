//! Files among the artifacts of a run, where they lie beside its database or in its folder.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use tracker_core::{Cell, Event, Media, MediaFile, Step, Table, Timestamp};

use crate::{
    Account, Result, Sink,
    mlflow::{
        file_names::{self, FileName, Name},
        foreign::Naming,
    },
    words,
};

/// The most bytes of a file that is read whole.
const LONGEST: u64 = 32 << 20;
/// So many folders may lie within each other.
const DEEPEST: usize = 16;
/// The most files of one run.
const MOST_FILES: usize = 100_000;
/// Endings of pictures.
const PICTURES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "svg"];

/// Where a run's artifacts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In this folder.
    At(PathBuf),
    /// Nowhere: there are none.
    None,
    /// Somewhere that is not looked at.
    Elsewhere(String),
}

/// Where the artifacts at `uri` are, as a database says. Only what lies in the folder of the database is looked at, as a
/// database may name any place of the machine.
pub(super) fn beside(database: &Path, uri: Option<&str>) -> Place {
    let Some(uri) = uri.filter(|uri| !uri.is_empty()) else { return Place::None };
    let folder =
        database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(folder) = folder.canonicalize() else { return Place::None };
    let candidates = match uri.split_once(':') {
        Some(("mlflow-artifacts", path)) => {
            // Behind a server's name stands the path.
            let path = path
                .strip_prefix("//")
                .map_or(path, |path| path.split_once('/').map_or("", |(_, path)| path));
            vec![folder.join("mlartifacts").join(path.trim_start_matches('/'))]
        }
        Some(("file", path)) => local(&folder, path.strip_prefix("//").unwrap_or(path)),
        // A path of Windows, or an address of a cloud.
        Some((_, path)) if path.starts_with("//") => return Place::Elsewhere(uri.to_owned()),
        _ => local(&folder, uri),
    };
    let mut is_elsewhere = false;
    for candidate in candidates {
        let Ok(found) = candidate.canonicalize() else { continue };
        if found.is_dir() && found.starts_with(&folder) && found != folder {
            return Place::At(found);
        }
        is_elsewhere = true;
    }
    if is_elsewhere { Place::Elsewhere(uri.to_owned()) } else { Place::None }
}

/// A path as it is, and what it is if the folder was moved: its last three parts, in one of the usual places.
fn local(folder: &Path, path: &str) -> Vec<PathBuf> {
    let parts: Vec<&str> =
        path.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
    let last: PathBuf = parts.iter().skip(parts.len().saturating_sub(3)).collect();
    let mut candidates = vec![folder.join(path)];
    if parts.len() >= 3 {
        candidates.extend(["mlruns", "mlartifacts"].map(|place| folder.join(place).join(&last)));
    }
    candidates
}

/// All settings of a run that tracker exported, if some were too long for MLflow.
pub(super) fn whole_config(folder: &Path) -> Option<Map<String, Value>> {
    serde_json::from_slice(&read_whole(&folder.join("tracker/config.json"))?).ok()
}

/// Tells of the files that show something. The rest is counted.
pub(super) fn read(
    place: &Place,
    naming: &Naming,
    started: Option<Timestamp>,
    sink: &mut dyn Sink,
    account: &mut Account,
) -> Result<()> {
    let folder = match place {
        Place::At(folder) => folder,
        Place::None => return Ok(()),
        Place::Elsewhere(uri) => {
            let why = format!(
                "they are elsewhere, such as at {}",
                uri.chars().take(200).collect::<String>()
            );
            account.leave_out("folders of files", why, 1);
            return Ok(());
        }
    };
    let mut files = Vec::new();
    find(folder, 0, &mut files, account);
    files.sort();
    for path in files {
        let Ok(within) = path.strip_prefix(folder) else { continue };
        let told = Found { path: &path, within, naming, started }.tell(sink, account)?;
        account.leave_out(
            "files",
            "they are no pictures, texts or tables; they stay where they are",
            u64::from(!told),
        );
    }
    Ok(())
}

fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, account: &mut Account) {
    if depth > DEEPEST {
        account.leave_out("folders of files", format!("they lie more than {DEEPEST} deep"), 1);
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else {
        account.leave_out("folders of files", "they cannot be read", 1);
        return;
    };
    for entry in entries.flatten() {
        // Links are not followed: they may lead anywhere.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => find(&entry.path(), depth + 1, files, account),
            Ok(kind) if kind.is_file() && files.len() < MOST_FILES => files.push(entry.path()),
            Ok(kind) if kind.is_file() => {
                account.leave_out("files", format!("more than {MOST_FILES}"), 1);
            }
            _ => account.leave_out("files", "they are links", 1),
        }
    }
}

/// A file that was found.
struct Found<'a> {
    path: &'a Path,
    within: &'a Path,
    naming: &'a Naming,
    started: Option<Timestamp>,
}

impl Found<'_> {
    /// Tells what it shows; `false` if it shows nothing.
    fn tell(&self, sink: &mut dyn Sink, account: &mut Account) -> Result<bool> {
        let within = self.within.to_string_lossy().replace('\\', "/");
        if self.naming.is_ours() && within.starts_with("tracker/") {
            return Ok(true);
        }
        let (folder, file) = within.rsplit_once('/').unwrap_or(("", &within));
        let said = file_names::read(file);
        let extension =
            file.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        match (folder, said) {
            ("images", Some(said)) if said.is_preview => Ok(true),
            ("texts", Some(said)) if extension == "txt" => self.text(said, sink, account),
            ("tables", Some(said)) if extension == "json" => self.table(said, sink, account),
            ("images" | "media", Some(said)) => self.media(said, sink, account),
            _ if PICTURES.contains(&extension.as_str()) => {
                let name = within.rsplit_once('.').map_or(&*within, |(stem, _)| stem).to_owned();
                let time = self.started.unwrap_or(Timestamp(0));
                let said =
                    FileName { name: Name::Whole(name), step: Step(0), time, is_preview: false };
                self.media(said, sink, account)
            }
            _ => Ok(false),
        }
    }

    fn name(&self, name: Name) -> String {
        match name {
            Name::Whole(name) => name,
            Name::Cut(hash) => self.naming.whole(&hash).map_or(hash.clone(), str::to_owned),
        }
    }

    fn text(&self, said: FileName, sink: &mut dyn Sink, account: &mut Account) -> Result<bool> {
        let Some(text) = read_whole(self.path).and_then(|bytes| String::from_utf8(bytes).ok())
        else {
            return Ok(false);
        };
        sink.event(said.time, Event::Text { name: self.name(said.name), step: said.step, text })?;
        account.keep("texts", 1);
        Ok(true)
    }

    fn media(&self, said: FileName, sink: &mut dyn Sink, account: &mut Account) -> Result<bool> {
        let Ok(file) = MediaFile::of(self.path) else { return Ok(false) };
        let what = words::of_file(file.extension());
        let items = vec![Media::File(file)];
        sink.event(said.time, Event::Media { name: self.name(said.name), step: said.step, items })?;
        account.keep(what, 1);
        Ok(true)
    }

    fn table(&self, said: FileName, sink: &mut dyn Sink, account: &mut Account) -> Result<bool> {
        let Some(table) = read_whole(self.path).and_then(|bytes| table_of(&bytes)) else {
            return Ok(false);
        };
        let items = vec![Media::Table(table)];
        sink.event(said.time, Event::Media { name: self.name(said.name), step: said.step, items })?;
        account.keep(words::TABLES, 1);
        Ok(true)
    }
}

/// A table as MLflow's client writes it.
fn table_of(bytes: &[u8]) -> Option<Table> {
    let read: Value = serde_json::from_slice(bytes).ok()?;
    let columns = read.get("columns")?.as_array()?;
    let columns: Vec<&str> = columns.iter().map(Value::as_str).collect::<Option<_>>()?;
    let mut table = Table::new(columns.iter().copied());
    for row in read.get("data")?.as_array()? {
        let row = row.as_array().filter(|row| row.len() == columns.len())?;
        table.push(row.iter().map(cell_of));
    }
    table.check().is_ok().then_some(table)
}

fn cell_of(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(yes) => (*yes).into(),
        Value::Number(number) => number.as_f64().map_or(Cell::Null, Cell::Number),
        Value::String(text) => match text.as_str() {
            "NaN" => f64::NAN.into(),
            "Infinity" => f64::INFINITY.into(),
            "-Infinity" => f64::NEG_INFINITY.into(),
            text => text.into(),
        },
        other => other.to_string().into(),
    }
}

/// All bytes of a plain file that is not too long.
pub(super) fn read_whole(path: &Path) -> Option<Vec<u8>> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LONGEST + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= LONGEST).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_leads_nowhere_but_beside_itself() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("store");
        fs::create_dir_all(folder.join("mlruns/1/r/artifacts")).unwrap();
        fs::create_dir_all(folder.join("mlartifacts/1/r/artifacts")).unwrap();
        fs::create_dir_all(root.path().join("secret")).unwrap();
        let database = folder.join("mlflow.db");
        let at = |uri: &str| beside(&database, Some(uri));
        let real = folder.canonicalize().unwrap();
        assert_eq!(
            at("mlflow-artifacts:/1/r/artifacts"),
            Place::At(real.join("mlartifacts/1/r/artifacts"))
        );
        let moved = "/home/other/mlruns/1/r/artifacts";
        assert_eq!(at(moved), Place::At(real.join("mlruns/1/r/artifacts")));
        assert_eq!(at(&format!("file://{moved}")), Place::At(real.join("mlruns/1/r/artifacts")));
        assert_eq!(at("mlflow-artifacts:/9/r/artifacts"), Place::None);
        for outside in ["../secret", "/etc", "mlflow-artifacts:/../../secret", "s3://bucket/x", "."]
        {
            assert!(matches!(at(outside), Place::Elsewhere(_)), "{outside}: {:?}", at(outside));
        }
    }
}
