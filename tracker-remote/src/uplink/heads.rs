//! Sends the head, and keeps what others have added to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tracker_core::{
    Timestamp,
    replica::{Added, FileEntry, LineFile, RunLine},
};

use super::{known::SeenHead, round::Round};
use crate::{
    Error, Head, Line, MOST_HEAD, Result,
    head::is_document,
    objects::{Changed, Swapped, lies},
};

/// How often a head is sent of which nothing has changed, while the run lives: the heart of a run elsewhere.
const BEAT: Duration = Duration::from_secs(30);

/// The most bytes of a file that stands in a head.
const MOST_DOCUMENT: u64 = 8 << 20;

/// How often others may be quicker before the next round tries.
const TRIES: u32 = 10;

impl Round<'_> {
    /// Reads the head that is there, and only then the folder, merges both and writes it; again where somebody else was
    /// quicker. Folders without the first rank's `run.json` send none.
    pub(super) async fn send_head(&mut self) -> Result<()> {
        if !self.has_head() {
            return Ok(());
        }
        for _ in 0..TRIES {
            self.read_head().await?;
            let seen = self.head.clone();
            let Some(ours) = self.head_of_folder(seen.as_ref().map(|seen| &seen.head))? else {
                return Ok(());
            };
            if seen.as_ref().is_some_and(|seen| !self.is_news(seen, &ours)) {
                return Ok(());
            }
            let bytes = serde_json::to_vec(&ours).map_err(|error| {
                Error::damaged(self.names.head().as_ref(), format!("it cannot be written: {error}"))
            })?;
            let version = seen.as_ref().map(|seen| &seen.version);
            match self.objects.swap(&self.names.head(), Bytes::from(bytes), version).await? {
                Swapped::Done(version) => {
                    *self.head = Some(SeenHead { head: ours, version, sent: Some(Instant::now()) });
                    return Ok(());
                }
                Swapped::Changed => {
                    let before = seen.and_then(|seen| seen.version.e_tag);
                    *self.head = None;
                    self.read_head().await?;
                    let now = self.head.as_ref().and_then(|head| head.version.e_tag.clone());
                    if before.is_some() && before == now {
                        return Err(lies(self.names.head().as_ref()));
                    }
                }
            }
        }
        self.is_whole = false;
        Ok(())
    }

    /// Whether this folder sends a head: it has the first rank's `run.json`.
    pub(super) fn has_head(&self) -> bool {
        self.files.iter().any(|file| file.path == "run.json")
    }

    /// What is there now. Costs one request without an answer's bytes where nothing has changed.
    pub(super) async fn read_head(&mut self) -> Result<()> {
        let name = self.names.head();
        let found = match self.head.as_ref() {
            Some(known) => {
                match self.objects.get_changed(&name, MOST_HEAD as u64, &known.version).await? {
                    Changed::Not => return Ok(()),
                    Changed::To(found) => found,
                }
            }
            None => self.objects.get(&name, MOST_HEAD as u64).await?,
        };
        *self.head = match found {
            None => None,
            Some((bytes, version)) => {
                let head = Head::read(name.as_ref(), &bytes)?;
                if head.deleted.is_some() {
                    return Err(Error::Elsewhere {
                        run: self.folder.id().to_string(),
                        place: self.objects.place.to_string(),
                        reason: "it was deleted there".into(),
                        hint: format!(
                            "the folder here stays as it is; `tracker rm --undo {} --store {}` lets the run be sent again",
                            self.folder.id(),
                            self.objects.place
                        ),
                    });
                }
                let had_documents =
                    self.head.as_ref().is_some_and(|known| !known.head.documents.is_empty());
                if head.documents.is_empty() && had_documents {
                    return Err(self.removed());
                }
                self.take_lines(LineFile::Edits, &head.edits)?;
                self.take_lines(LineFile::Requests, &head.requests)?;
                Some(SeenHead { head, version, sent: None })
            }
        };
        Ok(())
    }

    /// Somebody has deleted the run, removed all of it and brought its head back.
    fn removed(&self) -> Error {
        Error::Elsewhere {
            run: self.folder.id().to_string(),
            place: self.objects.place.to_string(),
            reason: "all that it had was removed there meanwhile".into(),
            hint: format!(
                "`tracker sync {} --to {}` sends all of it anew",
                self.folder.id(),
                self.objects.place
            ),
        }
    }

    /// The folder's head with what others have added. `None` if a later attempt has sent one, or `run.json` is gone.
    fn head_of_folder(&self, there: Option<&Head>) -> Result<Option<Head>> {
        let attempts = self.files.iter().filter_map(FileEntry::writer);
        let attempt = attempts.filter(|writer| writer.rank == 0).map(|writer| writer.attempt).max();
        let attempt = attempt.unwrap_or(1);
        if there.is_some_and(|there| there.attempt > attempt) {
            return Ok(None);
        }
        let mut documents: BTreeMap<String, String> =
            there.map(|there| there.documents.clone()).unwrap_or_default();
        for file in self.files.iter().filter(|file| is_document(&file.path)) {
            if let Some(bytes) = self.folder.read(&file.path, MOST_DOCUMENT)? {
                documents.insert(file.path.clone(), String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        if !documents.contains_key("run.json") {
            return Ok(None);
        }
        let here: BTreeSet<&str> =
            there.into_iter().flat_map(|there| &there.names).map(String::as_str).collect();
        let own = self
            .files
            .iter()
            .filter(|file| !file.path.contains('/'))
            .map(|file| file.path.as_str());
        let names = here.into_iter().chain(own).collect::<BTreeSet<_>>();
        let mut edits = there.map(|there| there.edits.clone()).unwrap_or_default();
        add_lines(&mut edits, self.edits_of_folder()?);
        Ok(Some(Head {
            format: 1,
            attempt,
            documents,
            names: names.into_iter().map(str::to_owned).collect(),
            live: self.lives.clone(),
            beat: Timestamp::now(),
            edits,
            // Those that are there were taken into the folder when they were read.
            requests: Vec::new(),
            deleted: None,
        }))
    }

    /// What people edited on this side and others need to have.
    fn edits_of_folder(&self) -> Result<Vec<Line>> {
        let lines = self.folder.lines(LineFile::Edits)?.into_iter();
        Ok(lines.map(|RunLine { id, line }| Line { id, line }).collect())
    }

    /// Adds what others have written to the folder's own. What is no edit or no request of this run stays there, and that
    /// is told.
    fn take_lines(&mut self, file: LineFile, lines: &[Line]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let lines: Vec<RunLine> = lines
            .iter()
            .map(|Line { id, line }| RunLine { id: id.clone(), line: line.clone() })
            .collect();
        let added = self.folder.add_lines(file, &lines)?;
        let refused: Vec<&String> = added
            .iter()
            .filter_map(
                |added| if let Added::Refused(reason) = added { Some(reason) } else { None },
            )
            .collect();
        if let Some(reason) = refused.first() {
            let lines = tracker_core::text::plural(refused.len() as u64, "line");
            self.tell(format!("{lines} from the place left out, the first because {reason}"));
        }
        Ok(())
    }

    fn is_news(&self, seen: &SeenHead, ours: &Head) -> bool {
        let without_beat = Head { beat: seen.head.beat, ..ours.clone() };
        if without_beat != seen.head {
            return true;
        }
        let beats = self.lives.values().any(|lives| *lives);
        beats && seen.sent.is_none_or(|sent| sent.elapsed() >= BEAT)
    }
}

/// Adds those whose ids are not there yet.
fn add_lines(lines: &mut Vec<Line>, more: Vec<Line>) {
    let mut known: BTreeSet<String> = lines.iter().map(|line| line.id.clone()).collect();
    for line in more {
        if known.insert(line.id.clone()) {
            lines.push(line);
        }
    }
}
