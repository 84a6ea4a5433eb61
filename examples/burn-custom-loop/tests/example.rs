//! Runs the example as a user does, and looks into what it stored.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]
#![allow(unreachable_pub, reason = "the example's own modules are compiled into this test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use burn::{module::Module, tensor::Device};
use burn_callback::tracker_core::{
    State,
    read::{RunReader, Store},
};

#[allow(dead_code, reason = "only the model's shape is used")]
#[path = "../src/data.rs"]
mod data;
#[allow(dead_code, reason = "only the model's shape is used")]
#[path = "../src/model.rs"]
mod model;

/// Few enough images for a test, and a last batch of 20.
const TRAIN: usize = 500;
const TEST: usize = 100;
const BATCH: usize = 32;

/// A store and a folder with a part of the bundled images.
struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let mnist = mnist_data::load(None).unwrap();
        write_idx(root.path(), "train", &mnist.train, TRAIN);
        write_idx(root.path(), "t10k", &mnist.test, TEST);
        Self { root }
    }

    fn train(&self, seed: &str, mode: &str) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_burn-custom-loop"))
            .args(["--epochs", "2", "--seed", seed, "--data"])
            .arg(self.root.path())
            .current_dir(self.root.path())
            .env("TRACKER_DIR", self.root.path().join("store"))
            .env("TRACKER_MODE", mode)
            .env("TMPDIR", self.root.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn runs(&self) -> Vec<RunReader> {
        Store::open(self.root.path().join("store")).unwrap().runs().unwrap().runs
    }

    /// All models below the place, in any order.
    fn models(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.root.path().to_owned()];
        let mut models = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.ends_with("model.bpk") {
                    models.push(path);
                }
            }
        }
        models
    }
}

fn write_idx(folder: &Path, name: &str, images: &mnist_data::Images, count: usize) {
    let size = images.width * images.height;
    let header = [0x0803, count, images.height, images.width];
    let bytes = header.iter().flat_map(|number| u32::try_from(*number).unwrap().to_be_bytes());
    let bytes: Vec<u8> = bytes.chain(images.pixels[..count * size].iter().copied()).collect();
    fs::write(folder.join(format!("{name}-images-idx3-ubyte")), bytes).unwrap();
    let header = [0x0801, count];
    let bytes = header.iter().flat_map(|number| u32::try_from(*number).unwrap().to_be_bytes());
    let bytes: Vec<u8> = bytes.chain(images.labels[..count].iter().copied()).collect();
    fs::write(folder.join(format!("{name}-labels-idx1-ubyte")), bytes).unwrap();
}

/// The bits of all weights, in the order of the model's layers.
fn weights(path: &Path) -> Vec<u32> {
    let model = model::Model::new(&Device::flex()).load_file(path);
    let mut bits = Bits(Vec::new());
    model.visit(&mut bits);
    bits.0
}

struct Bits(Vec<u32>);

impl burn::module::ModuleVisitor for Bits {
    fn visit_float<const D: usize>(
        &mut self,
        param: &burn::module::Param<burn::tensor::Tensor<D>>,
    ) {
        let values = param.val().into_data().try_to_vec::<f32>().unwrap();
        self.0.extend(values.into_iter().map(f32::to_bits));
    }
}

#[test]
fn the_example_stores_a_run_that_adds_up() {
    let place = Place::new();
    let output = place.train("1", "on");
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("valid/accuracy"), "{report}");

    let run = place.runs().pop().unwrap();
    assert_eq!(run.state(), State::Finished);
    assert_eq!(run.info().config["seed"], 1);
    let rows = |metric: &str| -> Vec<f64> {
        run.series(metric).unwrap().into_iter().map(|row| row.value).collect()
    };
    let (items, losses) = (rows("batch/train/items"), rows("batch/train/loss"));
    let steps = TRAIN.div_ceil(BATCH);
    assert_eq!(losses.len(), 2 * steps);
    assert_eq!(rows("gradients/norm").len(), (2 * steps).div_ceil(50));
    assert_eq!(rows("parameters/hidden.weight/norm").len(), (2 * steps).div_ceil(50));
    assert_eq!(rows("epoch"), [1.0, 2.0]);
    for (index, epoch) in rows("train/loss").into_iter().enumerate() {
        let of_epoch = index * steps..(index + 1) * steps;
        let sum: f64 = of_epoch.map(|step| losses[step] * items[step]).sum();
        assert!((epoch - sum / TRAIN as f64).abs() < 1e-6, "epoch {}", index + 1);
    }
}

#[test]
fn a_recount_with_the_saved_model_gives_the_last_accuracy() {
    let place = Place::new();
    place.train("1", "on");
    let model = model::Model::new(&Device::flex()).load_file(&place.models()[0]);
    let mut test = mnist_data::load(None).unwrap().test;
    test.labels.truncate(TEST);
    test.pixels.truncate(TEST * test.width * test.height);
    let mut right = 0;
    for batch in data::loader(&test, BATCH, None).iter().map(Result::unwrap) {
        let answers = model.forward(batch.images).argmax(1).flatten::<1>(0, 1);
        let equal = answers.equal(batch.labels).int().sum();
        right += equal.into_data().iter::<i64>().sum::<i64>();
    }
    let run = place.runs().pop().unwrap();
    let logged = run.series("valid/accuracy").unwrap().pop().unwrap().value;
    assert!((logged - right as f64 / TEST as f64).abs() < 1e-6, "{logged}, recounted {right}");
}

#[test]
fn the_seed_decides_the_weights_and_tracking_changes_no_bit_of_them() {
    let model = |seed: &str, mode: &str| {
        let place = Place::new();
        place.train(seed, mode);
        let models = place.models();
        assert_eq!(models.len(), 1, "{models:?}");
        assert_eq!(place.root.path().join("store").exists(), mode == "on");
        weights(&models[0])
    };
    let tracked = model("1", "on");
    assert!(tracked.len() > 10_000);
    assert!(tracked == model("1", "disabled"), "tracking changed the weights");
    assert!(tracked == model("1", "on"), "the same seed gave other weights");
    assert!(tracked != model("2", "on"), "another seed gave the same weights");
}
