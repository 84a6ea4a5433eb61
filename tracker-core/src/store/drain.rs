//! What the writer thread keeps for one run, and what it does for it at each turn.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::SyncSender},
    time::{Duration, Instant, SystemTime},
};

use crate::{
    Outcome, Problem, Result,
    format::{
        layout::LivePaths,
        log_header::LogHeader,
        run_file::{FORMAT_VERSION, WriterSummary, write_json},
        slot::{MAX_KEY, Slot},
    },
    store::{
        log::Log,
        maintenance::{Job, Maintenance},
        session::Session,
        writer::Finished,
    },
    summary::Accumulator,
};

/// Slots that go to the log in one write.
const BATCH: u64 = 8_192;

/// Slots after which a log is sealed and the next begins.
const LOG_SLOTS: u64 = 1 << 20;

const SYNC_EVERY: Duration = Duration::from_secs(1);
const SUMMARY_EVERY: Duration = Duration::from_secs(5);
const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// What came of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Points were written.
    Moved,
    /// There was nothing to write, or the disk took nothing.
    Idle,
    /// The run has ended and everything was handed over.
    Done,
}

/// Moves one run's points from its ring to its log.
#[derive(Debug)]
pub(crate) struct Drain {
    session: Arc<Session>,
    live: LivePaths,
    /// Held locked while the run lives.
    lock: File,
    events: File,
    log: Log,
    sums: Vec<Option<Accumulator>>,
    points: u64,
    buffer: Vec<u8>,
    batch: Vec<(u64, Slot)>,
    retry: Retry,
    sync: Due,
    summary: Due,
    heartbeat: Due,
    flushes: Vec<SyncSender<Result<()>>>,
    finish: Option<(Outcome, SyncSender<Result<Finished>>)>,
}

/// The result of a write, with the file that could not be written.
type Written<T = ()> = Result<T, (PathBuf, io::Error)>;

/// The files that a run is created with.
#[derive(Debug)]
pub(crate) struct LiveFiles {
    pub(crate) live: LivePaths,
    pub(crate) lock: File,
    pub(crate) events: File,
    pub(crate) log: Log,
}

impl Drain {
    pub(crate) fn new(session: Arc<Session>, files: LiveFiles) -> Self {
        let LiveFiles { live, lock, events, log } = files;
        Self {
            session,
            live,
            lock,
            events,
            log,
            sums: Vec::new(),
            points: 0,
            buffer: Vec::new(),
            batch: Vec::new(),
            retry: Retry::default(),
            sync: Due::every(SYNC_EVERY),
            summary: Due::every(SUMMARY_EVERY),
            heartbeat: Due::every(HEARTBEAT_EVERY),
            flushes: Vec::new(),
            finish: None,
        }
    }

    pub(crate) fn is_of(&self, session: &Arc<Session>) -> bool {
        Arc::ptr_eq(&self.session, session)
    }

    pub(crate) fn flush_to(&mut self, done: SyncSender<Result<()>>) {
        self.flushes.push(done);
    }

    pub(crate) fn finish_to(&mut self, outcome: Outcome, done: SyncSender<Result<Finished>>) {
        self.finish = Some((outcome, done));
    }

    /// Writes what waits, as far as the disk takes it.
    pub(crate) fn turn(&mut self, maintenance: &Maintenance) -> Progress {
        if self.retry.is_waiting() {
            return Progress::Idle;
        }
        let before = self.points;
        if let Err((path, error)) = self.write_all(maintenance) {
            self.failed(&path, &error);
            return Progress::Idle;
        }
        self.recovered();
        self.do_what_is_due(maintenance);
        if self.session.is_drained() && self.finish.is_some() {
            self.hand_over(maintenance);
            return Progress::Done;
        }
        if self.points == before { Progress::Idle } else { Progress::Moved }
    }

    fn write_all(&mut self, maintenance: &Maintenance) -> Written {
        loop {
            self.session.spill.move_into(&self.session.ring);
            let written = self.write_batch(maintenance)?;
            if written == 0 || (written < BATCH && !self.session.spill.is_waiting()) {
                break;
            }
        }
        self.write_events()?;
        self.write_run_file()?;
        for done in std::mem::take(&mut self.flushes) {
            maintenance.send(Job::Sync { file: self.log.handle(), done: Some(done) });
        }
        Ok(())
    }

    /// Moves one batch from the ring to the log. Returns how many slots.
    fn write_batch(&mut self, maintenance: &Maintenance) -> Written<u64> {
        self.buffer.clear();
        self.batch.clear();
        let batch = &mut self.batch;
        let count =
            self.session.ring.read(BATCH, &mut self.buffer, |seq, slot| batch.push((seq, *slot)));
        // After reading: a slot that was read had its name undefined before, if at all.
        if self.session.names.take_undefined() || self.log.slots() >= LOG_SLOTS {
            self.begin_next_log(maintenance)?;
        }
        if count == 0 {
            return Ok(0);
        }
        self.log.append(&self.buffer).map_err(|error| (self.log.path().to_owned(), error))?;
        self.session.ring.release(count);
        self.add_to_summary();
        self.sync.mark();
        self.summary.mark();
        Ok(count)
    }

