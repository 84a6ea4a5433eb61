//! What every [`Tracker`] must do, check by check.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    Artifact, ConfusionMatrix, Definition, Error, Event, Histogram, Image, Level, Media,
    MediaSource, MetricId, Outcome, Point, Problem, Step, Table, Tracker, TrackerExt,
    TrackerInstance, Used,
};

/// How long a check waits for a tracker to save something.
const PATIENCE: Duration = Duration::from_secs(20);

type Read = Box<dyn Fn(&str) -> Vec<(Step, f64)>>;

/// A fresh tracker to check, and a way to read what it holds.
pub struct Subject {
    tracker: Arc<dyn Tracker>,
    read: Option<Read>,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("tracker", &self.tracker).finish_non_exhaustive()
    }
}

impl Subject {
    /// A tracker whose contents cannot be read: only that it fails nowhere is checked.
    pub fn new(tracker: impl Into<Arc<dyn Tracker>>) -> Self {
        Self { tracker: tracker.into(), read: None }
    }

    /// Reads one metric's points in the order in which they were logged. It is called after
    /// [`Tracker::flush`], also after [`Tracker::finish`].
    #[must_use]
    pub fn reads(mut self, read: impl Fn(&str) -> Vec<(Step, f64)> + 'static) -> Self {
        self.read = Some(Box::new(read));
        self
    }

    /// Checks a metric's points bit for bit.
    fn expect(&self, metric: &str, expected: &[(u64, f64)], promise: &str) {
        let Some(read) = &self.read else { return };
        self.tracker.flush(PATIENCE).unwrap_or_else(|error| panic!("flush failed: {error}"));
        let bits = |points: &[(u64, f64)]| -> Vec<(u64, u64)> {
            points.iter().map(|(step, value)| (*step, value.to_bits())).collect()
        };
        let found: Vec<(u64, f64)> =
            read(metric).into_iter().map(|(step, value)| (step.0, value)).collect();
        assert!(bits(&found) == bits(expected), "{promise}: {found:?} is not {expected:?}");
    }
}

/// Checks all promises of the [`Tracker`] contract that can be seen from outside. `make` gives a
/// fresh tracker for each check.
///
/// # Panics
/// If a promise is not kept, with words that say which.
pub fn conformance(make: impl Fn() -> Subject) {
    one_name_has_one_id(&make());
    values_keep_all_their_bits(&make());
    steps_may_repeat_and_come_in_any_order(&make());
    foreign_points_are_dropped_and_others_kept(&make());
    any_text_names_a_metric(&make());
    large_calls_stay_whole(&make());
    threads_lose_nothing_and_keep_their_order(&make());
    every_event_is_taken(&make());
    finishing_twice_says_the_same(&make());
    logging_after_the_end_harms_nobody(&make());
}

fn one_name_has_one_id(subject: &Subject) {
    let tracker = &subject.tracker;
    let (loss, again) = (tracker.metric_id("train/loss"), tracker.metric_id("train/loss"));
    assert_eq!(loss, again, "the same name gives the same id");
    if tracker.enabled() {
        assert_ne!(loss, tracker.metric_id("valid/loss"), "two names give two ids");
    }
}

fn values_keep_all_their_bits(subject: &Subject) {
    let values = [
        0.1,
        -0.0,
        f64::MIN_POSITIVE / 2.0,
        f64::MAX,
        f64::NAN,
        -f64::NAN,
        f64::from_bits(0x7ff8_0000_dead_beef),
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let points: Vec<(u64, f64)> = (0..).zip(values).collect();
    log(subject, "value", &points);
    subject.expect("value", &points, "a value keeps all its bits");
}

fn steps_may_repeat_and_come_in_any_order(subject: &Subject) {
    // A stored run is read in the order of its steps, others in the order of calls: both agree
    // on what is there, so the check compares sorted points.
    let points = [(0, 1.0), (u64::MAX, 2.0), (1 << 63, 3.0), (5, 4.0), (5, 5.0), (3, 6.0)];
    log(subject, "step", &points);
    let Some(read) = &subject.read else { return };
    subject.tracker.flush(PATIENCE).unwrap_or_else(|error| panic!("flush failed: {error}"));
    let mut found = read("step");
    found.sort_by_key(|(step, value)| (step.0, value.to_bits()));
    let mut expected: Vec<_> = points.map(|(step, value)| (Step(step), value)).to_vec();
    expected.sort_by_key(|(step, value)| (step.0, value.to_bits()));
    assert_eq!(found, expected, "every step is kept, repeated and out of order too");
}

fn foreign_points_are_dropped_and_others_kept(subject: &Subject) {
    let own = subject.tracker.metric_id("own");
    let foreign = MetricId::new(TrackerInstance::unique(), 0);
    let points = [(own, 1), (foreign, 2), (own, 3)];
    let point = |(metric, n): (MetricId, u32)| Point::new(metric, n, f64::from(n));
    subject.tracker.write(&points.map(point));
    subject.expect("own", &[(1, 1.0), (3, 3.0)], "a foreign point is dropped, others are kept");
}

fn any_text_names_a_metric(subject: &Subject) {
    let long = "x".repeat(10_000);
    for name in ["", "\0\x1b[31m\n", "../../etc/passwd", "größe/学習 🦀", &long] {
        let metric = subject.tracker.metric_id(name);
        subject.tracker.write(&[Point::new(metric, 0_u64, 1.0)]);
    }
    if subject.tracker.enabled() {
        let longer = subject.tracker.metric_id(&format!("{long}y"));
        assert_ne!(subject.tracker.metric_id(&long), longer, "two long names stay two metrics");
    }
    subject.expect("größe/学習 🦀", &[(0, 1.0)], "a name keeps its letters");
}

fn large_calls_stay_whole(subject: &Subject) {
    subject.tracker.write(&[]);
    let metric = subject.tracker.metric_id("large");
    let expected: Vec<(u64, f64)> = (0..3_000).map(|n| (n, n as f64)).collect();
    let points: Vec<Point> =
        expected.iter().map(|(step, value)| Point::new(metric, *step, *value)).collect();
    subject.tracker.write(&points);
    subject.expect("large", &expected, "a call with many points loses none");
}

fn threads_lose_nothing_and_keep_their_order(subject: &Subject) {
    const THREADS: u64 = 4;
    const EACH: u64 = 2_000;
    let tracker = &subject.tracker;
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                let metric = tracker.metric_id("shared");
                for n in 0..EACH {
                    tracker.write(&[Point::new(metric, thread, n as f64)]);
                }
            });
        }
    });
    let Some(read) = &subject.read else { return };
    tracker.flush(PATIENCE).unwrap_or_else(|error| panic!("flush failed: {error}"));
    let found = read("shared");
    for thread in 0..THREADS {
        let own = found.iter().filter(|(step, _)| step.0 == thread);
        let values: Vec<f64> = own.map(|(_, value)| *value).collect();
        let expected: Vec<f64> = (0..EACH).map(|n| n as f64).collect();
        assert_eq!(values, expected, "the points of a thread are all there, in order");
    }
}

