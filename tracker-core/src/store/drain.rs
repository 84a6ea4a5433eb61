//! What the writer thread keeps for one run, and what it does for it at each turn.
//!
//! ```text
//! spill ─► ring ─ write_batch ─► log ─ full ─► maintenance (seal)
//!                                events, messages, run.json, summary: beside it, and in their own time
//! ```
//!
//! Invariant: a slot leaves the ring only after it was written to the log, and a log begins with all
//! names whose definitions are not in it. So at any moment each point is in the ring or in a log, under
//! its name. The planted faults `tail-before-write` and `no-names-in-header` break the one and the other,
//! and kills notice both; `a_name_that_found_no_place_in_the_ring_is_in_the_log` looks at the second.
//! What the disk refuses is tried again, points before all else: trouble with the files beside the log
//! never holds points up.

mod aside;
mod places;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::SyncSender},
    time::{Duration, Instant},
};

use crate::{
    Mode, Outcome, Problem, Result,
    alert::{
        engine::{Passing, Rules, Seen},
        words,
    },
    fault::Fault,
    format::{
        log_header::LogHeader,
        slot::{MAX_KEY, SLOT_BYTES, Slot},
    },
    store::{
        control::ControlFile,
        due::Due,
        finished::Finished,
        live_folder::LiveFolder,
        log::Log,
        maintenance::{Ending, Job, Maintenance},
        own_file::OwnFile,
        pace::Pace,
        retry::Retry,
        ring_memory::KeptRing,
        session::Session,
    },
    value::summary::Accumulator,
};

/// Slots that go to the log in one write.
const BATCH: u64 = 8_192;

/// Slots below which it is better to wait for more than to go on writing.
const WORTH_A_WRITE: u64 = 1_024;

/// Batches of one turn, so that no run keeps the writer thread from others.
const BATCHES_A_TURN: usize = 16;

/// Slots after which a log is sealed and the next begins.
pub(super) const LOG_SLOTS: u64 = 1 << 20;

const SYNC_EVERY: Duration = Duration::from_secs(1);
const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);
/// How often somebody may have asked for something.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Whether a turn was a run's last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    More,
    /// The run has ended and everything is in files: it can be [handed over](Drain::hand_over).
    Last,
}

/// Moves one run's points from its ring to its log.
#[derive(Debug)]
pub(crate) struct Drain {
    session: Arc<Session>,
    live: LiveFolder,
    ring: Option<KeptRing>,
    events: OwnFile,
    /// Made once the program has said something.
    messages: Option<OwnFile>,
    /// Whether there are events or messages that may not outlive the machine.
    events_unsynced: bool,
    control: ControlFile,
    log: Log,
    sums: Vec<Option<Accumulator>>,
    rules: Rules,
    points: u64,
    buffer: Vec<u8>,
    pace: Pace,
    retry: Retry,
    /// For the files beside the log, whose trouble must not hold up points.
    retry_aside: Retry,
    sync: Due,
    summary: Due,
    heartbeat: Due,
    look: Due,
    flushes: Vec<Flush>,
    finish: Option<(Outcome, SyncSender<Result<Finished>>)>,
}

/// Somebody who waits for all that was logged until now to be in files.
#[derive(Debug)]
struct Flush {
    /// Up to which seq; not known while points wait in the spill.
    points: Option<u64>,
    /// Up to how many items of media.
    media: u64,
    /// Up to how many events; not known while media wait, each of which becomes one.
    events: Option<u64>,
    /// Up to how many messages.
    messages: u64,
    done: SyncSender<Result<()>>,
}

/// The result of a write, with the file that could not be written.
type Written<T = ()> = Result<T, (PathBuf, io::Error)>;

/// The files that a run is created with.
#[derive(Debug)]
pub(crate) struct LiveFiles {
    pub(crate) live: LiveFolder,
    pub(crate) ring: Option<KeptRing>,
    pub(crate) events: OwnFile,
    pub(crate) control: ControlFile,
    pub(crate) log: Log,
}

impl Drain {
    pub(crate) fn new(session: Arc<Session>, files: LiveFiles, rules: Rules) -> Self {
        let LiveFiles { live, ring, events, control, log } = files;
        let pace = Pace::of(session.mode);
        Self {
            summary: Due::every(pace.summary),
            session,
            live,
            ring,
            events,
            messages: None,
            events_unsynced: false,
            control,
            log,
            sums: Vec::new(),
            rules,
            points: 0,
            buffer: Vec::new(),
            pace,
            retry: Retry::default(),
            retry_aside: Retry::default(),
            sync: Due::every(SYNC_EVERY),
            heartbeat: Due::every(HEARTBEAT_EVERY),
            look: Due::every(LOOK_EVERY),
            flushes: Vec::new(),
            finish: None,
        }
    }

