//! The maintenance thread: all that may take long and must not hold up the writer thread.
//! It syncs logs, seals them, and writes the last word of a run.

use std::{
    fs::File,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread,
    time::Duration,
};

use crate::{
    Outcome, Problem, Result,
    error::IoContext,
    fault::Fault,
    format::run_file::{RunFile, WriterSummary, write_json},
    store::{
        finished::Finished,
        headway,
        live_folder::LiveFolder,
        log::Log,
        own_file::OwnFile,
        recover,
        ring_memory::KeptRing,
        seal::{self, Sealed},
        session::Session,
        speaking::silence_this_thread,
        unsaved::{Failure, Unsaved},
    },
    tracker::report::Table,
    value::words::plural,
};

/// The run before is compared in some milliseconds once git has answered.
const LONGEST_WAIT_FOR_SINCE: Duration = Duration::from_millis(100);

const HINT: &str = "check the disk's free space and the folder's permissions";

/// Work for the maintenance thread, done in the order in which it is sent.
#[derive(Debug)]
pub(crate) enum Job {
    /// Brings files onto the disk, so that they outlive the machine.
    Sync {
        session: Arc<Session>,
        files: io::Result<Vec<File>>,
        /// Who waits for it; without anybody, an error is a problem of the run.
        done: Option<SyncSender<Result<()>>>,
    },
    /// Turns a log to which nothing is added any more into a part.
    Seal { session: Arc<Session>, log: Log },
    /// Seals what is left and ends the run.
    Finish(Box<Ending>),
}

/// A run that is to end, with all that its writer held.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) session: Arc<Session>,
    pub(crate) summary: WriterSummary,
    /// How many points were written to logs.
    pub(crate) points: u64,
    pub(crate) outcome: Outcome,
    pub(crate) live: LiveFolder,
    pub(crate) ring: Option<KeptRing>,
    pub(crate) log: Log,
    pub(crate) events: OwnFile,
    pub(crate) messages: Option<OwnFile>,
    pub(crate) done: SyncSender<Result<Finished>>,
}

/// The way to the maintenance thread.
#[derive(Debug)]
pub(crate) struct Maintenance {
    jobs: Sender<Job>,
}

impl Maintenance {
    /// Never waits: jobs are few, for a run at most one sync at a time and its full logs.
    pub(crate) fn send(&self, job: Job) {
        // The receiver lives as long as the process.
        let _ = self.jobs.send(job);
    }
}

pub(crate) fn spawn() -> io::Result<Maintenance> {
    let (jobs, received) = mpsc::channel();
    thread::Builder::new().name("tracker-seal".into()).spawn(move || run(&received))?;
    Ok(Maintenance { jobs })
}

fn run(jobs: &Receiver<Job>) {
    silence_this_thread();
    for job in jobs {
        // One run's trouble must not end the thread that all runs share.
        let _ = catch_unwind(AssertUnwindSafe(|| work(job)));
        headway::job_done();
    }
}

fn work(job: Job) {
    match job {
        Job::Sync { session, files, done } => sync(&session, files, done),
        Job::Seal { session, log } => seal_or_tell(&session, log),
        Job::Finish(ending) => finish(*ending),
    }
}

fn sync(session: &Session, files: io::Result<Vec<File>>, done: Option<SyncSender<Result<()>>>) {
    let result = files.and_then(|files| files.iter().try_for_each(File::sync_data));
    if result.is_ok() {
        session.headway.step();
    }
    let folder = session.paths().live(session.writer).folder;
    match (done, result) {
        (Some(done), result) => {
            let _ = done.send(result.io_context("sync the log in", &folder, HINT));
        }
        (None, result) => {
            session.set_syncing(false);
            if let Err(error) = result {
                session.problem(Problem::io(&folder, &error));
            }
        }
    }
}

/// Seals a log. What cannot be sealed stays a log, which readers read as well.
fn seal_or_tell(session: &Session, log: Log) {
    match seal::seal_open(&session.run, &session.paths(), session.writer, &log) {
        Ok(sealed) => {
            session.headway.step();
            tell_of(session, &sealed);
            session.ledger.sealed(&log, &sealed);
        }
        Err(error) => {
            session.problem(Problem::new(
                "unsealed",
                format!("a log could not be turned into Parquet: {error}"),
                "no point is lost: it is read from the log",
            ));
            session.ledger.unsealed(log);
        }
    }
}

/// Says what a person should know of a log that was sealed.
fn tell_of(session: &Session, sealed: &Sealed) {
    if let Some(aside) = &sealed.damaged_aside {
        session.problem(Problem::new(
            "damaged-log",
            format!(
                "{} of {} could not be read",
                plural(sealed.damaged, "record"),
                aside.display()
            ),
            "check the disk; all other records are in the run",
        ));
    }
    if sealed.huge_steps > 0 {
        session.problem(Problem::huge_steps(sealed.huge_steps));
    }
}

