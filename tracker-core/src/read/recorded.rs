//! What a run has recorded beside its points.

use std::path::PathBuf;

use parking_lot::Mutex;

use crate::{
    Alert, KnobChange, Result, Step, Timestamp,
    format::{
        event_line::{EventHead, EventKind, StoredEvent},
        media_item::{MediaItem, StoredMedia},
    },
    read::{
        ArtifactVersion, HistogramRow, MediaContents, MediaRow, MessageFilter, Messages, RunReader,
        alerts, artifacts,
        event_index::EventIndex,
        event_names,
        events::{EventFiles, Found},
        histograms, knobs, media, messages,
        superseded::Superseded,
    },
};

impl RunReader {
    /// All that the run has recorded and that is no scalar, in the order of time. What a resumed
    /// training took back is left out: what has a step beyond the one that it went on from.
    ///
    /// # Errors
    /// If a file cannot be read. A line that is cut or damaged is left out.
    pub fn events(&self) -> Result<Vec<StoredEvent>> {
        self.events_of(|_| true)
    }

    /// What somebody should look at, in the order of time: what rules saw, and what the program raised.
    ///
    /// # Errors
    /// If a file cannot be read. A line that is cut or damaged is left out.
    pub fn alerts(&self) -> Result<Vec<(Timestamp, Alert)>> {
        if !self.may_have_alerts() {
            return Ok(Vec::new());
        }
        Ok(alerts::alerts(self.events_of(alerts::is_alert)?))
    }

    /// How the run's knobs were changed, in the order of steps, each change with the time at which it came
    /// into force. What a resumed training took back is left out.
    ///
    /// # Errors
    /// If a file cannot be read. A line that is cut or damaged is left out.
    pub fn knob_changes(&self) -> Result<Vec<(Timestamp, KnobChange)>> {
        Ok(knobs::changes(self.events_of(knobs::is_knob)?))
    }

