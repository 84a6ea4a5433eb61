//! A run: the tracker that stores what is logged to it.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;

use serde::Serialize;

use crate::{
    Alert, Artifact, Definition, Error, Event, FinishHook, Histogram, IntoMedia, IntoMetrics, Knob,
    MetricHandle, MetricId, Mode, NoopTracker, Outcome, Point, Problem, Report, Requests, Result,
    RunContext, RunId, Status, Step, Tracker,
    format::folder::StorePath,
    platform::is_forked_child,
    read::RunReader,
    run::{
        datasets::Datasets,
        disabled::TemporaryFolder,
        knobs, messages,
        output::Captured,
        position::Position,
        shutdown::{self, LiveRun},
        system_log::SystemLog,
    },
    store::{self, Failure, Patience, Session},
    tracker::{
        finish_hook::FinishHooks, metric_handle::write_metrics, report::RunLabel,
        stop_flag::StopFlag,
    },
    value::settings,
};

/// How long `finish` waits for a disk that takes nothing.
const PATIENCE: Patience = Patience::WhileStalled(Duration::from_secs(10));

/// How long the end waits for the words of a panic.
const LONGEST_WAIT_FOR_BACKTRACES: Duration = Duration::from_secs(1);

/// How long a second call of `finish` waits for the first one in another thread.
const LONGEST_FINISH: Duration = Duration::from_mins(5);

/// One training, stored as it goes. Cheap to clone; all clones are the same run.
///
/// Start one with [`init`](crate::init). Log calls never fail. They wait for no disk but where
/// 131,072 points wait already: then a call waits up to a second, as long as the disk takes some.
///
/// ```no_run
/// use tracker_core::{init, metrics};
///
/// # fn main() -> Result<(), tracker_core::Error> {
/// let run = init("mnist").name("baseline").tags(["cnn"]).start()?;
/// for epoch in 0..10 {
///     run.log(metrics! { "train/loss" => 1.0 / f64::from(epoch + 1), "epoch" => epoch });
/// }
/// println!("{}", run.finish()?);
/// # Ok(())
/// # }
/// ```
///
/// Without `finish`, dropping the last clone ends the run as `ended`, or as `failed` with the
/// panic's message while panicking. A killed process leaves it as `crashed`, with its points.
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) inner: Arc<RunInner>,
}

#[derive(Debug)]
pub(crate) struct RunInner {
    backend: Backend,
    label: RunLabel,
    files: PathBuf,
    position: Arc<Position>,
    stop: Arc<StopFlag>,
    finish_hooks: FinishHooks,
    /// How the training came out, as an adapter saw it.
    verdict: Mutex<Option<Outcome>>,
    /// The error that passed through [`Run::check`], unless the run was finished afterwards.
    error: Mutex<Option<String>>,
    /// The output of the process, as long as the run has it.
    captured: Mutex<Option<Captured>>,
    end: Mutex<Option<std::result::Result<Report, Failure>>>,
}

#[derive(Debug)]
enum Backend {
    Stored {
        session: Arc<Session>,
        /// Logs what the machine does, if that is wanted.
        system: Option<Arc<SystemLog>>,
        datasets: Arc<Datasets>,
    },
    Disabled {
        noop: NoopTracker,
        /// The store that the run would be in, if the program names one.
        root: Option<PathBuf>,
        /// Goes with the run.
        _folder: TemporaryFolder,
    },
}

impl Run {
    pub(crate) fn stored(session: Arc<Session>, system: Option<Arc<SystemLog>>) -> Self {
        let file = session.file();
        let label = RunLabel {
            id: file.id,
            name: file.name,
            project: file.project,
            path: session.paths().folder().to_path_buf(),
        };
        let files = session.paths().files().to_path_buf();
        let forked_after = session.forked_after();
        let backend = Backend::Stored { session, system, datasets: Arc::default() };
        let run = Self::new(backend, label, files);
        if let Some(step) = forked_after {
            run.inner.position.count_after(step);
        }
        run
    }

