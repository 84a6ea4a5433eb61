//! Runs the example as a user does, and looks into what it stored.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use burn_callback::tracker_core::{
    State,
    read::{RunReader, Store},
};

/// Few enough images for a test. A sixth of the training images validates.
const IMAGES: usize = 600;
const TEST: usize = 100;
const STEPS: u64 = 500_u64.div_ceil(64);

/// A store and a folder with a part of the bundled images.
struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let mnist = mnist_data::load(None).unwrap();
        write_idx(root.path(), "train", &mnist.train, IMAGES);
        write_idx(root.path(), "t10k", &mnist.test, TEST);
        Self { root }
    }

    fn start(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_burn-guide"))
            .args(arguments)
            .arg("--data")
            .arg(self.root.path())
            .current_dir(self.root.path())
            .env("TRACKER_DIR", self.root.path().join("store"))
            .env("TRACKER_MODE", "on")
            .output()
            .unwrap()
    }

    fn train(&self, arguments: &[&str]) -> String {
        let output = self.start(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn run(&self) -> RunReader {
        let mut runs = Store::open(self.root.path().join("store")).unwrap().runs().unwrap().runs;
        assert_eq!(runs.len(), 1);
        runs.pop().unwrap()
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

fn values(run: &RunReader, metric: &str) -> Vec<f64> {
    run.series(metric).unwrap().into_iter().map(|row| row.value).collect()
}

fn steps(run: &RunReader, metric: &str) -> Vec<u64> {
    run.series(metric).unwrap().into_iter().map(|row| row.step.0).collect()
}

/// The epoch whose model has the alias.
fn model(run: &RunReader, alias: &str) -> Option<u64> {
    let artifacts = run.artifacts().unwrap();
    let has = |aliases: &[String]| aliases.iter().any(|known| known == alias);
    let known = artifacts.iter().map(|known| &known.artifact);
    known.filter(|known| known.kind == "model").find(|known| has(&known.aliases))?.epoch
}

#[test]
fn the_example_stores_its_training_its_tests_and_its_checkpoints() {
    let place = Place::new();
    let report = place.train(&["--epochs", "2"]);
    assert!(report.contains("valid/accuracy"), "{report}");

    let run = place.run();
    assert_eq!(run.state(), State::Finished);
    assert_eq!(run.info().problems, []);
    assert_eq!(run.info().config["num_epochs"], 2);
    assert_eq!(run.info().config["optimizer"]["beta_1"], 0.9_f32);
    assert_eq!(steps(&run, "batch/train/loss"), (0..2 * STEPS).collect::<Vec<_>>());
    let rates = values(&run, "learning_rate");
    assert!(rates[0] < rates[2] && rates[2] > rates[rates.len() - 1], "{rates:?}");
    for test in ["digits", "shifted", "faint"] {
        let accuracy = values(&run, &format!("test/{test}/accuracy"));
        assert!(matches!(accuracy[..], [share] if (0.0..=1.0).contains(&share)), "{accuracy:?}");
        assert_eq!(values(&run, &format!("test/{test}/loss")).len(), 1);
    }
    assert_eq!(model(&run, "latest"), Some(2));
    for file in ["config.json", "model.bpk", "checkpoint/model-2.bpk"] {
        assert!(run.path().join("files").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_resumed_example_goes_on_where_it_ended() {
    let place = Place::new();
    place.train(&["--epochs", "1"]);
    place.train(&["--epochs", "3", "--resume", "@latest"]);

    let run = place.run();
    assert_eq!(run.state(), State::Finished);
    assert_eq!(values(&run, "epoch"), [1.0, 2.0, 3.0]);
    assert_eq!(steps(&run, "batch/train/loss"), (0..3 * STEPS).collect::<Vec<_>>());
    assert_eq!(model(&run, "latest"), Some(3));
}

#[test]
fn a_run_without_its_checkpoints_is_not_resumed_and_says_why() {
    let place = Place::new();
    place.train(&["--epochs", "1"]);
    fs::remove_dir_all(place.run().path().join("files/checkpoint")).unwrap();
    let output = place.start(&["--epochs", "2", "--resume", "@latest"]);
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.contains("checkpoints of epoch 1 are gone") && words.contains("hint: "),
        "{words}"
    );
    assert_eq!(values(&place.run(), "epoch"), [1.0], "what was trained is still there");
}
