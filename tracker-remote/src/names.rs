//! How the objects of a place are named.
//!
//! ```text
//! tracker.json                                     what this place is
//! <project>/heads/<run>.json                       what lists show, edits, requests; the only object that several change
//! <project>/heads/zz-changed                       written anew when somebody changes the head of a run that may be old
//! <project>/runs/<run>/file/<path>                 a file that never changes, as the run's folder has it
//! <project>/runs/<run>/grow/<path>/<from>-<to>     bytes of a file that grows, all of one length, compressed
//! <project>/runs/<run>/tail/<writer>               what of a writer still changes, compressed
//! <project>/runs/<run>/manifest                    which files are kept by their hashes, compressed
//! <project>/blobs/<sha256>                         the contents of these
//! <project>/catalog/<first run>                    many heads at once, derived
//! <project>/studies/<name>                         the journal of a study, compressed
//! <project>/condemned                              contents that are about to be removed
//! <project>/clock                                  written by whoever asks what time it is there
//! ```

use object_store::path::{Path, PathPart};
use tracker_core::{RunId, Writer};

/// How many bytes of a file that grows are in one object. The records of a log begin anywhere in it.
pub const PIECE: u64 = 256 << 10;

/// The name of the object that says what a place is.
pub const STORE: &str = "tracker.json";

/// The objects of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectNames(Path);

/// The objects of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunNames {
    project: ProjectNames,
    run: RunId,
}

/// What an object of a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Object {
    /// A whole file, by its path in the run's folder.
    File(String),
    /// Some bytes of a file that grows.
    Piece {
        /// The file's path in the run's folder.
        file: String,
        /// The first byte.
        from: u64,
        /// The one behind the last.
        to: u64,
    },
    /// What of a writer still changes.
    Tail(Writer),
    /// Which files the user keeps in the run's folder.
    Manifest,
}

impl ProjectNames {
    /// The objects of the project with this name.
    pub fn new(project: &str) -> Self {
        Self(Path::from_iter([project]))
    }

    /// All heads.
    pub fn heads(&self) -> Path {
        self.child("heads")
    }

    /// What is written anew when somebody changes the head of a run that may be old. It stands behind all heads, so whoever
    /// lists the last ones sees it.
    pub fn changed(&self) -> Path {
        self.heads().join("zz-changed")
    }

    /// The catalogue of heads.
    pub fn catalog(&self) -> Path {
        self.child("catalog")
    }

    /// All contents that are kept by their hashes.
    pub fn blobs(&self) -> Path {
        self.child("blobs")
    }

    /// The contents with this hash, as 64 hex digits.
    pub fn blob(&self, sha256: &str) -> Path {
        self.blobs().join(sha256)
    }

    /// Below which the objects of all runs are.
    pub fn runs(&self) -> Path {
        self.child("runs")
    }

    /// Which contents are about to be removed.
    pub fn condemned(&self) -> Path {
        self.child("condemned")
    }

    /// What is written to know what time it is there.
    pub fn clock(&self) -> Path {
        self.child("clock")
    }

    /// The run of which this is an object, other than its head.
    pub fn run_of_object(&self, object: &Path) -> Option<RunId> {
        object.prefix_match(&self.runs())?.next()?.as_ref().parse().ok()
    }

    /// The journals of all studies.
    pub fn studies(&self) -> Path {
        self.child("studies")
    }

    /// The journal of the study with this name.
    pub fn study(&self, name: &str) -> Path {
        self.studies().join(name)
    }

    /// The study whose journal this is; `None` of a name that is written otherwise than tracker writes it.
    pub fn study_of_object(&self, object: &Path) -> Option<String> {
        let mut parts = object.prefix_match(&self.studies())?;
        let name = decoded(parts.next()?.as_ref())?;
        (parts.next().is_none() && self.study(&name) == *object).then_some(name)
    }

    /// The objects of a run.
    pub fn run(&self, run: &RunId) -> RunNames {
        RunNames { project: self.clone(), run: run.clone() }
    }

    /// The run whose head this is.
    pub fn run_of_head(&self, head: &Path) -> Option<RunId> {
        let mut parts = head.prefix_match(&self.heads())?;
        let name = parts.next()?.as_ref().strip_suffix(".json")?.parse().ok()?;
        parts.next().is_none().then_some(name)
    }

    fn child(&self, name: &'static str) -> Path {
        self.0.clone().join(name)
    }
}

impl RunNames {
    /// The run's head.
    pub fn head(&self) -> Path {
        self.project.heads().join(format!("{}.json", self.run))
    }

    /// Below which all other objects of the run are.
    pub fn all(&self) -> Path {
        self.project.runs().join(self.run.as_str())
    }

    /// A file that never changes, by its path in the run's folder.
    pub fn file(&self, path: &str) -> Path {
        below(self.all().join("file"), path)
    }

    /// Bytes of a file that grows.
    pub fn piece(&self, path: &str, from: u64, to: u64) -> Path {
        below(self.all().join("grow"), path).join(format!("{from:020}-{to:020}"))
    }

