//! What an answer about some of a run's events costs beside parsing all of them:
//! `cargo bench -p tracker-core --bench events`.
//!
//! The run has 20,000 histograms of 20 names, 64 bins each; a second one has 1,000,000 lines,
//! of which 100,000 tell of pictures of ten names. **Parsing all** is what each question cost
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
    ask_for_media(folder.path());
}

/// What a person who moves the slider over the steps of a gallery waits for.
fn ask_for_media(store: &Path) {
    let path = write_media(store);
    let now = RunReader::open(&path).unwrap().snapshot().unwrap();
    let begun = Instant::now();
    let steps = now.media_steps("samples/7").unwrap();
    let first = (steps.len(), begun.elapsed());
    let step = steps[steps.len() / 2].0;
    let lines = [
        ("a snapshot's first question", first),
        (
            "a snapshot's: media of a name, one step",
            median(|| now.media("samples/7", step..=step).unwrap().len()),
        ),
        (
            "a snapshot's: the steps of a name",
            median(|| now.media_steps("samples/7").unwrap().len()),
        ),
        ("a snapshot's: the names", median(|| now.media_names().unwrap().len())),
    ];
    println!("{:<42} {:>8} {:>12}", "1,000,000 events", "answer", "time");
    for (what, (answer, time)) in lines {
        println!("{what:<42} {answer:>8} {:>9.2} ms", time.as_secs_f64() * 1e3);
    }
}

/// A run with a million lines: one of ten tells of a picture, the others are texts.
fn write_media(store: &Path) -> std::path::PathBuf {
    let run = init("media").dir(store).signals(false).code_changes(false).start().unwrap();
    let path = run.path().to_owned();
    run.finish().unwrap();
    let mut lines = String::new();
    for number in 0..1_000_000_u64 {
        let (time, step, name) =
            (r#""2026-01-01T00:00:00.000000Z""#, number / 100, number / 10 % 10);
        if number % 10 == 0 {
            let head = format!(r#"{{"time":{time},"kind":"media","name":"samples/{name}","#);
            let file = format!(r#""sha256":"{number:064x}","ext":"png","bytes":5000"#);
            let item = format!(r#"{{"type":"image",{file},"width":224,"height":224}}"#);
            lines.extend([head, format!(r#""step":{step},"items":[{item}]}}"#)]);
        } else {
            let head = format!(r#"{{"time":{time},"kind":"text","name":"text/{name}","#);
            let text = r#""text":"a sample of what it says""#;
            lines.extend([head, format!(r#""step":{step},{text}}}"#)]);
        }
        lines.push('\n');
    }
    fs::write(path.join("events-r0a1.jsonl"), lines).unwrap();
    path
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
