//! What the machine does, as metrics of a run.

use std::{
    collections::{HashMap, hash_map::Entry},
    env,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    Definition, Event, MetricId, Point, Problem, Step, Timestamp,
    console::notice,
    error::excerpt,
    store::{self, Session},
    system::{
        disk::FreeSpace,
        sampler::{self, Sampled},
        sensor::{Reading, Readings, Sensor},
    },
};

/// How often the machine is looked at, unless `TRACKER_SYSTEM` says otherwise.
const INTERVAL: Duration = Duration::from_secs(10);

/// No sample is stale sooner.
const SHORTEST_STALE: Duration = Duration::from_secs(1);

/// Logs what the machine does, at the seconds since the run's start.
#[derive(Debug)]
pub(crate) struct SystemLog {
    session: Arc<Session>,
    /// When the run was first started, attempts before this one included.
    started_at: Timestamp,
    /// A run whose last sample is older gets one more as it ends.
    stale: Duration,
    /// Those of this run alone. Held while they are asked, which takes as long as they like.
    sensors: Mutex<Vec<Box<dyn Sensor>>>,
    /// Held for moments: a run that ends waits for it.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// After that, nothing is logged any more.
    ended: bool,
    /// When it was looked at the machine, or the run began.
    last: Instant,
    ids: HashMap<String, MetricId>,
    /// How many of the machine's problems the run knows.
    told: usize,
}

/// How often `TRACKER_SYSTEM` wants the machine to be looked at; `None` for never.
pub(crate) fn interval_of_environment() -> Option<Duration> {
    let text = env::var("TRACKER_SYSTEM").unwrap_or_default();
    interval_of(&text).unwrap_or_else(|NotAnInterval| {
        let text = format!("TRACKER_SYSTEM is `{}`", excerpt(&text));
        let hint = "set it to `off`, or to how many seconds lie between two looks at the machine";
        notice::warn(&text, hint);
        Some(INTERVAL)
    })
}

/// A text that says nothing of how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NotAnInterval;

fn interval_of(text: &str) -> Result<Option<Duration>, NotAnInterval> {
    match text {
        "off" => Ok(None),
        "" | "on" => Ok(Some(INTERVAL)),
        _ => {
            let seconds = text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
            seconds.map(|seconds| Some(Duration::from_secs(seconds))).ok_or(NotAnInterval)
        }
    }
}

impl SystemLog {
    /// Begins to log to a run whose files lie in `folder`, with the user's own sensors too.
    pub(crate) fn start(
        session: &Arc<Session>,
        folder: PathBuf,
        users: Vec<Box<dyn Sensor>>,
        interval: Duration,
    ) -> Arc<Self> {
        let mut sensors = users;
        if session.writer.rank == 0 {
            sensors.push(Box::new(FreeSpace::of(folder)));
        }
        let state = State { ended: false, last: Instant::now(), ids: HashMap::new(), told: 0 };
        let log = Arc::new(Self {
            session: Arc::clone(session),
            started_at: session.file().started_at,
            stale: (interval / 2).max(SHORTEST_STALE),
            sensors: Mutex::new(sensors),
            state: Mutex::new(state),
        });
        let weak: Weak<dyn Sampled> = Arc::downgrade(&(Arc::clone(&log) as Arc<dyn Sampled>));
        if let Err(error) = sampler::enlist(weak, interval) {
            session.problem(Problem::new(
                "system-not-sampled",
                format!("no thread could be started that looks at the machine: {error}"),
                "the run goes on without the metrics of `system/`",
            ));
        }
        log
    }

    /// Looks once more if the last sample is old, and logs nothing after this call. Neither cards nor the
    /// user's sensors are asked: the end waits for nobody.
    pub(crate) fn end(&self) {
        let mut state = self.state.lock();
        if !state.ended
            && state.last.elapsed() >= self.stale
            && let Some(machine) = sampler::look_once_more()
        {
            self.log(&mut state, &machine, &Readings::default());
        }
        state.ended = true;
    }

    fn log(&self, state: &mut State, machine: &Readings, own: &Readings) {
        state.last = Instant::now();
        self.tell(machine.problems(), &mut state.told);
        let of_machine = machine.all().iter().filter(|reading| self.tells(reading));
        let readings = of_machine.chain(own.all());
        let ids = &mut state.ids;
        let points: Vec<Point> = readings.map(|reading| self.point(ids, reading)).collect();
        self.session.write(&points);
    }

    /// What the sensors of this run say.
    fn ask_own(&self) -> Readings {
        let mut own = Readings::default();
        self.sensors.lock().retain_mut(|sensor| match sampled(sensor.as_mut(), &mut own) {
            Ok(()) => true,
            Err(reason) => {
                self.session.problem(sensor_failed(&reason));
                false
            }
        });
        own
    }

    /// Whether this process tells what the machine says: the first of several does, and each of itself.
    fn tells(&self, reading: &Reading) -> bool {
        self.session.writer.rank == 0 || reading.is_own || reading.name.starts_with("process.")
    }

    /// Counts what was found to be wrong since the last time, as the first of several processes.
    fn tell(&self, problems: &[Problem], told: &mut usize) {
        if self.session.writer.rank == 0 {
            for problem in problems.iter().skip(*told) {
                self.session.problem(problem.clone());
            }
        }
        *told = problems.len().max(*told);
    }

    fn point(&self, ids: &mut HashMap<String, MetricId>, reading: &Reading) -> Point {
        let name = match self.session.writer.rank {
            0 => format!("system/{}", reading.name),
            rank => format!("system/rank.{rank}.{}", reading.name),
        };
        let metric = match ids.entry(name) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let id = self.session.metric_id(new.key());
                if !reading.unit.is_empty() {
                    let definition = Definition::new().unit(reading.unit);
                    store::record(
                        &self.session,
                        Event::Define { metric: new.key().clone(), definition },
                    );
                }
                *new.insert(id)
            }
        };
        let now = self.session.clock.now();
        let since = now.as_micros().saturating_sub(self.started_at.as_micros());
        let step = Step(u64::try_from(since / 1_000_000).unwrap_or_default());
        Point { metric, step, time: Some(now), value: reading.value }
    }
}

impl Sampled for SystemLog {
    fn take(&self, machine: &Readings) -> bool {
        if self.state.lock().ended {
            return false;
        }
        let own = self.ask_own();
        let mut state = self.state.lock();
        if !state.ended {
            self.log(&mut state, machine, &own);
        }
        !state.ended
    }
}

/// A sensor that panics takes no thread with it on which others are asked too.
fn sampled(sensor: &mut dyn Sensor, readings: &mut Readings) -> Result<(), String> {
    let asked = panic::catch_unwind(AssertUnwindSafe(|| sensor.sample(readings)));
    asked.unwrap_or_else(|_| Err("it panicked".to_owned()))
}

fn sensor_failed(reason: &str) -> Problem {
    Problem::new(
        "sensor-failed",
        format!("a sensor measures nothing: {reason}"),
        "it is not asked again in this run",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_off_or_seconds_and_nothing_else() {
        let seconds = |number| Ok(Some(Duration::from_secs(number)));
        assert_eq!(interval_of("off"), Ok(None));
        assert_eq!([interval_of(""), interval_of("on")], [seconds(10); 2]);
        assert_eq!(interval_of("30"), seconds(30));
        for nonsense in ["0", "-1", "1.5", "fast", "99999999"] {
            assert_eq!(interval_of(nonsense), Err(NotAnInterval), "{nonsense}");
        }
    }
}
