//! Brings runs, one after the other.

use tracker_core::{
    RunId,
    read::Store,
    replica::{Added, ArrivingRun, LineFile, RunLine},
    text::plural,
};

use super::{
    carry::{Carry, settle, started},
    here::Compared,
    there::{self, There},
};
use crate::{
    Error, Place, Result, names::ProjectNames, record::Record, requests::Requests,
    uplink::Artifacts,
};

/// How often to look again where something is gone that was there a moment ago.
const TRIES: usize = 3;

/// Brings runs from a place into a store, whole: afterwards they are runs of that store like all others, and need the
/// place no more.
///
/// A call blocks its thread until the run is here. It may be killed at any moment: whoever brings the run next goes on
/// from there. A run that trains there comes as far as it is, and is brought up to date by the next call.
#[derive(Debug)]
pub struct Fetch {
    requests: Requests,
    store: Store,
    artifacts: Artifacts,
    bytes_per_second: Option<u64>,
}

/// What became of a run that was to be brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fetched {
    /// How many bytes came, and in how many objects.
    pub got: (u64, u64),
    /// Whether the run has ended there and all of it is here.
    pub is_whole: bool,
    /// What should be there and is not, in words. All else is here.
    pub missing: Vec<String>,
    /// What else is worth telling, in words.
    pub told: Vec<String>,
}

impl Fetch {
    /// What brings runs from this place into this store. Asks the place nothing yet.
    ///
    /// # Errors
    /// If no thread can be had.
    pub fn new(place: &Place, store: &Store) -> Result<Self> {
        let requests = Requests::new(place).map_err(|source| Error::Io {
            action: "start a thread for",
            path: store.root().to_owned(),
            hint: "raise the limits on threads and open files",
            source,
        })?;
        Ok(Self {
            requests,
            store: store.clone(),
            artifacts: Artifacts::All,
            bytes_per_second: None,
        })
    }

    /// Which files come beside points, events and settings.
    #[must_use]
    pub fn artifacts(self, artifacts: Artifacts) -> Self {
        Self { artifacts, ..self }
    }

    /// How many bytes a second come at most.
    #[must_use]
    pub fn limit(self, bytes_per_second: Option<u64>) -> Self {
        Self { bytes_per_second, ..self }
    }

    /// Brings a run, or what of it has been added since it was brought.
    ///
    /// # Errors
    /// [`Error::Here`] if a run of this id is here with other contents, or trains here, or was deleted there: nothing was
    /// changed. Else if the place does not answer, what it has cannot be used, or the store cannot be written.
    pub fn bring(&self, project: &str, run: &RunId) -> Result<Fetched> {
        let arriving = ArrivingRun::begin(&self.store, project, run)?;
        if let Some(writer) = arriving.trained_by()? {
            return Err(self.left(run, &format!("writer {writer} of it trains here")));
        }
        let mut fetched = Fetched::default();
        if self.is_here(&arriving, project, run)? {
            fetched.is_whole = true;
            return Ok(fetched);
        }
        for tried in 1.. {
            let there = There::look(&self.requests, project, run)?;
            if !there.head.documents.contains_key("run.json") {
                return Err(Error::damaged(there.names.head().as_ref(), "it has no run.json"));
            }
            let gone = match self.bring_what_is_there(&arriving, &there, &mut fetched) {
                // Such as of another place: it was never anybody's.
                Err(Error::Here { .. }) if tried == 1 && arriving.is_new() => {
                    arriving.start_over()?;
                    continue;
                }
                gone => gone?,
            };
            if gone.is_empty() || tried >= TRIES {
                fetched.missing = gone;
                fetched.missing.extend(there.missing());
                self.end(&arriving, &there, &mut fetched)?;
                break;
            }
        }
        arriving.place()?;
        Ok(fetched)
    }