    fn add_to_summary(&mut self) {
        for (seq, slot) in &self.batch {
            if slot.key > MAX_KEY {
                continue;
            }
            let key = slot.key as usize;
            if key >= self.sums.len() {
                self.sums.resize(key + 1, None);
            }
            let value = f64::from_bits(slot.value);
            let point = Accumulator::of(value, slot.step, self.session.writer, *seq);
            match &mut self.sums[key] {
                Some(sum) => sum.merge(&point),
                empty => *empty = Some(point),
            }
            self.points += 1;
        }
    }

    fn begin_next_log(&mut self, maintenance: &Maintenance) -> Written {
        let first = self.log.first() + self.log.slots();
        if first == self.log.first() {
            return Ok(());
        }
        let names = self.session.names.all();
        let header = LogHeader { writer: self.session.writer.number(), first, names };
        let next =
            Log::create(&self.live, &header).map_err(|error| (self.live.log(first), error))?;
        let full = std::mem::replace(&mut self.log, next);
        let session = Arc::clone(&self.session);
        maintenance.send(Job::Seal { session, log: full.path().to_owned() });
        Ok(())
    }

    fn write_events(&mut self) -> Written {
        if self.session.events.is_empty() {
            return Ok(());
        }
        let lines = self.session.events.take();
        let result = io::Write::write_all(&mut self.events, &lines);
        result.map_err(|error| {
            self.session.events.give_back(lines);
            (self.session.paths.events(self.session.writer), error)
        })
    }

    fn write_run_file(&mut self) -> Written {
        let Some(file) = self.session.take_changed_file() else { return Ok(()) };
        let path = self.session.paths.run_file();
        write_json(&path, &file, false).map_err(|error| {
            self.session.mark_file_changed();
            (path, io::Error::other(error))
        })
    }

    fn do_what_is_due(&mut self, maintenance: &Maintenance) {
        if self.sync.take() {
            maintenance.send(Job::Sync { file: self.log.handle(), done: None });
        }
        if self.summary.take() {
            let path = self.session.paths.summary(self.session.writer);
            if let Err(error) = write_json(&path, &self.writer_summary(false), false) {
                self.failed(&path, &io::Error::other(error));
            }
        }
        self.heartbeat.mark();
        if self.heartbeat.take()
            && let Ok(heartbeat) = File::options().write(true).open(self.live.heartbeat())
        {
            // A heartbeat that cannot be touched only makes the run look lost from afar.
            let _ = heartbeat.set_modified(SystemTime::now());
        }
    }

    fn sums_by_name(&self) -> BTreeMap<String, Accumulator> {
        let names = self.session.names.all();
        let named = names.into_iter().zip(&self.sums);
        named.filter_map(|(name, sum)| Some((name, (*sum)?))).collect()
    }

    fn writer_summary(&self, complete: bool) -> WriterSummary {
        WriterSummary { version: FORMAT_VERSION, complete, metrics: self.sums_by_name() }
    }

    /// Gives the run to the maintenance thread, which seals the rest and writes the last word.
    fn hand_over(&mut self, maintenance: &Maintenance) {
        let Some((outcome, done)) = self.finish.take() else { return };
        let Ok(lock) = self.lock.try_clone() else { return };
        maintenance.send(Job::Finish {
            session: Arc::clone(&self.session),
            summary: self.writer_summary(true),
            points: self.points,
            outcome,
            lock,
            done,
        });
    }

    fn failed(&mut self, path: &Path, error: &io::Error) {
        self.session.set_stuck(true);
        self.retry.later();
        self.session.problem(Problem::io(path, error));
    }

    fn recovered(&mut self) {
        if self.retry.reset() {
            self.session.set_stuck(false);
        }
    }
}

/// When to try again after the disk refused.
#[derive(Debug, Default)]
struct Retry {
    at: Option<Instant>,
    pause: Duration,
}

impl Retry {
    fn is_waiting(&self) -> bool {
        self.at.is_some_and(|at| Instant::now() < at)
    }

    fn later(&mut self) {
        self.pause = (self.pause * 2).clamp(FIRST_RETRY, LAST_RETRY);
        self.at = Some(Instant::now() + self.pause);
    }

    /// Whether there had been a failure.
    fn reset(&mut self) -> bool {
        self.pause = Duration::ZERO;
        self.at.take().is_some()
    }
}

/// Something to do at most once an interval, and only if marked.
#[derive(Debug)]
struct Due {
    interval: Duration,
    last: Instant,
    marked: bool,
}

impl Due {
    fn every(interval: Duration) -> Self {
        Self { interval, last: Instant::now(), marked: false }
    }

    fn mark(&mut self) {
        self.marked = true;
    }

    fn take(&mut self) -> bool {
        if !self.marked || self.last.elapsed() < self.interval {
            return false;
        }
        self.marked = false;
        self.last = Instant::now();
        true
    }
}
