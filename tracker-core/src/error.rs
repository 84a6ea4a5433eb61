//! What can go wrong when a run starts, finishes or is read.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::mounts::{is_mounted, named};

/// The result of a fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a run could not start, be finished or be read. Log calls have no errors: their troubles
/// are counted and stand in the [`Report`](crate::Report).
///
/// Each text names the thing and, after `hint:`, the way out. `Debug` prints the same text, so
/// that `fn main() -> Result<(), tracker_core::Error>` ends with words that a person can read.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("failed to {action} {}: {source}\nhint: {}", named(path), way_out(path, hint))]
    Io {
        /// What was tried, such as `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The way out.
        hint: String,
        /// What the operating system said.
        source: io::Error,
    },

    /// A name cannot be used as given.
    #[error("invalid {what} `{name}`: {reason}\nhint: {hint}")]
    InvalidName {
        /// What is named: a project, a run, a run id.
        what: &'static str,
        /// The name, shortened if it is long.
        name: String,
        /// What is wrong with it.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// The config could not be turned into JSON.
    #[error("failed to store the config: {source}\nhint: {hint}")]
    Config {
        /// What serde said, and of which setting.
        source: serde_json::Error,
        /// The way out.
        hint: String,
    },

    /// No run answers to the reference.
    #[error("no run matches `{reference}` in {}\nhint: {hint}", named(root))]
    RunNotFound {
        /// What was asked for.
        reference: String,
        /// The store that was searched.
        root: PathBuf,
        /// The way out.
        hint: String,
    },

    /// Several runs answer to the reference.
    #[error(
        "`{reference}` matches {} runs: {}\nhint: type more of the id",
        candidates.len(),
        candidates.join(", ")
    )]
    AmbiguousRun {
        /// What was asked for.
        reference: String,
        /// Ids and names of the runs that match.
        candidates: Vec<String>,
    },

    /// The run has no metric of that name.
    #[error("run {run} has no metric `{metric}`\nhint: {hint}")]
    UnknownMetric {
        /// The metric that was asked for.
        metric: String,
        /// The run's name.
        run: String,
        /// The way out: the names that the run has.
        hint: String,
    },

    /// The run has no such artifact, or it cannot be had.
    #[error("run {run} has no artifact `{artifact}` that can be read\nhint: {hint}")]
    UnknownArtifact {
        /// The artifact that was asked for.
        artifact: String,
        /// The run's name.
        run: String,
        /// The way out: what the run has, or why it cannot be read.
        hint: String,
    },

    /// The project has no saved view of that name.
    #[error("project {project} has no view `{view}`\nhint: {hint}")]
    UnknownView {
        /// The view that was asked for.
        view: String,
        /// The project's name.
        project: String,
        /// The way out: the views that there are.
        hint: String,
    },

    /// A file of the store is not what it should be. Other files are not touched by it.
    #[error("damaged file {}: {reason}\nhint: {}", named(path), way_out(path, hint))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// A newer tracker wrote the file, in a format that this version does not know.
    #[error(
        "{} has format version {version}, this program knows {known}\n\
         hint: a newer tracker wrote it; update this program to that version or a later one",
        named(path)
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The latest version that this program knows.
        known: u32,
    },

    /// The run ended, but not all of it could be saved.
    #[error("failed to save all of run {run}: {reason}\nhint: {hint}")]
    Unsaved {
        /// The run's name.
        run: String,
        /// What is missing and why.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// What was asked for could lose points, and was not done.
    #[error("refused to {action} {}: {reason}\nhint: {hint}", named(path))]
    Refused {
        /// What was asked for, such as `remove`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What could be lost.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// A picture, a table, a plot or a file cannot be kept as it is.
    #[error("the {what} cannot be kept: {reason}\nhint: {hint}")]
    Media {
        /// What it is, such as `picture`.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// What was typed to find runs makes no sense.
    #[error("{message}, at character {}\nhint: {hint}", position + 1)]
    Query {
        /// What is wrong with it.
        message: String,
        /// The way out.
        hint: String,
        /// Where, in characters from the beginning.
        position: usize,
    },

    /// Several of the trackers behind a [`Fanout`](crate::Fanout) failed.
    #[error("{} trackers failed: {}", errors.len(), join(errors))]
    Several {
        /// What each of them said, in their order.
        errors: Vec<Error>,
    },
}

impl Error {
    /// What to do about it: the part of the message after `hint:`. `None` of several errors, each of
    /// which has its own.
    ///
    /// ```
    /// use tracker_core::read::Store;
    ///
    /// let error = Store::open("/no/such/store").unwrap_err();
    /// assert!(error.hint().unwrap().contains("TRACKER_DIR"));
    /// ```
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Io { path, hint, .. } | Self::Damaged { path, hint, .. } => {
                Some(way_out(path, hint))
            }
            Self::InvalidName { hint, .. }
            | Self::Config { hint, .. }
            | Self::RunNotFound { hint, .. }
            | Self::UnknownMetric { hint, .. }
            | Self::UnknownArtifact { hint, .. }
            | Self::UnknownView { hint, .. }
            | Self::Unsaved { hint, .. }
            | Self::Refused { hint, .. }
            | Self::Query { hint, .. }
            | Self::Media { hint, .. } => Some(hint),
            Self::AmbiguousRun { .. } => Some("type more of the id"),
            Self::NewerFormat { .. } => {
                Some("a newer tracker wrote it; update this program to that version or a later one")
            }
            Self::Several { .. } => None,
        }
    }
}

/// What to do about a file, or about the object that it is a copy of.
fn way_out<'a>(path: &Path, hint: &'a str) -> &'a str {
    const OF_A_PLACE: &str = "check that the place answers; where the run was trained, `tracker sync --check` names all that \
                              is wrong there, and `tracker sync` sends again what is removed there";
    if is_mounted(path) { OF_A_PLACE } else { hint }
}

fn join(errors: &[Error]) -> String {
    errors.iter().map(Error::to_string).collect::<Vec<_>>().join("\n")
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Gives an I/O error its place: what was tried, where, and the way out.
pub(crate) trait IoContext<T> {
    fn io_context(self, action: &'static str, path: &Path, hint: &str) -> Result<T>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn io_context(self, action: &'static str, path: &Path, hint: &str) -> Result<T> {
        self.map_err(|source| Error::Io {
            action,
            path: path.to_owned(),
            hint: hint.to_owned(),
            source,
        })
    }
}

/// A few names for a hint, those first that are like the one that was asked for.
pub(crate) fn some_of<'a>(names: impl Iterator<Item = &'a String>, wanted: &str) -> String {
    const SHOWN: usize = 8;
    let is_like = |name: &&String| !wanted.is_empty() && name.contains(wanted);
    let (like, other): (Vec<&String>, Vec<&String>) = names.partition(is_like);
    let count = like.len() + other.len();
    let shown = like.into_iter().chain(other).take(SHOWN);
    let shown: Vec<String> = shown.map(|name| excerpt(name)).collect();
    let more = if count > SHOWN { format!(" and {} more", count - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

/// The beginning of a text that may be long or hold control characters, safe to print.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
