//! The side of a stored run that log calls see.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::{
    Definition, Event, MetricId, MetricName, Point, Problem, RunId, Timestamp, TrackerInstance,
    Writer,
    format::{
        event_line::StoredEventKind,
        layout::RunPaths,
        run_file::RunFile,
        slot::{Slot, definition},
    },
    notice,
    problems::Problems,
    store::{
        clock::Clock,
        events::EventQueue,
        names::{Interned, Names},
        ring::{Anonymous, CAPACITY, Refused, Ring},
        spill::Spill,
        writer,
    },
};

/// How many points enter the ring in one reservation.
const BATCH: usize = 1_024;

/// How long one call may wait for a place in the ring while the writer gets on.
const LONGEST_WAIT: Duration = Duration::from_millis(10);

/// Everything about a run that its log calls and its writer thread share.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) run: RunId,
    pub(crate) paths: RunPaths,
    pub(crate) writer: Writer,
    pub(crate) clock: Clock,
    pub(crate) ring: Ring<Anonymous>,
    pub(crate) spill: Spill,
    pub(crate) names: Names,
    pub(crate) events: EventQueue,
    pub(crate) problems: Problems,
    instance: TrackerInstance,
    /// What `run.json` says, and whether the file is behind it.
    file: Mutex<RunFile>,
    file_changed: AtomicBool,
    /// Set by the writer thread while the disk takes nothing, so that nobody waits for it.
    stuck: AtomicBool,
    /// Whether the maintenance thread has yet to sync the log.
    syncing: AtomicBool,
    dropped: AtomicU64,
    late: AtomicU64,
}

impl Session {
    pub(crate) fn new(paths: RunPaths, writer: Writer, clock: Clock, file: RunFile) -> Self {
        Self {
            run: file.id.clone(),
            paths,
            writer,
            clock,
            ring: Ring::new(Anonymous::new(CAPACITY)),
            spill: Spill::default(),
            names: Names::default(),
            events: EventQueue::default(),
            problems: Problems::default(),
            instance: TrackerInstance::unique(),
            file: Mutex::new(file),
            file_changed: AtomicBool::new(false),
            stuck: AtomicBool::new(false),
            syncing: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
            late: AtomicU64::new(0),
        }
    }

    pub(crate) fn metric(&self, name: &str) -> MetricId {
        let name = MetricName::new(name);
        if name.was_repaired() {
            self.problem(Problem::repaired_name(name.as_str()));
        }
        // Never spilled: its slots must stay next to each other.
        let define =
            |key: u32, name: &str| self.push_to_ring(&definition(key, name).into_iter()).is_ok();
        let key = match self.names.intern(name.as_str(), define) {
            Interned::Known(key) | Interned::New(key) => key,
            Interned::Overflow(key) => {
                self.problem(Problem::new(
                    "too-many-metrics",
                    format!("the metric `{}` found no place", crate::error::excerpt(name.as_str())),
                    "keep below 65,536 metrics a run; its points are under `overflow`",
                ));
                key
            }
        };
        MetricId::new(self.instance, key)
    }

    pub(crate) fn write(&self, points: &[Point]) {
        for batch in points.chunks(BATCH) {
            self.write_batch(batch);
        }
    }

    fn write_batch(&self, points: &[Point]) {
        let mut now = None;
        let mut slot = |point: &Point| {
            let time = point.time.unwrap_or_else(|| *now.get_or_insert_with(|| self.clock.now()));
            Some(Slot {
                step: point.step.0,
                time: time.0,
                value: point.value.to_bits(),
                key: self.key_of(point)?,
            })
        };
        let slots: SmallVec<[Slot; 8]> = points.iter().filter_map(&mut slot).collect();
        let foreign = points.len() - slots.len();
        if foreign > 0 {
            self.problem(Problem { count: foreign as u64, ..Problem::foreign_metric() });
        }
        let count = slots.len() as u64;
        match self.push(&slots.into_iter()) {
            Ok(()) => {}
            Err(Refused::Full) => {
                count_and_tell_once(&self.dropped, count, &Problem::dropped_points(count));
            }
            Err(Refused::Closed) => self.count_late(count),
        }
    }