    /// What of a writer still changes.
    pub fn tail(&self, writer: Writer) -> Path {
        self.all().join("tail").join(writer.to_string())
    }

    /// The objects of its project.
    pub fn project(&self) -> &ProjectNames {
        &self.project
    }

    /// Which files the user keeps in the run's folder.
    pub fn manifest(&self) -> Path {
        self.all().join("manifest")
    }

    /// All contents of the project's runs.
    pub fn blobs(&self) -> Path {
        self.project.blobs()
    }

    /// The contents with this hash, as 64 hex digits, of whichever run of the project.
    pub fn blob(&self, sha256: &str) -> Path {
        self.project.blob(sha256)
    }

    /// What an object of this run is; `None` of what tracker does not put there.
    pub fn object(&self, object: &Path) -> Option<Object> {
        let parts: Vec<PathPart<'_>> = object.prefix_match(&self.all())?.collect();
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        match &*parts {
            ["manifest"] => Some(Object::Manifest),
            ["tail", writer] => writer.parse().ok().map(Object::Tail),
            ["file", path @ ..] => path_of(path).map(Object::File),
            ["grow", path @ .., range] => {
                let (from, to) = range.split_once('-')?;
                let (from, to) = (from.parse().ok()?, to.parse().ok()?);
                let file = path_of(path)?;
                (from < to).then_some(Object::Piece { file, from, to })
            }
            _ => None,
        }
    }
}

/// The writer of a log, and its first point, by its path in the run's folder.
pub(crate) fn log_of(path: &str) -> Option<(Writer, u64)> {
    let (writer, log) = path.strip_prefix("live/")?.split_once('/')?;
    Some((writer.parse().ok()?, log.strip_prefix("log-")?.parse().ok()?))
}

/// The writer of a file of events, by its name in the run's folder.
pub(crate) fn writer_of_events(name: &str) -> Option<Writer> {
    name.strip_prefix("events-")?.strip_suffix(".jsonl")?.parse().ok()
}

/// One name of a path as it was before [`Path`] wrote it.
pub(crate) fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn below(folder: Path, path: &str) -> Path {
    path.split('/').fold(folder, Path::join)
}

/// The path in a run's folder; none if a step of it would lead elsewhere.
fn path_of(names: &[&str]) -> Option<String> {
    let is_plain = |name: &&str| {
        !name.is_empty()
            && !matches!(*name, "." | "..")
            && !name.contains(['/', '\\', '%', ':'])
            && !name.chars().any(char::is_control)
    };
    (!names.is_empty() && names.len() <= 8 && names.iter().all(is_plain)).then(|| names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> RunNames {
        ProjectNames::new("mnist").run(&"01JZXW5M4B6Q8T2V9Y3C7D0E1F".parse().unwrap())
    }

    #[test]
    fn each_object_of_a_run_is_told_by_its_name() {
        let (names, writer) = (names(), Writer { rank: 0, attempt: 1 });
        let part = "scalars/r0a1-0-99.parquet";
        assert_eq!(names.object(&names.file(part)), Some(Object::File(part.into())));
        assert_eq!(names.object(&names.tail(writer)), Some(Object::Tail(writer)));
        assert_eq!(names.object(&names.manifest()), Some(Object::Manifest));
        let log = "live/r0a1/log-0";
        let piece = Object::Piece { file: log.into(), from: 0, to: PIECE };
        assert_eq!(names.object(&names.piece(log, 0, PIECE)), Some(piece));
    }

    #[test]
    fn names_that_would_lead_elsewhere_are_no_objects() {
        let names = names();
        for path in ["../x", "a/../../x", ".", "a//b", "a\\b", "c:d", "a\nb"] {
            assert_eq!(names.object(&names.file(path)), None, "{path:?}");
        }
        let of_another =
            ProjectNames::new("mnist").run(&"01JZXW5M4B6Q8T2V9Y3C7D0E1G".parse().unwrap());
        assert_eq!(names.object(&of_another.manifest()), None);
        assert_eq!(names.object(&names.piece("a", 9, 9)), None);
    }

    #[test]
    fn a_journal_tells_its_study() {
        let project = ProjectNames::new("a project");
        for study in ["rates", "Grünkohl 2", "100%", "a.b-c_d"] {
            assert_eq!(project.study_of_object(&project.study(study)).as_deref(), Some(study));
        }
        let below = project.study("rates").join("x");
        let twice = Path::parse("a project/studies/%72ates").unwrap();
        for odd in [&below, &twice, &project.studies(), &project.clock()] {
            assert_eq!(project.study_of_object(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_head_tells_its_run() {
        let project = ProjectNames::new("a project");
        let run: RunId = "01JZXW5M4B6Q8T2V9Y3C7D0E1F".parse().unwrap();
        assert_eq!(project.run_of_head(&project.run(&run).head()), Some(run));
        assert_eq!(project.run_of_head(&project.blob("00")), None);
    }
}
