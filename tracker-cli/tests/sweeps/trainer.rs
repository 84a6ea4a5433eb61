//! The program that all these sweeps train: this test, which a sweep starts with flags of its own.

use std::{env, fs::OpenOptions, io::Write, path::PathBuf, process, thread, time::Duration};

use tracker_core::{Run, Stop, Tracker, init, metrics};

/// The file to which each training adds a line as it begins and one as it ends.
pub(crate) const MARKS: &str = "TRACKER_TEST_MARKS";

/// In a normal test run it does nothing. The flags stand behind `--`, where the harness takes them for filters.
#[test]
fn trains() {
    if env::var_os("TRACKER_TRIAL").is_some() && env::args().any(|word| word == "--as-trainer") {
        let code = train();
        process::exit(code);
    }
}

fn flag(name: &str) -> Option<String> {
    let mut words = env::args().skip_while(|word| word != name);
    words.nth(1)
}

fn number(name: &str, default: f64) -> f64 {
    flag(name).map_or(default, |text| text.parse().unwrap())
}

fn mark(what: &str) {
    let Some(path) = env::var_os(MARKS).map(PathBuf::from) else { return };
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    let trial = env::var("TRACKER_TRIAL").unwrap();
    file.write_all(format!("{what} {trial} {}\n", process::id()).as_bytes()).unwrap();
}

/// Trains: the score is the better the nearer the learning rate is to 0.01, and comes near its end epoch by epoch.
fn train() -> i32 {
    mark("begin");
    let how = flag("--how").unwrap_or_else(|| "well".into());
    let settings = flag("--config").map(|path| std::fs::read_to_string(path).unwrap());
    let settings: Option<serde_json::Value> =
        settings.map(|text| serde_json::from_str(&text).unwrap());
    let lr =
        settings.as_ref().map_or_else(|| number("--lr", 0.01), |all| all["lr"].as_f64().unwrap());
    match &*how {
        "fail" => {
            println!("\u{1b}[2Jno such data set");
            return 3;
        }
        "hang" => loop {
            thread::sleep(Duration::from_secs(1));
        },
        _ => {}
    }
    let run = init("sweeps")
        .config(&serde_json::json!({ "lr": lr }))
        .code_changes(false)
        .start()
        .unwrap();
    let stopped = epochs(&run, &how, lr);
    run.finish().unwrap();
    if !stopped {
        mark("end");
    }
    0
}

fn epochs(run: &Run, how: &str, lr: f64) -> bool {
    let epochs = number("--epochs", 3.0);
    let pause = Duration::from_secs_f64(number("--pause", 0.0) / 1e3);
    let (mut epoch, goal) = (0_u32, 1.0 - (lr.log10() + 2.0).abs() / 4.0);
    while f64::from(epoch) < epochs || how == "deaf" {
        epoch += 1;
        let score =
            if how == "nan" { f64::NAN } else { goal * (1.0 - 0.5_f64.powf(f64::from(epoch))) };
        let name = if how == "silent" { "train/score" } else { "valid/score" };
        run.log_at(u64::from(epoch), metrics! { name => score, "cost" => lr });
        thread::sleep(pause);
        if how != "deaf" && run.requests().stop != Stop::No {
            return true;
        }
    }
    false
}