    fn count_late(&self, count: u64) {
        count_and_tell_once(&self.late, count, &Problem::after_finish());
    }

    /// The point's key, unless its id is another tracker's.
    fn key_of(&self, point: &Point) -> Option<u32> {
        point.metric.index_in(self.instance)
    }

    /// Stores slots in the ring or, if it stays full, in the spill.
    fn push(&self, slots: &(impl ExactSizeIterator<Item = Slot> + Clone)) -> Result<(), Refused> {
        if slots.len() == 0 {
            return Ok(());
        }
        if self.spill.is_waiting() {
            return self.spill.push(slots.clone());
        }
        match self.push_to_ring(slots) {
            Err(Refused::Full) => self.spill.push(slots.clone()),
            result => result,
        }
    }

    /// Stores slots in the ring, waiting for the writer thread a little if it is full.
    fn push_to_ring(
        &self,
        slots: &(impl ExactSizeIterator<Item = Slot> + Clone),
    ) -> Result<(), Refused> {
        let used = match self.ring.push(slots.clone()) {
            Err(Refused::Full) => self.push_waiting(slots)?,
            result => result?,
        };
        writer::after_push(used, self.ring.capacity());
        Ok(())
    }

    #[cold]
    fn push_waiting(
        &self,
        slots: &(impl ExactSizeIterator<Item = Slot> + Clone),
    ) -> Result<u64, Refused> {
        let since = Instant::now();
        loop {
            if self.stuck.load(Ordering::Relaxed) || since.elapsed() > LONGEST_WAIT {
                return Err(Refused::Full);
            }
            writer::wake();
            std::thread::yield_now();
            match self.ring.push(slots.clone()) {
                Err(Refused::Full) => {}
                result => return result,
            }
        }
    }

    /// Takes no more points. Those that have been taken will still be stored.
    pub(crate) fn close(&self) {
        self.ring.close();
        self.spill.close();
    }

    /// Whether every point that was taken is in a file.
    pub(crate) fn is_drained(&self) -> bool {
        self.ring.is_empty() && !self.spill.is_waiting()
    }

    pub(crate) fn record(&self, event: Event) {
        match event {
            Event::Define { metric, definition } => self.define(&metric, definition),
            Event::Text { name, step, text } => {
                self.event(StoredEventKind::Text { name, step, text });
            }
            Event::Message { level, text } => self.event(StoredEventKind::Message { level, text }),
            Event::Problem(problem) => self.problem(problem),
        }
    }

    fn event(&self, kind: StoredEventKind) {
        if self.ring.is_closed() {
            self.count_late(1);
        } else if !self.events.push(self.clock.now(), kind) {
            self.problem(Problem::new(
                "events-dropped",
                "a text was dropped: too many wait for the disk",
                "log fewer or shorter texts; check the disk",
            ));
        }
    }

    fn define(&self, metric: &str, definition: Definition) {
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
        self.events.push(
            self.clock.now(),
            StoredEventKind::Message { level: crate::Level::Warning, text },
        );
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
        self.problems.all().into_iter().chain(counted).collect()
    }

    /// How many points are in no file: those that wait and those that found no place.
    pub(crate) fn unsaved_points(&self) -> u64 {
        let tail = self.ring.tail();
        let waiting = self.ring.head().saturating_sub(tail) + self.spill.len();
        waiting + self.dropped.load(Ordering::Relaxed)
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

    /// A copy of what `run.json` should say, if the file is behind.
    pub(crate) fn take_changed_file(&self) -> Option<RunFile> {
        self.file_changed.swap(false, Ordering::Acquire).then(|| self.file())
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
}

/// Counts what was not stored. On the hot path of a full ring, so it takes no lock but the first
/// time.
fn count_and_tell_once(counter: &AtomicU64, count: u64, problem: &Problem) {
    if counter.fetch_add(count, Ordering::Relaxed) == 0 {
        notice::warn(&problem.message, &problem.hint);
    }
}
