//! From `init` to a started run.

use std::{env, fmt::Display, path::PathBuf, sync::Arc};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    Alert, Error, Outcome, Report, Result, Rule, Run, RunId, State, Timestamp,
    alert::{actions::Action, wanted::Wanted},
    caught,
    console::{notice, switch},
    error::IoContext,
    fault::Fault,
    format::{
        layout::{check_project, default_root},
        run_file::RunFile,
    },
    platform::{file_size_limit, is_forked_child},
    provenance::{code, machine},
    run::{
        companion,
        fork::ForkWanted,
        identity::{self, Joined, Shared},
        knobs,
        shutdown::{self, LiveRun},
        since,
        study::TrialOf,
        system_log::{self, SystemLog},
    },
    store::{Clock, NewRun, create_run},
    system::Sensor,
    value::{
        run_name,
        settings::{self, Unkept},
    },
};

/// Begins a run in a project. Nothing is written before [`start`](RunBuilder::start).
///
/// ```no_run
/// use tracker_core::{init, metrics};
///
/// # fn main() -> Result<(), tracker_core::Error> {
/// let run = init("mnist").config(&[("lr", 1e-3)].into_iter().collect::<std::collections::BTreeMap<_, _>>()).start()?;
/// run.log(metrics! { "loss" => 0.5, "accuracy" => 0.8 });
/// run.finish()?;
/// # Ok(())
/// # }
/// ```
pub fn init(project: impl Into<String>) -> RunBuilder {
    RunBuilder {
        project: project.into(),
        name: None,
        group: None,
        notes: None,
        tags: Vec::new(),
        config: Ok(Map::new()),
        root: None,
        resume: None,
        replay_knobs: None,
        fork: None,
        id: None,
        trial: None,
        signals: true,
        kept: Kept { code_changes: true, output: false, system_metrics: true },
        sensors: Vec::new(),
        alerts: Wanted::default(),
        mirrors: Vec::new(),
        syncs: Vec::new(),
    }
}

/// What is known of a run before it starts.
#[derive(Debug)]
#[must_use = "a run begins with `.start()` or `.run(..)`"]
pub struct RunBuilder {
    project: String,
    name: Option<String>,
    group: Option<String>,
    notes: Option<String>,
    tags: Vec<String>,
    config: Result<Map<String, Value>, Unkept>,
    root: Option<PathBuf>,
    resume: Option<String>,
    replay_knobs: Option<String>,
    fork: Option<String>,
    id: Option<RunId>,
    trial: Option<TrialOf>,
    signals: bool,
    kept: Kept,
    sensors: Vec<Box<dyn Sensor>>,
    alerts: Wanted,
    mirrors: Vec<String>,
    syncs: Vec<String>,
}

/// What is kept beside what the training logs.
#[derive(Debug)]
struct Kept {
    code_changes: bool,
    output: bool,
    system_metrics: bool,
}

impl RunBuilder {
    /// Names the run. Without it, it gets a short name such as `calm-otter-27`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Keeps the training's settings: any struct or map that serializes. Called again, it adds
    /// to what is there and replaces keys of the same name. A value that is no struct and no map
    /// is kept under the key `config`.
    ///
    /// What JSON has no number for is kept as text: `NaN`, `Infinity`, `-Infinity`, and integers
    /// that fit neither `i64` nor `u64`. Settings nested deeper than 100 levels are an error of
    /// [`start`](Self::start).
    pub fn config<T: Serialize + ?Sized>(mut self, config: &T) -> Self {
        self.config = self.config.and_then(|mut known| {
            known.extend(settings::of_config(config)?);
            Ok(known)
        });
        self
    }

