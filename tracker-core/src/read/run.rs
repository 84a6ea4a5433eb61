//! One stored run.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Error, Result, RunContext, State, Step, Summary,
    error::IoContext,
    format::layout::{PACKAGES, RunPaths},
    read::{
        Cursor, Edit, Parent, Points, Row, RowStream, RunInfo, Tail, Warning, WriterInfo,
        file_stamp::Stamp,
        opened::{Opened, read_run_file},
        part_cache::PartCache,
        row_stream,
        rows::{Rows, gather},
        sources::{Positions, Sources},
        summaries::{self, Summaries},
        superseded::{Superseded, is_of_the_machine},
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

    /// The same run as it is now: its settings, what people have edited, how it ended.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn reopen(&self) -> Result<Self> {
        Self::open_at(self.paths().clone())
    }

    /// Whether `run.json` has changed since this reader was opened: then [`reopen`](Self::reopen) knows more, such as
    /// that the training listens to requests, or how it ended. Costs one look at a file.
    pub fn has_changed(&self) -> bool {
        self.0.has_changed()
    }

    pub(crate) fn open_at(paths: RunPaths) -> Result<Self> {
        let from = paths.clone();
        Self::open_from(paths, &from)
    }

    /// Opens the run that is found by `paths` later on, and by `from` with fewer steps now.
    pub(crate) fn open_from(paths: RunPaths, from: &RunPaths) -> Result<Self> {
        Ok(Self(Arc::new(Opened::read(paths, from)?)))
    }

    /// What is known of the run beside its points.
    pub fn info(&self) -> &RunInfo {
        &self.0.info
    }

    /// The run's folder.
    pub fn path(&self) -> &Path {
        self.0.paths.folder()
    }

    /// The bytes of all that is in the run's folder.
    pub fn size(&self) -> u64 {
        self.paths().folder().size()
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

    pub(crate) fn part_cache(&self) -> &PartCache {
        &self.0.parts
    }

    /// How often the run was started, when it was opened: 1 unless it was resumed.
    pub(crate) fn attempts(&self) -> u16 {
        self.0.attempts
    }

    /// Whether its events may tell of alerts.
    pub(crate) fn may_have_alerts(&self) -> bool {
        self.0.may_have_alerts()
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
        match read_run_file(self.paths()).map(|(file, _)| file) {
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
        let path = self.paths().place(PACKAGES);
        let (text, _) = match self.paths().read(PACKAGES, MOST_PACKAGES) {
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
        let writers = folder.claims();
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
        let (file, _) = read_run_file(self.paths())?;
        let (writers, resumes) = (self.paths().claims(), file.resumes);
        let info = self.info();
        let (run, name, project) = (file.id, info.name.clone(), info.project.clone());
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
        self.tail_some(cursor, u64::MAX)
    }

    /// As [`tail`](Self::tail), of sealed points so many at a time or little more: a part is read whole, which holds
    /// a million at most. For a reader that begins with a long run and has little memory.
    ///
    /// # Errors
    /// As [`tail`](Self::tail).
    pub fn tail_some(&self, cursor: &mut Cursor, about: u64) -> Result<Tail> {
        self.tail_of(cursor, about, |_| true)
    }

    /// As [`tail`](Self::tail), of one metric: rows of others are passed over.
    ///
    /// # Errors
    /// As [`tail`](Self::tail).
    pub fn tail_metric(&self, cursor: &mut Cursor, metric: &str) -> Result<Vec<Row>> {
        let mut tail = self.tail_of(cursor, u64::MAX, |name| name == metric)?;
        Ok(tail.metrics.remove(metric).unwrap_or_default())
    }

    fn tail_of(
        &self,
        cursor: &mut Cursor,
        about: u64,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Tail> {
        let superseded = self.0.superseded_now();
        let mut sources = Sources::find(self.paths(), &self.0.parts, &cursor.positions)?;
        let has_more = sources.leave_out_behind(about, &cursor.positions);
        let (Rows { mut metrics, warnings }, positions) = gather(self.paths(), sources, is_wanted);
        cursor.positions = positions;
        for (metric, rows) in &mut metrics {
            rows.retain(|row| superseded.keeps(row.writer, metric, row.step));
            rows.sort_unstable_by_key(|row| (row.writer, row.seq));
        }
        metrics.retain(|_, rows| !rows.is_empty());
        self.0.trouble.add(&warnings);
        Ok(Tail { metrics, warnings, has_more })
    }

    /// Changes the run's name, group, notes or tags, whether it lives or has ended. Its own process knows
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
        edit.append_to(self.paths())
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