    /// A run that stores nothing and has a temporary folder.
    pub(crate) fn disabled(project: String, name: String, root: Option<PathBuf>) -> Result<Self> {
        let id = RunId::generate();
        let folder = TemporaryFolder::create(&id)?;
        let files = folder.files();
        let label = RunLabel { id, name, project, path: folder.path().to_owned() };
        let noop = NoopTracker::new();
        Ok(Self::new(Backend::Disabled { noop, root, _folder: folder }, label, files))
    }

    fn new(backend: Backend, label: RunLabel, files: PathBuf) -> Self {
        let stop = match &backend {
            Backend::Stored { session, .. } => Arc::clone(&session.stop),
            Backend::Disabled { .. } => Arc::default(),
        };
        let inner = RunInner {
            backend,
            label,
            files,
            position: Arc::default(),
            stop,
            finish_hooks: FinishHooks::default(),
            verdict: Mutex::default(),
            error: Mutex::default(),
            captured: Mutex::default(),
            end: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Has the run hear what the program says from now on, and what it writes if that is wanted.
    pub(crate) fn listen(&self, captures_output: bool) {
        let Backend::Stored { session, .. } = &self.inner.backend else { return };
        messages::enlist(session, &self.inner.position, captures_output);
        if captures_output {
            match Captured::begin() {
                Ok(captured) => *self.inner.captured.lock() = Some(captured),
                Err(problem) => session.problem(problem),
            }
        }
    }

    /// The store that the run is in; of a disabled one, the one that the program names.
    pub(crate) fn root(&self) -> Option<&Path> {
        match &self.inner.backend {
            // <root>/<project>/<run-id>
            Backend::Stored { .. } => self.path().ancestors().nth(2),
            Backend::Disabled { root, .. } => root.as_deref(),
        }
    }

    /// Where data sets are read; nowhere for a disabled run, and in a forked child.
    pub(crate) fn datasets(&self) -> Option<(&Arc<Session>, &Arc<Datasets>)> {
        match &self.inner.backend {
            Backend::Stored { session, datasets, .. } if !is_forked_child() => {
                Some((session, datasets))
            }
            _ => None,
        }
    }

    pub(crate) fn refuse_in_child(&self) -> Result<()> {
        self.inner.refuse_in_child()
    }

    /// The run's id, unique over machines.
    pub fn id(&self) -> &RunId {
        &self.inner.label.id
    }

    /// The run's short name, given or made up.
    pub fn name(&self) -> &str {
        &self.inner.label.name
    }

    /// The project that the run belongs to.
    pub fn project(&self) -> &str {
        &self.inner.label.project
    }

    /// The run's folder in the store. Its files are tracker's; yours go into [`dir`](Self::dir).
    pub fn path(&self) -> &Path {
        &self.inner.label.path
    }

    /// The folder for your own files of this run: checkpoints, a framework's logs. It exists,
    /// also when tracking is disabled, and nothing of the store lies in it.
    pub fn dir(&self) -> &Path {
        &self.inner.files
    }

    /// Whether anything is stored: not with `TRACKER_MODE=disabled`.
    pub fn enabled(&self) -> bool {
        matches!(self.inner.backend, Backend::Stored { .. })
    }

    /// A handle for one metric, for loops where nanoseconds count.
    pub fn metric(&self, name: &str) -> MetricHandle {
        MetricHandle::new(Arc::new(self.clone()), name)
    }

    /// Logs named values at the current step: the one that an adapter has announced, or, without
    /// an adapter, the number of this call, counted from 0.
    ///
    /// ```no_run
    /// # use tracker_core::{init, metrics};
    /// # let run = init("mnist").start().unwrap();
    /// run.log(metrics! { "loss" => 0.25_f32, "correct" => 58_u32 });
    /// run.log([("loss", 0.2), ("accuracy", 0.9)]);
    /// ```
    pub fn log(&self, metrics: impl IntoMetrics) {
        let Backend::Stored { session, .. } = &self.inner.backend else { return };
        let step = self.inner.position.for_next_log();
        session.tell_knobs_of(step);
        write_metrics(self, step, metrics);
        if let Some(next) = self.inner.position.begins_after_log() {
            session.begin_step(next);
        }
    }

    /// Logs named values at a step of your own. Steps may repeat and come in any order.
    pub fn log_at(&self, step: impl Into<Step>, metrics: impl IntoMetrics) {
        write_metrics(self, step.into(), metrics);
    }

    /// Logs many steps in one call, such as all epochs of a training that is over.
    ///
    /// ```no_run
    /// # use tracker_core::{init, metrics};
    /// # let run = init("mnist").start().unwrap();
    /// let losses = [0.9, 0.5, 0.3];
    /// run.log_epochs(losses.into_iter().map(|loss| metrics! { "loss" => loss }).enumerate());
    /// ```
    pub fn log_epochs<S, M>(&self, epochs: impl IntoIterator<Item = (S, M)>)
    where
        S: Into<Step>,
        M: IntoMetrics,
    {
        for (step, metrics) in epochs {
            self.log_at(step, metrics);
        }
    }

    /// Sets the unit, the direction or the display name of a metric.
    ///
    /// ```no_run
    /// # use tracker_core::{init, Definition};
    /// # let run = init("mnist").start().unwrap();
    /// run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    /// ```
    pub fn define(&self, metric: &str, definition: Definition) {
        self.record(Event::Define { metric: metric.to_owned(), definition });
    }

    /// Declares a number that people may change while the training goes on, by `tracker set` or on the page;
    /// [`Knob`] says when. The same name gives the same knob, of which the first declaration counts. A run
    /// has 256 of them at most; names are as those of metrics.
    ///
    /// In a resumed run, it begins with the last value that it had at or before the step after which
    /// training goes on; the first call looks for it in the run's files.
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
    /// let rate = lr.at(0_u64);
    /// ```
    pub fn knob(&self, name: &str, default: f64) -> Knob {
        match &self.inner.backend {
            Backend::Stored { session, .. } => knobs::declare(session, self.path(), name, default),
            Backend::Disabled { .. } => Knob::fixed(name, default),
        }
    }

    /// Records a file that belongs to the run, such as a checkpoint. The file stays where it is; its
    /// place is kept relative to the run's folder if it lies within, as in [`dir`](Self::dir).
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::init("mnist").start()?;
    /// use tracker_core::Artifact;
    ///
    /// let path = run.dir().join("epoch-3.safetensors");
    /// std::fs::write(&path, "weights").unwrap();
    /// let model = Artifact::of_file("checkpoint/model", "epoch-3", &path)?;
    /// run.log_artifact(model.kind("model").epoch(3).alias("latest"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn log_artifact(&self, artifact: Artifact) {
        self.record(Event::Artifact(artifact.relative_to(self.path())));
    }

    /// Records how the values of a tensor are spread at a step.
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// use tracker_core::Histogram;
    ///
    /// run.log_histogram("weights/conv1", 100_u64, Histogram::new(-0.5, 0.5, vec![3, 40, 41, 2]));
    /// ```
    pub fn log_histogram(
        &self,
        name: impl Into<String>,
        step: impl Into<Step>,
        histogram: Histogram,
    ) {
        self.record(Event::Histogram { name: name.into(), step: step.into(), histogram });
    }

    /// Raises an alert: something that a person should look at. It is stored, said on standard error and
    /// passed on to [`on_alert`](crate::RunBuilder::on_alert).
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// use tracker_core::Alert;
    ///
    /// run.alert(Alert::warning("the replay buffer has old samples only").at(812));
    /// ```
    pub fn alert(&self, alert: Alert) {
        self.record(Event::Alert(alert));
    }

    /// Logs pictures, tables, plots or files at a step: one, a vector or an array of 64 at most.
    ///
    /// The call only queues them: a thread of its own encodes and stores them, 64 MiB or 1,024 of them
    /// at a time. What finds no place is dropped and counted as a problem, and so is what cannot be
    /// kept. `flush` and [`finish`](Self::finish) wait for it; a killed process loses what is queued. A
    /// run keeps 5 GiB of them, or what `TRACKER_MEDIA_LIMIT` says.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::init("mnist").start()?;
    /// # let (pixels, scores, labels) = (vec![0; 28 * 28], [0.2, 0.9], [false, true]);
    /// use tracker_core::{ConfusionMatrix, Image, PrCurve, Table};
    ///
    /// let digit = Image::gray8(28, 28, pixels)?.caption("7 → 1");
    /// run.log_media("samples", 100_u64, digit.clone());
    /// let table = Table::new(["id", "image", "guess"]).row([7.into(), digit.into(), 1.into()]);
    /// run.log_media("mistakes", 100_u64, table);
    /// run.log_media("confusion", 100_u64, ConfusionMatrix::new(["cat", "dog"]).add(0, 1));
    /// run.log_media("precision-recall", 100_u64, PrCurve::of(&scores, &labels)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn log_media(&self, name: impl Into<String>, step: impl Into<Step>, media: impl IntoMedia) {
        if self.enabled() {
            let (name, step) = (name.into(), step.into());
            self.record(Event::Media { name, step, items: media.into_media() });
        }
    }

