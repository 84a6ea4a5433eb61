//! Where things lie in a store.
//!
//! ```text
//! <root>/<project>/<run-id>/
//!     run.json                         identity, config, provenance, definitions, state, summary
//!     summary-<writer>.json            each writer's summary
//!     packages.json                    the versions of the packages that it was built with
//!     code.json, code.patch            which files git says were changed since the commit, and how
//!     edits.jsonl                      name, notes and tags as people edited them later
//!     control.jsonl                    what is asked of the run while it lives
//!     scalars/<writer>-<first>-<last>.parquet    sealed points, first and last seq in the name
//!     panic-<writer>.txt               what a panic said that may be what ends the process
//!     events-<writer>.jsonl            texts, histograms, artifacts; creating it claims the writer
//!     messages-<writer>.jsonl          what the program said, once it has said something
//!     followers/<name>.json            how far a program is that follows the run, such as a mirror
//!     companions.log                   what programs said that the run started beside it
//!     damaged-<name>                   a log or part of which not all could be read
//!     media/<2 hex>/<sha256>.<ext>     pictures, tables and files of media, by their hashes
//!     files/                           the user's own folder
//!     live/<writer>/lock heartbeat ring log-<first>   only until all is sealed
//! <root>/<project>/.studies/<name>/  journal.log, study.toml, bin/, trial-<n>.log of a study
//! <root>/.views/<project>/<name>.json  saved views of the page, which may be committed
//! ```

use std::{
    collections::BTreeSet,
    env, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    Error, MediaExtension, Result, Writer,
    error::IoContext,
    format::{folder::StorePath, media_item::MediaHash},
    value::content_hash::hexadecimal,
};

/// The store's folder where nobody names another.
pub(crate) const STORE_FOLDER: &str = ".tracker";

/// The folder of all projects: `TRACKER_DIR`, else the nearest `.tracker` from the working
/// directory up to the root of the git repository or Cargo workspace, else `./.tracker`.
pub(crate) fn default_root() -> Result<PathBuf> {
    if let Some(root) = env::var_os("TRACKER_DIR").filter(|root| !root.is_empty()) {
        return std::path::absolute(&root).map_err(no_working_directory);
    }
    let here = env::current_dir().map_err(no_working_directory)?;
    Ok(nearest_store(&here).unwrap_or_else(|| here.join(STORE_FOLDER)))
}

fn no_working_directory(source: std::io::Error) -> Error {
    Error::Io {
        action: "find",
        path: PathBuf::from("."),
        hint: "change into a folder that exists, or set TRACKER_DIR".into(),
        source,
    }
}

#[expect(clippy::disallowed_methods, reason = "looks for the store where a person is")]
fn nearest_store(here: &Path) -> Option<PathBuf> {
    for folder in here.ancestors() {
        let store = folder.join(STORE_FOLDER);
        if store.is_dir() {
            return Some(store);
        }
        if is_workspace_root(folder) {
            return None;
        }
    }
    None
}

#[expect(clippy::disallowed_methods, reason = "looks at a person's own folder")]
fn is_workspace_root(folder: &Path) -> bool {
    folder.join(".git").exists() || folder.join("Cargo.lock").exists()
}

/// The folder of saved views and of notes of projects, which people may want to share.
pub(crate) const VIEWS: &str = ".views";

/// The folder of a project's studies.
pub(crate) const STUDIES: &str = ".studies";

/// A project's name is a folder's name, so not every text will do.
pub(crate) fn check_project(project: &str) -> Result<()> {
    let reason = if project.is_empty() {
        "it is empty"
    } else if project.len() > 128 {
        "it is longer than 128 bytes"
    } else if project.starts_with('.') {
        "it begins with a dot"
    } else if project.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | ':')) {
        "it has a slash, a colon or a control character"
    } else {
        return Ok(());
    };
    Err(Error::InvalidName {
        what: "project name",
        name: crate::error::excerpt(project),
        reason: reason.into(),
        hint: "a project is a folder of the store: use letters, digits, `-`, `_`".into(),
    })
}