    /// Adds words to find the run by.
    pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Adds a text that says what this run is about.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Puts the run into a group, such as the runs that differ only in their seed.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Stores into this folder in place of `TRACKER_DIR` and the nearest `.tracker`.
    pub fn dir(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Goes on with a run that has ended or crashed: an id, the beginning of one, a name,
    /// `@latest` or `@best:METRIC`. The run keeps its identity and its curves; settings and tags are added. Say
    /// with [`Run::resume_after`] from which step on.
    pub fn resume(mut self, reference: impl Into<String>) -> Self {
        self.resume = Some(reference.into());
        self
    }

    /// Repeats what people did with the [knobs](Run::knob) of another run of the store, at the same steps: an
    /// id, the beginning of one, a name, `@latest` or `@best:METRIC`. What is asked of this run itself counts
    /// from when it is asked until the other run's next change.
    pub fn replay_knobs(mut self, reference: impl Into<String>) -> Self {
        self.replay_knobs = Some(reference.into());
        self
    }

    /// Begins a run of its own that goes on from a step of another one: `RUN@STEP`, such as `calm-otter@400` or
    /// `@latest@400`, where RUN is named as for [`resume`](Self::resume), of any project of the store. The
    /// number behind the last `@` is the step; without it, the run goes on from the other one's newest whole
    /// checkpoint.
    ///
    /// Its curves begin with those of the other run up to that step, as they are now: what becomes of that
    /// run later changes nothing in them. The newest checkpoint up to the step is copied to the run's own
    /// files, so that an adapter restores it as it restores a resumed run. [`Run::log`] counts on from the
    /// step after. Summaries, exports and events are the run's own, and so is what tells of the machine.
    ///
    /// Of several ranks, the first decides, and the others wait for it.
    ///
    /// ```no_run
    /// # fn main() -> tracker_core::Result<()> {
    /// let run = tracker_core::init("mnist").fork("calm-otter@400").start()?;
    /// run.log([("train/loss", 0.3)]); // at step 401
    /// # Ok(())
    /// # }
    /// ```
    pub fn fork(mut self, reference: impl Into<String>) -> Self {
        self.fork = Some(reference.into());
        self
    }

    /// Makes the run a trial of a study: [`RunInfo::study`](crate::read::RunInfo::study) names it, and lists show the
    /// run in a group of that name unless it has a [group](Self::group) of its own. Trials count from 0.
    ///
    /// `tracker_study` and `tracker sweep` say this by themselves.
    pub fn study(mut self, name: impl Into<String>, trial: u64) -> Self {
        self.trial = Some(TrialOf { study: name.into(), number: trial });
        self
    }

    /// Gives the run an id that was [made](RunId::generate) before, in place of a new one and of `TRACKER_RUN_ID`:
    /// whoever starts it can write the id down first. A run of this id that is there already is gone on with.
    pub fn id(mut self, id: RunId) -> Self {
        self.id = Some(id);
        self
    }

    /// With `false`, leaves Ctrl-C, SIGTERM and SIGHUP alone. By default the first of them asks the
    /// training to stop and the run ends as stopped; the process dies by the signal when `main`
    /// ends, and a second signal ends it at once. A training that never looks at
    /// [`requests`](crate::Tracker::requests) is saved, and the process dies at once.
    ///
    /// A handler that the program has set itself is never replaced. One that it sets later and that
    /// calls the one before, as those of signal-hook and tokio do, decides what becomes of the
    /// process, while the training is asked to stop. Under `nohup`, SIGHUP stays ignored.
    pub fn signals(mut self, handle: bool) -> Self {
        self.signals = handle;
        self
    }

    /// With `false`, asks git nothing, and keeps neither the list of changed files nor the patch:
    /// for code that holds secrets. The commit and the branch are kept all the same. By default
    /// git's program is asked once a process, on a thread of its own, for at most 10 seconds;
    /// [`RunReader::code`](crate::read::RunReader::code) has its answer. A run that
    /// ends waits for it until half a second after git was asked, and no longer.
    pub fn code_changes(mut self, record: bool) -> Self {
        self.kept.code_changes = record;
        self
    }

    /// With `true`, keeps what the process writes to its standard output and error, line by line, from now
    /// until the run ends: also what C libraries and child processes write. [`RunReader::messages`](crate::read::RunReader::messages)
    /// has the lines with the source `output`, and so do `tracker logs` and the page.
    ///
    /// The terminal shows the same as before. Of a progress bar, the last state is kept; colours are not. What a
    /// logger prints is there twice if its [messages](crate::messages) are kept as well.
    ///
    /// Off by default: a `kill -9` then takes what was written in the last moment from the terminal too. On
    /// systems other than Unix, `finish` says that nothing was kept.
    ///
    /// ```no_run
    /// # fn main() -> tracker_core::Result<()> {
    /// let run = tracker_core::init("mnist").capture_output(true).start()?;
    /// println!("this line stands in the run");
    /// # Ok(())
    /// # }
    /// ```
    pub fn capture_output(mut self, capture: bool) -> Self {
        self.kept.output = capture;
        self
    }

    /// With `false`, logs nothing of the machine. By default, a thread of the process looks at processors,
    /// memory, disks, network, graphics cards and the process itself after 1, 2 and 5 seconds, then each
    /// 10 and once at the end, and logs what it sees as `system/cpu`, `system/process.memory` and so on, at
    /// the seconds since the run's start. That costs 0.01 % of a core. Linux tells of these; on other systems, only
    /// [sensors](Self::sensor) of your own do.
    ///
    /// Graphics cards are `system/gpu.0.utilization` and so on: first those of AMD, then those of NVIDIA that
    /// the process may use, in the order of `CUDA_VISIBLE_DEVICES`. Of several ranks, the first tells of
    /// them; another one does of its card where that variable gives it one alone.
    pub fn system_metrics(mut self, record: bool) -> Self {
        self.kept.system_metrics = record;
        self
    }

    /// Adds a sensor, which is asked as often as the machine's own are.
    pub fn sensor(mut self, sensor: impl Sensor + 'static) -> Self {
        self.sensors.push(Box::new(sensor));
        self
    }

    /// Watches the run for something more. What is seen becomes an [`Alert`](crate::Alert).
    ///
    /// ```no_run
    /// use tracker_core::{Rule, Stop, init};
    ///
    /// # fn main() -> tracker_core::Result<()> {
    /// let run = init("mnist").rule(Rule::spike("train/loss").stop(Stop::AfterEpoch)).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rule(mut self, rule: Rule) -> Self {
        self.alerts.own.push(rule);
        self
    }

