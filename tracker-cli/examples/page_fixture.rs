//! The store that the browser flows open: `cargo run --release -p tracker-cli --example page_fixture --
//! DIR`. Every run is written by the tracker itself, as a training would.
//!
//! `page_fixture DIR many RUNS POINTS` makes the store of the page's benchmark.
//!
//! `page_fixture DIR dense RUNS` makes the store of somebody who has searched for weeks: long names, many
//! settings, forty metrics a run, and some runs that went wrong.
//!
//! `page_fixture DIR wide METRICS` makes one run of so many metrics, half of them in sections of their own.
//!
//! `page_fixture DIR steps` adds the project of the steps' flow: two runs of which one has a spike, and a fork of it.
//! `page_fixture DIR studies` adds the project of the studies' flow; `page_fixture DIR trial` trains one more trial of
//! one of them.
//! `page_fixture DIR layers NAME LAYERS STEPS` makes one run of a watched model.
//!
//! `page_fixture DIR live NAME` is a training of its own: it prints its id, and logs until it is
//! stopped or killed. `page_fixture DIR coded NAME` is one that ends at once, to be started in a
//! repository.
#![expect(clippy::unwrap_used, reason = "a fixture says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints the ids of its runs")]

#[path = "page_fixture/picture.rs"]
mod picture;
#[path = "page_fixture/steps.rs"]
mod steps;
#[path = "page_fixture/study.rs"]
mod study;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    thread::{self, sleep},
    time::Duration,
};

use serde_json::json;
use tracker_core::{
    Alert, Artifact, ConfusionMatrix, Definition, Event, Histogram, Image, Level, Outcome, PrCurve,
    Problem, RocCurve, Run, Step, Stop, Table, Tracker,
    flight::{FlightRecord, FlightStep, FlightValues},
    init, metrics,
};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [store, "live", name] => live(Path::new(store), name),
        [store, "coded", name] => {
            let run = begin(Path::new(store), "coded", name, &json!({ "lr": 0.01 }));
            run.log_at(0_u64, metrics! { "train/loss" => 1.0 });
            run.finish().unwrap();
        }
        [store, "many", runs, points] => many(Path::new(store), runs, points),
        [store, "dense", runs] => dense(Path::new(store), runs),
        [store, "layers", name, layers, steps] => layered(Path::new(store), name, layers, steps),
        [store, "wide", metrics] => wide(Path::new(store), metrics),
        [store, "steps"] => steps::write(Path::new(store)),
        [store, "studies"] => study::write(Path::new(store)),
        [store, "trial"] => study::more(Path::new(store)),
        [store] => everything(Path::new(store)),
        _ => {
            panic!(
                "usage: page_fixture DIR [live NAME | coded NAME | many RUNS POINTS | dense RUNS | \
                 wide METRICS | steps | studies | trial | layers NAME LAYERS STEPS]"
            )
        }
    }
}

fn everything(store: &Path) {
    for (index, lr) in [0.001, 0.003, 0.01, 0.03].into_iter().enumerate() {
        for seed in 0..3 {
            sweep(store, index, lr, seed);
        }
    }
    seeds(store);
    exact(store);
    diverging(store);
    odd_series(store);
    hostile(store);
    rich(store);
    namesakes(store);
    failed(store);
    stopped(store);
    crashed(store);
    watched(store);
    elsewhere(store);
    coded(store);
}

fn begin(store: &Path, project: &str, name: &str, config: &serde_json::Value) -> Run {
    let run = init(project).name(name).config(config).dir(store).signals(false);
    run.start().unwrap()
}

