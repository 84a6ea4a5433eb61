//! Takes samples on the training's thread and has them written by another one.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use burn::module::Module;
use tracker_core::{
    Definition, Event, MetricId, Point, Problem, RunId, Step, Tracker, flight::FlightStep,
};

use crate::{
    per_run::PerRun,
    series::{define, full_name},
    start::{self, Start},
    watch::{
        Gradients, WatchOptions,
        clock::{Clock, StepTime},
        flights::Flights,
        guarded,
        sample::Sample,
        walk,
        writer::Writer,
    },
};

/// Tells the copies of a model apart that train side by side.
pub(crate) type Replica = Arc<()>;

/// How many samples wait for the writer, some kilobytes each. One more is dropped: training never
/// waits for it. A model so small that it is watched thousands of times a second fits in until
/// the writer gets its turn on a busy machine.
const QUEUE: usize = 64;

/// How long a sample waits for a training that says where its steps begin.
const OFFSET_PATIENCE: Duration = Duration::from_secs(5);

/// How long the last handle of a model waits for its samples.
const LAST_SAMPLES: Duration = Duration::from_secs(5);

/// The watchers of this process that write to a stored run.
static WATCHERS: PerRun<Shared> = PerRun::new();

/// Waits until all samples of `run` that were taken are written; `timeout` at most.
pub(crate) fn drain(run: &RunId, timeout: Duration) {
    let end = Instant::now() + timeout;
    for shared in WATCHERS.all(run) {
        shared.wait_until_written(end.saturating_duration_since(Instant::now()));
    }
}

/// Watches one model. The last handle waits for the samples that are on their way.
#[derive(Debug)]
pub(crate) struct Watcher {
    shared: Arc<Shared>,
    options: WatchOptions,
    flights: Option<Arc<Flights>>,
    /// How many optimizer steps were taken.
    steps: AtomicU64,
    owner: Mutex<Weak<()>>,
    /// Whether it logs how long steps take.
    times: bool,
    clock: Mutex<Clock>,
    step_seconds: Mutex<Option<MetricId>>,
    /// Whether watching failed and is given up.
    failed: AtomicBool,
    writing: Mutex<Option<Writing>>,
}

/// What the watcher's two threads share.
#[derive(Debug)]
struct Shared {
    tracker: Arc<dyn Tracker>,
    offset: Arc<Start>,
    /// Where steps begin if no training says so.
    fallback: u64,
    /// How many samples are on their way.
    in_flight: Mutex<usize>,
    written: Condvar,
}

/// The queue and the thread that empties it. It ends with the queue.
#[derive(Debug)]
struct Writing {
    queue: SyncSender<Sample>,
    thread: JoinHandle<()>,
}

impl Watcher {
    /// A watcher whose steps begin where the next training of the tracker's run does, or at 0 if
    /// there is no run.
    pub(crate) fn new(tracker: Arc<dyn Tracker>, options: WatchOptions) -> Self {
        let offset =
            tracker.context().map_or_else(|| Start::known(0), |run| start::pending_step(run.id()));
        Self::with_offset(tracker, options, offset)
    }

    /// A watcher that is told the number of each step. One of those of a training logs its `times`.
    pub(crate) fn of_loop(tracker: Arc<dyn Tracker>, options: WatchOptions, times: bool) -> Self {
        let mut watcher = Self::with_offset(tracker, options, Start::known(0));
        watcher.times = times;
        watcher
    }

    fn with_offset(tracker: Arc<dyn Tracker>, options: WatchOptions, offset: Arc<Start>) -> Self {
        let shared = Arc::new(Shared {
            offset,
            fallback: tracker.context().map_or(0, |run| run.next_step().0),
            in_flight: Mutex::new(0),
            written: Condvar::new(),
            tracker,
        });
        if let Some(run) = shared.tracker.context() {
            WATCHERS.add(run.id(), &shared);
        }
        Self {
            flights: Flights::of(&shared.tracker, &options),
            shared,
            options,
            steps: AtomicU64::new(0),
            owner: Mutex::new(Weak::new()),
            times: true,
            clock: Mutex::default(),
            step_seconds: Mutex::default(),
            failed: AtomicBool::new(false),
            writing: Mutex::default(),
        }
    }

    /// The optimizer is about to take a step. Computes on the devices, and reads nothing back.
    ///
    /// Of replicas that train side by side only the first is watched: their optimizers all get
    /// the same gradients, and their steps are the same.
    pub(crate) fn step<M: Module>(&self, model: &M, replica: &Replica, gradients: Gradients<'_>) {
        if !self.is_owner(replica) {
            return;
        }
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        // The training says where its steps begin on another thread, perhaps after the first of them.
        let offset = self.shared.offset.get().unwrap_or(self.shared.fallback);
        let of_run = Step(offset.saturating_add(step));
        let flown = FlightStep { step: of_run, ..FlightStep::default() };
        self.look(model, gradients, step, self.options.is_due(step), flown);
    }

    /// Takes the samples that were named on this thread.
    pub(crate) fn gather_samples(&self) {
        if let Some(flights) = &self.flights {
            flights.gather();
        }
    }

    /// Goes on after so many looks: a training that was killed looks when it would have anyway.
    pub(crate) fn go_on_after(&self, looks: u64) {
        self.steps.store(looks, Ordering::Relaxed);
    }

