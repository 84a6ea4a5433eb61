//! Makes a run of all that is hard to hold for other tools: `hard_run STORE`. Names with signs and slashes, numbers that
//! are none, steps that go back, settings in settings, a picture, a table, a text.

use std::{env, error::Error};

use serde_json::json;
use tracker_core::{Cell, Event, Image, Step, Table, Tracker};

const NAMES: [&str; 8] =
    ["train/loss", "acc %", "a//b", "../x", "größe", "a:3a", "損失", "valid/#1"];

fn main() -> Result<(), Box<dyn Error>> {
    let store = env::args().nth(1).ok_or("usage: hard_run STORE")?;
    let config = json!({
        "lr": 1e-3, "model": { "name": "mlp", "layers": [32, 64] }, "a.b": "17", "none": null, "long": "x".repeat(7_000),
    });
    let run = tracker_core::init("hard")
        .dir(store)
        .name("hard-run")
        .group("sweep")
        .tags(["paper", "b=c"])
        .notes("Two\nlines.")
        .config(&config)
        .start()?;
    for name in NAMES {
        let values =
            [0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, 1e300, 0.0, -1.0 / 3.0];
        for (step, value) in values.into_iter().enumerate() {
            run.log_at(step, [(name, value)]);
        }
        for step in 0..3_000_u32 {
            run.log_at(step / 2, [(name, f64::from(step).sqrt() * 1e-7)]);
        }
    }
    run.log_at(u64::from(u32::MAX) << 20, [("x".repeat(400).as_str(), 1.0)]);
    run.record(Event::Text { name: "said/50%".into(), step: Step(7), text: "hello".into() });
    run.log_media("valid/samples", 5, Image::gray8(2, 2, vec![0, 80, 160, 255])?);
    let row: [Cell; 3] = [7.5.into(), "seven".into(), f64::NAN.into()];
    run.log_media("guesses", 5, Table::new(["number", "word", "none"]).row(row));
    run.finish()?;
    Ok(())
}
