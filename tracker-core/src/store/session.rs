//! The side of a stored run that log calls see.

use std::{
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    Alert, Definition, MetricId, MetricName, Mode, Point, Problem, RunId, Status, Step, Timestamp,
    TrackerInstance, Used, Writer,
    alert::{actions::Actions, engine::Named},
    console::notice,
    event::problems::Problems,
    format::{
        control_line::Request,
        event_line::StoredEventKind,
        layout::RunPaths,
        message_line::StoredMessage,
        run_file::{Resume, RunFile, SinceLast},
        slot::{MAX_KEY, Slot, definition},
    },
    platform,
    provenance::code::Recording,
    store::{
        awaited::Awaited,
        clock::Clock,
        events::EventQueue,
        headway::Headway,
        knobs::Knobs,
        ledger::Ledger,
        mapping::Mapping,
        media::ledger::MediaLedger,
        messages::MessageLog,
        names::{Interned, Names},
        ring::{Refused, Reserved, Ring},
        spill::Spill,
        unsaved::Unsaved,
        wake,
        wake_mark::WakeMark,
    },
    tracker::{
        checkpoint_flag::CheckpointFlag, checkpoint_request::CheckpointRequest,
        stop_flag::StopFlag, stop_request::StopRequest,
    },
};

/// How many points enter the ring in one reservation.
const BATCH: usize = 1_024;

/// How long one batch of points may wait for places in the ring while the writer thread gets on.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How long it may wait while nothing moves. After that the disk counts as stuck, and no other call
/// waits for it until something moves again. On a machine with too much to do, the writer thread may
/// get no core for a tenth of a second; that must not be taken for a disk that is stuck.
const LONGEST_STILLNESS: Duration = Duration::from_millis(500);

/// How long it sleeps between two looks. The system adds some 50 µs.
const WAIT_STEP: Duration = Duration::from_micros(50);

/// Everything about a run that its log calls and its writer thread share.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) run: RunId,
    /// Where the run is. Another folder only after somebody has removed the first one.
    paths: Mutex<RunPaths>,
    pub(crate) writer: Writer,
    pub(crate) clock: Clock,
    pub(crate) ring: Ring<Mapping>,
    pub(crate) spill: Spill,
    pub(crate) names: Names,
    pub(crate) events: EventQueue,
    pub(crate) media: MediaLedger,
    pub(crate) messages: MessageLog,
    pub(crate) problems: Problems,
    /// Whether points outlive the process before they are in the log.
    pub(crate) mode: Mode,
    /// Whether this writer is the one that writes `run.json`.
    pub(crate) owns_run_file: bool,
    /// Whether somebody asked the training to stop.
    pub(crate) stop: Arc<StopFlag>,
    /// How often a checkpoint was asked for.
    pub(crate) checkpoints: CheckpointFlag,
    /// The numbers that people may change.
    pub(crate) knobs: Knobs,
    /// What is asked of git about the code.
    pub(crate) code: Arc<Recording>,
    /// What differs from the run before, while it is being found out.
    pub(crate) since: Awaited,
    /// What is to be done when an alert is raised.
    pub(crate) actions: OnceLock<Actions>,
    /// How many alerts were said.
    pub(crate) alerts_said: AtomicU64,
    /// How often the last steps were asked for.
    pub(super) flights_asked: AtomicU64,
    /// What is done beside it whenever the writer thread looks whether somebody asks for something.
    pub(crate) at_each_look: fn(),
    instance: TrackerInstance,
    wake_mark: WakeMark,
    /// What `run.json` says, and whether the file is behind it.
    file: Mutex<RunFile>,
    file_changed: AtomicBool,
    /// Whether the disk takes nothing, so that nobody waits for it. Set by who notices, cleared by
    /// the writer thread.
    stuck: AtomicBool,
    /// Whether the maintenance thread has yet to sync the log.
    syncing: AtomicBool,
    /// What the disk has taken, for those who wait.
    pub(crate) headway: Headway,
    /// What became of full logs.
    pub(crate) ledger: Ledger,
    dropped: AtomicU64,
    /// How many slots of the ring define names: they wait beside the points and are none.
    definitions: AtomicU64,
    late: AtomicU64,
    /// Points and events that a forked child logged, in the child's memory.
    forked: AtomicU64,
    /// The last [`moment`](Self::moment), in microseconds.
    latest_moment: AtomicI64,
}

