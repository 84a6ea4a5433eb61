//! One stored run.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{
    Alert, Error, KnobChange, Result, RunContext, State, Step, Summary, Timestamp, Writer,
    error::IoContext,
    format::{
        event_line::{EventHead, EventKind, StoredEvent},
        layout::{Contents, EDITS, PACKAGES, RUN_FILE, RunPaths},
        media_item::{MediaItem, StoredMedia},
        run_file::{self, RunFile},
    },
    read::{
        ArtifactVersion, Cursor, Edit, HistogramRow, Loss, MediaContents, MediaRow, MessageFilter,
        Messages, Parent, Points, RowStream, RunInfo, Tail, Warning, WriterInfo, alerts, artifacts,
        edit,
        event_index::EventIndex,
        event_names,
        events::{EventFiles, Found},
        file_stamp::Stamp,
        files::RunFiles,
        histograms, knobs, last_words, media, messages,
        part_cache::PartCache,
        row_stream,
        rows::{Rows, gather},
        sources::{Positions, Sources},
        summaries::{self, Summaries},
        superseded::{Superseded, is_of_the_machine},
        trouble::Trouble,
        writers,
    },
    value::summary::Accumulator,
};

/// The most bytes of a list of packages.
const MOST_PACKAGES: u64 = 8 << 20;

/// A stored run. Opening it reads `run.json` only; points are read when asked for.
///
/// A reader is cheap to clone and can be used from several threads. It shows the settings of the
/// run as they were when it was opened, and its points and state as they are.
#[derive(Debug, Clone)]
pub struct RunReader(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    paths: RunPaths,
    info: RunInfo,
    /// What `run.json` says of the run's state; none if it cannot be read.
    state: Option<State>,
    /// The run's summary, if `run.json` has one of all points.
    summary: Option<Arc<BTreeMap<String, Summary>>>,
    superseded: Superseded,
    stamp: Stamp,
    /// Of the file with what people edited; all zeros if there was none.
    edits: Stamp,
    damage: Option<Warning>,
    /// Whether the run may have made use of something, as `run.json` said when it was opened.
    may_use: bool,
    /// How often the run was started, at its opening: 1 unless it was resumed.
    attempts: u16,
    /// Of files that were put aside before the run was opened.
    put_aside: Vec<Warning>,
    parts: PartCache,
    trouble: Trouble,
}

