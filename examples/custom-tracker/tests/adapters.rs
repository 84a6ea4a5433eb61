//! The tracker of one's own keeps the contract, and both adapters log to it as to a run.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::PathBuf, sync::Arc};

use custom_tracker::CsvTracker;
use tracker_core::{
    Outcome, Tracker,
    testing::{Subject, conformance},
};

/// The small training of burn-callback's own tests.
#[path = "../../../burn-callback/tests/common/mod.rs"]
mod burn_training;

/// A tracker that writes into a folder of its own, and the file.
fn tracker(folder: &tempfile::TempDir) -> (Arc<CsvTracker>, Arc<dyn Tracker>, PathBuf) {
    let path = folder.path().join("metrics.csv");
    let csv = CsvTracker::new(&path);
    let shared: Arc<dyn Tracker> = Arc::<CsvTracker>::clone(&csv);
    (csv, shared, path)
}

#[test]
fn it_conforms() {
    let folder = tempfile::tempdir().unwrap();
    conformance(|| {
        let (csv, shared, _) = tracker(&folder);
        Subject::new(shared).reads(move |metric| csv.series(metric))
    });
}

#[test]
fn candle_hooks_log_to_it() {
    use candle_hooks::{
        Hooks,
        candle_core::{DType, Device, Module, Tensor},
        candle_nn::{Optimizer, SGD, VarBuilder, VarMap, linear, loss},
    };

    let folder = tempfile::tempdir().unwrap();
    let (csv, shared, path) = tracker(&folder);
    let weights = VarMap::new();
    let model = linear(4, 2, VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu)).unwrap();
    let hooks = Hooks::new(Arc::clone(&shared));
    let mut optimizer = hooks.optimizer(SGD::new(weights.all_vars(), 0.1).unwrap());
    for _ in hooks.epochs(1..=2) {
        for label in hooks.batches([0_u32, 1, 0]) {
            let images = Tensor::ones((8, 4), DType::F32, &Device::Cpu).unwrap();
            let labels = Tensor::full(label, 8, &Device::Cpu).unwrap();
            let logits = model.forward(&images).unwrap();
            hooks.accuracy(&logits, &labels).unwrap();
            optimizer.backward_step(&loss::cross_entropy(&logits, &labels).unwrap()).unwrap();
        }
    }
    let report = shared.finish(Outcome::Finished).unwrap();
    assert_eq!(report.problems(), []);
    assert_eq!(csv.series("batch/train/loss").len(), 6);
    assert_eq!(csv.series("train/loss").len(), 2);
    assert_eq!(csv.series("train/accuracy").len(), 2);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("metric,step,value\n"), "{text}");
}

#[test]
fn burn_trainings_log_to_it() {
    use burn_callback::Track;
    use burn_training::{BATCHES, learner, training};

    const EPOCHS: usize = 2;
    let folder = tempfile::tempdir().unwrap();
    let (csv, shared, _) = tracker(&folder);
    training(&folder, EPOCHS).track_in(Arc::clone(&shared), &folder).launch(learner(0.01));
    let report = shared.finish(Outcome::Finished).unwrap();
    assert_eq!(report.problems(), []);
    assert_eq!(csv.series("batch/train/loss").len(), EPOCHS * BATCHES as usize);
    assert_eq!(csv.series("train/loss").len(), EPOCHS);
    assert_eq!(csv.series("valid/accuracy").len(), EPOCHS);
}