    /// As [`step`](Self::step), where the loop says which step it is.
    pub(crate) fn step_at<M: Module>(
        &self,
        model: &M,
        gradients: Gradients<'_>,
        flown: FlightStep,
    ) {
        let is_due = self.options.is_due(self.steps.fetch_add(1, Ordering::Relaxed));
        self.look(model, gradients, flown.step.0, is_due, flown);
    }

    fn look<M: Module>(
        &self,
        model: &M,
        gradients: Gradients<'_>,
        step: u64,
        is_due: bool,
        flown: FlightStep,
    ) {
        if self.failed.load(Ordering::Relaxed) {
            return;
        }
        let watched = guarded(&*self.shared.tracker, || {
            if self.times {
                self.take_time(step);
            }
            if let Some(flights) = &self.flights {
                flights.look(model, gradients, &self.options, flown);
            }
            if is_due {
                let sample = walk::sample(model, gradients, &self.options, step);
                if !sample.rows.is_empty() {
                    self.send(sample);
                }
            }
        });
        if watched.is_none() {
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    /// Something else than training begins, such as a validation.
    pub(crate) fn interrupt(&self) {
        lock(&self.clock).interrupt();
    }

    /// Waits until all samples that were taken are written; `timeout` at most.
    pub(crate) fn drain(&self, timeout: Duration) {
        self.shared.wait_until_written(timeout);
    }

    /// Whether this replica's steps count: the first one's do, as long as it lives.
    fn is_owner(&self, replica: &Replica) -> bool {
        let mut owner = lock(&self.owner);
        if owner.strong_count() == 0 {
            *owner = Arc::downgrade(replica);
        }
        std::ptr::eq(owner.as_ptr(), Arc::as_ptr(replica))
    }

    fn take_time(&self, step: u64) {
        lock(&self.clock).step(step);
        self.write_times();
    }

    /// Writes the times of the steps whose number is known.
    fn write_times(&self) {
        let Some(offset) = self.shared.offset.get() else { return };
        let times = lock(&self.clock).take();
        if times.is_empty() {
            return;
        }
        let metric = self.step_seconds();
        let point = |taken: StepTime| Point {
            metric,
            step: Step(offset + taken.step),
            time: Some(taken.time),
            value: taken.seconds,
        };
        let points: Vec<Point> = times.into_iter().map(point).collect();
        self.shared.tracker.write(&points);
    }

    fn step_seconds(&self) -> MetricId {
        *lock(&self.step_seconds).get_or_insert_with(|| {
            let tracker = &*self.shared.tracker;
            let name = full_name(tracker, "batch/train/step_seconds");
            define(tracker, name, Definition::new().unit("s"))
        })
    }

    fn send(&self, sample: Sample) {
        let mut writing = lock(&self.writing);
        if writing.is_none() {
            *writing = self.start();
        }
        let Some(Writing { queue, .. }) = &*writing else { return };
        *lock(&self.shared.in_flight) += 1;
        if let Err(error) = queue.try_send(sample) {
            self.shared.one_less();
            let (TrySendError::Full(sample) | TrySendError::Disconnected(sample)) = error;
            self.shared.problem(behind(sample.step));
        }
    }

    fn start(&self) -> Option<Writing> {
        let (queue, samples) = sync_channel(QUEUE);
        let shared = Arc::clone(&self.shared);
        let writer = Writer::new(Arc::clone(&shared.tracker), &self.options);
        let thread = thread::Builder::new().name("tracker-watch".to_owned());
        match thread.spawn(move || write_all(&shared, writer, &samples)) {
            Ok(thread) => Some(Writing { queue, thread }),
            Err(error) => {
                self.shared.problem(no_thread(&error));
                self.failed.store(true, Ordering::Relaxed);
                None
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Without another model of the run, no training will say where it begins any more.
        if Arc::strong_count(&self.shared.offset) == 1 {
            self.shared.offset.settle(self.shared.fallback);
        }
        guarded(&*self.shared.tracker, || self.write_times());
        let writing = lock(&self.writing).take();
        let Some(Writing { queue, thread }) = writing else { return };
        drop(queue);
        // The thread has a handle of the run, so the run could not end before it.
        if self.shared.wait_until_written(LAST_SAMPLES) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn wait_until_written(&self, timeout: Duration) -> bool {
        let in_flight = lock(&self.in_flight);
        let waited = self.written.wait_timeout_while(in_flight, timeout, |waiting| *waiting > 0);
        let (waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *waiting == 0
    }

    fn one_less(&self) {
        let mut in_flight = lock(&self.in_flight);
        *in_flight = in_flight.saturating_sub(1);
        self.written.notify_all();
    }

    fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }
}

/// Writes samples until the watcher is gone.
fn write_all(shared: &Shared, mut writer: Writer, samples: &Receiver<Sample>) {
    while let Ok(sample) = samples.recv() {
        let offset = shared.offset.wait(OFFSET_PATIENCE, || shared.fallback);
        guarded(&*shared.tracker, || writer.write(sample, offset));
        shared.one_less();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn behind(step: u64) -> Problem {
    Problem::new(
        "watch-behind",
        format!("gradients and weights of step {step} were dropped: the writer is behind"),
        "watch less often with `WatchOptions::every`",
    )
}

fn no_thread(error: &std::io::Error) -> Problem {
    Problem::new(
        "watch-without-thread",
        format!("the model is not watched: no thread could be started: {error}"),
        "raise the limit of threads for this process",
    )
}