    pub(crate) fn is_of(&self, session: &Arc<Session>) -> bool {
        Arc::ptr_eq(&self.session, session)
    }

    pub(crate) fn flush_to(&mut self, done: SyncSender<Result<()>>) {
        let media = self.session.media.taken();
        let messages = self.session.messages.queue.taken();
        self.flushes.push(Flush { points: None, media, events: None, messages, done });
    }

    pub(crate) fn finish_to(&mut self, outcome: Outcome, done: SyncSender<Result<Finished>>) {
        self.finish = Some((outcome, done));
        // Somebody waits: what the disk refused is tried now, and then as often as points are.
        self.retry_aside.reset();
    }

    /// Writes what waits, as far as the disk takes it.
    pub(crate) fn turn(&mut self, maintenance: &Maintenance) -> Turn {
        self.beat();
        self.look();
        if self.retry.is_waiting() {
            self.pace.slow_down();
            return Turn::More;
        }
        let before = self.points;
        if let Err((path, error)) = self.write_points(maintenance) {
            self.failed(&path, &error);
            return Turn::More;
        }
        self.no_error(self.points != before);
        self.rules.end_turn(Instant::now());
        self.write_aside();
        self.answer_flushes(maintenance);
        self.do_what_is_due(maintenance);
        if self.finish.is_some() && self.session.is_drained() && self.has_written_events() {
            self.keep_files_in_place();
            return Turn::Last;
        }
        self.set_pace(self.points != before);
        Turn::More
    }

    /// How long the next turn can wait, unless somebody wakes the thread.
    pub(crate) fn pause(&self) -> Duration {
        self.pace.pause
    }

    fn set_pace(&mut self, moved: bool) {
        let capacity = self.session.ring.capacity();
        if moved {
            self.pace.speed_up();
        } else {
            self.pace.slow_down();
        }
        let wakes_from_sleep = self.session.mode == Mode::Buffered && !self.pace.is_fast();
        let used = self.session.wake_above(if wakes_from_sleep { 0 } else { capacity / 2 });
        if moved && used > capacity / 4 {
            self.pace.pause = Duration::ZERO;
        } else if wakes_from_sleep && used > 0 {
            self.pace.speed_up();
        }
    }

    fn write_points(&mut self, maintenance: &Maintenance) -> Written {
        for _ in 0..BATCHES_A_TURN {
            self.session.spill.move_into(&self.session.ring);
            let written = self.write_batch(maintenance)?;
            if written == 0 || (written < WORTH_A_WRITE && !self.session.spill.is_waiting()) {
                break;
            }
        }
        Ok(())
    }

    fn answer_flushes(&mut self, maintenance: &Maintenance) {
        if self.session.spill.is_waiting() {
            return;
        }
        let (tail, head) = (self.session.ring.tail(), self.session.ring.head());
        let (media, events) = (self.session.media.done(), &self.session.events);
        let messages = self.session.messages.queue.written();
        let is_written = |flush: &mut Flush| {
            let are_points = *flush.points.get_or_insert(head) <= tail;
            let is_media = flush.media <= media;
            is_media
                && *flush.events.get_or_insert_with(|| events.taken()) <= events.written()
                && flush.messages <= messages
                && are_points
        };
        let written: Vec<Flush> = self.flushes.extract_if(.., is_written).collect();
        if !written.is_empty() {
            self.keep_files_in_place();
        }
        for flush in written {
            self.sync_files(maintenance, Some(flush.done));
        }
    }

    fn sync_files(&mut self, maintenance: &Maintenance, done: Option<SyncSender<Result<()>>>) {
        let unsynced = std::mem::take(&mut self.events_unsynced);
        let events = Some(&self.events).filter(|_| unsynced);
        let messages = self.messages.as_ref().filter(|_| unsynced);
        let handles =
            [Some(self.log.handle()), events.map(OwnFile::handle), messages.map(OwnFile::handle)];
        let files = handles.into_iter().flatten().collect();
        maintenance.send(Job::Sync { session: Arc::clone(&self.session), files, done });
    }