/// Twelve metrics of 1,500 steps, for each of four learning rates with three seeds.
fn sweep(store: &Path, index: usize, lr: f64, seed: u64) {
    let name = format!("lr{lr}-seed{seed}");
    let config = json!({ "lr": lr, "seed": seed, "model": { "hidden": 64 * (index + 1), "kind": "mlp" }, "=1+1": "@cell" });
    let run = init("sweep").name(name).config(&config).group(format!("lr {lr}"));
    let run = run
        .tags(["sweep", if seed == 0 { "first" } else { "more" }])
        .dir(store)
        .signals(false)
        .start()
        .unwrap();
    define(&run);
    let speed = 1.0 + index as f64;
    let mut noise = Noise(seed + 10 * index as u64 + 1);
    for step in 0..1_500_u64 {
        let loss = 2.3 / (1.0 + speed * step as f64 / 200.0) + 0.05 * noise.next();
        run.log_at(
            step,
            metrics! {
                "train/loss" => loss,
                "train/accuracy" => (1.0 - loss / 2.4).clamp(0.0, 1.0),
                "valid/loss" => loss * 1.1 + 0.02,
                "valid/accuracy" => (0.97 - loss / 2.4).clamp(0.0, 1.0),
                "lr" => lr * (1.0 - step as f64 / 1_500.0),
                "gradients/norm" => 1.0 + noise.next().abs(),
                "system/cpu" => 0.5 + 0.1 * noise.next(),
                "system/memory" => 1e9 + step as f64 * 1e5,
                "throughput" => 900.0 + 50.0 * noise.next(),
                "test/a/accuracy" => 0.5 + 0.1 * noise.next(),
                "test/b/accuracy" => 0.6 + 0.1 * noise.next(),
                "spike" => if step == 700 { 1_000.0 } else { 1.0 }
            },
        );
    }
    run.finish().unwrap();
}

/// Groups of seeds: two that can be told apart, of which one run ends early, one of which two runs have no number and
/// one has no such metric, one of two seeds and one of one.
fn seeds(store: &Path) {
    let train = |group: &str, width: u32, seed: usize, accuracy: f64| {
        let dropout = if group == "wide" && seed == 4 { 0.1 } else { 0.0 };
        let config = json!({ "width": width, "seed": seed, "dropout": dropout });
        let run = init("seeds").name(format!("{group}-{seed}")).group(group).config(&config);
        let run = run.tags([group]).dir(store).signals(false).start().unwrap();
        define(&run);
        let last = if group == "narrow" && seed == 4 { 14 } else { 19_u64 };
        for step in 0..=last {
            let missing = if step == last { 0.0 } else { 0.5 / (1.0 + step as f64) };
            let reached = accuracy * (1.0 - missing);
            run.log_at(
                step,
                metrics! { "valid/accuracy" => reached, "valid/loss" => 1.0 - reached },
            );
        }
        run.finish().unwrap();
    };
    let groups: [(&str, u32, &[f64]); 5] = [
        ("narrow", 32, &[0.912, 0.918, 0.909, 0.921, 0.915]),
        ("wide", 64, &[0.917, 0.921, 0.915, 0.922, 0.921]),
        ("deep", 128, &[0.931, 0.938, 0.929, f64::NAN, f64::NAN]),
        ("pair", 256, &[0.92, 0.93]),
        ("alone", 512, &[0.925]),
    ];
    for (group, width, accuracies) in groups {
        for (seed, accuracy) in accuracies.iter().enumerate() {
            train(group, width, seed, *accuracy);
        }
    }
    let run = init("seeds").name("deep-without").group("deep").config(&json!({ "width": 128 }));
    let run = run.dir(store).signals(false).start().unwrap();
    run.log_at(0_u64, metrics! { "other" => 1.0 });
    run.finish().unwrap();
}

/// Settings that are no numbers of JavaScript, that differ in digits that are not shown, or whose paths
/// look alike.
fn exact(store: &Path) {
    for (name, seed) in [("exact a", u64::MAX), ("exact b", u64::MAX - 1)] {
        let config = json!({
            "seed": seed, "small": u32::MAX, "rate": 0.000_123_456_789, "one": 1.0,
            "a.b": 1, "a": { "b": 2 }, "name": name,
        });
        let run = begin(store, "exact", name, &config);
        run.log_at(0_u64, metrics! { "loss" => 0.123_456_789_012 });
        run.finish().unwrap();
    }
}

fn wide(store: &Path, metrics: &str) {
    let metrics: usize = metrics.parse().unwrap();
    let run = begin(store, "wide", "wide", &json!({}));
    for number in 0..metrics {
        let name = if number % 2 == 0 {
            format!("layers/weight-{number:05}")
        } else {
            format!("block-{number:05}/norm")
        };
        run.metric(&name).log(0_u64, number as f64);
    }
    run.finish().unwrap();
}

fn define(run: &Run) {
    for split in ["train", "valid", "test/a", "test/b"] {
        run.define(
            &format!("{split}/loss"),
            Definition::new().lower_is_better().display_name("Loss"),
        );
        let accuracy = Definition::new().unit("%").higher_is_better().display_name("Accuracy");
        run.define(&format!("{split}/accuracy"), accuracy);
    }
    run.define("system/memory", Definition::new().unit("B"));
    run.define("kept/secret", Definition::new().hidden());
}