    /// Whether the run had ended when it was brought, and neither it nor the copy has changed since.
    fn is_here(&self, arriving: &ArrivingRun, project: &str, run: &RunId) -> Result<bool> {
        let record = Record::read(arriving.folder(), self.requests.place())?;
        let Some(record) = record.filter(|record| record.is_whole && !arriving.is_new()) else {
            return Ok(false);
        };
        let names = ProjectNames::new(project);
        let (_, head) = there::head(&self.requests, &names, run)?;
        let (_, listed) = there::list(&self.requests, &names.run(run))?;
        let files = arriving.folder().files()?.into_iter();
        let files = files.chain(arriving.folder().user_files()?.files);
        let lengths: std::collections::BTreeMap<String, u64> =
            files.map(|file| (file.path, file.stamp.length())).collect();
        let is_as_it_was = record.files.iter().all(|(path, brought)| {
            lengths.get(path).is_some_and(|length| *length == brought.length)
        });
        Ok(is_as_it_was && record.state == self.state(&format!("{head} {listed}")))
    }

    /// Brings all that is not here. What was there a moment ago and is gone, in words.
    fn bring_what_is_there(
        &self,
        arriving: &ArrivingRun,
        there: &There,
        fetched: &mut Fetched,
    ) -> Result<Vec<String>> {
        let (folder, place) = (arriving.folder(), self.requests.place());
        let record = Record::read(folder, place)?;
        let compared = Compared::new(arriving, there, record.as_ref(), self.artifacts);
        let plan = match compared.plan()? {
            Ok(plan) => plan,
            Err(what) => return Err(self.left(folder.id(), &what)),
        };
        let is_own = record.is_none() && !arriving.is_new();
        if is_own {
            return match plan.steps.first() {
                None => Ok(Vec::new()),
                Some(step) => {
                    let what =
                        format!("it did not come from there, and {} is not as there", step.path());
                    Err(self.left(folder.id(), &what))
                }
            };
        }
        started(place, &plan).write(folder, place)?;
        let mut carry = Carry {
            requests: &self.requests,
            run: arriving,
            there,
            bytes_per_second: self.bytes_per_second,
            got: &mut fetched.got,
            gone: Vec::new(),
        };
        carry.out(&plan)?;
        Ok(carry.gone)
    }

    /// Adds what people edited elsewhere.
    fn tell_lines(&self, run: &ArrivingRun, there: &There, fetched: &mut Fetched) -> Result<()> {
        let lines = there.head.edits.iter();
        let lines: Vec<RunLine> =
            lines.map(|edit| RunLine { id: edit.id.clone(), line: edit.line.clone() }).collect();
        let added = run.folder().add_lines(LineFile::Edits, &lines)?;
        let refused = added.iter().filter(|added| matches!(added, Added::Refused(_))).count();
        if refused > 0 {
            let lines = plural(refused as u64, "edit");
            let text = format!("{lines} in {} left out: they are none", self.requests.place());
            fetched.told.push(text);
        }
        Ok(())
    }

    /// Writes down that all that is there is here.
    fn end(&self, run: &ArrivingRun, there: &There, fetched: &mut Fetched) -> Result<()> {
        let (folder, place) = (run.folder(), self.requests.place());
        fetched.is_whole = fetched.missing.is_empty() && there.has_ended();
        // This machine's own run has none, and is left as it is.
        let Some(mut record) = Record::read(folder, place)? else { return Ok(()) };
        self.tell_lines(run, there, fetched)?;
        settle(run, &mut record)?;
        record.is_whole = fetched.is_whole;
        record.state = self.state(&there.state);
        record.write(folder, place)
    }

    fn state(&self, there: &str) -> String {
        format!("{there} {:?}", self.artifacts)
    }

    fn left(&self, run: &RunId, reason: &str) -> Error {
        Error::Here {
            run: run.to_string(),
            reason: reason.to_owned(),
            hint: format!(
                "bring the run into another store, with --dir; or read it with --store {}",
                self.requests.place()
            ),
        }
    }
}
