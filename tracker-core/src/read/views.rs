//! Saved views of a project: what people chose to see of its runs, one file each, to be committed
//! beside the code.

use std::io;

use parking_lot::Mutex;
use serde_json::{Map, Value};

use crate::{
    Error, Result,
    error::{IoContext, some_of},
    format::{
        folder::StorePath,
        layout::{VIEWS, check_project, file_names},
        media_item::MediaHash,
    },
    read::Project,
    value::view_name::ViewName,
};

/// The version of a view's file that this program writes, and the latest that it reads.
const VERSION: u64 = 1;

/// The longest file of a view, in bytes.
const MOST_BYTES: usize = 256 << 10;

/// The most views of a project.
const MOST_VIEWS: usize = 200;

const ENDING: &str = ".json";

/// One change at a time within this process, so that a file is still the one that was compared when it
/// is replaced.
static CHANGES: Mutex<()> = Mutex::new(());

/// A saved view as it was read.
///
/// [`Project::views`] lists those that a project has.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SavedView {
    /// Its name.
    pub name: ViewName,
    /// Tells this text of the file from every other. A change names the one that it is made to.
    pub revision: String,
    /// What it shows, by the names of the page's choices. This crate does not ask what they mean.
    pub shown: Map<String, Value>,
}

/// A view's file in a list.
#[derive(Debug)]
#[non_exhaustive]
pub struct ListedView {
    /// The name of the view; of a file that has no such name, the file's.
    pub name: String,
    /// The view, or why it cannot be read. Its file is then left as it is.
    pub view: Result<SavedView>,
}

impl Project {
    /// All saved views by name, at most 200.
    ///
    /// # Errors
    /// If their folder cannot be listed. A view that cannot be read is in the list.
    pub fn views(&self) -> Result<Vec<ListedView>> {
        let folder = self.views_folder()?;
        let mut names = file_names(&folder)?;
        names.retain(|name| name.ends_with(ENDING) && !name.starts_with('.'));
        names.sort_by_cached_key(|name| (name.to_lowercase(), name.clone()));
        names.truncate(MOST_VIEWS);
        let listed = names.into_iter().map(|file| {
            let stem = file.strip_suffix(ENDING).unwrap_or(&file).to_owned();
            let view = stem.parse().and_then(|name| self.view(&name));
            ListedView { name: if view.is_ok() { stem } else { file }, view }
        });
        Ok(listed.collect())
    }

    /// The saved view of this name.
    ///
    /// # Errors
    /// If there is none, if its file is damaged, or if a newer tracker wrote it.
    pub fn view(&self, name: &ViewName) -> Result<SavedView> {
        let file = self.view_file(name)?;
        match read_view(&file, name)? {
            Some((view, _)) => Ok(view),
            None => Err(self.no_view(name)),
        }
    }

    /// Saves a view: in place of the one of the revision `over`, or with `None` as a new one.
    ///
    /// # Errors
    /// If the view has another revision by now, so that somebody else's change would be lost; if there
    /// is one of the name already, or one whose name differs in capitals alone; if it is larger than
    /// 256 KiB, or the two hundred and first; or if the file cannot be written.
    pub fn save_view(
        &self,
        name: &ViewName,
        shown: Map<String, Value>,
        over: Option<&str>,
    ) -> Result<SavedView> {
        let _one = CHANGES.lock();
        let file = self.view_file(name)?;
        let known = match over {
            Some(revision) => of_revision(&file, name, revision, "save")?,
            None => check_free(&file, name, None).map(|()| Map::new())?,
        };
        let mut whole = known;
        whole.insert("version".into(), VERSION.into());
        whole.insert("view".into(), Value::Object(shown.clone()));
        let mut bytes = serde_json::to_vec_pretty(&Value::Object(whole)).unwrap_or_default();
        bytes.push(b'\n');
        check_size(name, bytes.len())?;
        let hint = "save it as a user who may write to the store's folder";
        file.folder().create_folder().io_context("create", &file.folder(), hint)?;
        file.replace_with(&bytes, true).io_context("write", &file, hint)?;
        Ok(SavedView { name: name.clone(), revision: revision_of(&bytes), shown })
    }

    /// Gives the view of the revision `over` another name.
    ///
    /// # Errors
    /// As [`save_view`](Self::save_view).
    pub fn rename_view(&self, name: &ViewName, to: &ViewName, over: &str) -> Result<SavedView> {
        let _one = CHANGES.lock();
        let (file, other) = (self.view_file(name)?, self.view_file(to)?);
        of_revision(&file, name, over, "rename")?;
        check_free(&other, to, Some(name))?;
        let hint = "rename it as a user who may write to the store's folder";
        file.rename_to(&other).io_context("rename", &file, hint)?;
        self.view(to)
    }

