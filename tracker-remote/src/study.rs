//! Sends a study's journal to a place, whole, whenever it has grown. Journals are read from there and never written: a study
//! is told its values where its folder is.
//!
//! Invariant: what lies there is the beginning of the journal here, or goes further than it. So any process that has a
//! trial of the study may send it, and whoever is late takes nothing back.

use std::{collections::BTreeMap, io::Read, thread, time::Duration};

use object_store::UpdateVersion;
use tracker_core::{
    read::{RunReader, Store},
    studies::StudyFolder,
};

use crate::{
    Error, Place, Result, hash::sha256, names::ProjectNames, objects::Swapped, packed,
    requests::Requests,
};

/// The longest journal that is sent and read, in bytes: that of a million trials.
pub(crate) const MOST_JOURNAL: u64 = 256 << 20;

/// How often others may be quicker before it is given up.
const TRIES: u64 = 10;

/// Sends the journal of one study to a place. It may be dropped or killed at any moment.
///
/// A call blocks its thread until the place has answered.
#[derive(Debug)]
pub struct StudyUplink {
    folder: StudyFolder,
    requests: Requests,
    /// How long the journal was when all of it was there.
    sent: usize,
    seen: Option<Seen>,
}

/// What was there when it was looked at last.
#[derive(Debug)]
struct Seen {
    version: UpdateVersion,
    length: usize,
    sha256: String,
}

impl StudyUplink {
    /// What sends this study to a place. Asks the place nothing yet.
    ///
    /// # Errors
    /// If there is no thread for it.
    pub fn new(place: &Place, folder: StudyFolder) -> Result<Self> {
        let requests = Requests::new(place).map_err(|source| Error::Io {
            action: "start a thread for",
            path: folder.path().to_owned(),
            hint: "raise the limits on threads and open files",
            source,
        })?;
        Ok(Self { folder, requests, sent: 0, seen: None })
    }

    /// What sends the study whose trial this run is; `None` of a run that is no trial, or whose study is not here.
    ///
    /// # Errors
    /// If there is no thread for it.
    pub fn of_run(place: &Place, run: &RunReader) -> Result<Option<Self>> {
        study_of(run).map(|folder| Self::new(place, folder)).transpose()
    }

    /// What sends the studies whose trials these runs are, each once.
    ///
    /// # Errors
    /// If there is no thread for one of them.
    pub fn of_runs<'a>(
        place: &Place,
        runs: impl IntoIterator<Item = &'a RunReader>,
    ) -> Result<Vec<Self>> {
        let folders = runs.into_iter().filter_map(study_of);
        let each: BTreeMap<_, _> =
            folders.map(|folder| (folder.path().to_owned(), folder)).collect();
        each.into_values().map(|folder| Self::new(place, folder)).collect()
    }

    /// The study's folder.
    pub fn folder(&self) -> &StudyFolder {
        &self.folder
    }

    /// Sends what the journal says now. Whether anything had to be sent; asks the place nothing if nothing has been added
    /// since the last call. A line that is just being written is left for the next one.
    ///
    /// # Errors
    /// If the place does not do what it is asked, if others write there all the time, if another study of this name lies
    /// there, or if the journal cannot be read or has more than 256 MiB.
    pub fn send(&mut self) -> Result<bool> {
        let Some(ours) = self.read_beyond(self.sent)? else { return Ok(false) };
        let name = ProjectNames::new(self.folder.project()).study(self.folder.name());
        for tried in 1..=TRIES {
            let version = match self.look(&name, &ours)? {
                There::Nothing => None,
                There::Less(version) => Some(version),
                There::All => {
                    self.sent = ours.len();
                    return Ok(false);
                }
                There::Another => return Err(self.another()),
            };
            let packed = packed::pack(&ours);
            if let Swapped::Done(version) = self.requests.swap(&name, packed, version.as_ref())? {
                self.sent = ours.len();
                self.seen = Some(Seen::of(version, &ours));
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(10 + 7 * tried));
        }
        Err(self.requests.crowded(&name))
    }

    /// Whether all that the journal says now is there. Sends nothing.
    ///
    /// # Errors
    /// As of [`send`](Self::send).
    pub fn is_there(&mut self) -> Result<bool> {
        let Some(ours) = self.read_beyond(0)? else { return Ok(true) };
        let name = ProjectNames::new(self.folder.project()).study(self.folder.name());
        match self.look(&name, &ours)? {
            There::All => Ok(true),
            There::Nothing | There::Less(_) => Ok(false),
            There::Another => Err(self.another()),
        }
    }

    /// What lies there, seen from the journal here.
    fn look(&mut self, name: &object_store::path::Path, ours: &[u8]) -> Result<There> {
        let told = |error| self.requests.told("read", error);
        let known = self.seen.take().filter(|seen| seen.begins(ours));
        let tag = known.as_ref().and_then(|seen| seen.version.e_tag.clone());
        let got = match self.requests.get_if_changed(name, tag.as_deref(), MOST_JOURNAL) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(There::Nothing);
            }
            got => got.map_err(told)?,
        };
        let Some(got) = got else {
            // Still what was seen, which is a beginning of ours.
            return Ok(known.map_or(There::Nothing, |seen| There::Less(seen.version)));
        };
        let theirs = packed::unpack(name.as_ref(), &got.bytes, MOST_JOURNAL)?;
        if theirs.starts_with(ours) {
            self.seen = Some(Seen::of(got.version, &theirs));
            return Ok(There::All);
        }
        Ok(if ours.starts_with(&theirs) { There::Less(got.version) } else { There::Another })
    }

    /// All whole lines; `None` if they are no more bytes than are known.
    fn read_beyond(&self, known: usize) -> Result<Option<Vec<u8>>> {
        let failed = |source| Error::Io {
            action: "read",
            path: self.folder.journal_path(),
            hint: "check the permissions of the study's folder",
            source,
        };
        if !self.folder.has_journal() {
            return Ok(None);
        }
        let journal = self.folder.read_journal()?;
        let length = journal.metadata().map_err(failed)?.len();
        if length == known as u64 {
            return Ok(None);
        }
        if length > MOST_JOURNAL {
            let text = format!("it has more than {MOST_JOURNAL} bytes");
            return Err(failed(std::io::Error::new(std::io::ErrorKind::FileTooLarge, text)));
        }
        let mut bytes = Vec::new();
        journal.take(length).read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        bytes.truncate(whole);
        Ok((whole != known).then_some(bytes))
    }

    fn another(&self) -> Error {
        Error::OtherStudy {
            study: format!("{}/{}", self.folder.project(), self.folder.name()),
            place: self.requests.place().to_string(),
            hint: "begin it under another name; its runs are sent all the same",
        }
    }
}

/// What lies at a place.
enum There {
    Nothing,
    /// A beginning of the journal here.
    Less(UpdateVersion),
    /// The journal here, or more of it.
    All,
    Another,
}

impl Seen {
    fn of(version: UpdateVersion, journal: &[u8]) -> Self {
        Self { version, length: journal.len(), sha256: sha256(journal) }
    }

    /// Whether a journal begins with what was seen.
    fn begins(&self, journal: &[u8]) -> bool {
        journal.get(..self.length).is_some_and(|begin| sha256(begin) == self.sha256)
    }
}

/// The study of which a run is a trial, if it is in the same store.
fn study_of(run: &RunReader) -> Option<StudyFolder> {
    let name = run.info().study()?;
    let store = Store::open(run.path().ancestors().nth(2)?).ok()?;
    StudyFolder::open(&store, &run.info().project, name).ok()
}