/// The name of the file that says what a run is.
pub(crate) const RUN_FILE: &str = "run.json";

/// The name of the file with what people edited.
pub(crate) const EDITS: &str = "edits.jsonl";

/// The name of the file with the packages that the program was built with. Apart from `run.json`,
/// which every listing of the store reads.
pub(crate) const PACKAGES: &str = "packages.json";

/// The name of the file with what git knew of the code beside its commit.
pub(crate) const CODE: &str = "code.json";

/// The name of the file with the changes since the commit, as `git diff` prints them. Apart from
/// `code.json`, so that they keep every byte and `git apply` takes them as they are.
pub(crate) const CODE_PATCH: &str = "code.patch";

/// The name of the file with what people and programs ask of the run while it lives.
pub(crate) const CONTROL: &str = "control.jsonl";

/// The folder of what programs keep that follow the run, such as mirrors: how far they are.
pub(crate) const FOLLOWERS: &str = "followers";

/// The name of a note in `followers/` that a program keeps of one place, such as a bucket that the run is sent to.
///
/// ```
/// use tracker_core::replica::note_name;
///
/// let note = note_name("sync", "s3://team/runs");
/// assert_eq!(note, "sync-24df2069.json");
/// ```
pub fn note_name(what: &str, place: &str) -> String {
    let mut hash = hexadecimal(&Sha256::digest(place));
    hash.truncate(8);
    format!("{what}-{hash}.json")
}

/// The name of the file with what programs say that the run has started beside it.
pub(crate) const COMPANIONS: &str = "companions.log";

/// The folder of sealed parts.
pub(crate) const SCALARS: &str = "scalars";

/// The folder of pictures, tables and files of media.
pub(crate) const MEDIA: &str = "media";

/// Where a file of media is, from the run's folder on. In folders of 256, so that none has so many
/// entries that a file system suffers.
pub(crate) fn media_file(hash: &MediaHash, extension: MediaExtension) -> [String; 3] {
    let name = format!("{hash}.{}", extension.as_str());
    [MEDIA.to_owned(), hash.folder().to_owned(), name]
}

/// The most bytes of a file that says who or where a process is.
pub(crate) const MOST_NOTE: u64 = 64 << 10;

/// How the names of files begin of which not all could be read.
pub(super) const PUT_ASIDE: &str = "damaged-";

/// The name of the file with a writer's summary.
pub(crate) fn summary(writer: Writer) -> String {
    format!("summary-{writer}.json")
}

/// The name of the file with a writer's events.
pub(crate) fn events(writer: Writer) -> String {
    format!("events-{writer}.jsonl")
}

/// The name of the file with what a writer's program said.
pub(crate) fn messages(writer: Writer) -> String {
    format!("messages-{writer}.jsonl")
}

/// The name of the file with what a panic said in a writer's process. Not in its live folder, which
/// goes when the rest is sealed; and a new file here tells a listing that there is something to read.
pub(crate) fn panic_note(writer: Writer) -> String {
    format!("panic-{writer}.txt")
}

/// What a run's folder holds.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// All writers that have ever been claimed, in their order.
    pub(crate) writers: Vec<Writer>,
    /// Whether somebody has edited name, notes or tags.
    pub(crate) has_edits: bool,
    /// The writers that left a panic's message.
    pub(crate) panicked: Vec<Writer>,
    /// The names of logs and parts of which not all could be read when they were sealed.
    pub(crate) put_aside: Vec<String>,
}