impl RunReader {
    /// Opens the run in `folder`.
    ///
    /// A damaged `run.json` costs the name, config and notes; the points stay readable, and
    /// [`damage`](Self::damage) says so. The same holds while there is no `run.json` yet because
    /// another rank than the first has started before it.
    ///
    /// # Errors
    /// If the folder is no run's, or a newer tracker wrote it.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        Self::open_at(RunPaths::new(folder.into()))
    }

    /// Opens the run behind a tracker, also while it lives: what earlier attempts logged, and this
    /// one. Points are there at once; for what else this process has recorded a moment ago, call
    /// [`flush`](crate::Tracker::flush) first.
    ///
    /// # Errors
    /// If tracking is disabled, or the run's folder cannot be read.
    pub fn of_context(run: &dyn RunContext) -> Result<Self> {
        if run.is_stored() {
            return Self::open(run.path());
        }
        Err(Error::Refused {
            action: "read",
            path: run.path().to_owned(),
            reason: "tracking is disabled, so that nothing is stored".into(),
            hint: "unset TRACKER_MODE, or skip what needs an earlier attempt".into(),
        })
    }

    pub(crate) fn open_at(paths: RunPaths) -> Result<Self> {
        let from = paths.clone();
        Self::open_from(paths, &from)
    }

    /// Opens the run that is found by `paths` later on, and by `from` with fewer steps now.
    pub(crate) fn open_from(paths: RunPaths, from: &RunPaths) -> Result<Self> {
        let hint = "is this a run's folder?";
        let folder = &from.hold().io_context("read", &paths.run_file(), hint)?;
        let opened = match read_run_file(folder) {
            Ok((file, stamp)) => Opened::new(paths, folder, stamp, file),
            Err(error @ Error::Damaged { .. }) => {
                let damage = error.to_string();
                Opened::without_file(paths, folder, "its run.json is damaged", damage)?
            }
            Err(Error::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound
                    && !files(folder).claims().is_empty() =>
            {
                let damage = format!(
                    "{} has no run.json yet; the first rank writes it when it starts",
                    paths.folder().display()
                );
                Opened::without_file(paths, folder, "it has no run.json yet", damage)?
            }
            Err(error) => return Err(error),
        };
        Ok(Self(Arc::new(opened)))
    }

    /// What is known of the run beside its points.
    pub fn info(&self) -> &RunInfo {
        &self.0.info
    }

    /// The run's folder.
    pub fn path(&self) -> &Path {
        self.0.paths.folder()
    }

    /// Opens a file of the run for reading, by its path within the run's folder. A store may come
    /// from elsewhere: a link may lead to the file only if it does not lead out of the folder, and
    /// what is no plain file, such as a pipe, is not opened.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be read.
    pub fn open_file(&self, path: impl AsRef<Path>) -> Result<File> {
        let path = path.as_ref();
        let opened = self.paths().folder().open_beneath(path);
        opened.io_context("open", &self.path().join(path), "only the run's own files are opened")
    }

    pub(crate) fn paths(&self) -> &RunPaths {
        &self.0.paths
    }

    /// The run's files, for whoever need not know where they lie.
    pub(crate) fn files(&self) -> &dyn RunFiles {
        &self.0.paths
    }

    pub(crate) fn part_cache(&self) -> &PartCache {
        &self.0.parts
    }

    /// How often the run was started, when it was opened: 1 unless it was resumed.
    pub(crate) fn attempts(&self) -> u16 {
        self.0.attempts
    }

    /// Whether its events may tell that it made use of something.
    pub(crate) fn may_use(&self) -> bool {
        self.0.may_use
    }

    /// The run's state now. Looks at the processes of a run that has not ended.
    pub fn state(&self) -> State {
        let said = self.0.state.unwrap_or(State::Running);
        if said != State::Running {
            return said;
        }
        let seen = writers::state_of_running(self.paths());
        if seen == State::Running {
            return seen;
        }
        // It may have ended since `run.json` was read.
        match read_run_file(self.files()).map(|(file, _)| file) {
            Ok(file) if file.state != State::Running => file.state,
            _ => seen,
        }
    }

    /// The versions of the packages that the run's program was built with, by name, as the nearest
    /// `Cargo.lock` said when it started. `None` if none was found, or an older version wrote the
    /// run.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::read::Store::discover()?.find("@latest")?;
    /// let version = run.packages()?.and_then(|packages| packages.get("burn").cloned());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the list cannot be read.
    pub fn packages(&self) -> Result<Option<BTreeMap<String, String>>> {
        let path = self.files().place(PACKAGES);
        let (text, _) = match self.files().read(PACKAGES, MOST_PACKAGES) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            result => result.io_context("read", &path, "check the file's permissions")?,
        };
        serde_json::from_slice(&text).map(Some).map_err(|error| Error::Damaged {
            path,
            reason: error.to_string(),
            hint: "remove the file: only the list of packages is lost".into(),
        })
    }

    /// The processes that write or wrote to the run, by rank and attempt, each with its state now.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn writers(&self) -> Result<Vec<WriterInfo>> {
        writers::writers(self.paths())
    }

    /// Each metric's summary. Costs nothing more for a run that has ended, else the footers of its
    /// parts, its logs and its ring.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn summary(&self) -> Result<Arc<BTreeMap<String, Summary>>> {
        if let Some(summary) = &self.0.summary {
            return Ok(Arc::clone(summary));
        }
        let Summaries { metrics, warnings } = self.sums()?;
        self.0.trouble.add(&warnings);
        Ok(Arc::new(self.0.summaries(metrics)))
    }

    fn sums(&self) -> Result<Summaries> {
        let hint = "is this a run's folder?";
        let folder = self.paths().hold().io_context("open", self.paths().folder(), hint)?;
        let writers = files(&folder).claims();
        summaries::summaries(&folder, &self.0.parts, &self.0.superseded_now(), &writers)
    }

    /// The last step of the training; `None` before its first point. That of a fork which has not logged
    /// yet is the one that it [goes on after](Self::forked_after). Metrics of the machine, whose names begin
    /// with `system/`, have steps of their own and do not count.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn last_step(&self) -> Result<Option<Step>> {
        let summary = self.summary()?;
        let trained = summary.iter().filter(|(metric, _)| !is_of_the_machine(metric));
        Ok(trained.map(|(_, summary)| summary.step).chain(self.forked_after()).max())
    }

    /// The step up to which a fork has the rows of its parent: the one after which it was forked, or an
    /// earlier one if its training goes on from there. `None` for a run that is no fork.
    pub fn forked_after(&self) -> Option<Step> {
        let parent = self.info().parent.as_ref()?;
        Some(self.superseded_now().inherited_up_to(parent.step))
    }

    /// What a run that is forked now after `step` has to know of this one.
    ///
    /// # Errors
    /// If `run.json` cannot be read.
    pub(crate) fn as_parent(&self, step: Step) -> Result<Parent> {
        let (file, _) = read_run_file(self.files())?;
        let (writers, resumes) = (self.files().claims(), file.resumes);
        let (run, name, project) = (file.id, self.info().name.clone(), file.project);
        Ok(Parent { run, name, project, step, writers, resumes })
    }

    /// What a reader met that it could not read.
    pub(crate) fn tell(&self, warnings: &[Warning]) {
        self.0.trouble.add(warnings);
    }

    /// The summary of a run that has ended.
    pub(crate) fn known_summary(&self) -> Option<Arc<BTreeMap<String, Summary>>> {
        self.0.summary.clone()
    }

    /// Sums as this run's definitions show them.
    pub(crate) fn summaries_of(
        &self,
        sums: BTreeMap<String, Accumulator>,
    ) -> BTreeMap<String, Summary> {
        self.0.summaries(sums)
    }

    /// What has been taken back by now.
    pub(crate) fn superseded_now(&self) -> Superseded {
        self.0.superseded_now()
    }

    /// All rows of all metrics, by name, and what could not be read of them. Of a run that may be
    /// long, ask for the [`stream`](Self::stream).
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn points(&self) -> Result<Points> {
        let mut stream = self.stream()?;
        let series = row_stream::collect(&mut stream);
        Ok(Points { series, warnings: stream.warnings(), unfinished: stream.unfinished() })
    }

    /// All rows of all metrics, a few at a time: metric by metric in the order of their names, and
    /// each metric's in the order of step, attempt and seq. A run of any length costs little
    /// memory.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::read::Store::discover()?.find("@latest")?;
    /// let mut stream = run.stream()?;
    /// for some in &mut stream {
    ///     for row in &some.rows {
    ///         println!("{} {} {}", some.metric, row.step, row.value);
    ///     }
    /// }
    /// for warning in stream.warnings() {
    ///     eprintln!("{warning}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn stream(&self) -> Result<RowStream> {
        let superseded = self.0.superseded_now();
        let mut sources = Sources::find(self.paths(), &self.0.parts, &Positions::new())?;
        self.0.trouble.add(&sources.warnings);
        sources.warnings.splice(0..0, self.0.known_damage().cloned());
        Ok(RowStream::new(self.paths(), sources, superseded))
    }

    /// The rows that have come since the last call with this cursor, each exactly once. Follows a
    /// run while it lives: sealed points that were given before are not read again, of logs and
    /// rings only what is new.
    ///
    /// Rows that a resumed training has taken back are left out. Those that were given before
    /// that are not taken back here; read the series anew once the run has another writer.
    ///
    /// # Errors
    /// If the run's folder cannot be listed. The cursor then stays where it is.
    pub fn tail(&self, cursor: &mut Cursor) -> Result<Tail> {
        let superseded = self.0.superseded_now();
        let sources = Sources::find(self.paths(), &self.0.parts, &cursor.positions)?;
        let (Rows { mut metrics, warnings }, positions) = gather(self.paths(), sources);
        cursor.positions = positions;
        for (metric, rows) in &mut metrics {
            rows.retain(|row| superseded.keeps(row.writer, metric, row.step));
            rows.sort_unstable_by_key(|row| (row.writer, row.seq));
        }
        metrics.retain(|_, rows| !rows.is_empty());
        self.0.trouble.add(&warnings);
        Ok(Tail { metrics, warnings })
    }

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
        let (files, writers) = (self.files(), &*self.files().claims());
        let files = EventFiles { files, writers, superseded: &self.0.superseded_now(), index };
        let mut warnings = Vec::new();
        let events = files.read(&mut warnings, wanted, choose);
        self.0.trouble.add(&warnings);
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
        let (files, mut warnings) = (self.files(), Vec::new());
        let found = messages::messages(files, &files.claims(), filter, &mut warnings);
        self.0.trouble.add(&warnings);
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
        let (files, writers) = (self.files(), &*self.files().claims());
        let superseded = &Superseded::default();
        let files = EventFiles { files, writers, superseded, index: None };
        let mut warnings = Vec::new();
        let is_media = &mut |head: &EventHead<'_>| head.kind == EventKind::Media;
        let rows = media::rows(files.read(&mut warnings, is_media, &mut |_| {})?);
        let items = rows.iter().flat_map(|row| &row.items);
        Ok(warnings.is_empty().then(|| items.filter_map(MediaItem::file).cloned().collect()))
    }

    /// Changes the run's name, notes or tags, whether it lives or has ended. Its own process knows
    /// nothing of it and is not disturbed. Shown by every reader that is opened from now on; this
    /// one goes on to show what it was opened with.
    ///
    /// ```no_run
    /// use tracker_core::read::{Edit, Store};
    ///
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let run = Store::discover()?.find("@latest")?;
    /// run.edit(&Edit::new().name("baseline").tags(["paper"]))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a name, a tag or the notes cannot be used, or the run's folder cannot be written.
    pub fn edit(&self, edit: &Edit) -> Result<()> {
        edit.append_to(self.files())
    }

    /// The stamp of the file with what people edited, as it was when the run was opened.
    pub(crate) fn edits_stamp(&self) -> Stamp {
        self.0.edits
    }

    /// What this reader and its clones could not read of what they were asked for until now, each
    /// once. What a [`stream`](Self::stream) met on its way is told by itself, and damage that
    /// costs nothing of what was asked is not told.
    pub fn warnings(&self) -> Vec<Warning> {
        self.0.known_damage().cloned().chain(self.0.trouble.all()).collect()
    }

    /// What is wrong with `run.json`, if it is damaged or missing, or with `edits.jsonl`.
    pub fn damage(&self) -> Option<&Warning> {
        self.0.damage.as_ref()
    }
}