#[expect(clippy::disallowed_methods, reason = "looks at a person's own folder")]
fn every_event_is_taken(subject: &Subject) {
    let tracker = &subject.tracker;
    tracker.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    tracker.record(Event::Text { name: "sample".into(), step: Step(3), text: "hello\n".into() });
    tracker.record(Event::Message { level: Level::Info, text: "half-way".into() });
    tracker.record(Event::Problem(Problem::new("test", "a test problem", "nothing to do")));
    let histogram = Histogram::new(-1.0, 1.0, vec![1, 0, 2]).not_finite(3);
    tracker.record(Event::Histogram { name: "weights".into(), step: Step(3), histogram });
    media_are_taken(tracker);
    let artifact = Artifact::new("model", "1").metrics([("loss", f64::NAN)]).alias("best");
    tracker.record(Event::Artifact(artifact));
    tracker.record(Event::ArtifactDeleted { name: "model".into(), version: "1".into() });
    tracker.record(Event::Used(Used::new("mnist", "dataset")));
    let facts = [("parameters".to_owned(), 7.into())].into_iter().collect();
    tracker.record(Event::About { topic: "model".into(), facts });
    tracker.record(Event::Conclusion { text: "stopped early".into() });
    tracker.advance(Step(7));
    let _ = tracker.requests();
    let knob = tracker.knob("lr", 1e-3).bounds(1e-6..=0.1);
    assert_eq!(knob.at(Step(7)).to_bits(), 1e-3_f64.to_bits(), "a knob begins with its default");
    if let Some(folder) = tracker.directory() {
        assert!(folder.is_dir(), "the tracker's folder exists");
    }
}

/// Of any kind, one that panics when it is made and many too many included.
fn media_are_taken(tracker: &Arc<dyn Tracker>) {
    #[derive(Debug)]
    struct Panics;

    impl MediaSource for Panics {
        fn bytes(&self) -> usize {
            usize::MAX
        }
        fn make(&self) -> Result<Vec<Media>, Error> {
            panic!("a source of media that panics")
        }
    }

    let image = Image::gray8(1, 1, vec![7]).unwrap_or_else(|error| panic!("{error}"));
    tracker.log_media("samples", 3_u64, vec![image.clone(); 100]);
    tracker.log_media("table", 3_u64, Table::new(["a"]).row([image.into()]).row([]));
    tracker.log_media("matrix", 3_u64, ConfusionMatrix::new(["a", "b"]).add(0, 1));
    tracker.log_media("later", 3_u64, Media::Later(Arc::new(Panics)));
    tracker.log_media("nothing", 3_u64, Vec::<Media>::new());
}

fn finishing_twice_says_the_same(subject: &Subject) {
    log(subject, "loss", &[(0, 1.0)]);
    let finish = |outcome| {
        subject.tracker.finish(outcome).unwrap_or_else(|error| panic!("finish failed: {error}"))
    };
    let first = finish(Outcome::Failed("out of luck".into()));
    if subject.tracker.enabled() {
        assert_eq!(first, finish(Outcome::Finished), "a second finish changes nothing");
    }
    subject.expect("loss", &[(0, 1.0)], "what was logged is there after the end");
}

fn logging_after_the_end_harms_nobody(subject: &Subject) {
    let tracker = &subject.tracker;
    let before = tracker.metric_id("before");
    tracker.write(&[Point::new(before, 0_u64, 1.0)]);
    tracker.finish(Outcome::Finished).unwrap_or_else(|error| panic!("finish failed: {error}"));
    let after = tracker.metric_id("after");
    tracker.write(&[Point::new(before, 1_u64, 2.0), Point::new(after, 1_u64, 3.0)]);
    tracker.record(Event::Message { level: Level::Info, text: "too late".into() });
    tracker.flush(PATIENCE).unwrap_or_else(|error| panic!("flush failed: {error}"));
    subject.expect("before", &[(0, 1.0)], "points after the end are not stored");
}

fn log(subject: &Subject, metric: &str, points: &[(u64, f64)]) {
    let metric = subject.tracker.metric_id(metric);
    for (step, value) in points {
        subject.tracker.write(&[Point::new(metric, *step, *value)]);
    }
}
