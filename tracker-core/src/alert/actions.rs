//! What is done when an alert is raised: closures and commands of the program, on a thread of their own.

use std::{
    fmt,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use serde::Serialize;
use serde_json::json;

use crate::{Alert, Problem, RunId, caught, platform::child};

/// How many alerts wait for their actions.
const QUEUE: usize = 64;

/// How long a command may take.
const LONGEST_COMMAND: Duration = Duration::from_mins(1);

/// The most of a text that a command is told, in bytes: what it does not read must fit into a pipe.
const LONGEST_TEXT: usize = 1_024;

/// How long the end of a run waits for the actions of its last alerts.
const LONGEST_END: Duration = Duration::from_secs(5);
/// The same where a signal ends it.
const LONGEST_HURRIED_END: Duration = Duration::from_millis(500);

/// Something to do when an alert is raised.
#[derive(Clone)]
pub(crate) enum Action {
    Call(Arc<dyn Fn(&Alert) + Send + Sync>),
    /// A program and its arguments.
    Run(Vec<String>),
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(_) => f.write_str("Call(..)"),
            Self::Run(command) => f.debug_tuple("Run").field(command).finish(),
        }
    }
}

/// What a command is told of the run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AboutRun {
    pub(crate) id: RunId,
    pub(crate) name: String,
    pub(crate) project: String,
}

/// The actions of a run.
pub(crate) struct Actions {
    run: AboutRun,
    all: Vec<Action>,
    problem: Arc<dyn Fn(Problem) + Send + Sync>,
    /// The way to the thread, once there was an alert.
    thread: Mutex<Option<SyncSender<Job>>>,
    is_hurried: AtomicBool,
}

enum Job {
    Alert(Box<Alert>),
    /// All before it was done.
    Tell(SyncSender<()>),
}

impl fmt::Debug for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actions").field("all", &self.all).finish_non_exhaustive()
    }
}

impl Actions {
    /// The actions of a run, whose trouble goes to `problem`.
    pub(crate) fn new(
        run: AboutRun,
        actions: Vec<Action>,
        problem: impl Fn(Problem) + Send + Sync + 'static,
    ) -> Self {
        Self {
            run,
            all: actions,
            problem: Arc::new(problem),
            thread: Mutex::default(),
            is_hurried: AtomicBool::new(false),
        }
    }

    /// Does what is to be done of an alert, soon and elsewhere.
    pub(crate) fn take(&self, alert: &Alert) {
        if self.all.is_empty() {
            return;
        }
        let mut thread = self.thread.lock();
        if thread.is_none() {
            *thread = self.start();
        }
        let Some(queue) = &*thread else { return };
        match queue.try_send(Job::Alert(Box::new(alert.clone()))) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => (self.problem)(behind()),
        }
    }

    fn start(&self) -> Option<SyncSender<Job>> {
        let (queue, jobs) = mpsc::sync_channel(QUEUE);
        let (run, actions) = (self.run.clone(), self.all.clone());
        let problem = Arc::clone(&self.problem);
        let thread = thread::Builder::new().name("tracker-alerts".to_owned());
        match thread.spawn(move || work(&run, &actions, &jobs, &*problem)) {
            Ok(_) => Some(queue),
            Err(error) => {
                (self.problem)(failed(&format!("no thread could be started: {error}")));
                None
            }
        }
    }

    /// Says that the end of the run has little time to wait.
    pub(crate) fn hurry(&self) {
        self.is_hurried.store(true, Ordering::Relaxed);
    }

    /// Waits a moment for what is still to be done. What then is not may be lost with the process.
    pub(crate) fn end(&self) -> Option<Problem> {
        let queue = self.thread.lock().take()?;
        let hurried = self.is_hurried.load(Ordering::Relaxed);
        let patience = if hurried { LONGEST_HURRIED_END } else { LONGEST_END };
        let (done, told) = mpsc::sync_channel(1);
        let is_told = queue.try_send(Job::Tell(done)).is_ok();
        let in_time = is_told && told.recv_timeout(patience).is_ok();
        (!in_time).then(|| {
            let seconds = patience.as_secs_f64();
            failed(&format!("it took longer than the {seconds} s for which the run's end waits"))
        })
    }
}

fn work(
    run: &AboutRun,
    actions: &[Action],
    jobs: &Receiver<Job>,
    problem: &(dyn Fn(Problem) + Send + Sync),
) {
    for job in jobs {
        match job {
            Job::Alert(alert) => {
                for action in actions {
                    if let Err(reason) = act(action, run, &alert) {
                        problem(failed(&reason));
                    }
                }
            }
            // Who asked may have gone.
            Job::Tell(done) => drop(done.try_send(())),
        }
    }
}

fn act(action: &Action, run: &AboutRun, alert: &Alert) -> Result<(), String> {
    match action {
        Action::Call(call) => {
            caught::catch(|| call(alert)).ok_or_else(|| "the closure panicked".to_owned())
        }
        Action::Run(words) => {
            let Some((program, arguments)) = words.split_first() else { return Ok(()) };
            let mut command = Command::new(program);
            command.args(arguments);
            let until = Instant::now() + LONGEST_COMMAND;
            let told = child::tell(command, &told_to_a_command(run, alert), until);
            told.map_err(|reason| format!("`{}` {reason}", crate::error::excerpt(program)))
        }
    }
}

/// One line of JSON.
fn told_to_a_command(run: &AboutRun, alert: &Alert) -> Vec<u8> {
    let short = |text: &str| {
        let end = (0..=LONGEST_TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        text[..end.unwrap_or_default()].to_owned()
    };
    let alert = Alert {
        rule: short(&alert.rule),
        text: short(&alert.text),
        hint: alert.hint.as_deref().map(short),
        metric: alert.metric.as_deref().map(short),
        ..alert.clone()
    };
    format!("{}\n", json!({ "run": run, "alert": alert })).into_bytes()
}

fn failed(reason: &str) -> Problem {
    Problem::new(
        "alert-action-failed",
        format!("what was to be done about an alert failed: {reason}"),
        "the alert itself is in the run: `tracker show RUN`",
    )
}

fn behind() -> Problem {
    Problem::new(
        "alert-action-dropped",
        "an alert was not passed on: too many wait for what is to be done about each",
        "the alert itself is in the run; do less in `on_alert`",
    )
}