    /// Keeps facts about what is trained and with what: a struct or a map. Facts of one topic add
    /// up. What JSON has no number for is kept as by [`config`](crate::RunBuilder::config); what
    /// cannot be kept is counted as a problem.
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// run.describe("model", serde_json::json!({ "parameters": 32_810, "layers": 7 }));
    /// ```
    pub fn describe(&self, topic: impl Into<String>, facts: impl Serialize) {
        let topic = topic.into();
        match settings::of_facts(&facts) {
            Ok(facts) => self.record(Event::About { topic, facts }),
            Err(unkept) => self.record(Event::Problem(Problem::unkept_facts(&topic, &unkept))),
        }
    }

    /// How the run's store does: what a killed process would lose, what waits, what went wrong.
    pub fn status(&self) -> Status {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.status(),
            Backend::Disabled { .. } => {
                Status { mode: Mode::Disabled, waiting: 0, dropped: 0, problems: Vec::new() }
            }
        }
    }

    /// The rank of this process in its training: `TRACKER_RANK`, 0 for the first or only one.
    pub fn rank(&self) -> u16 {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.writer.rank,
            Backend::Disabled { .. } => 0,
        }
    }

    /// Whether the run has a past to go on from: it was [resumed](crate::RunBuilder::resume), its process was
    /// started again, or it was [forked](crate::RunBuilder::fork) from another run.
    pub fn is_resumed(&self) -> bool {
        match &self.inner.backend {
            Backend::Stored { session, .. } => {
                session.writer.attempt > 1 || session.forked_after().is_some()
            }
            Backend::Disabled { .. } => false,
        }
    }

    /// The step that an adapter last announced with [`advance`](Tracker::advance); `None` before
    /// the first one. A second training in the same run goes on after it.
    pub fn position(&self) -> Option<Step> {
        self.inner.position.announced()
    }

    /// The step with which a training that begins now goes on: the one after
    /// [`position`](Self::position), or after the checkpoint given to
    /// [`resume_after`](Self::resume_after); 0 before that.
    pub fn next_step(&self) -> Step {
        self.inner.position.next()
    }

    /// Who asked the run to stop, and why; `None` while nobody did.
    pub fn stop_reason(&self) -> Option<String> {
        if is_forked_child() { None } else { self.inner.stop.reason() }
    }

    /// How many checkpoints were asked for since this process began, by `tracker checkpoint` or
    /// [`control::CheckpointRequest`](crate::control::CheckpointRequest): for a loop that saves its own, whenever
    /// it has grown. The adapters look by themselves.
    pub fn checkpoints_asked(&self) -> u64 {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.checkpoints.answer(),
            Backend::Disabled { .. } => 0,
        }
    }

    /// Opens the run for reading, also while it lives: what an earlier attempt logged, its
    /// artifacts, its facts. Points are there at once; for what else this process has recorded a
    /// moment ago, call [`flush`](Tracker::flush) first.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::init("mnist").start()?;
    /// let losses = run.reader()?.series("train/loss")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If tracking is disabled, or the run's folder cannot be read.
    pub fn reader(&self) -> Result<RunReader> {
        RunReader::of_context(self)
    }

    /// Says that this training goes on from a checkpoint of `step`: what earlier attempts logged
    /// beyond that step is left out of all curves, tables and exports from now on. Their files
    /// stay as they are. Of several ranks, rank 0 says so for all; for the others, this only sets the
    /// step. The next `log` without a step of its own counts on from `step + 1`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let run = tracker_core::init("mnist").resume("calm-otter-27").start()?;
    /// let checkpoint_step = 400_u64; // as your checkpoint says
    /// run.resume_after(checkpoint_step)?;
    /// run.log([("train/loss", 0.3)]); // at step 401
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the run's folder cannot be listed, or this process was forked from the run's own.
    pub fn resume_after(&self, step: impl Into<Step>) -> Result<()> {
        self.inner.refuse_in_child()?;
        let step = step.into();
        self.inner.position.resume_after(step);
        let Backend::Stored { session, .. } = &self.inner.backend else { return Ok(()) };
        session.resume_knobs_after(step);
        let mut earlier = store::ended_writers(&session.paths())?;
        earlier.retain(|writer| *writer != session.writer);
        // A fork has its parent's rows too, which may reach further.
        if !earlier.is_empty() || session.forked_after().is_some_and(|last| last > step) {
            session.resume_after(step, earlier);
        }
        Ok(())
    }

    /// Says how the training came out, for programs that call [`finish`](Self::finish) without
    /// looking: an adapter that saw it end by an error gives [`Outcome::Failed`]. The last word
    /// counts; [`Outcome::Finished`] takes it back.
    pub fn conclude(&self, outcome: Outcome) {
        if is_forked_child() {
            return;
        }
        *self.inner.verdict.lock() = Some(outcome).filter(|known| *known != Outcome::Finished);
    }

    /// Ends the run as finished, or as stopped if it was asked to stop, and says what was
    /// written. Works while clones live; a second call changes nothing.
    ///
    /// After Ctrl-C it returns too, as after `tracker stop`, so that what follows still runs, such
    /// as saving the weights. The process ends by the signal when `main` returns. After 30 s, or
    /// the seconds in `TRACKER_GRACE`, it does so wherever the program is.
    ///
    /// # Errors
    /// If not all points, texts and artifacts could be saved, for example because the disk stayed
    /// full, or if some are not there any more; in a forked child, whose parent has the run.
    pub fn finish(&self) -> Result<Report> {
        self.finish_as(Outcome::Finished)
    }

    /// Passes a result on, and keeps the text of an error: if that ends the training, by `?`, the run
    /// ends as failed with it. Without this, nobody tells a run that is dropped why.
    ///
    /// ```no_run
    /// fn train() -> Result<(), Box<dyn std::error::Error>> {
    ///     let run = tracker_core::init("mnist").start()?;
    ///     let data = run.check(std::fs::read("no such file"))?;
    ///     run.log([("bytes", data.len() as f64)]);
    ///     run.finish()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// [`RunBuilder::run`](crate::RunBuilder::run) does it for all errors of a closure.
    ///
    /// # Errors
    /// That of `result`.
    pub fn check<T, E: Display>(
        &self,
        result: std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        if let Err(error) = &result {
            *self.inner.error.lock() = Some(error.to_string());
        }
        result
    }

    /// The file of the best checkpoint of `record`, which is `model` for what the adapters save; `None`
    /// if no checkpoint is the best, and where nothing is stored. What is on its way to the disk is
    /// waited for, five seconds at most.
    ///
    /// # Errors
    /// If the run cannot be read.
    pub fn best_checkpoint(&self, record: &str) -> Result<Option<PathBuf>> {
        if !self.enabled() {
            return Ok(None);
        }
        let _ = self.flush(Duration::from_secs(5));
        self.reader()?.best_checkpoint(record)
    }

    /// Ends the run with an outcome of your own.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_as(&self, outcome: Outcome) -> Result<Report> {
        self.inner.refuse_in_child()?;
        if !self.inner.is_over() {
            self.inner.finish_hooks.call(&outcome);
        }
        self.inner.end(outcome, PATIENCE)
    }
}

