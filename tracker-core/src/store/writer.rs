//! The writer thread: one a process, for all runs. It alone takes slots out of rings.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        mpsc::{self, RecvTimeoutError, SyncSender},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    Error, Outcome, Problem, Result,
    report::Table,
    store::{
        drain::{Drain, Turn},
        maintenance::{self, Maintenance},
        session::Session,
    },
    words::plural_with,
};

/// How often those who wait for an answer look whether the disk gets on.
const LOOK_EVERY: Duration = Duration::from_millis(50);

static WRITER: OnceLock<Shared> = OnceLock::new();

/// What other threads may do to the writer thread.
struct Shared {
    thread: Thread,
    commands: Mutex<Vec<Command>>,
}

enum Command {
    Start(Box<Drain>),
    Flush { session: Arc<Session>, done: SyncSender<Result<()>> },
    Finish { session: Arc<Session>, outcome: Outcome, done: SyncSender<Result<Finished>> },
}

/// What is left of a run after it has been saved.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) points: u64,
    /// The words beside the run's state.
    pub(crate) message: Option<String>,
    pub(crate) table: Table,
    pub(crate) problems: Vec<Problem>,
}

/// Hands a run over to the writer thread, and starts the thread for the first one.
///
/// # Errors
/// If the operating system gives no thread.
pub(crate) fn start(drain: Drain) -> std::io::Result<()> {
    if WRITER.get().is_none() {
        spawn()?;
    }
    send(Command::Start(Box::new(drain)));
    Ok(())
}

fn spawn() -> std::io::Result<()> {
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING.lock();
    if WRITER.get().is_some() {
        return Ok(());
    }
    let maintenance = maintenance::spawn()?;
    let handle = thread::Builder::new().name("tracker-writer".into()).spawn(move || {
        loop {
            match WRITER.get() {
                Some(shared) => run(shared, &maintenance),
                // `set` comes right after the thread has begun.
                None => thread::yield_now(),
            }
        }
    })?;
    let shared = Shared { thread: handle.thread().clone(), commands: Mutex::default() };
    let _ = WRITER.set(shared);
    Ok(())
}

fn send(command: Command) {
    if let Some(shared) = WRITER.get() {
        shared.commands.lock().push(command);
        shared.thread.unpark();
    }
}

/// Makes the writer thread look at the rings now.
pub(crate) fn wake() {
    if let Some(shared) = WRITER.get() {
        shared.thread.unpark();
    }
}

/// How long to wait for the disk.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// This long in all.
    AtMost(Duration),
    /// This long without any sign that the disk takes something.
    WhileStalled(Duration),
}

/// Waits until all that was logged is in files. Not to be called in a forked child: the threads
/// that would answer are its parent's.
pub(crate) fn flush(session: &Arc<Session>, timeout: Duration) -> Result<()> {
    flush_inner(session, timeout).unwrap_or_else(|reason| {
        Err(Error::Unsaved {
            run: session.file().name,
            reason,
            hint: format!("check the disk that holds {}", session.paths.folder().display()),
        })
    })
}

fn flush_inner(session: &Arc<Session>, timeout: Duration) -> Result<Result<()>, String> {
    let (done, answer) = mpsc::sync_channel(1);
    send(Command::Flush { session: Arc::clone(session), done });
    wait(session, &answer, Patience::AtMost(timeout))
}

/// Saves the rest of a run and ends it. As [`flush`], not to be called in a forked child.
pub(crate) fn finish(
    session: &Arc<Session>,
    outcome: Outcome,
    patience: Patience,
) -> Result<Finished, String> {
    if matches!(patience, Patience::AtMost(_)) {
        // A signal asked for the end.
        session.code.give_up();
    }
    session.close();
    let (done, answer) = mpsc::sync_channel(1);
    send(Command::Finish { session: Arc::clone(session), outcome, done });
    wait(session, &answer, patience)?.map_err(|error| error.to_string())
}

fn wait<T>(session: &Session, answer: &mpsc::Receiver<T>, patience: Patience) -> Result<T, String> {
    let (Patience::AtMost(limit) | Patience::WhileStalled(limit)) = patience;
    let progress = || session.ring.tail() + maintenance::jobs_done();
    let mut seen = progress();
    let mut since = Instant::now();
    loop {
        let left = limit.saturating_sub(since.elapsed());
        match answer.recv_timeout(left.min(LOOK_EVERY)) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Disconnected) => {
                return Err("the run has ended already".to_owned());
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                return Err(too_slow(session, limit));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = progress();
        if matches!(patience, Patience::WhileStalled(_)) && now != seen {
            (seen, since) = (now, Instant::now());
        }
    }
}

/// Says why something was not saved in time: the last trouble with the disk, if there was one.
fn too_slow(session: &Session, timeout: Duration) -> String {
    let problems = session.all_problems();
    let trouble = problems.iter().find(|problem| problem.kind.starts_with("write-failed"));
    let missing = session.unsaved_points();
    let missing = plural_with(missing, "point", ["is missing", "are missing"]);
    match trouble {
        Some(problem) => format!("{missing}: {}", problem.message),
        None => format!("{missing}: the disk took over {} s", timeout.as_secs()),
    }
}

fn run(shared: &Shared, maintenance: &Maintenance) -> ! {
    let mut drains: Vec<Drain> = Vec::new();
    loop {
        for command in std::mem::take(&mut *shared.commands.lock()) {
            obey(command, &mut drains);
        }
        drains.retain_mut(|drain| {
            // One run's trouble must not end the thread that all runs share.
            let turn = catch_unwind(AssertUnwindSafe(|| drain.turn(maintenance)));
            turn.unwrap_or(Turn::Last) == Turn::More
        });
        match drains.iter().map(Drain::pause).min() {
            Some(Duration::ZERO) => {}
            Some(pause) => thread::park_timeout(pause),
            None => thread::park(),
        }
    }
}

fn obey(command: Command, drains: &mut Vec<Drain>) {
    let of = |session: &Arc<Session>| -> Option<usize> {
        drains.iter().position(|drain| drain.is_of(session))
    };
    match command {
        Command::Start(drain) => drains.push(*drain),
        Command::Flush { session, done } => {
            if let Some(index) = of(&session) {
                drains[index].flush_to(done);
            }
        }
        Command::Finish { session, outcome, done } => {
            if let Some(index) = of(&session) {
                drains[index].finish_to(outcome, done);
            }
        }
    }
}
