//! What an answer about some of a run's events costs beside parsing all of them:
//! `cargo bench -p tracker-core --bench events`.
//!
//! The run has 20,000 histograms of 20 names, 64 bins each. **Parsing all** is what each question cost
//! before there was an index: every line becomes an event. Ratios are of medians in that.
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use tracker_core::{
    Histogram, Tracker, init,
    read::{RunReader, StoredEvent},
};

const NAMES: u64 = 20;
const STEPS: u64 = 1_000;
const TIMES: usize = 15;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path());
    let run = RunReader::open(&path).unwrap();
    let file = path.join("events-r0a1.jsonl");
    let all = median(|| parse_all(&file));
    let now = run.snapshot().unwrap();
    let rows = |first, last| now.histograms("weights/7", first..=last).unwrap().len();
    let lines = [
        ("parsing all", all),
        ("RunReader::events", median(|| run.events().unwrap().len())),
        ("RunReader::histograms of a name", median(|| run.histograms("weights/7").unwrap().len())),
        (
            "a snapshot's first question",
            median(|| run.snapshot().unwrap().histograms("weights/7", 0..=u64::MAX).unwrap().len()),
        ),
        ("a snapshot's: a name, all 1,000 steps", median(|| rows(0, u64::MAX))),
        ("a snapshot's: a name, 10 steps", median(|| rows(500, 509))),
        (
            "a snapshot's: a name, 200 rows of 1,000",
            median(|| now.some_histograms("weights/7", 0..=u64::MAX, 200).unwrap().0.len()),
        ),
        ("a snapshot's: the names", median(|| now.histogram_names().unwrap().len())),
    ];
    println!("{:<42} {:>8} {:>12} {:>16}", "20,000 histograms", "answer", "time", "of parsing all");
    for (what, (answer, time)) in lines {
        let (ratio, milliseconds) = (time.div_duration_f64(all.1), time.as_secs_f64() * 1e3);
        println!("{what:<42} {answer:>8} {milliseconds:>9.2} ms {ratio:>16.4}");
    }
}

fn write(store: &Path) -> std::path::PathBuf {
    let run = init("events").dir(store).signals(false).code_changes(false).start().unwrap();
    for step in 0..STEPS {
        for name in 0..NAMES {
            let counts = (0..64).map(|bin| (step * 7 + bin * 131 + name) % 5_000).collect();
            let (min, max) = (-1.0 / (step + 3) as f64, 1.0 / (step + 2) as f64);
            run.log_histogram(format!("weights/{name}"), step, Histogram::new(min, max, counts));
        }
        if step % 100 == 99 {
            run.flush(Duration::from_mins(1)).unwrap();
        }
    }
    let path = run.path().to_owned();
    run.finish().unwrap();
    path
}

fn parse_all(file: &Path) -> usize {
    let text = fs::read(file).unwrap();
    let lines = text.split(|byte| *byte == b'\n');
    let events = lines.filter_map(|line| serde_json::from_slice::<StoredEvent>(line).ok());
    events.collect::<Vec<_>>().len()
}

/// The answer, and the median of how long some times took.
fn median(mut ask: impl FnMut() -> usize) -> (usize, Duration) {
    let mut answer = 0;
    let mut taken: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            answer = ask();
            begun.elapsed()
        })
        .collect();
    taken.sort_unstable();
    (answer, taken[TIMES / 2])
}