impl RunInner {
    /// Refuses what a forked child asks of its parent's run. The threads that would do it exist in
    /// the parent only, and a lock may be held by one of them.
    fn refuse_in_child(&self) -> Result<()> {
        match &self.backend {
            Backend::Stored { session, .. } if is_forked_child() && !self.is_over() => {
                let reason = format!(
                    "this process was forked from the run's own, where it goes on; {} points and \
                     events that were logged here are not stored",
                    session.forked()
                );
                let hint = Problem::FORKED_HINT.into();
                Err(Error::Unsaved { run: self.label.name.clone(), reason, hint })
            }
            _ => Ok(()),
        }
    }

    /// What ending the run came to; an error while it has not ended.
    fn end_result(&self) -> Result<Report> {
        let end = self.end.try_lock().and_then(|end| end.clone());
        let result = end.unwrap_or_else(|| Err(self.still_being_saved()));
        result.map_err(|failure| self.unsaved(failure))
    }

    fn still_being_saved(&self) -> Failure {
        Failure::of_disk("it is still being saved".to_owned(), &self.label.path)
    }

    fn unsaved(&self, Failure { reason, hint }: Failure) -> Error {
        Error::Unsaved { run: self.label.name.clone(), reason, hint }
    }

    fn end_now(
        &self,
        outcome: Outcome,
        patience: Patience,
    ) -> std::result::Result<Report, Failure> {
        let Backend::Stored { session, system, datasets } = &self.backend else {
            return Ok(Report::empty(outcome));
        };
        datasets.finish(session, patience_for_datasets(patience));
        if let Some(system) = system {
            system.end();
        }
        let elapsed = session.clock.elapsed();
        if let Some(problem) = self.captured.lock().take().and_then(Captured::end) {
            session.problem(problem);
        }
        shutdown::wait_for_backtraces(LONGEST_WAIT_FOR_BACKTRACES);
        let finished = store::finish(session, outcome.clone(), patience)?;
        messages::retire(session);
        // The outcome says it now.
        let _ = session.paths().panic_note(session.writer).remove();
        Ok(Report {
            outcome,
            conclusion: finished.message,
            run: Some(RunLabel { path: finished.folder, ..self.label.clone() }),
            points: finished.points,
            elapsed,
            table: finished.table,
            problems: finished.problems,
            alerts: finished.alerts,
        })
    }