    /// Removes the view of the revision `over`.
    ///
    /// # Errors
    /// If it has another revision by now, cannot be read, or cannot be removed.
    pub fn remove_view(&self, name: &ViewName, over: &str) -> Result<()> {
        let _one = CHANGES.lock();
        let file = self.view_file(name)?;
        of_revision(&file, name, over, "remove")?;
        let hint = "remove it as a user who may write to the store's folder";
        file.remove().io_context("remove", &file, hint)
    }

    fn views_folder(&self) -> Result<StorePath> {
        check_project(self.name())?;
        Ok(self.place().folder().child(VIEWS).child(self.name()))
    }

    fn view_file(&self, name: &ViewName) -> Result<StorePath> {
        Ok(self.views_folder()?.child(format!("{name}{ENDING}")))
    }

    fn no_view(&self, name: &ViewName) -> Error {
        let names: Vec<String> =
            self.views().into_iter().flatten().map(|listed| listed.name).collect();
        let hint = if names.is_empty() {
            "save one on the project's page in `tracker ui`".to_owned()
        } else {
            format!("it has {}", some_of(names.iter(), name.as_str()))
        };
        Error::UnknownView { view: name.to_string(), project: self.name().to_owned(), hint }
    }
}

/// The view in a file, with all else that the file says; `None` if there is no such file.
fn read_view(file: &StorePath, name: &ViewName) -> Result<Option<(SavedView, Map<String, Value>)>> {
    let bytes = match file.read(MOST_BYTES as u64) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.io_context("read", file, "correct the file, or remove it")?,
    };
    let mut whole: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|error| damaged(file, error.to_string()))?;
    match whole.get("version").and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(version) if version > VERSION => return Err(newer(file, version)),
        _ => return Err(damaged(file, "it has no `version`")),
    }
    let Some(Value::Object(shown)) = whole.remove("view") else {
        return Err(damaged(file, "it has no `view`"));
    };
    let revision = revision_of(&bytes);
    Ok(Some((SavedView { name: name.clone(), revision, shown }, whole)))
}

/// What a file says beside the view, if it still has the revision that somebody knows.
fn of_revision(
    file: &StorePath,
    name: &ViewName,
    revision: &str,
    action: &'static str,
) -> Result<Map<String, Value>> {
    let reason = match read_view(file, name)? {
        Some((view, rest)) if view.revision == revision => return Ok(rest),
        Some(_) => "it was changed since it was read",
        None => "it was removed since it was read",
    };
    Err(Error::Refused {
        action,
        path: file.to_path_buf(),
        reason: reason.into(),
        hint: "load the view again to see what it is now, or save yours under another name".into(),
    })
}

/// Refuses a name that another view has, and a view too many. `but` is the one that is renamed.
fn check_free(file: &StorePath, name: &ViewName, but: Option<&ViewName>) -> Result<()> {
    let names = file_names(&file.folder())?;
    let views = names.iter().filter_map(|name| name.strip_suffix(ENDING));
    let others: Vec<ViewName> =
        views.filter_map(|name| name.parse().ok()).filter(|view| Some(view) != but).collect();
    let refused = |reason: String, hint: &str| Error::Refused {
        action: "save",
        path: file.to_path_buf(),
        reason,
        hint: hint.into(),
    };
    if let Some(other) = others.iter().find(|other| other.clashes_with(name)) {
        let reason = format!("there is a view `{other}`");
        return Err(refused(reason, "choose another name, or load that view and update it"));
    }
    if but.is_none() && others.len() >= MOST_VIEWS {
        let reason = format!("the project has {MOST_VIEWS} views, and no more are kept");
        return Err(refused(reason, "remove some that nobody needs"));
    }
    Ok(())
}

fn check_size(name: &ViewName, bytes: usize) -> Result<()> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::InvalidName {
        what: "view",
        name: name.to_string(),
        reason: format!("it has {bytes} bytes, {MOST_BYTES} are allowed"),
        hint: "pin, hide and add fewer charts".into(),
    })
}

fn revision_of(bytes: &[u8]) -> String {
    MediaHash::of(bytes).as_str().chars().take(16).collect()
}

fn damaged(file: &StorePath, reason: impl Into<String>) -> Error {
    Error::Damaged {
        path: file.to_path_buf(),
        reason: reason.into(),
        hint: "correct the file, or remove it; nothing else depends on it".into(),
    }
}

fn newer(file: &StorePath, version: u64) -> Error {
    Error::NewerFormat {
        path: file.to_path_buf(),
        version: u32::try_from(version).unwrap_or(u32::MAX),
        known: VERSION as u32,
    }
}
