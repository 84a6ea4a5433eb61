//! Writes the runs that `tests/stores` keeps of each version; `tests/stores/make` calls it.
//!
//! `version_store KIND` writes a run into the store that `TRACKER_DIR` names. Whoever calls it kills the
//! kinds that are told to stay.

use std::{error::Error, fs, io::Write, process, thread, time::Duration};

use serde_json::json;
use tracker_core::{
    Artifact, Definition, Event, Histogram, Level, Problem, Run, RunBuilder, Tracker, init,
    metrics,
    read::{Edit, Store},
};

fn main() -> Result<(), Box<dyn Error>> {
    let kind = std::env::args().nth(1).ok_or("name a kind of run")?;
    match kind.as_str() {
        "finished" => finished(),
        "failed" | "damaged-part" => failed(&kind),
        // Killed by whoever started it, once it says that it is ready.
        "live" | "crashed" | "damaged-log" => stays(&kind),
        "resumed" => resumed(),
        "ranks" => ranks(),
        other => Err(format!("no kind of run is called {other}").into()),
    }
}

fn begin(name: &str) -> RunBuilder {
    init("mnist").name(name).signals(false).code_changes(false)
}

/// One of everything that a run can hold.
fn finished() -> Result<(), Box<dyn Error>> {
    let config = json!({
        "learning_rate": 0.02, "epochs": 3, "seed": u64::MAX, "offset": i64::MIN, "tiny": 1.234_567_89e-7,
        "optimizer": { "name": "AdamW", "betas": [0.9, 0.999], "amsgrad": false, "weights": null },
        "a.b": "a dot in a name", "größe": "ü \u{1f600} \"quoted\"\nsecond line",
    });
    let run = begin("finished")
        .config(&config)
        .tags(["baseline", "cnn"])
        .group("seeds")
        .notes("the first\nof three")
        .start()?;
    define(&run);
    train(&run, 0, 3);
    odd_values(&run);
    other_events(&run)?;
    run.finish()?;
    let reader = Store::discover()?.find("finished")?;
    reader.edit(&Edit::new().name("renamed").tags(["baseline", "best"]).by("alice@trainer"))?;
    Ok(())
}

fn define(run: &Run) {
    run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    run.define("valid/loss", Definition::new().lower_is_better().display_name("loss"));
    run.define("epoch", Definition::new().hidden());
}

fn train(run: &Run, first: u32, epochs: u32) {
    for epoch in first..first + epochs {
        for batch in 0..20 {
            let step = epoch * 20 + batch;
            run.log_at(step, metrics! { "batch/train/loss" => 2.0 / f64::from(step + 1) });
        }
        let loss = 1.0 / f64::from(epoch + 2);
        run.log_at(
            epoch * 20 + 19,
            metrics! { "valid/loss" => loss, "valid/accuracy" => 1.0 - loss, "epoch" => epoch + 1 },
        );
    }
}

/// What is no ordinary number, and steps in any order.
fn odd_values(run: &Run) {
    for (step, value) in [
        (5, f64::NAN),
        (3, f64::INFINITY),
        (4, f64::NEG_INFINITY),
        (u64::MAX, 1.0),
        (1 << 63, -0.0),
        (0, f64::MIN_POSITIVE / 2.0),
        (5, f64::MAX),
    ] {
        run.log_at(step, metrics! { "odd" => value });
    }
}

fn other_events(run: &Run) -> Result<(), Box<dyn Error>> {
    run.record(Event::Text { name: "sample".into(), step: 7_u64.into(), text: "a b\nc".into() });
    run.record(Event::Message { level: Level::Warning, text: "careful".into() });
    run.record(Event::Problem(Problem::new("odd-batch", "a batch was odd", "look at the data")));
    run.log_histogram("weights", 9_u64, Histogram::new(-1.0, 1.0, vec![1, 5, 2]).not_finite(1));
    run.describe("model", json!({ "parameters": 1234, "layers": ["conv", "linear"] }));
    let file = run.dir().join("model.txt");
    fs::write(&file, "weights")?;
    let artifact = Artifact::of_file("model", "v1", &file)?.relative_to(run.path());
    run.log_artifact(artifact.kind("model").step(59_u64).epoch(3).alias("best"));
    Ok(())
}

fn failed(name: &str) -> Result<(), Box<dyn Error>> {
    let failed = begin(name).run(|run| {
        train(run, 0, 1);
        Err::<(), Box<dyn Error>>("the data is gone".into())
    });
    match failed {
        Err(_) => Ok(()),
        Ok(_) => Err("the training should have failed".into()),
    }
}

fn stays(name: &str) -> Result<(), Box<dyn Error>> {
    let run = begin(name).start()?;
    define(&run);
    train(&run, 0, 2);
    run.flush(Duration::from_secs(10))?;
    // The first points are in the log; these are in the ring when the process is killed.
    run.record(Event::Message { level: Level::Info, text: "nearly".into() });
    train(&run, 2, 1);
    println!("{}", run.path().display());
    std::io::stdout().flush()?;
    thread::sleep(Duration::from_mins(1));
    process::abort();
}

/// Goes on from step 19 after a training that went to step 39.
fn resumed() -> Result<(), Box<dyn Error>> {
    let run = begin("resumed").start()?;
    train(&run, 0, 2);
    run.finish()?;
    let again = begin("resumed").resume(run.id().as_str()).start()?;
    again.resume_after(19_u64)?;
    train(&again, 1, 2);
    again.finish()?;
    Ok(())
}

/// A process of a run of two; who calls it sets its rank.
fn ranks() -> Result<(), Box<dyn Error>> {
    let run = begin("ranks").start()?;
    train(&run, 0, 1);
    run.finish()?;
    Ok(())
}