    fn events_of(
        &self,
        mut wanted: impl FnMut(&EventHead<'_>) -> bool,
    ) -> Result<Vec<StoredEvent>> {
        self.ask_events(None, &mut wanted, &mut |_| {})
    }

    /// The events that are `wanted`, in the order of time. `choose` may leave some of them out, or
    /// give them another order, before they are read.
    pub(crate) fn ask_events(
        &self,
        index: Option<&Mutex<EventIndex>>,
        wanted: &mut dyn FnMut(&EventHead<'_>) -> bool,
        choose: &mut dyn FnMut(&mut Vec<Found>),
    ) -> Result<Vec<StoredEvent>> {
        let (files, writers) = (self.paths(), &*self.paths().claims());
        let files = EventFiles { files, writers, superseded: &self.superseded_now(), index };
        let mut warnings = Vec::new();
        let events = files.read(&mut warnings, wanted, choose);
        self.tell(&warnings);
        events
    }

    /// What the program said, in the order of time and a page at a time: by the logging crates, by
    /// panics, and as [`Event::Message`](crate::Event::Message). What resumed trainings took back is
    /// there too. However many there are, no more is read than lies between the page and the end from
    /// which was asked.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::read::Store::discover()?.find("@latest")?;
    /// use tracker_core::{Level, read::MessageFilter};
    ///
    /// let warnings = MessageFilter::new().level(Level::Warning);
    /// let last = run.messages(&warnings)?;
    /// let earlier = run.messages(&warnings.clone().before(last.begin))?;
    /// let what_has_come_since = run.messages(&warnings.after(last.end))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a file cannot be read. A line that is cut or damaged is left out.
    pub fn messages(&self, filter: &MessageFilter) -> Result<Messages> {
        let (files, mut warnings) = (self.paths(), Vec::new());
        let found = messages::messages(files, &files.claims(), filter, &mut warnings);
        self.tell(&warnings);
        found
    }

    /// The files that belong to the run, all their versions in the order in which they were
    /// recorded, those too that are deleted.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::read::Store::discover()?.find("@latest")?;
    /// let is_latest = |alias: &String| alias == "latest";
    /// let latest = run.artifacts()?.into_iter().find(|known| {
    ///     known.artifact.name == "checkpoint/model" && known.artifact.aliases.iter().any(is_latest)
    /// });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn artifacts(&self) -> Result<Vec<ArtifactVersion>> {
        Ok(artifacts::artifacts(self.events_of(artifacts::is_artifact)?))
    }

    /// The file of the best checkpoint of `record`, which is `model` for what the adapters save; `None`
    /// if none is the best.
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn best_checkpoint(&self, record: &str) -> Result<Option<PathBuf>> {
        let name = format!("checkpoint/{record}");
        let is_best = |version: &ArtifactVersion| {
            let artifact = &version.artifact;
            !version.deleted
                && artifact.name == name
                && artifact.aliases.iter().any(|alias| alias == "best")
        };
        let best = self.artifacts()?.into_iter().find(is_best);
        Ok(best.and_then(|best| best.artifact.path).map(|path| self.path().join(path)))
    }

    /// The names of all histograms, sorted.
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn histogram_names(&self) -> Result<Vec<String>> {
        event_names::names(EventKind::Histogram, |wanted| self.events_of(wanted))
    }

    /// The histograms of one name in the order of steps; none for a name that the run has not.
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn histograms(&self, name: &str) -> Result<Vec<HistogramRow>> {
        let is_of_name = |head: &EventHead<'_>| head.is_of(EventKind::Histogram, name);
        Ok(histograms::rows(self.events_of(is_of_name)?))
    }

    /// The names of all media, sorted.
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn media_names(&self) -> Result<Vec<String>> {
        event_names::names(EventKind::Media, |wanted| self.events_of(wanted))
    }

    /// The media of one name in the order of steps; none for a name that the run has not.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::read::Store::discover()?.find("@latest")?;
    /// for row in run.media("samples")? {
    ///     for file in row.items.iter().filter_map(|item| item.file()) {
    ///         let contents = run.media_file(file.sha256.as_str())?;
    ///         println!("step {}: {} bytes", row.step, contents.bytes);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn media(&self, name: &str) -> Result<Vec<MediaRow>> {
        Ok(media::rows(self.events_of(|head| head.is_of(EventKind::Media, name))?))
    }

    /// The media of one name at one step: several if they were logged in several calls.
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn media_at(&self, name: &str, step: impl Into<Step>) -> Result<Vec<MediaRow>> {
        let step = step.into();
        let is_wanted =
            |head: &EventHead<'_>| head.step == Some(step) && head.is_of(EventKind::Media, name);
        Ok(media::rows(self.events_of(is_wanted)?))
    }

    /// Opens the file of media that has this SHA-256, in 64 lower-case hexadecimal digits. A store may
    /// come from elsewhere: nothing else leads to a file, and no link is followed.
    ///
    /// # Errors
    /// If it is no hash, or the run has no such file.
    pub fn media_file(&self, sha256: &str) -> Result<MediaContents> {
        media::open(self.paths(), sha256)
    }

    /// The hashes of all files that lines of the run name, those too that a resumed training took
    /// back. `None` if some lines cannot be read: nobody knows what they name.
    pub(crate) fn named_media(&self) -> Result<Option<Vec<StoredMedia>>> {
        let (files, writers) = (self.paths(), &*self.paths().claims());
        let superseded = &Superseded::default();
        let files = EventFiles { files, writers, superseded, index: None };
        let mut warnings = Vec::new();
        let is_media = &mut |head: &EventHead<'_>| head.kind == EventKind::Media;
        let rows = media::rows(files.read(&mut warnings, is_media, &mut |_| {})?);
        let items = rows.iter().flat_map(|row| &row.items);
        Ok(warnings.is_empty().then(|| items.filter_map(MediaItem::file).cloned().collect()))
    }
}
