//! The writer thread: one a process, for all runs. It alone takes slots out of rings.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    Error, Outcome, Result,
    store::{
        drain::{Drain, Turn},
        finished::Finished,
        maintenance::{self, Maintenance},
        session::Session,
        speaking::silence_this_thread,
        unsaved::Failure,
        wake,
    },
};

/// How often those who wait for an answer look whether the disk gets on.
const LOOK_EVERY: Duration = Duration::from_millis(50);

static COMMANDS: Mutex<Vec<Command>> = Mutex::new(Vec::new());

enum Command {
    Start(Box<Drain>),
    Flush { session: Arc<Session>, done: SyncSender<Result<()>> },
    Finish { session: Arc<Session>, outcome: Outcome, done: SyncSender<Result<Finished>> },
}

/// Hands a run over to the writer thread, and starts the thread for the first one.
///
/// # Errors
/// If the operating system gives no thread.
pub(crate) fn start(drain: Drain) -> std::io::Result<()> {
    spawn_once()?;
    send(Command::Start(Box::new(drain)));
    Ok(())
}

fn spawn_once() -> std::io::Result<()> {
    static STARTING: Mutex<()> = Mutex::new(());
    if wake::is_known() {
        return Ok(());
    }
    let _one_at_a_time = STARTING.lock();
    if wake::is_known() {
        return Ok(());
    }
    let maintenance = maintenance::spawn()?;
    let writer =
        thread::Builder::new().name("tracker-writer".into()).spawn(move || run(&maintenance))?;
    wake::know(writer.thread());
    Ok(())
}

fn send(command: Command) {
    COMMANDS.lock().push(command);
    wake::wake();
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
        let Failure { reason, hint } = Failure::of_disk(reason, session.paths().folder());
        Err(Error::Unsaved { run: session.file().name, reason, hint })
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
) -> Result<Finished, Failure> {
    let mut finished = finish_inner(session, outcome, patience)
        .map_err(|reason| Failure::of_disk(reason, session.paths().folder()))?;
    match finished.failure.take() {
        Some(failure) => Err(failure),
        None => Ok(finished),
    }
}

fn finish_inner(
    session: &Arc<Session>,
    outcome: Outcome,
    patience: Patience,
) -> Result<Finished, String> {
    if matches!(patience, Patience::AtMost(_)) {
        // A signal asked for the end.
        session.code.give_up();
        session.hurry_actions();
    }
    session.close();
    let (done, answer) = mpsc::sync_channel(1);
    send(Command::Finish { session: Arc::clone(session), outcome, done });
    wait(session, &answer, patience)?.map_err(|error| error.to_string())
}

fn wait<T>(session: &Session, answer: &mpsc::Receiver<T>, patience: Patience) -> Result<T, String> {
    let (Patience::AtMost(limit) | Patience::WhileStalled(limit)) = patience;
    let mut seen = session.progress();
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
        let now = session.progress();
        if matches!(patience, Patience::WhileStalled(_)) && now != seen {
            (seen, since) = (now, Instant::now());
        }
    }
}

/// Says why something was not saved in time: the last trouble with the disk, if there was one.
fn too_slow(session: &Session, timeout: Duration) -> String {
    let problems = session.all_problems();
    let trouble = problems.iter().find(|problem| problem.kind.starts_with("write-failed"));
    let missing = session.unsaved();
    match trouble {
        Some(problem) => format!("{missing}: {}", problem.message),
        None => format!("{missing}: the disk took over {} s", timeout.as_secs()),
    }
}

fn run(maintenance: &Maintenance) -> ! {
    silence_this_thread();
    let mut drains: Vec<Drain> = Vec::new();
    loop {
        for command in std::mem::take(&mut *COMMANDS.lock()) {
            obey(command, &mut drains);
        }
        turn_all(&mut drains, maintenance);
        match drains.iter().map(Drain::pause).min() {
            Some(Duration::ZERO) => {}
            Some(pause) => thread::park_timeout(pause),
            None => thread::park(),
        }
    }
}

fn turn_all(drains: &mut Vec<Drain>, maintenance: &Maintenance) {
    let mut index = 0;
    while let Some(drain) = drains.get_mut(index) {
        // One run's trouble must not end the thread that all runs share.
        match catch_unwind(AssertUnwindSafe(|| drain.turn(maintenance))) {
            Ok(Turn::More) => index += 1,
            Ok(Turn::Last) => drains.swap_remove(index).hand_over(maintenance),
            // Who waits for it hears that it is gone.
            Err(_) => drop(drains.swap_remove(index)),
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::store::{drain::tests::session, maintenance::Job};

    /// What a second run does each second for as long as it lives.
    fn sync(maintenance: &Maintenance, session: &Arc<Session>) {
        let file = tempfile::tempfile().unwrap();
        let (done, answer) = mpsc::sync_channel(1);
        let session = Arc::clone(session);
        maintenance.send(Job::Sync { session, files: Ok(vec![file]), done: Some(done) });
        answer.recv().unwrap().unwrap();
    }

    #[test]
    fn what_another_run_does_is_no_progress_of_one_whose_disk_stands_still() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [(stuck, _), (other, _)] = folders.each_ref().map(|folder| session(folder.path()));
        let maintenance = maintenance::spawn().unwrap();
        let gave_up = AtomicBool::new(false);
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                // Until the one that waits has given up, or clearly never will.
                for _ in 0..2_000 {
                    if gave_up.load(Ordering::Acquire) {
                        return true;
                    }
                    sync(&maintenance, &other);
                    thread::sleep(Duration::from_millis(5));
                }
                false
            });
            let (_done, answer) = mpsc::sync_channel::<()>(1);
            let patience = Patience::WhileStalled(Duration::from_millis(300));
            wait(&stuck, &answer, patience).unwrap_err();
            gave_up.store(true, Ordering::Release);
            assert!(other.join().unwrap(), "it waited as long as the other run got on");
        });
    }

    #[test]
    fn a_run_that_is_in_the_queue_waits_for_what_is_before_it() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [(queued, _), (other, _)] = folders.each_ref().map(|folder| session(folder.path()));
        let maintenance = maintenance::spawn().unwrap();
        let before = queued.progress();
        sync(&maintenance, &other);
        assert_eq!(queued.progress(), before);
        queued.headway.queue();
        let before = queued.progress();
        // A job counts as done a moment after its answer, and surely before the next one's.
        sync(&maintenance, &other);
        sync(&maintenance, &other);
        assert!(queued.progress() > before);
    }
}
