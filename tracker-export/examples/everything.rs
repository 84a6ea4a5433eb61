//! Makes a store with two runs that have something of every kind, for the checks with other tools: `everything STORE`.

use std::{error::Error, time::Duration};

use serde_json::json;
use tracker_core::{
    Alert, ConfusionMatrix, Definition, Event, Histogram, Image, MediaFile, Step, Table, Tracker,
    init, metrics,
};

fn main() -> Result<(), Box<dyn Error>> {
    let store = std::env::args().nth(1).ok_or("usage: everything STORE")?;
    for (name, rate) in [("calm-otter", 0.1), ("bold-heron", 0.01)] {
        train(&store, name, rate)?;
    }
    Ok(())
}

fn train(store: &str, name: &str, rate: f64) -> Result<(), Box<dyn Error>> {
    let model = json!({ "hidden": 100, "bias": true, "layers": [32, 64] });
    let run = init("digits")
        .name(name)
        .dir(store)
        .config(&json!({ "lr": rate, "optimizer": "adam", "model": model }))
        .tags(["paper", "first"])
        .notes("as in the **paper**")
        .system_metrics(false)
        .code_changes(false)
        .start()?;
    run.define("train/loss", Definition::new().unit("nats").lower_is_better());
    for step in 0..1_000_u64 {
        run.log_at(step, metrics! { "train/loss" => rate / (step as f64 + 1.0) });
    }
    for (step, odd) in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].into_iter().enumerate() {
        run.log_at(step, [("odd", odd)]);
    }
    for step in [10_u64, 20] {
        run.log_histogram("weights", step, Histogram::new(-1.0, 1.0, vec![1, 2, 3, step]));
        let text = format!("*sample* of step {step}");
        run.record(Event::Text { name: "sample".into(), step: Step(step), text });
        let pictures = [0, 200].map(|gray| Image::gray8(4, 3, vec![gray; 12]));
        let [dark, light] = pictures;
        run.log_media("digits", step, [dark?, light?.caption("7")]);
    }
    let tone: Vec<f32> = (0..800).map(|n| (n as f32 * 0.345).sin()).collect();
    run.log_media("tone", 20_u64, MediaFile::wav(8_000, 1, &tone)?.caption("a tone"));
    let table = Table::new(["truth", "guess"]).row([7.into(), "seven".into()]);
    run.log_media("guesses", 20_u64, table);
    run.log_media("classes", 20_u64, ConfusionMatrix::new(["cat", "dog"]).add(0, 1).add(1, 1));
    run.alert(Alert::warning("the loss has risen").at(20_u64));
    run.flush(Duration::from_secs(30))?;
    run.finish()?;
    Ok(())
}