    /// Moves one batch from the ring to the log. Returns how many slots.
    fn write_batch(&mut self, maintenance: &Maintenance) -> Written<u64> {
        self.buffer.clear();
        let room = LOG_SLOTS.saturating_sub(self.log.slots());
        let limit = if room == 0 { BATCH } else { room.min(BATCH) };
        let count = self.session.ring.read(limit, &mut self.buffer);
        // After reading: a slot that was read had its name undefined before, if at all.
        let names_missing = self.session.names.take_undefined();
        if names_missing || self.log.slots() >= LOG_SLOTS {
            self.begin_next_log(maintenance).inspect_err(|_| {
                if names_missing {
                    self.session.names.mark_undefined();
                }
            })?;
        }
        if count == 0 {
            return Ok(0);
        }
        self.append_buffer()?;
        Ok(count)
    }

    /// Appends the slots of the buffer to the log, and frees in the ring those that are in it.
    fn append_buffer(&mut self) -> Written {
        let first = self.session.ring.tail();
        if Fault::TailBeforeWrite.is_planted() {
            self.session.ring.release(slots_in(&self.buffer));
        }
        let written = self.log.append(&self.buffer);
        if let Err(part) = &written {
            self.buffer.truncate(part.bytes);
        }
        let count = slots_in(&self.buffer);
        if count > 0 {
            if !Fault::TailBeforeWrite.is_planted() {
                self.session.ring.release(count);
            }
            let points = self.add_to_summary(first);
            self.session.wrote_definitions(count - points);
            self.points += points;
            self.log.count_points(points);
            self.sync.mark();
            self.summary.mark();
        }
        written.map_err(|part| (self.log.path().to_path_buf(), part.error))
    }

    /// Adds the slots of the buffer, of which the first has the seq `first`. Returns how many of
    /// them are points.
    fn add_to_summary(&mut self, first: u64) -> u64 {
        let mut points = 0;
        for key in self.rules.known()..self.session.names.len() {
            self.rules.learn(&self.session.names.name(key).unwrap_or_default());
        }
        for (seq, bytes) in (first..).zip(self.buffer.chunks_exact(SLOT_BYTES)) {
            let slot = Slot::of_bytes(bytes);
            if slot.key > MAX_KEY {
                continue;
            }
            let key = slot.key as usize;
            if key >= self.sums.len() {
                self.sums.resize(key + 1, None);
            }
            let value = f64::from_bits(slot.value);
            let point = Accumulator::of(value, slot.step, self.session.writer, seq);
            let sum = match &mut self.sums[key] {
                Some(sum) => {
                    sum.merge(&point);
                    sum
                }
                empty => empty.insert(point),
            };
            self.rules.pass(key, Passing { step: slot.step, value, count: sum.count });
            points += 1;
        }
        self.raise_alerts();
        points
    }

    /// Tells what the rules have seen.
    fn raise_alerts(&mut self) {
        for sighting in self.rules.take() {
            let Some(rule) = self.rules.rule(sighting.rule) else { continue };
            let metric = match sighting.what {
                Seen::Value { key, .. } => self.session.named(key),
                Seen::Silence { .. } => None,
            };
            let alert = words::alert(rule, sighting.what, metric);
            self.session.raise_of_rule(alert, rule.asks_to_stop());
        }
    }

    fn begin_next_log(&mut self, maintenance: &Maintenance) -> Written {
        let first = self.log.first() + self.log.slots();
        let mut names = self.session.names.all();
        if Fault::NoNamesInHeader.is_planted() {
            names.clear();
        }
        let header = LogHeader { writer: self.session.writer.number(), first, names };
        let next = Log::create(&self.live.paths, &header)
            .map_err(|error| (self.live.paths.log(first).to_path_buf(), error))?;
        let full = std::mem::replace(&mut self.log, next);
        if full.slots() == 0 {
            // The new one has taken the place of the empty one, under the same name.
            return Ok(());
        }
        maintenance.send(Job::Seal { session: Arc::clone(&self.session), log: full });
        Ok(())
    }

    fn do_what_is_due(&mut self, maintenance: &Maintenance) {
        if !self.session.is_syncing() && self.sync.take() {
            self.session.set_syncing(true);
            self.sync_files(maintenance, None);
        }
        if self.summary.take() {
            self.write_summary();
        }
    }

    /// Shows other machines that the process lives, by their file server's clock, and other
    /// containers that the ring is in use.
    fn beat(&mut self) {
        self.heartbeat.mark();
        if self.heartbeat.take() {
            // A heartbeat that cannot be touched only makes the run look lost from afar.
            let _ = self.live.paths.heartbeat().touch();
            let _ = self.ring.as_ref().map(KeptRing::touch);
        }
    }

