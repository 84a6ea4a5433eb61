//! Runs in which there is something at some steps: more points than a chart has columns, a spike, warnings,
//! pictures, tables, texts, histograms, an alert, a checkpoint and a fork.

use std::{fs::OpenOptions, io::Write, path::Path};

use serde_json::json;
use tracker_core::{
    Alert, Artifact, Definition, Event, Histogram, Image, Run, Step, Table, Tracker, init, metrics,
};

const POINTS: u64 = 20_000;
/// The step at which the second run's loss jumps.
const SPIKE: u64 = 12_345;
/// As many as a chart has to bear.
const WARNINGS: u64 = 10_000;

pub(crate) fn write(store: &Path) {
    train(store, "even", 0.01, None);
    train(store, "spiky", 0.1, Some(SPIKE));
    let fork = init("steps").name("forked").fork("spiky@10000").dir(store).signals(false);
    let fork = fork.start().unwrap();
    for step in 10_001..12_000_u64 {
        fork.log_at(step, metrics! { "train/loss" => 0.2 });
    }
    fork.finish().unwrap();
}

fn train(store: &Path, name: &str, lr: f64, spike: Option<u64>) {
    let config = json!({ "lr": lr, "model": { "hidden": 64 } });
    let run = init("steps").name(name).config(&config).dir(store).signals(false).start().unwrap();
    run.define("train/loss", Definition::new().lower_is_better());
    for step in 0..POINTS {
        let loss = 2.0 / (1.0 + lr * step as f64);
        let loss = if spike == Some(step) { 77.0 } else { loss };
        run.log_at(step, metrics! { "train/loss" => loss });
        if step % 1_000 == 0 {
            run.log_at(step, metrics! { "valid/loss" => 1.1 * loss });
        }
        if step % 5_000 == 0 {
            record(&run, step);
        }
    }
    if let Some(step) = spike {
        let alert = Alert::warning("the loss jumped to 77").hint("look at the batch").at(step);
        run.alert(alert);
        let file = run.dir().join("model.bin");
        std::fs::write(&file, [7; 64]).unwrap();
        run.log_artifact(Artifact::of_file("model", "1", &file).unwrap().kind("model").step(step));
    }
    let folder = run.path().to_owned();
    run.finish().unwrap();
    if spike.is_some() {
        say(&folder);
    }
}

fn record(run: &Run, step: u64) {
    let shade = (step / 200) as u8;
    let slope = (0..32_u8).map(|at| shade.wrapping_add(7 * at)).collect();
    let picture = Image::gray8(8, 4, slope).unwrap();
    run.log_media("samples", step, picture.caption(format!("a sample of step {step}")));
    let mut table = Table::new(["id", "guess"]).key("id");
    for row in 0..3_u32 {
        table.push([row.into(), format!("guess of {step}").into()]);
    }
    run.log_media("mistakes", step, table);
    let text = format!("words of step {step}");
    run.record(Event::Text { name: "poem".into(), step: Step(step), text });
    run.log_histogram("parameters/fc.weight", step, Histogram::new(-1.0, 1.0, vec![1, 5, 9, 5, 1]));
}

/// What a logger would have said, a warning at every second step.
fn say(folder: &Path) {
    let file =
        OpenOptions::new().create(true).append(true).open(folder.join("messages-r0a1.jsonl"));
    let mut file = std::io::BufWriter::new(file.unwrap());
    for nth in 0..WARNINGS {
        let (minute, second) = (nth / 60 % 60, nth % 60);
        let line = json!({
            "time": format!("2026-01-01T{:02}:{minute:02}:{second:02}.000000Z", nth / 3_600), "step": nth * 2,
            "level": "warning", "source": "log", "target": "train", "text": format!("batch {nth} is odd"),
        });
        writeln!(file, "{line}").unwrap();
    }
}
