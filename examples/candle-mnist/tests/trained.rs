//! What the example leaves behind, from small trainings of the real program.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path, process::Command};

use candle_hooks::{
    candle_core::{DType, Device, Module as _, Tensor},
    candle_nn::{VarBuilder, VarMap, loss},
    tracker_core::{
        State,
        read::{RunReader, Store},
    },
};
use data::Split;
use mnist_data::Images;
use model::Cnn;
use tempfile::TempDir;

#[allow(dead_code, reason = "the tests use parts of it")]
#[path = "../src/data.rs"]
mod data;
#[allow(dead_code, reason = "the tests use parts of it")]
#[path = "../src/model.rs"]
mod model;

const TRAINED_ON: usize = 300;
const MEASURED_ON: usize = 150;

/// The first images of MNIST as files, so that a training takes a second.
fn small_data(folder: &Path) {
    let mnist = mnist_data::load(None).unwrap();
    for (name, part, count) in
        [("train", &mnist.train, TRAINED_ON), ("t10k", &mnist.test, MEASURED_ON)]
    {
        let images =
            [&[0, 0, 8, 3], &big_endian(&[count, 28, 28])[..], &part.pixels[..count * 784]];
        fs::write(folder.join(format!("{name}-images-idx3-ubyte")), images.concat()).unwrap();
        let labels = [&[0, 0, 8, 1], &big_endian(&[count])[..], &part.labels[..count]];
        fs::write(folder.join(format!("{name}-labels-idx1-ubyte")), labels.concat()).unwrap();
    }
}

fn big_endian(sizes: &[usize]) -> Vec<u8> {
    sizes.iter().flat_map(|size| u32::try_from(*size).unwrap().to_be_bytes()).collect()
}

/// Trains, and gives the standard output and the stored run.
fn train(store: &Path, arguments: &[&str]) -> (String, RunReader) {
    let data = TempDir::new().unwrap();
    small_data(data.path());
    let output = Command::new(env!("CARGO_BIN_EXE_candle-mnist"))
        .args(["--epochs", "2", "--batch-size", "64", "--data"])
        .arg(data.path())
        .args(arguments)
        .env("TRACKER_DIR", store)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = Store::open(store).unwrap().find("@latest").unwrap();
    (String::from_utf8(output.stdout).unwrap(), run)
}

fn model_file(run: &RunReader) -> std::path::PathBuf {
    run.path().join("files/model.safetensors")
}

fn last(run: &RunReader, metric: &str) -> f64 {
    run.series(metric).unwrap().last().unwrap().value
}

#[test]
fn recount_with_the_saved_model_gives_the_logged_values() {
    let store = TempDir::new().unwrap();
    let (_, run) = train(store.path(), &[]);

    let mut weights = VarMap::new();
    let builder = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
    let model = Cnn::new(&builder).unwrap();
    weights.load(model_file(&run)).unwrap();
    let mnist = mnist_data::load(None).unwrap().test;
    let measured_on = Images {
        pixels: mnist.pixels[..MEASURED_ON * 784].to_vec(),
        labels: mnist.labels[..MEASURED_ON].to_vec(),
        ..mnist
    };
    let split = Split::new(&measured_on, &Device::Cpu).unwrap();
    let (images, labels) = split.batch(&split.indices()).unwrap();
    let logits = model.forward(&images).unwrap();
    let answers: Vec<u32> = logits.argmax(1).unwrap().to_vec1().unwrap();
    let labelled: Vec<u32> = labels.to_vec1().unwrap();
    let right = answers.iter().zip(&labelled).filter(|(answer, label)| answer == label).count();
    let accuracy = right as f64 / MEASURED_ON as f64;
    assert!((last(&run, "valid/accuracy") - accuracy).abs() < 1e-9);
    let loss: Tensor = loss::cross_entropy(&logits, &labels).unwrap();
    let loss = f64::from(loss.to_scalar::<f32>().unwrap());
    assert!((last(&run, "valid/loss") - loss).abs() < 1e-5);
}

#[test]
fn run_holds_config_rows_and_epochs() {
    let store = TempDir::new().unwrap();
    let (report, run) = train(store.path(), &["--seed", "7"]);
    assert!(report.contains("valid/accuracy"), "{report}");
    assert_eq!(run.state(), State::Finished);
    assert_eq!(run.info().config["seed"], 7);
    assert_eq!(run.info().config["batch_size"], 64);
    assert!(run.info().problems.is_empty());
    let steps = |metric: &str| -> Vec<u64> {
        run.series(metric).unwrap().iter().map(|row| row.step.0).collect()
    };
    assert_eq!(steps("batch/train/loss"), (0..10).collect::<Vec<_>>());
    for metric in ["train/loss", "train/accuracy", "valid/loss", "valid/accuracy", "epoch"] {
        assert_eq!(steps(metric), [4, 9], "{metric}");
    }
    let items: Vec<f64> =
        run.series("batch/train/items").unwrap().iter().map(|row| row.value).collect();
    assert_eq!(items[..5], [64.0, 64.0, 64.0, 64.0, 44.0]);
}

#[test]
fn same_seed_gives_the_same_model_and_another_one_does_not() {
    let weights = |seed| {
        let store = TempDir::new().unwrap();
        let (_, run) = train(store.path(), &["--seed", seed]);
        let tensors = candle_hooks::candle_core::safetensors::load(model_file(&run), &Device::Cpu);
        let mut tensors: Vec<_> = tensors.unwrap().into_iter().collect();
        tensors.sort_by(|one, two| one.0.cmp(&two.0));
        let bits = |tensor: Tensor| -> Vec<u32> {
            let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
            values.into_iter().map(f32::to_bits).collect()
        };
        tensors.into_iter().flat_map(|(_, tensor)| bits(tensor)).collect::<Vec<_>>()
    };
    let one = weights("1");
    assert_eq!(one, weights("1"));
    assert_ne!(one, weights("2"));
}

/// The last `valid/accuracy` of each of the three models, trained for as long as they need.
#[test]
fn each_model_learns_to_read_digits() {
    for (model, epochs, least) in [("linear", 60, 0.85), ("mlp", 60, 0.85), ("cnn", 2, 0.9)] {
        let store = TempDir::new().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_candle-mnist"))
            .args(["--model", model, "--epochs", &epochs.to_string()])
            .env("TRACKER_DIR", store.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let run = Store::open(store.path()).unwrap().find("@latest").unwrap();
        assert_eq!(run.info().config["model"], model);
        let accuracy = last(&run, "valid/accuracy");
        assert!(accuracy > least, "{model}: {accuracy}");
        let losses = run.series("train/loss").unwrap();
        assert_eq!(losses.len(), epochs);
        let (first, last) = (losses[0].value, losses[losses.len() - 1].value);
        assert!(last < first / 3.0, "{model}: {first} became {last}");
        assert!(run.info().problems.is_empty());
    }
}
