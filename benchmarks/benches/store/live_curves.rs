//! How long twelve curves of a training take that lives, and whose last three logs are in no part yet.
//!
//! **One by one** asks a reader for each, which finds the run's points anew each time. **Together** takes
//! a snapshot, and **again** advances it when nothing has come: that is what the page does.
//!
//! A process that logs as fast as it can and then aborts stands for the training: it leaves logs that it
//! had no time to seal, and its ring.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tracker_core::{MetricHandle, init, read::RunReader};

use crate::{
    Scale,
    child::{self, Beside},
    process, scratch,
    steps::loss,
    table::Table,
};

pub(crate) const ROLE: &str = "log-and-abort";

const METRICS: usize = 12;

/// Steps of twelve points: more logs than can be sealed meanwhile.
const STEPS: u64 = 900_000;

const BUCKETS: usize = 1_500;

pub(crate) fn run(_: Scale) {
    let folder = scratch::folder();
    let mut command = child::command(ROLE, &[]);
    command.env("TRACKER_DIR", folder.path());
    let path = PathBuf::from(Beside::start(command).line());
    let mut table = Table::new(
        &format!("twelve curves of a living run with {} logs in no part", logs(&path)),
        &["how", "buckets", "time", "CPU", "ratio of CPU"],
    );
    let run = RunReader::open(&path).unwrap();
    let metrics = run.metrics().unwrap();
    let one_by_one = timed(|| {
        let buckets = |metric: &String| run.overview(metric, 0..=u64::MAX, BUCKETS).unwrap().len();
        metrics.iter().map(buckets).sum()
    });
    let mut kept = None;
    let together = timed(|| {
        let now = kept.insert(run.snapshot().unwrap());
        let buckets = |metric: &String| now.overview(metric, 0..=u64::MAX, BUCKETS).unwrap().len();
        metrics.iter().map(buckets).sum()
    });
    let mut now = kept.unwrap();
    let again = timed(|| {
        now.advance(&run).unwrap();
        let buckets = |metric: &String| now.overview(metric, 0..=u64::MAX, BUCKETS).unwrap().len();
        metrics.iter().map(buckets).sum()
    });
    for (how, (buckets, wall, cpu)) in
        [("one by one", one_by_one), ("together", together), ("again", again)]
    {
        table.row([
            how.to_owned(),
            buckets.to_string(),
            format!("{:.1} ms", wall.as_secs_f64() * 1e3),
            format!("{:.1} ms", cpu.as_secs_f64() * 1e3),
            format!("{:.3}", cpu.as_secs_f64() / one_by_one.2.as_secs_f64()),
        ]);
    }
    table.print();
}

/// The training: says where its run is when it is about to end.
pub(crate) fn log_and_abort() {
    let run = init("live").start().unwrap();
    let metrics: Vec<MetricHandle> =
        (0..METRICS).map(|number| run.metric(&format!("metric-{number}"))).collect();
    for step in 0..STEPS {
        metrics.iter().for_each(|metric| metric.log(step, loss(step)));
    }
    println!("{}", run.path().display());
    std::process::abort();
}

fn logs(run: &Path) -> usize {
    let is_log = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("log-");
    let files = fs::read_dir(run.join("live/r0a1")).unwrap().map(Result::unwrap);
    files.filter(is_log).count()
}

fn timed(work: impl FnOnce() -> usize) -> (usize, Duration, Duration) {
    let (since, cpu) = (Instant::now(), process::cpu());
    let result = work();
    (result, since.elapsed(), process::cpu() - cpu)
}
