//! Any bytes where an import expects the database of MLflow. Begin with those of `tracker-export/tests/files/mlflow`.

#![no_main]

#[path = "shared/nobody.rs"]
mod nobody;

use std::fs;

use tracker_export::MlflowSource;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder is made");
    let place = &folder.path().join("mlflow.db");
    fs::write(place, bytes).expect("a file is written");
    let Ok(mut source) = MlflowSource::open(place) else { return };
    nobody::read_all(&mut source);
});