impl Contents {
    /// From the names of all that is in a run's folder.
    pub(crate) fn of(names: &[String]) -> Self {
        let mut writers: Vec<Writer> =
            names.iter().filter_map(|name| claimed_writer(name)).collect();
        writers.sort_unstable();
        let has_edits = names.iter().any(|name| name == EDITS);
        let panicked = names.iter().filter_map(|name| panicked_writer(name)).collect();
        let put_aside = names.iter().filter(|name| name.starts_with(PUT_ASIDE));
        let mut put_aside: Vec<String> = put_aside.cloned().collect();
        put_aside.sort_unstable();
        Self { writers, has_edits, panicked, put_aside }
    }

    /// The attempt at which the run's first rank is; none before it is there.
    pub(crate) fn attempt_of_first_rank(&self) -> Option<u16> {
        let first = self.writers.iter().filter(|writer| writer.rank == 0);
        first.map(|writer| writer.attempt).max()
    }
}

/// How a live folder is named while it is made.
pub(crate) const UNBORN: &str = ".new-";

/// The places of one run's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunPaths {
    folder: StorePath,
}

impl RunPaths {
    /// The run in a folder that a person named.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self::at(StorePath::named(folder))
    }

    /// The run in the folder of a store that a process wrote down.
    pub(crate) fn in_store(folder: &Path) -> Self {
        let (run, project) = (folder.file_name(), folder.parent().and_then(Path::file_name));
        let root = folder.ancestors().nth(2);
        match (root, project, run) {
            (Some(root), Some(project), Some(run)) => {
                Self::at(StorePath::named(root).child(project).child(run))
            }
            _ => Self::new(folder.to_owned()),
        }
    }

    /// The run in a folder of a store.
    pub(crate) fn at(folder: StorePath) -> Self {
        Self { folder }
    }

    /// The same run with its folder held open, for whoever reads or writes more than a file of it.
    pub(crate) fn hold(&self) -> io::Result<Self> {
        Ok(Self { folder: self.folder.hold()? })
    }

    /// Makes the run's folder again at its path, after somebody has removed it, and holds that open.
    pub(crate) fn make_again(&self) -> io::Result<Self> {
        let paths = Self::in_store(&self.folder);
        paths.files().create_folder()?;
        paths.hold()
    }

    pub(crate) fn folder(&self) -> &StorePath {
        &self.folder
    }

    /// The project in which it lies; `None` for a folder that a person named.
    pub(crate) fn project(&self) -> Option<&str> {
        self.folder.name_of_folder()
    }

    pub(crate) fn run_file(&self) -> StorePath {
        self.folder.child(RUN_FILE)
    }

    pub(crate) fn packages(&self) -> StorePath {
        self.folder.child(PACKAGES)
    }

    pub(crate) fn code(&self) -> StorePath {
        self.folder.child(CODE)
    }

    pub(crate) fn code_patch(&self) -> StorePath {
        self.folder.child(CODE_PATCH)
    }

    /// Where both go when a later attempt begins, so that they never tell of another one's code.
    pub(crate) fn code_before(&self, writer: Writer) -> [(StorePath, StorePath); 2] {
        let before = |ending: &str| self.folder.child(format!("code-before-{writer}.{ending}"));
        [(self.code(), before("json")), (self.code_patch(), before("patch"))]
    }

    pub(crate) fn control(&self) -> StorePath {
        self.folder.child(CONTROL)
    }

    pub(crate) fn followers(&self) -> StorePath {
        self.folder.child(FOLLOWERS)
    }

    pub(crate) fn companions(&self) -> StorePath {
        self.folder.child(COMPANIONS)
    }

    pub(crate) fn summary(&self, writer: Writer) -> StorePath {
        self.folder.child(summary(writer))
    }

    pub(crate) fn events(&self, writer: Writer) -> StorePath {
        self.folder.child(events(writer))
    }

    pub(crate) fn messages(&self, writer: Writer) -> StorePath {
        self.folder.child(messages(writer))
    }

    pub(crate) fn panic_note(&self, writer: Writer) -> StorePath {
        self.folder.child(panic_note(writer))
    }

    pub(crate) fn files(&self) -> StorePath {
        self.folder.child("files")
    }

    pub(crate) fn media(&self) -> StorePath {
        self.folder.child(MEDIA)
    }

    pub(crate) fn media_file(&self, hash: &MediaHash, extension: MediaExtension) -> StorePath {
        let names = media_file(hash, extension);
        names.iter().fold(self.folder.clone(), |folder, name| folder.child(name))
    }

    pub(crate) fn scalars(&self) -> StorePath {
        self.folder.child(SCALARS)
    }

    /// The names of all sealed parts, in the order of writers and points.
    pub(crate) fn parts(&self) -> Result<Vec<PartName>> {
        let names = file_names(&self.scalars())?;
        let mut parts: Vec<PartName> =
            names.iter().filter_map(|name| PartName::parse(name)).collect();
        parts.sort_unstable();
        Ok(parts)
    }

    /// All writers that have ever been claimed, in their order.
    pub(crate) fn claimed_writers(&self) -> Result<Vec<Writer>> {
        Ok(self.contents()?.writers)
    }

    /// The writers of whom there are parts, a live folder or messages.
    pub(crate) fn writers_with_traces(&self) -> Result<BTreeSet<Writer>> {
        let live = file_names(&self.live_all())?;
        let live = live.iter().filter_map(|name| name.parse().ok());
        let own = file_names(&self.folder)?;
        let said = own.iter().filter_map(|name| speaking_writer(name));
        Ok(self.parts()?.into_iter().map(|part| part.writer).chain(live).chain(said).collect())
    }

    /// What the folder holds, from one look.
    pub(crate) fn contents(&self) -> Result<Contents> {
        Ok(Contents::of(&file_names(&self.folder)?))
    }

    /// What is in the folder of a run that could not start, if it is nothing but what is made
    /// before a process claims it. `None` for a run, or if anything is in it.
    pub(crate) fn left_of_no_run(&self) -> Option<Vec<StorePath>> {
        let (packages, folders) = (self.packages(), [self.files(), self.live_all()]);
        let names = self.folder.names().ok()?;
        let is_known = |name: &String| {
            *name == packages.name()
                || folders.iter().any(|folder| {
                    folder.name() == name && folder.names().is_ok_and(|names| names.is_empty())
                })
        };
        names
            .iter()
            .all(is_known)
            .then(|| names.iter().map(|name| self.folder.child(name)).collect())
    }

    pub(crate) fn part(&self, part: PartName) -> StorePath {
        self.scalars().child(part.to_string())
    }

    /// Where a log or part goes of which not all can be read.
    pub(crate) fn put_aside(&self, name: &str) -> StorePath {
        self.folder.child(format!("{PUT_ASIDE}{name}"))
    }

    pub(crate) fn live_all(&self) -> StorePath {
        self.folder.child("live")
    }

    /// Where a writer's live folder is made.
    pub(crate) fn unborn(&self, writer: Writer) -> LivePaths {
        LivePaths { folder: self.live_all().child(format!("{UNBORN}{writer}")) }
    }

    pub(crate) fn live(&self, writer: Writer) -> LivePaths {
        LivePaths { folder: self.live_all().child(writer.to_string()) }
    }
}