    /// Looks whether somebody asks for something, also while the disk takes nothing.
    fn look(&mut self) {
        self.look.mark();
        if !self.look.take() {
            return;
        }
        (self.session.at_each_look)();
        self.session.tell_of_messages();
        self.session.look_at_knobs();
        if self.finish.is_none() {
            self.rules.look_for_silence(Instant::now());
            self.raise_alerts();
        }
        self.keep_files_in_place();
        // What cannot be read now is read at a later look.
        for line in self.control.look().unwrap_or_default() {
            match line {
                Ok(request) => self.session.obey(&request),
                Err(text) => self.session.problem(Problem::unknown_request(&text)),
            }
        }
    }

    /// After the last turn: gives the run to the maintenance thread, which seals the rest and writes
    /// the last word.
    pub(crate) fn hand_over(mut self, maintenance: &Maintenance) {
        let Some((outcome, done)) = self.finish.take() else { return };
        for rule in self.rules.without_metric() {
            self.session.problem(words::without_metric(rule));
        }
        if let Some(problem) = self.session.knobs.not_repeated() {
            self.session.problem(problem);
        }
        self.session.tell_of_messages();
        self.session.headway.queue();
        maintenance.send(Job::Finish(Box::new(Ending {
            summary: self.writer_summary(true),
            points: self.points,
            outcome,
            live: self.live,
            ring: self.ring,
            log: self.log,
            events: self.events,
            messages: self.messages,
            session: self.session,
            done,
        })));
    }

    fn failed(&mut self, path: &Path, error: &io::Error) {
        self.session.set_stuck(true);
        self.retry.later();
        self.session.problem(Problem::io(path, error));
    }

    /// The disk took what there was. Nobody need think it stuck, unless a full ring has not moved:
    /// then its first place is still being stored to.
    fn no_error(&mut self, moved: bool) {
        self.retry.reset();
        let ring = &self.session.ring;
        if moved || ring.head() - ring.tail() < ring.capacity() {
            self.session.set_stuck(false);
        }
    }
}

fn slots_in(bytes: &[u8]) -> u64 {
    (bytes.len() / SLOT_BYTES) as u64
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        Point, RunId, State, Writer,
        format::{log_file::LogContents, run_file::RunFile},
        store::{clock::Clock, maintenance, mapping::Mapping, ring::CAPACITY, session::NewSession},
    };

    const WRITER: Writer = Writer { rank: 0, attempt: 1 };

    /// A session and its drain, with no writer thread, so that the test says when it turns.
    pub(crate) fn session(folder: &Path) -> (Arc<Session>, Drain) {
        let paths = crate::format::layout::RunPaths::new(folder.to_owned());
        let clock = Clock::start();
        let begun = (State::Running, clock.started_at());
        let file = RunFile::new(RunId::generate(), "test".into(), "test".into(), begun);
        let header = LogHeader { writer: WRITER.number(), first: 0, names: Vec::new() };
        let live = LiveFolder::begin(&paths, WRITER).unwrap();
        live.appear().unwrap();
        let log = Log::create(&live.paths, &header).unwrap();
        let events = OwnFile::claim(paths.events(WRITER)).unwrap();
        let session = Arc::new(Session::new(NewSession {
            paths,
            writer: WRITER,
            clock,
            file,
            owns_run_file: true,
            memory: Mapping::anonymous(CAPACITY).unwrap(),
            mode: Mode::Buffered,
            at_each_look: || (),
        }));
        let control = ControlFile::from_now_on(&session.paths());
        let files = LiveFiles { live, ring: None, events, control, log };
        let drain = Drain::new(Arc::clone(&session), files, Rules::new(Vec::new()));
        (session, drain)
    }

    #[test]
    fn a_name_that_found_no_place_in_the_ring_is_in_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let (session, mut drain) = session(folder.path());
        let maintenance = maintenance::spawn().unwrap();
        let early = session.metric_id("early");
        for step in 0..session.ring.capacity() {
            session.write(&[Point::new(early, step, 1.0)]);
            if session.spill.is_waiting() {
                break;
            }
        }
        let late = session.metric_id("late");
        session.write(&[Point::new(late, 7_u64, 2.0)]);
        while !session.is_drained() {
            drain.turn(&maintenance);
        }
        let bytes = std::fs::read(drain.log.path()).unwrap();
        let contents = LogContents::read(&bytes, WRITER, 0).unwrap();
        let (_, last) = contents.points.last().unwrap();
        assert_eq!((contents.name(last.key).as_str(), last.step), ("late", 7));
        assert_eq!(contents.damaged, 0);
    }
}