/// A loss that jumps once, and something that its program wants to be looked at.
fn watched(store: &Path) {
    let run = begin(store, "watched", "spiked", &json!({ "lr": 0.3 }));
    define(&run);
    for step in 0..400_u64 {
        let usual = 2.0 / (1.0 + step as f64 / 40.0) + (step % 7) as f64 / 50.0;
        run.log_at(step, metrics! { "train/loss" => if step == 250 { 9.0 } else { usual } });
    }
    run.flush(Duration::from_secs(10)).unwrap();
    let alert = Alert::warning("the validation set has 12 digits twice").hint("remove them");
    run.alert(alert.metric("train/loss").at(399));
    run.finish().unwrap();
}

/// What `watch` writes of a model: the first layer's gradients vanish, the last one's explode and are NaN in the end.
/// The layers stand in the order of the model, which is not that of their names.
#[expect(clippy::cast_sign_loss, reason = "a bell is nowhere below 0")]
fn layered(store: &Path, name: &str, layers: &str, steps: &str) {
    let (layers, steps): (u64, u64) = (layers.parse().unwrap(), steps.parse().unwrap());
    let run = begin(store, "layered", name, &json!({ "lr": 0.1 }));
    define(&run);
    let names = |section: &str, quantity: &str| -> Vec<_> {
        let blocks = (0..layers - 2).map(|layer| format!("blocks.{layer}.weight"));
        let all = ["stem.weight".to_owned()].into_iter().chain(blocks);
        let all = all.chain(["head.weight".to_owned()]);
        all.map(|layer| run.metric(&format!("{section}/{layer}/{quantity}"))).collect()
    };
    let (gradients, weights) = (names("gradients", "norm"), names("parameters", "norm"));
    let updates = names("updates", "ratio");
    let mut noise = Noise(7);
    for step in 0..steps {
        let done = step as f64 / steps as f64;
        run.log_at(step, metrics! { "train/loss" => 2.0 / (1.0 + 9.0 * done) });
        for layer in 0..layers as usize {
            let depth = layer as f64 / (layers - 1) as f64;
            let usual = 10_f64.powf(4.0 * done * (depth - 0.5)) * (1.0 + 0.2 * noise.next());
            let last = layer + 1 == layers as usize;
            gradients[layer].log(step, if last && done > 0.9 { f64::NAN } else { usual });
            weights[layer].log(step, 1.0 + depth + 0.5 * done);
            updates[layer].log(step, 1e-3 * (1.1 + noise.next()));
        }
    }
    for step in 0..24_u64 {
        let bin = |bin: i64| {
            (1_000.0 * (-((bin - 16) as f64 / (4.0 + step as f64 / 4.0)).powi(2)).exp()) as u64
        };
        let counts = (0..32).map(bin).collect();
        run.log_histogram(
            "parameters/stem.weight",
            step * steps / 24,
            Histogram::new(-1.0, 1.0, counts),
        );
    }
    run.finish().unwrap();
}

/// NaN from step 812 on, and one infinity before.
fn diverging(store: &Path) {
    let run = begin(store, "odd", "diverged", &json!({ "lr": 5.0 }));
    define(&run);
    for step in 0..1_000_u64 {
        let loss = if step == 400 {
            f64::INFINITY
        } else if step >= 812 {
            f64::NAN
        } else {
            1.0 + step as f64
        };
        run.log_at(step, metrics! { "train/loss" => loss });
    }
    run.finish().unwrap();
}

/// A series of NaN alone, one with a single point, steps that go back, steps beyond 2^53; one hidden.
fn odd_series(store: &Path) {
    let run = begin(store, "odd", "odd series", &json!({ "lr": "0.01", "nothing": null }));
    define(&run);
    for step in 0..5_u64 {
        run.log_at(step, metrics! { "nan" => f64::NAN, "kept/secret" => 1.0 });
    }
    run.log_at(7_u64, metrics! { "single" => 0.25 });
    for step in [9_u64, 3, 12, 1] {
        run.log_at(step, metrics! { "backwards" => step as f64 });
    }
    run.log_at((1_u64 << 60) + 1, metrics! { "far" => 1.0 });
    run.log_at((1_u64 << 60) + 2, metrics! { "far" => 2.0 });
    run.finish().unwrap();
}