impl Opened {
    /// A run of which nothing is known yet but this.
    fn begin(
        paths: RunPaths,
        info: RunInfo,
        stamp: Stamp,
        attempts: u16,
        put_aside: Vec<Warning>,
    ) -> Self {
        Self {
            paths,
            info,
            state: None,
            summary: None,
            superseded: Superseded::default(),
            stamp,
            edits: Stamp::default(),
            damage: None,
            may_use: true,
            attempts,
            put_aside,
            parts: PartCache::default(),
            trouble: Trouble::default(),
        }
    }

    /// What is read of an open folder, of a run that is found by `paths` later on.
    fn new(paths: RunPaths, folder: &RunPaths, stamp: Stamp, mut file: RunFile) -> Self {
        let Contents { writers, has_edits, panicked, put_aside } =
            files(folder).contents().unwrap_or_default();
        if file.state == State::Running && !panicked.is_empty() {
            file.message = last_words::last_words(folder, &writers, &panicked);
        }
        let covers_all = file.state != State::Running
            && writers.iter().all(|writer| file.summary_of.contains(writer));
        let attempts = attempts(&writers);
        let others: Vec<Writer> =
            writers.into_iter().filter(|writer| !file.summary_of.contains(writer)).collect();
        let superseded = Superseded::of(&file.resumes);
        // One that may still live may come to use something.
        let may_use = file.uses || file.state == State::Running;
        let state = Some(file.state);
        let sums = std::mem::take(&mut file.summary);
        let put_aside = put_aside_warnings(&paths, &put_aside);
        let mut opened = Self {
            state,
            superseded,
            may_use,
            ..Self::begin(paths, RunInfo::of(file), stamp, attempts, put_aside)
        };
        opened.add_others(folder, &others);
        opened.add_edits(folder, has_edits);
        opened.summary = covers_all.then(|| Arc::new(opened.summaries(sums)));
        opened
    }

