//! The maintenance thread: all that may take long and must not hold up the writer thread.
//! It syncs logs, seals them, and writes the last word of a run.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread,
};

use crate::{
    Error, Outcome, Problem, Result,
    error::IoContext,
    format::run_file::{WriterSummary, write_json},
    report::Table,
    store::{seal, session::Session, writer::Finished},
};

const HINT: &str = "check the disk's free space and the folder's permissions";

/// Work for the maintenance thread, done in the order in which it is sent.
#[derive(Debug)]
pub(crate) enum Job {
    /// Brings a log onto the disk, so that it outlives the machine.
    Sync { file: io::Result<File>, done: Option<SyncSender<Result<()>>> },
    /// Turns a log to which nothing is added any more into a part.
    Seal { session: Arc<Session>, log: PathBuf },
    /// Seals all logs and ends the run.
    Finish {
        session: Arc<Session>,
        summary: WriterSummary,
        points: u64,
        outcome: Outcome,
        lock: File,
        done: SyncSender<Result<Finished>>,
    },
}

/// The way to the maintenance thread.
#[derive(Debug)]
pub(crate) struct Maintenance {
    jobs: Sender<Job>,
}

impl Maintenance {
    /// Never waits: jobs are few, one a second and run at most.
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
    for job in jobs {
        match job {
            Job::Sync { file, done } => {
                let result = file.and_then(|file| file.sync_data());
                if let Some(done) = done {
                    let _ = done.send(result.map_err(|source| Error::Io {
                        action: "sync",
                        path: PathBuf::from("the run's log"),
                        hint: HINT.into(),
                        source,
                    }));
                }
            }
            Job::Seal { session, log } => {
                seal_or_tell(&session, &log);
            }
            Job::Finish { session, summary, points, outcome, lock, done } => {
                let result = end_run(&session, &summary, points, &outcome);
                drop(lock);
                let _ = done.send(result);
            }
        }
    }
}

/// Seals a log. What cannot be sealed stays a log, which readers read as well.
fn seal_or_tell(session: &Session, log: &Path) -> bool {
    let Err(error) = seal::seal(session, log) else { return true };
    session.problem(Problem::new(
        "unsealed",
        format!("a log could not be turned into Parquet: {error}"),
        "no point is lost: it is read from the log",
    ));
    false
}

/// Writes the last word of a run: what is sealed, its summary and its state.
fn end_run(
    session: &Session,
    summary: &WriterSummary,
    points: u64,
    outcome: &Outcome,
) -> Result<Finished> {
    let logs = session.paths.live(session.writer).logs()?;
    let unsealed = logs.iter().filter(|log| !seal_or_tell(session, log)).count();
    write_json(&session.paths.summary(session.writer), summary, true)?;
    let mut file = session.file();
    file.state = outcome.state();
    file.message = outcome.message().map(str::to_owned);
    file.finished_at = Some(session.now());
    file.summary = summary.metrics.clone();
    file.summary_of = vec![session.writer.to_string()];
    file.problems = session.all_problems();
    write_json(&session.paths.run_file(), &file, true)?;
    if unsealed == 0 {
        remove_live(session)?;
    }
    let table: Table = summary
        .metrics
        .iter()
        .map(|(name, sum)| {
            let definition = file.definitions.get(name).cloned().unwrap_or_default();
            (name.clone(), (sum.summary(Some(&definition)), definition))
        })
        .collect();
    Ok(Finished { points, table, problems: file.problems })
}

/// The live folder goes last: until then, a reader finds every point in it or in a part.
fn remove_live(session: &Session) -> Result<()> {
    let live = session.paths.live(session.writer).folder;
    fs::remove_dir_all(&live).io_context("remove", &live, HINT)?;
    // Fails while another writer of the run lives, as it should.
    let _ = fs::remove_dir(session.paths.live_all());
    Ok(())
}
