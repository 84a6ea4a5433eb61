//! The writer thread: one a process, for all runs. It alone takes slots out of rings.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, SyncSender},
    },
    thread::{self, Thread},
    time::Duration,
};

use parking_lot::Mutex;

use crate::{
    Error, Outcome, Problem, Result,
    report::Table,
    store::{
        drain::{Drain, Progress},
        maintenance::{self, Maintenance},
        session::Session,
    },
};

/// The pause between two looks at the rings while points arrive. It bounds what a killed process
/// loses.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);

/// The pause it grows to while none arrive.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

static WRITER: OnceLock<Shared> = OnceLock::new();

/// What other threads may do to the writer thread.
struct Shared {
    thread: Thread,
    commands: Mutex<Vec<Command>>,
    /// Whether it sleeps longer than [`SHORTEST_PAUSE`].
    idle: AtomicBool,
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
        thread::park();
        if let Some(shared) = WRITER.get() {
            run(shared, &maintenance);
        }
    })?;
    let shared = Shared {
        thread: handle.thread().clone(),
        commands: Mutex::default(),
        idle: AtomicBool::new(true),
    };
    let _ = WRITER.set(shared);
    Ok(())
}

fn send(command: Command) {
    if let Some(shared) = WRITER.get() {
        shared.commands.lock().push(command);
        shared.thread.unpark();
    }
}

/// Called after slots have been stored in a ring of which `used` of `capacity` places are taken.
pub(crate) fn after_push(used: u64, capacity: u64) {
    let Some(shared) = WRITER.get() else { return };
    if shared.idle.load(Ordering::Relaxed) || used > capacity / 2 {
        wake_now(shared);
    }
}

/// Makes the writer thread look at the rings now.
pub(crate) fn wake() {
    WRITER.get().into_iter().for_each(wake_now);
}

#[cold]
fn wake_now(shared: &Shared) {
    shared.idle.store(false, Ordering::Relaxed);
    shared.thread.unpark();
}

/// Waits until all that was logged is in files.
pub(crate) fn flush(session: &Arc<Session>, timeout: Duration) -> Result<()> {
    let (done, answer) = mpsc::sync_channel(1);
    send(Command::Flush { session: Arc::clone(session), done });
    answer.recv_timeout(timeout).unwrap_or_else(|_| {
        Err(Error::Unsaved {
            run: session.file().name,
            reason: too_slow(session, timeout),
            hint: format!("check the disk that holds {}", session.paths.folder().display()),
        })
    })
}

/// Saves the rest of a run and ends it.
pub(crate) fn finish(
    session: &Arc<Session>,
    outcome: Outcome,
    timeout: Duration,
) -> Result<Finished, String> {
    session.close();
    let (done, answer) = mpsc::sync_channel(1);
    send(Command::Finish { session: Arc::clone(session), outcome, done });
    match answer.recv_timeout(timeout) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err(too_slow(session, timeout)),
    }
}

/// Says why something was not saved in time: the last trouble with the disk, if there was one.
fn too_slow(session: &Session, timeout: Duration) -> String {
    let problems = session.all_problems();
    let trouble = problems.iter().find(|problem| problem.kind.starts_with("write-failed"));
    let missing = session.unsaved_points();
    match trouble {
        Some(problem) => format!("{missing} points are missing: {}", problem.message),
        None => {
            format!("{missing} points are missing: the disk took over {} s", timeout.as_secs())
        }
    }
}

fn run(shared: &Shared, maintenance: &Maintenance) {
    let mut drains: Vec<Drain> = Vec::new();
    let mut pause = SHORTEST_PAUSE;
    loop {
        for command in std::mem::take(&mut *shared.commands.lock()) {
            obey(command, &mut drains);
            pause = SHORTEST_PAUSE;
        }
        let mut moved = false;
        drains.retain_mut(|drain| match drain.turn(maintenance) {
            Progress::Moved => {
                moved = true;
                true
            }
            Progress::Idle => true,
            Progress::Done => false,
        });
        if drains.is_empty() {
            shared.idle.store(true, Ordering::Relaxed);
            thread::park();
            continue;
        }
        pause = if moved { SHORTEST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        shared.idle.store(pause > SHORTEST_PAUSE, Ordering::Relaxed);
        thread::park_timeout(pause);
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