    /// A training that came to its end because it was asked to stop was stopped, and one that an
    /// adapter saw fail has failed.
    fn outcome(&self, outcome: Outcome) -> Outcome {
        if !matches!(outcome, Outcome::Finished | Outcome::Ended(_)) {
            return outcome;
        }
        let verdict = self.verdict.lock().take();
        if let Some(failed @ Outcome::Failed(_)) = verdict {
            return failed;
        }
        // Who never looks for requests did not stop because of one.
        self.stop.cause().map(Outcome::Stopped).or(verdict).unwrap_or(outcome)
    }

    /// Whether the run has ended; not while it is being saved.
    pub(crate) fn is_over(&self) -> bool {
        self.end.try_lock().is_some_and(|end| end.is_some())
    }
}

/// After a signal there is no time for hashes.
fn patience_for_datasets(patience: Patience) -> Duration {
    match patience {
        Patience::WhileStalled(limit) => limit,
        Patience::AtMost(_) => Duration::ZERO,
    }
}

impl LiveRun for RunInner {
    fn stop_flag(&self) -> &Arc<StopFlag> {
        &self.stop
    }

    fn panic_note(&self) -> Option<StorePath> {
        match &self.backend {
            Backend::Stored { session, .. } => Some(session.paths().panic_note(session.writer)),
            Backend::Disabled { .. } => None,
        }
    }