/// What a session is made of.
#[derive(Debug)]
pub(crate) struct NewSession {
    pub(crate) paths: RunPaths,
    pub(crate) writer: Writer,
    pub(crate) clock: Clock,
    pub(crate) file: RunFile,
    pub(crate) owns_run_file: bool,
    pub(crate) memory: Mapping,
    pub(crate) mode: Mode,
    pub(crate) at_each_look: fn(),
}

impl Session {
    pub(crate) fn new(new: NewSession) -> Self {
        let ring = Ring::new(new.memory);
        Self {
            run: new.file.id.clone(),
            paths: Mutex::new(new.paths),
            writer: new.writer,
            clock: new.clock,
            mode: new.mode,
            owns_run_file: new.owns_run_file,
            stop: Arc::default(),
            checkpoints: CheckpointFlag::default(),
            knobs: Knobs::default(),
            code: Arc::default(),
            since: Awaited::default(),
            actions: OnceLock::new(),
            alerts_said: AtomicU64::new(0),
            flights_asked: AtomicU64::new(0),
            at_each_look: new.at_each_look,
            wake_mark: WakeMark::new(AtomicU64::new(ring.capacity() / 2)),
            ring,
            spill: Spill::default(),
            names: Names::default(),
            events: EventQueue::default(),
            media: MediaLedger::default(),
            messages: MessageLog::default(),
            problems: Problems::default(),
            instance: TrackerInstance::unique(),
            file: Mutex::new(new.file),
            file_changed: AtomicBool::new(false),
            stuck: AtomicBool::new(false),
            syncing: AtomicBool::new(false),
            headway: Headway::default(),
            ledger: Ledger::default(),
            dropped: AtomicU64::new(0),
            definitions: AtomicU64::new(0),
            late: AtomicU64::new(0),
            forked: AtomicU64::new(0),
            latest_moment: AtomicI64::new(i64::MIN),
        }
    }

    /// The places of the run's files.
    pub(crate) fn paths(&self) -> RunPaths {
        self.paths.lock().clone()
    }

    /// Says that the run's folder was made again.
    pub(crate) fn set_paths(&self, paths: RunPaths) {
        *self.paths.lock() = paths;
    }

    pub(crate) fn metric_id(&self, name: &str) -> MetricId {
        let key = self.names.find(name).unwrap_or_else(|| self.intern(name));
        MetricId::new(self.instance, key)
    }

    #[cold]
    fn intern(&self, name: &str) -> u32 {
        if platform::is_forked_child() {
            // Its points are counted, not stored; a lock may be one that nobody gives back here.
            return MAX_KEY;
        }
        let name = MetricName::new(name);
        if name.was_repaired() {
            self.problem(Problem::repaired_name(name.as_str()));
        }
        match self.names.intern(name.as_str(), |key, name| self.define_key(key, name)) {
            Interned::Known(key) | Interned::New(key) => key,
            Interned::Overflow(key) => {
                self.problem(Problem::new(
                    "too-many-metrics",
                    format!("the metric `{}` found no place", crate::error::excerpt(name.as_str())),
                    "keep below 65,536 metrics a run; its points are under `overflow`",
                ));
                key
            }
        }
    }

    /// Stores a name in the ring. Never in the spill: its slots must stay next to each other.
    fn define_key(&self, key: u32, name: &str) -> bool {
        let slots = definition(key, name);
        let Ok(reserved) = self.reserve(slots.len() as u64) else { return false };
        self.definitions.fetch_add(slots.len() as u64, Ordering::Relaxed);
        self.store(reserved, slots.iter().copied());
        true
    }

    /// Says that as many slots that define names are in the log. Only the writer thread does.
    pub(crate) fn wrote_definitions(&self, slots: u64) {
        if slots > 0 {
            self.definitions.fetch_sub(slots, Ordering::Relaxed);
        }
    }