    /// With `false`, watches for nothing but your own [rules](Self::rule). By default, for what is never
    /// right: [`Rule`] lists it.
    pub fn default_rules(mut self, watch: bool) -> Self {
        self.alerts.usual = watch;
        self
    }

    /// Calls a closure with each alert, a moment after it was raised, on a thread of its own. A panic of it
    /// is caught and counted. The run's end waits for it for five seconds at most.
    pub fn on_alert(mut self, action: impl Fn(&Alert) + Send + Sync + 'static) -> Self {
        self.alerts.actions.push(Action::Call(Arc::new(action)));
        self
    }

    /// Runs a program for each alert, which reads a line of JSON from its standard input:
    /// `{"run": {"id", "name", "project"}, "alert": {"level", "rule", "text", "hint", "metric", "step",
    /// "value"}}`. No shell is asked. A program that takes over a minute is killed; one that fails is counted.
    ///
    /// ```no_run
    /// # use tracker_core::init;
    /// # fn main() -> tracker_core::Result<()> {
    /// let url = "https://example.org/hook";
    /// let run = init("mnist").on_alert_run(["curl", "--silent", "--data", "@-", url]).start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_alert_run<T: Into<String>>(mut self, command: impl IntoIterator<Item = T>) -> Self {
        let command = command.into_iter().map(Into::into).collect();
        self.alerts.actions.push(Action::Run(command));
        self
    }

    /// Has the command `tracker` write the run in the form of another tool too, while it trains: `tensorboard:runs`,
    /// `wandb:.`, `mlflow:http://127.0.0.1:5000`. Called again, to one more place. See `tracker mirror --help`.
    ///
    /// The command is started beside the training, as a program of its own, by rank 0: the training never waits for it
    /// and does not end it. It ends by itself once the run has ended and all is written. Where it cannot be started, that
    /// is told as a [`Problem`](crate::Problem), and `tracker mirror RUN --to …` catches up whenever it is typed.
    ///
    /// ```no_run
    /// # fn main() -> tracker_core::Result<()> {
    /// let run = tracker_core::init("mnist").mirror("tensorboard:runs").start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn mirror(mut self, destination: impl Into<String>) -> Self {
        self.mirrors.push(destination.into());
        self
    }

    /// Has the command `tracker` send the run to a place while it trains: a bucket, as `s3://bucket/runs`, or a folder on
    /// another disk. There it can be read from any machine, by `tracker ui --store s3://bucket/runs`. Called again, to one
    /// more place. See `tracker sync --help`.
    ///
    /// The command is started beside the training, as a program of its own, by rank 0: the training never waits for the
    /// network. Killed, it leaves the program, which sends the rest. [`finish`](Run::finish) waits for it for
    /// `TRACKER_SYNC_WAIT` at most. Where it cannot be started, or the place refuses, that is told as a
    /// [`Problem`](crate::Problem), and `tracker sync RUN --to …` sends the run whenever it is typed.
    /// [`Status::sync`](crate::Status::sync) says how much is there.
    ///
    /// ```no_run
    /// # fn main() -> tracker_core::Result<()> {
    /// let run = tracker_core::init("mnist").sync("s3://bucket/runs").start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn sync(mut self, place: impl Into<String>) -> Self {
        self.syncs.push(place.into());
        self
    }

    /// Starts the run: makes its folder and says where it is.
    ///
    /// | environment variable | what it does |
    /// |---|---|
    /// | `TRACKER_DIR` | the store, unless [`dir`](Self::dir) names one |
    /// | `TRACKER_MODE=disabled` | stores nothing: all calls cost nothing, [`Run::dir`] is a temporary folder, which goes with the run if no file is in it |
    /// | `TRACKER_RUN_ID` | joins the run of this id, or makes it: for several processes that train together, and for one that a supervisor starts again. Further runs of the same process get ids of their own, the same ones in each process that starts its runs in the same order |
    /// | `TRACKER_RANK` | the rank of this process, 0 if unset; rank 0 writes `run.json` |
    /// | `TRACKER_STUDY`, `TRACKER_TRIAL` | as [`study`](Self::study), for the first run of the process; `tracker sweep` sets them |
    /// | `TRACKER_FORK` | as [`fork`](Self::fork), for the first run of the process; `tracker fork` sets it |
    /// | `TRACKER_GRACE` | how many seconds the program may go on after a signal has stopped its training, 30 if unset |
    /// | `TRACKER_CODE_CHANGES=off` | as [`code_changes(false)`](Self::code_changes) |
    /// | `TRACKER_OUTPUT=on` | as [`capture_output(true)`](Self::capture_output) |
    /// | `TRACKER_SYSTEM` | `off` as [`system_metrics(false)`](Self::system_metrics), or how many seconds lie between two looks at the machine, 10 if unset |
    /// | `TRACKER_MIRROR` | as [`mirror`](Self::mirror), several places separated by commas; `off` for none at all |
    /// | `TRACKER_SYNC` | as [`sync`](Self::sync), several places separated by commas; `off` for none at all |
    /// | `TRACKER_SYNC_WAIT` | how long `finish` waits until all is there: seconds, or minutes as `10m`; 10 seconds if unset |
    /// | `TRACKER_BIN` | the command `tracker` that mirrors and senders are started with, unless the one on `PATH` is meant |
    /// | `TRACKER_RULES=off` | as [`default_rules(false)`](Self::default_rules) |
    /// | `TRACKER_RING` | where points wait for the disk: `folder` for the run's own, `memory` for the process's, which `kill -9` takes with it; see [`Mode`](crate::Mode) |
    ///
    /// # Errors
    /// If the project's or the run's name cannot be used, the config does not serialize, a run
    /// to resume is not found or still lives, a run to fork is not found or has not come to the step, or the
    /// store cannot be written. Training has not begun then, so nothing is lost.
    pub fn start(mut self) -> Result<Run> {
        check_project(&self.project)?;
        let name = self.name.clone().unwrap_or_else(run_name::generate);
        run_name::check(&name)?;
        self.alerts.check()?;
        if is_disabled() {
            self.config.map_err(Unkept::into_config_error)?;
            if self.resume.is_some() || self.fork.is_some() {
                notice::info(
                    "tracker: tracking is turned off, so the training begins anew and not from an earlier run",
                );
            }
            return Run::disabled(self.project, name, self.root);
        }
        if is_forked_child() {
            return Err(Error::Refused {
                action: "start a run in",
                path: env::current_dir().unwrap_or_default(),
                reason: "this process was forked from one that had runs".into(),
                hint: "start it as a program of its own, with std::process::Command".into(),
            });
        }
        caught::quieten();
        shutdown::watch_panics();
        if !Fault::SizeLimitEndsTheProcess.is_planted() {
            file_size_limit::outlive();
        }
        let root = match &self.root {
            Some(root) => std::path::absolute(root).io_context("find", root, "name a folder")?,
            None => default_root()?,
        };
        let rank = identity::rank()?;
        let wanted = ForkWanted::of(self.fork.take(), self.resume.as_deref())?;
        let is_forked_by_environment = wanted.as_ref().is_some_and(ForkWanted::is_by_environment);
        let is_named = self.resume.is_some() || self.id.is_some();
        let shared = if is_named { None } else { Shared::from_env()? };
        let Joined { id, lies_in } = match (&self.resume, &self.id, &shared) {
            (Some(reference), ..) => identity::resumed(&root, &self.project, reference, rank)?,
            (None, Some(id), _) => identity::joined(&root, &self.project, id.clone()),
            (None, None, Some(shared)) => identity::joined(&root, &self.project, shared.id.clone()),
            (None, None, None) => Joined { id: RunId::generate(), lies_in: self.project.clone() },
        };
        let replay = match &self.replay_knobs {
            Some(reference) => knobs::to_repeat(&root, reference)?,
            None => Vec::new(),
        };
        let joined = Joined { id, lies_in };
        let fork = match wanted {
            Some(wanted) => wanted.find(&root, &joined, rank, shared.is_some())?,
            None => None,
        };
        let Joined { id, lies_in } = joined;
        let clock = Clock::start();
        let signals = self.signals;
        let code_changes = self.kept.code_changes && code::is_wanted_by_environment();
        let captures_output = self.kept.output || output_is_wanted_by_environment();
        let system = self.kept.system_metrics.then(system_log::interval_of_environment).flatten();
        let mirrors = companion::mirrors(std::mem::take(&mut self.mirrors));
        let to_sync = companion::syncs(std::mem::take(&mut self.syncs));
        let sensors = std::mem::take(&mut self.sensors);
        let mut alerts = std::mem::take(&mut self.alerts);
        alerts.usual = alerts.usual && rules_are_wanted_by_environment();
        let is_trial_by_environment = self.trial.is_none();
        let trial = self.trial.take().map_or_else(TrialOf::of_environment, |own| Ok(Some(own)))?;
        let mut file = self.run_file(id, name, clock.started_at())?;
        if let Some(trial) = trial {
            trial.check()?;
            trial.tell(&mut file.about);
        }
        let (parent, checkpoint) =
            fork.map_or((None, None), |fork| (Some(fork.parent), fork.checkpoint));
        file.parent = parent;
        let at_each_look = shutdown::forget_outlived_panic;
        let store = root.clone();
        let new =
            NewRun { root, lies_in, file, rank, code_changes, alerts, checkpoint, at_each_look };
        let session = create_run(new, clock)?;
        session.knobs.set_replay(replay);
        if let Some(shared) = shared {
            shared.done();
        }
        ForkWanted::begun(is_forked_by_environment);
        if is_trial_by_environment {
            TrialOf::begun();
        }
        let file = session.file();
        let paths = session.paths();
        let folder = paths.folder().display();
        notice::info(&format!("tracker: run {} ({}) in {folder}", file.name, file.id));
        for mirror in &mirrors {
            mirror.start(&session, &store);
        }
        let syncs = to_sync.iter().filter_map(|sync| sync.start(&session, &store)).collect();
        since::tell(&session, store);
        let folder = paths.folder().to_path_buf();
        let log = system.map(|interval| SystemLog::start(&session, folder, sensors, interval));
        let run = Run::stored(session, log, syncs);
        let live: Arc<dyn LiveRun> = run.inner.clone();
        shutdown::enlist(&live, signals);
        run.listen(captures_output);
        Ok(run)
    }

    fn run_file(self, id: RunId, name: String, started_at: Timestamp) -> Result<RunFile> {
        Ok(RunFile {
            group: self.group,
            notes: self.notes,
            tags: self.tags,
            config: self.config.map_err(Unkept::into_config_error)?,
            provenance: machine::collect(),
            listens_to_stop: Some(false),
            ..RunFile::new(id, self.project, name, (State::Running, started_at))
        })
    }

    /// Starts the run, trains, and finishes it: as failed with the error's text if `train` fails
    /// or panics, else as finished. Returns what `train` returned and the run's report.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (best, report) = tracker_core::init("mnist").run(|run| {
    ///     run.log([("loss", 0.5)]);
    ///     Ok::<_, Box<dyn std::error::Error>>(0.5)
    /// })?;
    /// println!("best loss {best}\n{report}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of `train`, of [`start`](Self::start) and of [`Run::finish`].
    pub fn run<T, E>(self, train: impl FnOnce(&Run) -> Result<T, E>) -> Result<(T, Report), E>
    where
        E: From<Error> + Display,
    {
        let run = self.start()?;
        let guard = FailOnPanic(&run);
        match train(guard.0) {
            Ok(value) => Ok((value, run.finish()?)),
            Err(error) => {
                let outcome = Outcome::Failed(error.to_string());
                // The training's own error matters more than one of saving it.
                if let Err(unsaved) = run.finish_as(outcome) {
                    notice::say(&format!("tracker: warning: {unsaved}"));
                }
                Err(error)
            }
        }
    }
}

/// Ends the run as failed when a panic passes by, also while clones of it live.
struct FailOnPanic<'a>(&'a Run);

impl Drop for FailOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The panic goes on and says more than an error of saving could.
            let _ = self.0.finish_as(Outcome::Failed(shutdown::panic_message()));
        }
    }
}

fn rules_are_wanted_by_environment() -> bool {
    switch::is_on("TRACKER_RULES", "off", true, "to be told of trouble")
}

fn output_is_wanted_by_environment() -> bool {
    switch::is_turned_on("TRACKER_OUTPUT", "to keep what the program writes")
}

fn is_disabled() -> bool {
    !switch::is_on("TRACKER_MODE", "disabled", true, "to track")
}
