//! NVIDIA's graphics cards in a run, with a library that stands in for the driver's.
//!
//! Each test starts this test program again as the process that trains, where the stand-in lies before all
//! other libraries. No test here has seen a real card.

#![cfg(all(target_os = "linux", not(feature = "portable")))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use tracker_core::{init, read::RunReader, testing};

/// Trains until the machine was looked at as often as its role says.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Some(role) = common::role() else { return };
    if std::env::var_os("STAND_IN_NO_DEVICE").is_none() {
        testing::assume_nvidia();
    }
    let run = init("cards").start().unwrap();
    run.log([("loss", 0.5)]);
    let looks: usize = role.parse().unwrap();
    common::wait_until(|| {
        let memory = match run.rank() {
            0 => "system/process.memory".to_owned(),
            rank => format!("system/rank.{rank}.process.memory"),
        };
        thread::sleep(Duration::from_millis(20));
        run.reader().unwrap().series(&memory).is_ok_and(|rows| rows.len() >= looks)
    });
    println!("{}", run.finish().unwrap());
}

/// A folder with the library, and a store.
struct Setting {
    folder: tempfile::TempDir,
}

impl Setting {
    /// The stand-in with some of its functions left out.
    fn new(without: &[&str]) -> Self {
        let setting = Self::without_library();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nvidia/stand_in.rs");
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--crate-name", "stand_in"]);
        rustc.args(["-A", "warnings", "-o"]).arg(setting.library()).arg(source);
        for function in without {
            rustc.args(["--cfg", function]);
        }
        assert!(rustc.status().unwrap().success());
        setting
    }

    fn without_library() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("store")).unwrap();
        Self { folder }
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("libnvidia-ml.so.1")
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default()
    }

    /// Trains in a process of its own, and gives what it said and its run.
    fn train(&self, looks: u32, variables: &[(&str, &str)]) -> (String, RunReader) {
        let store = self.store();
        let mut command = common::command("process", &looks.to_string(), &store);
        command
            .env("LD_LIBRARY_PATH", self.folder.path())
            .env("STAND_IN_CALLS", self.folder.path().join("calls"))
            .env("TRACKER_SYSTEM", "1")
            .env_remove("CUDA_VISIBLE_DEVICES")
            .envs(variables.iter().copied());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (said.concat(), common::only_run(&store))
    }
}

/// The last value of each metric of cards.
fn values(run: &RunReader) -> BTreeMap<String, f64> {
    let summary = run.summary().unwrap();
    let of_cards = summary.iter().filter(|(name, _)| name.starts_with("system/gpu."));
    of_cards.map(|(name, summary)| (name["system/".len()..].to_owned(), summary.last)).collect()
}

/// Which cards told anything.
fn cards(run: &RunReader) -> Vec<u32> {
    let number = |name: &String| name.split('.').nth(1).unwrap().parse().unwrap();
    let mut cards: Vec<u32> = values(run).keys().map(number).collect();
    cards.sort_unstable();
    cards.dedup();
    cards
}

/// Whether this machine has the driver itself: without a stand-in, its library would be found.
fn has_driver() -> bool {
    let known = Command::new("ldconfig").arg("-p").output();
    let is_known = known
        .is_ok_and(|known| String::from_utf8_lossy(&known.stdout).contains("libnvidia-ml.so.1"));
    is_known || Path::new("/dev/nvidiactl").exists()
}

fn problems(run: &RunReader) -> Vec<(String, u64)> {
    let problems = &run.info().problems;
    problems.iter().map(|problem| (problem.kind.clone(), problem.count)).collect()
}

#[test]
fn two_cards_tell_what_they_do_in_the_units_of_all_cards() {
    let (said, run) = Setting::new(&[]).train(1, &[("STAND_IN_CARDS", "2")]);
    let expected = [
        ("gpu.0.memory", 0.0),
        ("gpu.0.power", 250.5),
        ("gpu.0.temperature", 61.0),
        ("gpu.0.throttled", 0.0),
        ("gpu.0.utilization", 0.10),
        ("gpu.1.memory", (1_u64 << 30) as f64),
        ("gpu.1.power", 250.5),
        ("gpu.1.temperature", 61.0),
        ("gpu.1.throttled", 1.0),
        ("gpu.1.utilization", 0.11),
    ];
    assert_eq!(
        values(&run),
        expected.map(|(name, value)| (name.to_owned(), value)).into(),
        "{said}"
    );
    let unit = |name: &str| run.info().definitions[name].unit.clone().unwrap();
    let units = ["utilization", "memory", "power", "temperature", "throttled"];
    let units = units.map(|value| unit(&format!("system/gpu.1.{value}")));
    assert_eq!(units, ["%", "B", "W", "°C", "%"]);
    assert_eq!(problems(&run), []);
}

#[test]
fn no_more_than_64_cards_are_looked_at() {
    let (_, run) = Setting::new(&[]).train(1, &[("STAND_IN_CARDS", "66")]);
    assert_eq!(cards(&run), (0..64).collect::<Vec<_>>());
    assert_eq!(values(&run)["gpu.63.throttled"], 0.0, "the limit of its power is no trouble");
}

