//! Any bytes where an import expects the database of MLflow. Begin with those of `tracker-export/tests/files/mlflow`.

#![no_main]

use std::fs;

use tracker_core::{Event, Step, Timestamp};
use tracker_export::{Account, MlflowSource, Result, Sink, Source};

struct Nobody;

impl Sink for Nobody {
    fn point(&mut self, _: &str, _: Step, _: Timestamp, _: f64) -> Result<()> {
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder is made");
    let place = &folder.path().join("mlflow.db");
    fs::write(place, bytes).expect("a file is written");
    let Ok(mut source) = MlflowSource::open(place) else { return };
    let Ok(runs) = source.runs() else { return };
    for run in runs {
        let _ = source.read(&run, &mut Nobody, &mut Account::default());
    }
});