    fn without_file(
        paths: RunPaths,
        folder: &RunPaths,
        message: &str,
        damage: String,
    ) -> Result<Self> {
        let stamp = folder.stamp(RUN_FILE);
        let Contents { writers, has_edits, put_aside, .. } =
            files(folder).contents().unwrap_or_default();
        let info = RunInfo::of_folder(paths.folder(), message)?;
        let put_aside = put_aside_warnings(&paths, &put_aside);
        let mut opened = Self {
            damage: Some(Warning::new(Loss::Facts, damage)),
            ..Self::begin(paths, info, stamp, attempts(&writers), put_aside)
        };
        opened.add_others(folder, &writers);
        opened.add_edits(folder, has_edits);
        Ok(opened)
    }

    /// Takes over what people have edited since the start.
    fn add_edits(&mut self, files: &dyn RunFiles, has_edits: bool) {
        if !has_edits {
            return;
        }
        self.edits = files.stamp(EDITS);
        match edit::read(files) {
            Ok(edit) => edit.apply(&mut self.info),
            Err(error) => {
                let (path, lost) = (files.place(EDITS), "name, notes and tags are as at the start");
                let warning = Warning::new(
                    Loss::Facts,
                    format!("failed to read {}: {error}; {lost}", path.display()),
                );
                self.damage.get_or_insert(warning);
            }
        }
    }