#[test]
fn what_a_card_cannot_tell_is_asked_once_and_not_again() {
    let setting = Setting::new(&[]);
    let (_, run) = setting.train(2, &[("STAND_IN_CARDS", "2"), ("STAND_IN_NO_POWER", "0")]);
    assert!(!values(&run).contains_key("gpu.0.power"));
    assert_eq!(run.series("system/gpu.0.temperature").unwrap().len(), 2);
    assert_eq!(run.series("system/gpu.1.power").unwrap().len(), 2);
    let calls = setting.calls();
    assert_eq!(calls.lines().filter(|call| *call == "power 0").count(), 1, "{calls}");
    assert_eq!(problems(&run), []);
}

#[test]
fn a_card_that_is_lost_is_told_once_and_harms_nothing() {
    let setting = Setting::new(&[]);
    let (said, run) = setting.train(3, &[("STAND_IN_CARDS", "2"), ("STAND_IN_LOST", "1")]);
    let looks = |metric: &str| run.series(metric).unwrap().len();
    assert_eq!(looks("system/gpu.0.power"), 3);
    assert_eq!(looks("system/process.memory"), 3);
    assert_eq!(looks("system/gpu.1.power"), 1, "the second of its looks, the first being unheard");
    assert_eq!(problems(&run), [("gpu-lost".to_owned(), 1)], "{said}");
    assert!(said.contains("GPU-00000001-1234") && said.contains("GPU is lost"), "{said}");
    let calls = setting.calls();
    assert_eq!(calls.lines().filter(|call| *call == "utilization 1").count(), 3, "{calls}");
}

#[test]
fn a_library_without_one_function_tells_the_rest() {
    let (_, run) = Setting::new(&["without_power"]).train(1, &[("STAND_IN_CARDS", "1")]);
    let names: Vec<String> = values(&run).into_keys().collect();
    let expected = ["memory", "temperature", "throttled", "utilization"];
    assert_eq!(names, expected.map(|name| format!("gpu.0.{name}")));
    assert_eq!(problems(&run), []);
}

#[test]
fn without_driver_or_cards_nothing_is_logged_and_nothing_said() {
    let stand_in = Setting::new(&[]);
    let old = Setting::new(&["without_count"]);
    let none = Setting::without_library();
    let cases: [(&Setting, &[(&str, &str)]); 4] = [
        (&old, &[("STAND_IN_CARDS", "1")]),
        (&none, &[("STAND_IN_NO_DEVICE", "1")]),
        (&stand_in, &[("STAND_IN_CARDS", "1"), ("STAND_IN_INIT", "9")]),
        (&stand_in, &[("STAND_IN_CARDS", "0")]),
    ];
    for (case, (setting, variables)) in cases.into_iter().enumerate() {
        if !setting.library().exists() && has_driver() {
            continue;
        }
        let (said, run) = setting.train(1, variables);
        assert!(values(&run).is_empty(), "{case}");
        assert_eq!(problems(&run), [], "{case}: {said}");
        fs::remove_dir_all(setting.store()).unwrap();
        fs::create_dir(setting.store()).unwrap();
    }
}

#[test]
fn a_driver_whose_library_does_not_work_is_told_once_with_a_way_out() {
    let none = Setting::without_library();
    let broken = Setting::without_library();
    fs::write(broken.library(), "no library").unwrap();
    let other_version = Setting::new(&[]);
    for (setting, variables) in
        [(none, vec![]), (broken, vec![]), (other_version, vec![("STAND_IN_INIT", "18")])]
    {
        if !setting.library().exists() && has_driver() {
            continue;
        }
        let (said, run) = setting.train(2, &variables);
        assert!(values(&run).is_empty());
        assert_eq!(problems(&run), [("nvidia-not-readable".to_owned(), 1)], "{said}");
        assert!(said.contains("nvidia-smi"), "{said}");
    }
}

#[test]
fn the_cards_that_the_process_may_use_are_told_in_its_own_order() {
    for (visible, expected) in [
        ("2,0", vec![2.0, 0.0]),
        ("GPU-00000003", vec![3.0]),
        ("GPU-00000001-1234, 2,nonsense,0", vec![1.0, 2.0]),
        // A part of a card has memory of its own.
        ("MIG-00000002-5678", vec![1_002.0]),
        ("nonsense", vec![]),
        ("", vec![]),
    ] {
        let variables = [("STAND_IN_CARDS", "4"), ("CUDA_VISIBLE_DEVICES", visible)];
        let (_, run) = Setting::new(&[]).train(1, &variables);
        let values = values(&run);
        let numbers = 0..values.keys().filter(|name| name.ends_with(".memory")).count();
        let memory: Vec<f64> = numbers
            .map(|number| values[&format!("gpu.{number}.memory")] / f64::from(1 << 30))
            .collect();
        assert_eq!(memory, expected, "{visible}");
    }
}

#[test]
fn another_rank_tells_of_the_card_that_it_has_for_itself() {
    let ranks = [("TRACKER_RUN_ID", "01J00000000000000000000000"), ("TRACKER_RANK", "1")];
    for (visible, expected) in [("2", vec!["system/rank.1.gpu.0.power"]), ("2,3", vec![])] {
        let cards = [("STAND_IN_CARDS", "4"), ("CUDA_VISIBLE_DEVICES", visible)];
        let setting = Setting::new(&[]);
        let (_, run) = setting.train(1, &[ranks, cards].concat());
        let mut metrics = run.metrics().unwrap();
        metrics.retain(|name| name.contains("gpu") && name.ends_with("power"));
        assert_eq!(metrics, expected, "{visible}");
    }
}
