//! Logs to a tracker of one's own and to a stored run at the same time.

use std::sync::Arc;

use clap::Parser;
use custom_tracker::CsvTracker;
use tracker_core::{Error, Fanout, Outcome, Tracker, TrackerExt, init, metrics};

/// Logs to a tracker of one's own and to a stored run at the same time.
#[derive(Debug, Parser)]
struct Args {}

fn main() -> Result<(), Error> {
    let Args {} = Args::parse();
    let run = init("custom-tracker").start()?;
    let path = run.dir().join("metrics.csv");
    let csv: Arc<dyn Tracker> = CsvTracker::new(&path);
    let both = Fanout::new([(&run).into(), csv]);

    for epoch in 0..5_u32 {
        let loss = 1.0 / f64::from(epoch + 1);
        both.log_at(epoch, metrics! { "train/loss" => loss, "epoch" => epoch + 1 });
    }

    println!("{}", both.finish(Outcome::Finished)?);
    println!("and as a table in {}", path.display());
    Ok(())
}
