//! How long reading one curve of a stored run takes.
//!
//! **Cold** means a reader that has just been opened; the kernel still has the files in memory.
//! **Warm** means the same question to the same reader again.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tracker_core::{init, read::RunReader};

use crate::{
    Scale, process, scratch,
    steps::loss,
    table::{Table, at_most},
};

const METRIC: &str = "train/loss";

/// A question to a run of so many points, and how many milliseconds its answer may take.
struct Question {
    name: &'static str,
    ask: fn(&RunReader, points: u64) -> usize,
    /// Cold and warm, by the number of points.
    goals: fn(points: u64) -> [Option<f64>; 2],
}

const QUESTIONS: [Question; 3] = [
    Question {
        name: "all rows, decoded",
        ask: |run, _| run.series(METRIC).unwrap().len(),
        goals: |_| [None, None],
    },
    Question {
        name: "overview in 1,500 buckets",
        ask: |run, points| run.overview(METRIC, 0..=points - 1, 1_500).unwrap().len(),
        goals: |points| match points {
            10_000_000 => [Some(40.0), Some(5.0)],
            _ => [Some(20.0), Some(20.0)],
        },
    },
    Question {
        name: "zoom to 10^5 points",
        ask: |run, points| {
            run.overview(METRIC, points / 2..=points / 2 + 99_999, 1_500).unwrap().len()
        },
        goals: |_| [Some(10.0), Some(10.0)],
    },
];

pub(crate) fn run(_: Scale) {
    let folder = scratch::folder();
    let columns = ["one key", "points", "answer", "cold", "CPU", "goal", "warm", "CPU", "goal"];
    let mut table = Table::new("reading a run that has finished", &columns);
    for points in [1_000_000, 10_000_000] {
        let path = write(folder.path(), points);
        for question in &QUESTIONS {
            table.row(row(question, &path, points));
        }
    }
    table.print();
}

fn write(folder: &Path, points: u64) -> PathBuf {
    let run = init("reading").dir(folder).start().unwrap();
    let metric = run.metric(METRIC);
    (0..points).for_each(|step| metric.log(step, loss(step)));
    run.finish().unwrap();
    run.path().to_owned()
}

fn row(question: &Question, path: &Path, points: u64) -> Vec<String> {
    let reader = RunReader::open(path).unwrap();
    let mut cells = vec![question.name.to_owned(), points.to_string()];
    for (attempt, goal) in (question.goals)(points).into_iter().enumerate() {
        let (answer, wall, cpu) = timed(|| (question.ask)(&reader, points));
        if attempt == 0 {
            cells.push(answer.to_string());
        }
        cells.push(milliseconds(wall));
        cells.push(milliseconds(cpu));
        let met = goal.map(|goal| at_most(wall.as_secs_f64() * 1e3, goal, " ms"));
        cells.push(met.unwrap_or_default());
    }
    cells
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration, Duration) {
    let (since, cpu) = (Instant::now(), process::cpu());
    let result = work();
    (result, since.elapsed(), process::cpu() - cpu)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