    fn flush(&self, timeout: Duration) -> Result<()> {
        self.refuse_in_child()?;
        match &self.backend {
            Backend::Stored { .. } if self.is_over() => self.end_result().map(drop),
            Backend::Stored { session, .. } => store::flush(session, timeout),
            Backend::Disabled { .. } => Ok(()),
        }
    }

    fn end(&self, outcome: Outcome, patience: Patience) -> Result<Report> {
        let longest = match patience {
            Patience::AtMost(limit) => limit,
            Patience::WhileStalled(_) => LONGEST_FINISH,
        };
        let result = match self.end.try_lock_for(longest) {
            Some(mut end) => {
                let end_now = || self.end_now(self.outcome(outcome), patience);
                let result = end.get_or_insert_with(end_now).clone();
                self.stop.set_over();
                result
            }
            None => Err(self.still_being_saved()),
        };
        result.map_err(|failure| self.unsaved(failure))
    }
}

impl Drop for RunInner {
    fn drop(&mut self) {
        if matches!(self.backend, Backend::Disabled { .. }) || is_forked_child() || self.is_over() {
            return;
        }
        let outcome = if std::thread::panicking() {
            Outcome::Failed(shutdown::panic_message())
        } else {
            let why = "dropped without finish(): an early return, or a missing run.finish()";
            self.error.lock().take().map_or_else(|| Outcome::Ended(why.to_owned()), Outcome::Failed)
        };
        if let Err(error) = self.end(outcome, PATIENCE) {
            crate::console::notice::say(&format!("tracker: warning: {error}"));
        }
    }
}