    pub(crate) fn write(&self, points: &[Point]) {
        for batch in points.chunks(BATCH) {
            self.write_batch(batch);
        }
    }

    fn write_batch(&self, points: &[Point]) {
        if points.iter().any(|point| self.key_of(point).is_none()) {
            self.write_own(points);
            return;
        }
        let slots = self.slots(points);
        match self.reserve(points.len() as u64) {
            Ok(reserved) => self.store(reserved, slots),
            Err(Refused::Full) => self.spill(slots, points.len()),
            Err(Refused::Closed) => self.count_late(points.len() as u64),
        }
    }

    /// The slots of points that are this run's own.
    fn slots<'a>(&'a self, points: &'a [Point]) -> impl ExactSizeIterator<Item = Slot> + 'a {
        let is_timed = points.iter().all(|point| point.time.is_some());
        let now = if is_timed { Timestamp(0) } else { self.clock.now() };
        points.iter().map(move |point| Slot {
            step: point.step.0,
            time: point.time.unwrap_or(now).0,
            value: point.value.to_bits(),
            key: self.key_of(point).unwrap_or(MAX_KEY),
        })
    }

    /// Writes the points that are this run's own, and counts the others.
    #[cold]
    fn write_own(&self, points: &[Point]) {
        if platform::is_forked_child() {
            self.count_forked(points.len());
            return;
        }
        let is_own = |point: &&Point| self.key_of(point).is_some();
        let own: Vec<Point> = points.iter().filter(is_own).copied().collect();
        let foreign = (points.len() - own.len()) as u64;
        self.problem(Problem { count: foreign, ..Problem::foreign_metric() });
        if !own.is_empty() {
            self.write_batch(&own);
        }
    }

    /// Keeps points on the heap, as many as may wait there.
    #[cold]
    fn spill(&self, slots: impl ExactSizeIterator<Item = Slot>, count: usize) {
        if platform::is_forked_child() {
            self.count_forked(count);
            return;
        }
        let count = count as u64;
        match self.spill.push(slots) {
            Ok(()) => {}
            Err(Refused::Full) => {
                count_and_tell_once(&self.dropped, count, &Problem::dropped_points(count));
            }
            Err(Refused::Closed) => self.count_late(count),
        }
    }