/// Names that a page could take for something else.
fn hostile(store: &Path) {
    for name in ["<img src=x onerror=alert(1)>", "evil\u{202e}gnp.exe", "=cmd|' /C calc'!A0"] {
        let run = begin(
            store,
            "odd",
            name,
            &json!({ "<b>key</b>": "</script><script>alert(2)</script>" }),
        );
        run.log_at(0_u64, metrics! { "train/loss" => 1.0 });
        run.record(Event::Message {
            level: Level::Info,
            text: format!("{name} <b>bold</b> \u{1b}[31mred\u{1b}[0m"),
        });
        run.finish().unwrap();
    }
    let run = begin(store, "odd", &"long ".repeat(20), &json!({}));
    run.finish().unwrap();
}

/// Messages, texts, histograms, files, notes, facts: all that a run's own page shows.
fn rich(store: &Path) {
    let run = init("odd").name("rich").notes("what it is about\nin two lines").tags(["keep"]);
    let run = run.config(&json!({ "lr": 0.01 })).dir(store).signals(false).start().unwrap();
    run.describe("model", json!({ "parameters": 79_510, "layers": 3 }));
    for step in 0..20_u64 {
        run.log_at(step, metrics! { "train/loss" => 1.0 / (step + 1) as f64 });
        run.record(Event::Text {
            name: "samples".into(),
            step: Step(step),
            text: format!("sample of step {step}"),
        });
        let counts = (0..16).map(|bin| (16 - bin) * step + 1).collect();
        run.log_histogram("parameters/fc1.weight", step, Histogram::new(-1.0, 1.0, counts));
    }
    for level in [Level::Info, Level::Warning, Level::Error] {
        run.record(Event::Message { level, text: format!("a message of level {level:?}") });
    }
    let problem =
        Problem::new("batch-skipped", "batch 7 was skipped: it had no label", "look at the data");
    run.record(Event::Problem(problem));
    files(&run);
    run.dataset("pixels", run.dir().join("picture-0.png"));
    media(&run, 0);
    run.record(Event::Flight(Arc::new(flight())));
    run.finish().unwrap();
}

/// The last steps of two tensors, of which the first leaves what is usual.
fn flight() -> FlightRecord {
    let step = |step: u64| {
        let gradient = if step >= 60 { 100.0 } else { 1.0 + 0.1 * (step as f32).sin() };
        let values = |gradient| FlightValues {
            weight: Some(1.0),
            gradient: Some(gradient),
            change: Some(0.01),
        };
        FlightStep {
            step: Step(step),
            epoch: Some(1),
            batch: Some(step),
            samples: [step, step + 1].into(),
            values: vec![values(gradient), values(1.0)],
            ..FlightStep::default()
        }
    };
    let tensors = vec!["encoder.weight".into(), "decoder.weight".into()];
    FlightRecord { tensors, steps: (0..80).map(step).collect() }
}

/// One of each kind that the page draws; pictures at three steps.
fn media(run: &Run, shade: u8) {
    let gray = |value: u8| Image::gray8(8, 4, vec![value; 32]).unwrap();
    for step in [0_u8, 10, 20] {
        let caption = format!("a sample of step {step}");
        let pictures = [gray(shade + step).caption(caption), gray(shade + step + 100)];
        run.log_media("samples", u64::from(step), pictures);
    }
    let mut table = Table::new(["id", "image", "guess"]).key("id");
    for row in 0..120_u32 {
        let image = (row == 0).then(|| gray(7));
        table.push([row.into(), image.into(), format!("guess {}", row % 7).into()]);
    }
    run.log_media("mistakes", 20_u64, table);
    let matrix = ConfusionMatrix::new(["cat", "dog"]).add(0, 0).add(0, 1).add(1, 1);
    run.log_media("confusion", 20_u64, matrix);
    let (scores, labels) = ([0.1, 0.4, 0.35, 0.8], [false, false, true, true]);
    run.log_media("precision", 20_u64, PrCurve::of(&scores, &labels).unwrap());
    run.log_media("roc", 20_u64, RocCurve::of(&scores, &labels).unwrap());
}