/// The places of the files of a writer that lives or has not been sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LivePaths {
    pub(crate) folder: StorePath,
}

impl LivePaths {
    pub(crate) fn lock(&self) -> StorePath {
        self.folder.child("lock")
    }

    /// Held locked by whoever seals what a dead writer left.
    pub(crate) fn sealing(&self) -> StorePath {
        self.folder.child("sealing")
    }

    pub(crate) fn heartbeat(&self) -> StorePath {
        self.folder.child("heartbeat")
    }

    /// The note that says where the writer's ring is.
    pub(crate) fn ring_note(&self) -> StorePath {
        self.folder.child("ring")
    }

    pub(crate) fn log(&self, first: u64) -> StorePath {
        self.folder.child(format!("log-{first}"))
    }

    /// All logs, in the order of their points.
    pub(crate) fn logs(&self) -> Result<Vec<StorePath>> {
        let names = file_names(&self.folder)?;
        let mut firsts: Vec<u64> =
            names.iter().filter_map(|name| log_first(name.as_ref())).collect();
        firsts.sort_unstable();
        Ok(firsts.into_iter().map(|first| self.log(first)).collect())
    }
}

/// The names of the files and folders in a folder; none if it does not exist.
pub(crate) fn file_names(folder: &StorePath) -> Result<Vec<String>> {
    folder.names().io_context("list", folder, "check the folder's permissions")
}