    /// Counts what a forked child logged. Told by `finish`: to print, a child would take locks that
    /// nobody may give back.
    pub(super) fn count_forked(&self, count: usize) {
        self.forked.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// How many points and events this process logged as a forked child.
    pub(crate) fn forked(&self) -> u64 {
        self.forked.load(Ordering::Relaxed)
    }

    pub(super) fn count_late(&self, count: u64) {
        count_and_tell_once(&self.late, count, &Problem::after_finish());
    }

    /// The point's key, unless its id is another tracker's.
    fn key_of(&self, point: &Point) -> Option<u32> {
        point.metric.index_in(self.instance)
    }

    /// Reserves places in the ring, waiting for the writer thread a little if there are none.
    fn reserve(&self, count: u64) -> Result<Reserved, Refused> {
        match self.try_reserve(count) {
            Err(Refused::Full) => self.reserve_waiting(count),
            result => result,
        }
    }

    /// Reserves places in the ring. Not while points wait in the spill, which go first, so that
    /// each thread's points stay in order.
    fn try_reserve(&self, count: u64) -> Result<Reserved, Refused> {
        if self.spill.is_waiting() || platform::is_forked_child() {
            return Err(Refused::Full);
        }
        self.ring.reserve(count)
    }

    /// Waits for the writer thread, whose disk takes something. What is in the ring outlives the
    /// process and what is in the spill does not, so a call rather waits than spills. It sleeps
    /// meanwhile: with more threads than cores, the writer thread needs a core more than the one
    /// that waits for it.
    #[cold]
    fn reserve_waiting(&self, count: u64) -> Result<Reserved, Refused> {
        if platform::is_forked_child() {
            return Err(Refused::Full);
        }
        let since = Instant::now();
        let mut moved = (self.ring.tail(), since);
        loop {
            if self.stuck.load(Ordering::Relaxed) || since.elapsed() > LONGEST_WAIT {
                return Err(Refused::Full);
            }
            if moved.0 != self.ring.tail() {
                moved = (self.ring.tail(), Instant::now());
            } else if moved.1.elapsed() > LONGEST_STILLNESS {
                self.stuck.store(true, Ordering::Relaxed);
            }
            wake::wake();
            std::thread::sleep(WAIT_STEP);
            match self.try_reserve(count) {
                Err(Refused::Full) => {}
                result => return result,
            }
        }
    }

    fn store(&self, reserved: Reserved, slots: impl Iterator<Item = Slot>) {
        for (seq, slot) in (reserved.first..).zip(slots) {
            self.ring.store(seq, &slot);
        }
        if self.wake_mark.is_passed(reserved.used) {
            self.wake();
        }
    }

    /// Wakes the writer thread, once until it has looked at this run.
    #[cold]
    fn wake(&self) {
        self.wake_mark.silence();
        wake::wake();
    }

    /// Says above how many taken places log calls wake the writer thread. Returns how many were
    /// taken by calls that may not have seen it.
    pub(crate) fn wake_above(&self, used: u64) -> u64 {
        self.wake_mark.set(used, &self.ring)
    }

    /// Takes no more points. Those that have been taken will still be stored.
    pub(crate) fn close(&self) {
        self.ring.close();
        self.spill.close();
        self.events.close();
        self.media.close();
        self.messages.queue.close();
    }

    /// Whether every point that was taken is in a log.
    pub(crate) fn is_drained(&self) -> bool {
        self.ring.is_empty() && !self.spill.is_waiting()
    }

    /// How far the run has come with all that it has to save.
    pub(crate) fn progress(&self) -> u64 {
        self.ring.tail() + self.headway.so_far()
    }

    /// A metric by its key, with what it means.
    pub(crate) fn named(&self, key: usize) -> Option<Named> {
        let name = self.names.name(key)?;
        let definition = self.file.lock().definitions.get(&name).cloned().unwrap_or_default();
        Some(Named { name, definition })
    }

    /// Says that the run makes use of something.
    pub(crate) fn note_use(&self, used: Used) {
        self.event(StoredEventKind::Used(used));
        if !std::mem::replace(&mut self.file.lock().uses, true) {
            self.mark_file_changed();
        }
    }

    /// Says in `run.json` that there was an alert.
    pub(crate) fn note_alert(&self, alert: &Alert) {
        self.file.lock().alerts.add(alert);
        self.mark_file_changed();
    }

    /// Does what somebody outside asks, and tells it.
    pub(crate) fn obey(&self, request: &Request) {
        match request {
            Request::Stop(request) => self.obey_stop(request),
            Request::Flight { writer } => self.ask_for_flight_of(*writer),
            Request::Checkpoint(request) => self.obey_checkpoint(request),
            Request::Set(values) => self.obey_set(values.clone()),
            Request::Apply { from_step, values } => self.obey_apply(values, Some(*from_step)),
        }
    }

    fn obey_checkpoint(&self, request: &CheckpointRequest) {
        self.checkpoints.ask();
        let text = request.to_string();
        notice::tell(format!("tracker: {text}"));
        if !self.checkpoints.is_heard() && self.writer.rank == 0 {
            self.problem(Problem::unheard_checkpoint(&text));
        }
        let kind = StoredEventKind::Message { level: crate::Level::Info, text };
        self.events.note(self.moment(), kind);
    }

    fn obey_stop(&self, request: &StopRequest) {
        let reason = request.to_string();
        if !self.stop.ask(request.stop(), &reason) {
            return;
        }
        let deaf = if self.stop.is_heard() { "" } else { "; the training has not looked yet" };
        notice::tell(format!("tracker: {reason}{deaf}"));
        self.events.note(
            self.moment(),
            StoredEventKind::Message { level: crate::Level::Info, text: reason },
        );
    }

    /// Changes what `run.json` says, as long as the run lives. `change` says whether it did.
    pub(super) fn change_file(&self, change: impl FnOnce(&mut RunFile) -> bool) {
        if self.ring.is_closed() {
            self.count_late(1);
            return;
        }
        let is_changed = change(&mut self.file.lock());
        if is_changed {
            self.file_changed.store(true, Ordering::Release);
        }
    }

    pub(super) fn event(&self, kind: StoredEventKind) {
        self.taken_or_told(self.events.push(self.moment(), kind));
    }

    /// As [`event`](Self::event), of what was logged at a time before, perhaps before the end.
    pub(super) fn earlier_event(&self, time: Timestamp, kind: StoredEventKind) {
        self.taken_or_told(self.events.push_earlier(time, kind));
    }

    fn taken_or_told(&self, taken: Result<(), Refused>) {
        match taken {
            Ok(()) => {}
            Err(Refused::Closed) => self.count_late(1),
            Err(Refused::Full) => self.problem(Problem::new(
                "events-dropped",
                "a text was dropped: too many wait for the disk",
                "log fewer or shorter texts; check the disk",
            )),
        }
    }

    /// Whether a message of a place in the program is to be kept. One that is not is counted.
    pub(crate) fn hears(&self, level: crate::Level, place: u64) -> bool {
        let admitted = self.messages.admit(level, place, self.clock.now());
        admitted.map_err(|reason| self.messages.count(reason)).is_ok()
    }

    /// Whether a line of the process's output is to be kept. One that is not is counted.
    pub(crate) fn hears_output(&self) -> bool {
        let admitted = self.messages.admit_more(crate::Level::Info);
        admitted.map_err(|reason| self.messages.count(reason)).is_ok()
    }

    /// Takes what the program says. An error goes to the disk at once: it may be the last word.
    pub(crate) fn say(&self, message: &StoredMessage) {
        match self.messages.push(message) {
            Ok(()) if message.level >= crate::Level::Error => wake::wake(),
            Ok(()) => {}
            Err(reason) => self.messages.count(reason),
        }
    }

    /// Tells which messages were left out, each reason once.
    pub(crate) fn tell_of_messages(&self) {
        for problem in self.messages.untold() {
            notice::warn(&problem.message, &problem.hint);
        }
    }

    pub(super) fn define(&self, metric: &str, definition: Definition) {
        let name = MetricName::new(metric);
        let changed = {
            let mut file = self.file.lock();
            file.definitions.entry(name.as_str().to_owned()).or_default().merge(definition)
        };
        if changed {
            self.file_changed.store(true, Ordering::Release);
        }
    }

    /// Counts a problem, and tells it if it is the first of its kind.
    pub(crate) fn problem(&self, problem: Problem) {
        let Some(first) = self.problems.add(problem) else { return };
        notice::warn(&first.message, &first.hint);
        let text = format!("{}; hint: {}", first.message, first.hint);
        self.events
            .note(self.moment(), StoredEventKind::Message { level: crate::Level::Warning, text });
    }

    /// All problems so far, points that found no place included.
    pub(crate) fn all_problems(&self) -> Vec<Problem> {
        let counted = [
            (&self.dropped, Problem::dropped_points as fn(u64) -> Problem),
            (&self.late, |count| Problem { count, ..Problem::after_finish() }),
        ];
        let counted = counted.into_iter().filter_map(|(counter, problem)| {
            let count = counter.load(Ordering::Relaxed);
            (count > 0).then(|| problem(count))
        });
        let left_out = self.messages.problems();
        self.problems.all().into_iter().chain(counted).chain(left_out).collect()
    }

    /// How the run's store does at this moment. Of the places that it is sent to, the run knows.
    pub(crate) fn status(&self) -> Status {
        if platform::is_forked_child() {
            let count = Some(self.forked()).filter(|count| *count > 0);
            let problems = count.map(Problem::forked_child).into_iter().collect();
            let sync = Vec::new();
            return Status { mode: self.mode, waiting: 0, dropped: 0, problems, sync };
        }
        Status {
            mode: self.mode,
            waiting: self.waiting(),
            dropped: self.dropped.load(Ordering::Relaxed),
            problems: self.all_problems(),
            sync: Vec::new(),
        }
    }

    /// How many points wait for the disk. A little off while others log.
    fn waiting(&self) -> u64 {
        let tail = self.ring.tail();
        let slots = self.ring.head().saturating_sub(tail);
        slots.saturating_sub(self.definitions.load(Ordering::Relaxed)) + self.spill.len()
    }

    /// How many points, events and messages are in no file: those that wait and the points that found
    /// no place.
    pub(crate) fn unsaved(&self) -> Unsaved {
        let points = self.waiting() + self.dropped.load(Ordering::Relaxed);
        let events = self.events.unwritten() + self.messages.queue.unwritten();
        Unsaved { points, events, media: self.media.waiting() }
    }

    pub(crate) fn is_syncing(&self) -> bool {
        self.syncing.load(Ordering::Relaxed)
    }

    pub(crate) fn set_syncing(&self, syncing: bool) {
        self.syncing.store(syncing, Ordering::Relaxed);
    }

    pub(crate) fn set_stuck(&self, stuck: bool) {
        self.stuck.store(stuck, Ordering::Relaxed);
    }

    /// Says in `run.json` that this training goes on after `step`, so that what earlier attempts
    /// logged beyond it is void.
    pub(crate) fn resume_after(&self, step: Step, supersedes: Vec<Writer>) {
        let resume = Resume { writer: self.writer, supersedes, after_step: step };
        self.file.lock().resumes.push(resume);
        self.file_changed.store(true, Ordering::Release);
    }

    /// Whether the training goes on from what was before: an earlier attempt, or the run that it was forked from.
    pub(crate) fn goes_on(&self) -> bool {
        self.writer.attempt > 1 || self.forked_after().is_some()
    }

    /// The step after which the run was forked; `None` if it is no fork.
    pub(crate) fn forked_after(&self) -> Option<Step> {
        self.file.lock().parent.as_ref().map(|parent| parent.step)
    }

    /// A copy of what `run.json` should say, if the file is behind.
    pub(crate) fn take_changed_file(&self) -> Option<RunFile> {
        self.tell_that_it_listens();
        self.file_changed.swap(false, Ordering::Acquire).then(|| self.file())
    }

    /// Says in `run.json` that the training looks for requests, from its first look on. The look
    /// itself stays a load of one flag.
    fn tell_that_it_listens(&self) {
        if !self.stop.is_heard() {
            return;
        }
        let known = self.file.lock().listens_to_stop.replace(true);
        if known != Some(true) {
            self.mark_file_changed();
        }
    }

    /// Asks git which files were changed, and says in `run.json` whether there are any.
    pub(crate) fn record_code(self: &Arc<Self>, store: &Path) {
        let session = Arc::downgrade(self);
        self.code.begin(&self.paths(), store, move |dirty| {
            let Some(session) = session.upgrade() else { return };
            session.file.lock().provenance.git_dirty = Some(dirty);
            session.mark_file_changed();
        });
    }

    /// Says in `run.json` what differs from the run before.
    pub(crate) fn set_since(&self, since: SinceLast) {
        self.file.lock().since = Some(since);
        self.mark_file_changed();
    }

    pub(crate) fn mark_file_changed(&self) {
        self.file_changed.store(true, Ordering::Release);
    }

    pub(crate) fn file(&self) -> RunFile {
        self.file.lock().clone()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The time of something that is said or recorded, later than of all before in this process: two
    /// things of one microsecond stand in different files, and their times alone say which came first.
    pub(crate) fn moment(&self) -> Timestamp {
        let now = self.clock.now().as_micros();
        let later = |latest: i64| Some(now.max(latest.saturating_add(1)));
        let latest = self.latest_moment.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        Timestamp(latest.map_or(now, |latest| now.max(latest.saturating_add(1))))
    }
}

/// Counts what was not stored. On the hot path of a full ring, so it takes no lock but the first
/// time.
fn count_and_tell_once(counter: &AtomicU64, count: u64, problem: &Problem) {
    if counter.fetch_add(count, Ordering::Relaxed) == 0 {
        notice::warn(&problem.message, &problem.hint);
    }
}
