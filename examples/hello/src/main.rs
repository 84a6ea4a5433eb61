//! The loop of every tracker's introduction, without a framework: start, log, finish.

use tracker_core::{Error, init, metrics};

fn main() -> Result<(), Error> {
    let config = serde_json::json!({ "learning_rate": 0.02, "architecture": "CNN", "epochs": 10 });
    let run = init("hello").config(&config).start()?;

    let offset = f64::from(std::process::id() % 100) / 500.0;
    for epoch in 2..10_i32 {
        let accuracy = 1.0 - 2_f64.powi(-epoch) - offset / f64::from(epoch);
        let loss = 2_f64.powi(-epoch) + offset / f64::from(epoch);
        run.log(metrics! { "accuracy" => accuracy, "loss" => loss });
    }

    println!("{}", run.finish()?);
    Ok(())
}