impl Tracker for Run {
    fn enabled(&self) -> bool {
        Run::enabled(self)
    }

    fn metric_id(&self, name: &str) -> MetricId {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.metric_id(name),
            Backend::Disabled { noop, .. } => noop.metric_id(name),
        }
    }

    fn write(&self, points: &[Point]) {
        if let Backend::Stored { session, .. } = &self.inner.backend {
            session.write(points);
        }
    }

    fn record(&self, event: Event) {
        if let Backend::Stored { session, .. } = &self.inner.backend {
            store::record(session, event);
        }
    }

    fn advance(&self, step: Step) {
        self.inner.position.announce(step);
        if let Backend::Stored { session, .. } = &self.inner.backend {
            session.begin_step(step);
        }
    }

    fn requests(&self) -> Requests {
        Requests::stop(self.inner.stop.answer())
    }

    fn directory(&self) -> Option<&Path> {
        Some(self.dir())
    }

    fn context(&self) -> Option<&dyn RunContext> {
        Some(self)
    }

    fn before_finish(&self, adapter: Weak<dyn FinishHook>) {
        if !is_forked_child() {
            self.inner.finish_hooks.add(adapter);
        }
    }

    fn flush(&self, timeout: Duration) -> Result<()> {
        self.inner.flush(timeout)
    }

    fn finish(&self, outcome: Outcome) -> Result<Report> {
        self.finish_as(outcome)
    }
}

impl RunContext for Run {
    fn id(&self) -> &RunId {
        Run::id(self)
    }

    fn name(&self) -> &str {
        Run::name(self)
    }

    fn path(&self) -> &Path {
        Run::path(self)
    }

    fn directory(&self) -> &Path {
        Run::dir(self)
    }

    fn is_stored(&self) -> bool {
        Run::enabled(self)
    }

    fn rank(&self) -> u16 {
        Run::rank(self)
    }

    fn is_resumed(&self) -> bool {
        Run::is_resumed(self)
    }

    fn position(&self) -> Option<Step> {
        Run::position(self)
    }

    fn next_step(&self) -> Step {
        Run::next_step(self)
    }

    fn stop_reason(&self) -> Option<String> {
        Run::stop_reason(self)
    }

    fn flights_asked(&self) -> u64 {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.flights_asked(),
            Backend::Disabled { .. } => 0,
        }
    }

    fn resume_after(&self, step: Step) -> Result<()> {
        Run::resume_after(self, step)
    }

    fn conclude(&self, outcome: Outcome) {
        Run::conclude(self, outcome);
    }

    fn checkpoints_asked(&self) -> u64 {
        Run::checkpoints_asked(self)
    }

    fn knob(&self, name: &str, default: f64) -> Knob {
        Run::knob(self, name, default)
    }
}

impl From<&Run> for Arc<dyn Tracker> {
    fn from(run: &Run) -> Self {
        Arc::new(run.clone())
    }
}

impl From<Run> for Arc<dyn Tracker> {
    fn from(run: Run) -> Self {
        Arc::new(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disabled_run_has_nothing_to_read() {
        let run = Run::disabled("test".into(), "test".into(), None).unwrap();
        let error = run.reader().unwrap_err().to_string();
        assert!(error.contains("tracking is disabled") && error.contains("hint: "), "{error}");
    }
}