/// The first seq of a log from its file name.
pub(crate) fn log_first(log: &Path) -> Option<u64> {
    let name = log.file_name()?.to_str()?;
    let first = name.strip_prefix("log-")?.parse().ok()?;
    (name == format!("log-{first}")).then_some(first)
}

/// The name of a sealed part: whose points it holds and which, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartName {
    pub(crate) writer: Writer,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl std::fmt::Display for PartName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}.parquet", self.writer, self.first, self.last)
    }
}

impl PartName {
    /// The part's file, from the run's folder on.
    pub(crate) fn place(&self) -> String {
        format!("{SCALARS}/{self}")
    }

    pub(crate) fn parse(file_name: &str) -> Option<Self> {
        let mut fields = file_name.strip_suffix(".parquet")?.split('-');
        let writer = fields.next()?.parse().ok()?;
        let first = fields.next()?.parse().ok()?;
        let last = fields.next()?.parse().ok()?;
        // Numbers can be written in several ways, names of files only in one.
        Some(Self { writer, first, last }).filter(|part| part.to_string() == file_name)
    }
}

/// The writer whose claim a file named `events-<writer>.jsonl` is.
fn claimed_writer(file_name: &str) -> Option<Writer> {
    file_name.strip_prefix("events-")?.strip_suffix(".jsonl")?.parse().ok()
}

/// The writer whose messages a file named `messages-<writer>.jsonl` holds.
fn speaking_writer(file_name: &str) -> Option<Writer> {
    file_name.strip_prefix("messages-")?.strip_suffix(".jsonl")?.parse().ok()
}

/// The writer whose panic's message a file named `panic-<writer>.txt` holds.
fn panicked_writer(file_name: &str) -> Option<Writer> {
    file_name.strip_prefix("panic-")?.strip_suffix(".txt")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_names_read_back() {
        let part = PartName { writer: Writer { rank: 2, attempt: 3 }, first: 0, last: 1_048_575 };
        assert_eq!(part.to_string(), "r2a3-0-1048575.parquet");
        assert_eq!(PartName::parse(&part.to_string()), Some(part));
        assert_eq!(PartName::parse("r2a3-0-1.parquet.tmp"), None);
    }

    #[test]
    fn project_names_that_leave_their_folder_are_refused() {
        for bad in ["", "..", ".hidden", "a/b", "a\\b", "a\nb", &"x".repeat(10_000)] {
            assert!(check_project(bad).is_err(), "{bad:?}");
        }
        for good in ["mnist", "Grünkohl 2", "a..b", "v1.2_final-3"] {
            assert!(check_project(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn the_store_is_found_up_to_the_workspace_and_no_further() {
        let outer = tempfile::tempdir().unwrap();
        let workspace = outer.path().join("workspace");
        let inner = workspace.join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir(outer.path().join(STORE_FOLDER)).unwrap();
        std::fs::write(workspace.join("Cargo.lock"), "").unwrap();
        assert_eq!(nearest_store(&inner), None);
        std::fs::create_dir(workspace.join(STORE_FOLDER)).unwrap();
        assert_eq!(nearest_store(&inner), Some(workspace.join(STORE_FOLDER)));
    }
}