    /// Takes over what processes know that did not write `run.json`.
    fn add_others(&mut self, files: &dyn RunFiles, writers: &[Writer]) {
        for writer in writers {
            if let Some(summary) = summaries::of_writer(files, *writer) {
                self.info.add(summary);
            }
        }
    }

    fn summaries(&self, sums: BTreeMap<String, Accumulator>) -> BTreeMap<String, Summary> {
        let summary = |(metric, sum): (String, Accumulator)| {
            let summary = sum.summary(self.info.definitions.get(&metric));
            (metric, summary)
        };
        sums.into_iter().map(summary).collect()
    }

    /// What is known to be damaged since the run was opened.
    fn known_damage(&self) -> impl Iterator<Item = &Warning> {
        self.damage.iter().chain(&self.put_aside)
    }

    /// What has been taken back by now: a training may have been resumed since the run was opened.
    fn superseded_now(&self) -> Superseded {
        let files: &dyn RunFiles = &self.paths;
        if files.stamp(RUN_FILE) == self.stamp {
            return self.superseded.clone();
        }
        match read_run_file(files) {
            Ok((file, _)) => Superseded::of(&file.resumes),
            Err(_) => self.superseded.clone(),
        }
    }
}

fn attempts(writers: &[Writer]) -> u16 {
    writers.iter().map(|writer| writer.attempt).max().unwrap_or(1)
}

fn put_aside_warnings(paths: &RunPaths, names: &[String]) -> Vec<Warning> {
    let warning = |name: &String| {
        let path = paths.folder().join(name);
        Warning::new(
            Loss::Points,
            format!("not all of {} could be read; what could is in the run", path.display()),
        )
    };
    names.iter().map(warning).collect()
}

fn files(paths: &RunPaths) -> &dyn RunFiles {
    paths
}

/// Reads a run's `run.json`.
fn read_run_file(files: &dyn RunFiles) -> Result<(RunFile, Stamp)> {
    let path = files.place(RUN_FILE);
    let read = files.read(RUN_FILE, run_file::MOST_BYTES);
    let (text, stamp) = read.io_context("read", &path, run_file::HINT)?;
    Ok((RunFile::of(&text, &path)?, stamp))
}