fn files(run: &Run) {
    let folder = run.dir().to_owned();
    fs::create_dir_all(&folder).unwrap();
    for step in [0_u64, 10, 20] {
        let path = folder.join(format!("picture-{step}.png"));
        fs::write(&path, picture::png(64, 48, step as u8)).unwrap();
        run.log_artifact(
            Artifact::of_file("picture", step.to_string(), &path).unwrap().kind("image").step(step),
        );
    }
    let model = folder.join("model.bin");
    fs::write(&model, [7; 4_096]).unwrap();
    let model = Artifact::of_file("model", "1", &model)
        .unwrap()
        .kind("model")
        .step(20_u64)
        .alias("latest")
        .alias("best");
    run.log_artifact(model.metrics([("valid/loss", 0.25)]));
    run.log_artifact(Artifact::new("model", "0").kind("model"));
    run.record(Event::ArtifactDeleted { name: "model".into(), version: "0".into() });
    let gone = folder.join("gone.bin");
    fs::write(&gone, [1; 16]).unwrap();
    run.log_artifact(Artifact::of_file("gone", "1", &gone).unwrap());
    fs::remove_file(gone).unwrap();
}

fn namesakes(store: &Path) {
    for lr in [1_u32, 2] {
        let run = begin(store, "odd", "twin", &json!({ "lr": lr }));
        run.log_at(0_u64, metrics! { "train/loss" => f64::from(lr) });
        media(&run, lr as u8);
        run.finish().unwrap();
    }
}

fn failed(store: &Path) {
    let run = begin(store, "odd", "failed", &json!({ "lr": 1 }));
    run.finish_as(Outcome::Failed("the data has no labels".into())).unwrap();
}

fn stopped(store: &Path) {
    let run = begin(store, "odd", "stopped", &json!({ "lr": 1 }));
    run.finish_as(Outcome::Stopped("stopped by SIGTERM".into())).unwrap();
}

