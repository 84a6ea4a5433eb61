//! A short run with one of everything that can be logged.

use tracker_core::{
    Alert, Artifact, ConfusionMatrix, Event, Histogram, Image, Level, Step, Table, Tracker, init,
    metrics,
};

/// Writes it.
pub(crate) fn write(store: &str) -> Result<(), Box<dyn std::error::Error>> {
    let settings =
        serde_json::json!({ "lr": 0.1, "net": { "depth": 3, "act": "relu" }, "words": ["a", "b"] });
    let run = init("everything")
        .dir(store)
        .name("one-of-each")
        .group("three")
        .tags(["a", "b"])
        .notes("what it is about");
    let run = run.config(&settings).system_metrics(false).code_changes(false).start()?;
    let odd = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MAX, 0.1 + 0.2];
    for step in 0..200_u32 {
        let loss = 1.0 / f64::from(step + 1);
        run.log_at(
            step * 7,
            metrics! { "train/loss" => loss, "odd" => odd[step as usize % odd.len()] },
        );
    }
    run.log_at(5_000_u32, metrics! { "train/loss" => 0.5, "_step" => 3.0 });
    // At another time, whatever the machine's pace.
    std::thread::sleep(std::time::Duration::from_millis(1));
    run.log_at(5_000_u32, metrics! { "train/loss" => 0.25 });
    let step = Step(5_001);
    run.record(Event::Text { name: "sample".into(), step, text: "\"quoted\", NaN\nand ä".into() });
    run.log_histogram("weights", step, Histogram::new(-1.0, 3.0, vec![3, 0, 5, 2]));
    let picture = |shade| Image::gray8(4, 4, vec![shade; 16]);
    run.log_media("picture", step, picture(80)?.caption("grey"));
    run.log_media("pictures", step, [picture(0)?, picture(255)?]);
    run.log_media("table", step, Table::new(["x", "word"]).row([1.5.into(), "one".into()]));
    run.log_media("confusion", step, ConfusionMatrix::new(["a", "b"]).add(0, 1));
    run.alert(Alert::warning("too hot").at(step));
    run.record(Event::Message { level: Level::Info, text: "said".into() });
    let file = run.dir().join("model.txt");
    std::fs::write(&file, "weights")?;
    run.log_artifact(Artifact::of_file("model", "1", file)?);
    run.describe("model", serde_json::json!({ "parameters": 32_810 }));
    run.finish()?;
    Ok(())
}