fn finish(ending: Ending) {
    let Ending { session, summary, points, outcome, live, ring, log, events, messages, done } =
        ending;
    session.headway.begin();
    session.ledger.unsealed(log);
    let beside = Beside { events, messages };
    let finished = end_run(&session, summary, points, beside, &outcome);
    if finished.is_ok() {
        // In this order: as long as the ring is there, the lock says whether its owner lives.
        if let Some(ring) = ring {
            ring.remove();
        }
        drop(live);
        remove_live(&session);
    }
    let _ = done.send(finished);
}

/// Writes the last word of a run: what is sealed, its summary and its state.
fn end_run(
    session: &Session,
    mut summary: WriterSummary,
    points: u64,
    beside: Beside,
    outcome: &Outcome,
) -> Result<Finished> {
    for log in session.ledger.take_unsealed() {
        seal_or_tell(session, log);
    }
    let failure = account(session, points, beside);
    if !session.owns_run_file {
        summary.problems = session.all_problems();
    }
    let summary_file = session.paths().summary(session.writer);
    if let Err(error) = write_json(&summary_file, &summary, true) {
        session.problem(Problem::io(&summary_file, &error));
    }
    // Git had the time of all that to answer.
    session.code.wait();
    session.since.wait(LONGEST_WAIT_FOR_SINCE);
    session.end_actions();
    let file = last_word(session, &summary, outcome);
    if session.owns_run_file {
        let run_file = session.paths().run_file();
        write_json(&run_file, &file, true).io_context("write", &run_file, HINT)?;
    }
    let table: Table = summary
        .metrics
        .iter()
        .map(|(name, sum)| {
            let definition = file.definitions.get(name).cloned().unwrap_or_default();
            (name.clone(), (sum.summary(Some(&definition)), definition))
        })
        .collect();
    let (message, problems, alerts) = (file.message, file.problems, file.alerts);
    let folder = session.paths().folder().where_now();
    Ok(Finished { points, folder, failure, message, table, problems, alerts })
}

/// The files beside the points that only grow.
struct Beside {
    events: OwnFile,
    messages: Option<OwnFile>,
}

/// Lines that were written and are in no file.
struct Lost {
    lines: u64,
    trouble: String,
}

/// Brings a file with so many lines onto the disk, and into its place. What of it is lost, if that
/// fails.
fn keep(mut file: OwnFile, lines: u64) -> Option<Lost> {
    let kept = if file.is_in_place() { Ok(()) } else { file.restore() };
    let synced = kept.and_then(|()| if lines > 0 { file.sync() } else { Ok(()) });
    let trouble = |error| format!("{}: {error}", file.path().display());
    synced.err().filter(|_| lines > 0).map(|error| Lost { lines, trouble: trouble(error) })
}

/// Compares what the run has written with what is there. Nothing, if all is.
fn account(session: &Session, points: u64, beside: Beside) -> Option<Failure> {
    let audit = session.ledger.audit(&session.paths());
    let Beside { events, messages } = beside;
    let events = keep(events, session.events.written());
    let messages = messages.map(|messages| keep(messages, session.messages.queue.written()));
    let lost: Vec<Lost> = [Some(events), messages].into_iter().flatten().flatten().collect();
    let lost_media = session.media.lost(&session.paths(), || session.headway.step());
    let missing = Unsaved {
        points: points.saturating_sub(audit.points),
        events: lost.iter().map(|lost| lost.lines).sum(),
        media: lost_media.count,
    };
    if missing == Unsaved::default() || Fault::PartsNotCounted.is_planted() {
        return None;
    }
    let trouble = audit.trouble.or_else(|| lost.into_iter().next().map(|lost| lost.trouble));
    let trouble = trouble.or(lost_media.trouble);
    let failure = Failure::gone(missing, points, trouble.as_deref(), session.paths().folder());
    session.problem(Problem::new("not-all-saved", &failure.reason, &failure.hint));
    Some(failure)
}

/// What `run.json` says of a run that has ended.
fn last_word(session: &Session, summary: &WriterSummary, outcome: &Outcome) -> RunFile {
    let mut file = session.file();
    file.state = outcome.state();
    let conclusion = file.conclusion.take();
    file.message = outcome.message().map(str::to_owned).or(conclusion);
    file.finished_at = Some(session.now());
    file.summary = summary.metrics.clone();
    file.summary_of = vec![session.writer];
    // Those of earlier attempts stay.
    let known = std::mem::take(&mut file.problems);
    let own = session.all_problems();
    let is_new = |earlier: &Problem| own.iter().all(|problem| problem.kind != earlier.kind);
    file.problems = known.into_iter().filter(is_new).chain(own.iter().cloned()).collect();
    file
}

/// The live folder goes last: until then, a reader finds every point in it or in a part. It stays
/// while a log in it could not be sealed.
fn remove_live(session: &Session) {
    let live = session.paths().live(session.writer);
    if live.logs().is_ok_and(|logs| logs.is_empty()) {
        // What stays of it holds no point.
        let _ = recover::remove_live(&session.paths(), session.writer);
    }
}