/// A training that is killed.
fn crashed(store: &Path) {
    let mut child = Command::new(env::current_exe().unwrap());
    let mut child =
        child.arg(store).args(["live", "crashed"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut id = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut id).unwrap();
    sleep(Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn elsewhere(store: &Path) {
    let run = begin(
        store,
        "another project",
        "baseline",
        &json!({ "lr": 0.01, "model": { "hidden": 64, "kind": "cnn" } }),
    );
    define(&run);
    for step in 0..100_u64 {
        run.log_at(step, metrics! { "train/loss" => 1.0 / (1 + step) as f64, "valid/loss" => 1.1 / (1 + step) as f64 });
    }
    run.finish().unwrap();
}

/// Trainings in a repository of git: without changes, with some, and with others at another commit.
fn coded(store: &Path) {
    let folder = env::temp_dir().join(format!("page-fixture-{}", std::process::id()));
    let source = folder.join("src");
    fs::create_dir_all(&source).unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=me", "-c", "user.email=me@example.org"]).args(arguments);
        assert!(git.current_dir(&folder).status().unwrap().success());
    };
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).unwrap();
    let train = |name: &str| {
        let mut child = Command::new(env::current_exe().unwrap());
        child.arg(std::path::absolute(store).unwrap()).args(["coded", name]);
        assert!(child.current_dir(&folder).status().unwrap().success());
    };
    let model = |hidden: &str, more: &str| {
        let layers: Vec<String> = (0..12).map(|n| format!("    let x = layer_{n}(x);\n")).collect();
        let layers = layers.concat();
        format!(
            "/// A model.\npub fn model(x: Tensor) -> Tensor {{\n    let x = x.linear({hidden});\n\
             {layers}    x.softmax(){more}\n}}\n"
        )
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    write("src/model.rs", &model("64", ""));
    write("src/data.rs", "pub fn data() -> Data {\n    load(\"mnist\")\n}\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "first"]);
    train("code: clean");
    write("src/model.rs", &model("128", ".detach()"));
    write("src/data.rs", "pub fn data() -> Data {\n    load(\"mnist\").shuffle(7)\n}\n");
    train("code: wider");
    write("src/model.rs", &model("256", ".detach()"));
    write("src/<b>new.rs", "pub fn new() {}\n");
    train("code: widest");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "second"]);
    train("code: committed");
    fs::remove_dir_all(folder).unwrap();
}

/// Logs 20 points a second until somebody stops or kills it.
fn live(store: &Path, name: &str) {
    let run = begin(store, "live", name, &json!({ "lr": 0.01 }));
    run.describe("training", json!({ "steps": 1_000_000 }));
    let lr = (name == "turned").then(|| run.knob("lr", 1e-3).bounds(1e-6..=0.1));
    println!("{}", run.id());
    let mut step = 0_u64;
    let reason = loop {
        if run.requests().stop != Stop::No {
            let reason = run.stop_reason().unwrap_or_default();
            break reason;
        }
        if let Some(lr) = &lr {
            run.log_at(step, metrics! { "rate" => lr.at(step) });
        }
        run.log_at(step, metrics! { "train/loss" => 1.0 / (1 + step) as f64 });
        step += 1;
        sleep(Duration::from_millis(50));
    };
    run.finish_as(Outcome::Stopped(reason)).unwrap();
}

/// Runs of one loss and an accuracy, for the benchmark of the page.
fn many(store: &Path, runs: &str, points: &str) {
    let (runs, points): (u64, u64) = (runs.parse().unwrap(), points.parse().unwrap());
    one_after_another(runs, |index| {
        let config = json!({ "lr": 0.001 * (index % 10 + 1) as f64, "seed": index });
        let run = begin(store, "many", &format!("run-{index}"), &config);
        define(&run);
        let (loss, accuracy) = (run.metric("train/loss"), run.metric("valid/accuracy"));
        for step in 0..points {
            loss.log(step, 1.0 / (step + 1 + index) as f64);
            if step % 100 == 0 {
                accuracy.log(step, 1.0 - 1.0 / (step + 2 + index) as f64);
            }
        }
        (run, Outcome::Finished)
    });
}

/// Makes runs in this order. Their ends, which are mostly waiting for a disk, wait beside each other.
fn one_after_another(runs: u64, make: impl Fn(u64) -> (Run, Outcome)) {
    for first in (0..runs).step_by(16) {
        thread::scope(|scope| {
            for index in first..runs.min(first + 16) {
                let (run, outcome) = make(index);
                scope.spawn(move || run.finish_as(outcome).unwrap());
            }
        });
    }
}

/// A search over four settings with three seeds each; every 23rd run diverges, every 31st fails.
fn dense(store: &Path, runs: &str) {
    one_after_another(runs.parse().unwrap(), |index| {
        let setting = index / 3;
        let lr: f64 = [0.0003, 0.001, 0.003, 0.01][setting as usize % 4];
        let layers = 6 * (1 + setting / 4 % 3);
        let optimizer = ["adamw", "lion", "sgd-momentum"][setting as usize / 12 % 3];
        let dropout = 0.05 * (setting / 36) as f64;
        let experiment = format!("transformer-{layers}l-{optimizer}-lr{lr}-dropout{dropout:.2}");
        let config = json!({
            "seed": index % 3, "optimizer": { "name": optimizer, "lr": lr, "weight_decay": 0.01 },
            "model": { "layers": layers, "heads": 8, "width": 512, "dropout": dropout }, "batch_size": 64
        });
        let run = init("language-model").name(format!("{experiment}-warmup2000-seed{}", index % 3));
        let run = run.config(&config).group(experiment).tags([optimizer]);
        let run = run.dir(store).signals(false).start().unwrap();
        define(&run);
        curves(&run, index, (lr * 1_000.0).ln().abs() + dropout);
        let end = if index % 31 == 30 {
            Outcome::Failed("out of memory".into())
        } else {
            Outcome::Finished
        };
        (run, end)
    });
}

fn curves(run: &Run, index: u64, worse: f64) {
    let mut noise = Noise(index + 1);
    let log = |step: u64, name: &str, value: f64| {
        let value = if index % 23 == 22 && step > 120 { f64::NAN } else { value };
        run.metric(name).log(step, value);
    };
    for step in (0..300).step_by(2) {
        let loss = (1.0 + 0.2 * worse) * 4.0 / (1.0 + step as f64 / 30.0) + 0.03 * noise.next();
        log(step, "train/loss", loss);
        log(step, "valid/loss", loss * 1.05 + 0.05);
        log(step, "valid/accuracy", (1.0 - loss / 5.0).clamp(0.0, 1.0));
        log(step, "valid/perplexity", loss.exp());
        log(step, "lr", 1e-3 * (1.0 - step as f64 / 300.0));
        for layer in 0..30 {
            let name = format!("gradients/layers.{layer}.attention.query.weight/norm");
            log(step, &name, 1.0 + 0.3 * noise.next());
        }
        for device in 0..4 {
            log(step, &format!("system/gpu.{device}.utilization"), 0.9 + 0.05 * noise.next());
        }
        log(step, "system/memory", 1e10 + step as f64 * 1e6);
    }
}

/// Values from -1 to 1, the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
    }
}
