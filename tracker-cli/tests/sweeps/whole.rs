//! A sweep from its beginning to its end.

use std::fs;

use serde_json::json;

use crate::support::{Place, study, trainer};

#[test]
fn a_sweep_trains_each_trial_once_and_tells_the_best_and_how_to_train_with_it() {
    let place = Place::of(6);
    let page = place.sweeps(&["-j", "2"], &["{args}"]);
    assert_eq!(
        page.lines().filter(|line| line.contains("trial ") && line.contains("complete")).count(),
        6
    );
    assert!(page.contains("train with them:") && page.contains("--as-trainer --lr 0."), "{page}");
    assert!(page.contains("next: `tracker study show rates`"), "{page}");
    let shown = place.shown();
    assert_eq!((&shown["trials"]["all"], &shown["trials"]["complete"]), (&json!(6), &json!(6)));
    let trials = shown["all_trials"].as_array().unwrap();
    assert!(
        trials.iter().all(|trial| trial["intermediate"] == 3 && trial["values"][0].is_number())
    );
    let best = &shown["best"][0];
    let greatest = trials.iter().filter_map(|trial| trial["values"][0].as_f64()).reduce(f64::max);
    assert_eq!(best["values"][0].as_f64(), greatest);
    assert_eq!((place.marks("begin").len(), place.marks("end").len()), (6, 6));
    let runs = place.store().runs().unwrap().runs;
    let trial = runs[0].info().about["study"]["trial"].as_u64();
    assert!(runs.len() == 6 && trial.is_some() && runs[0].info().study() == Some("rates"));
}

#[test]
fn the_same_command_again_does_nothing_more_and_a_greater_cap_goes_on() {
    let place = Place::of(2);
    place.sweeps(&[], &["--lr", "{lr}"]);
    place.sweeps(&[], &["--lr", "{lr}"]);
    assert_eq!(place.marks("begin").len(), 2);
    fs::write(place.path("study.toml"), study("rates", 3)).unwrap();
    place.sweeps(&[], &["--lr", "{lr}"]);
    assert_eq!((place.marks("begin").len(), place.states().len()), (3, 3));
}

#[test]
fn a_file_of_json_and_values_in_a_file_do_as_well() {
    let place = Place::new("");
    let study = json!({
        "project": "sweeps", "name": "rates", "method": "grid",
        "metric": { "name": "valid/score", "goal": "maximize" },
        "parameters": { "lr": { "values": [0.1, 0.01] } },
    });
    fs::write(place.path("study.toml"), study.to_string()).unwrap();
    place.sweeps(&[], &["--config", "{config}"]);
    assert_eq!(place.states(), ["complete", "complete"]);
    assert_eq!(place.shown()["best"][0]["params"], json!({ "lr": 0.01 }));
}

#[test]
fn a_judge_ends_what_others_are_better_than() {
    let early = "early_terminate = { type = \"asha\", min_iter = 1, eta = 2 }\n[parameters]";
    let place = Place::new(&study("rates", 8).replace("[parameters]", early));
    place.sweeps(&["-j", "2"], &["--epochs", "40", "--pause", "100", "{args}"]);
    let states = place.states();
    assert!(states.iter().any(|state| state == "pruned"), "{states:?}");
    assert!(states.iter().any(|state| state == "complete"), "{states:?}");
    let stopped = place.store().runs().unwrap().runs;
    let stopped = stopped.iter().filter_map(|run| run.info().message.clone());
    assert!(stopped.into_iter().any(|message| message.contains("pruned: ")));
}

#[test]
fn several_metrics_have_a_front() {
    let both = "metrics = [{ name = \"valid/score\", goal = \"maximize\" }, { name = \"cost\", goal = \"minimize\" }]";
    let text =
        study("rates", 5).replace("metric = { name = \"valid/score\", goal = \"maximize\" }", both);
    let place = Place::new(&text);
    place.sweeps(&["-j", "2"], &["{args}"]);
    let shown = place.shown();
    assert_eq!(shown["trials"]["complete"], 5);
    assert!(!shown["best"].as_array().unwrap().is_empty());
    assert!(place.prints(&["show", "rates"]).contains("no other trial is better in all"));
}

#[test]
fn a_program_of_cargo_is_built_once_and_what_is_edited_later_changes_nothing() {
    let place = Place::of(2);
    fs::create_dir(place.path("src")).unwrap();
    let package =
        "[package]\nname = \"passes-on\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(place.path("Cargo.toml"), package).unwrap();
    let main = |says: &str| {
        let words = trainer().iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
        let text = format!(
            "use std::{{env, os::unix::process::CommandExt, process::Command}};\nfn main() {{\n\
             let all = [{words}];\nprintln!(\"{says}\");\n\
             panic!(\"{{}}\", Command::new(all[0]).args(&all[1..]).args(env::args().skip(1)).exec());\n}}\n"
        );
        fs::write(place.path("src/main.rs"), text).unwrap();
    };
    let sweep = || {
        let mut command = place.tracker(&[
            "sweep",
            "study.toml",
            "--",
            "cargo",
            "run",
            "--offline",
            "--",
            "{args}",
        ]);
        let output = command.env_remove("CARGO_TARGET_DIR").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    main("the first");
    let page = sweep();
    assert!(page.contains("cargo run --offline -- --lr"), "{page}");
    main("the second");
    fs::write(place.path("study.toml"), study("rates", 3)).unwrap();
    sweep();
    let log = |trial: &str| place.prints(&["show", "rates", "--log", trial]);
    assert!(log("0").contains("the first") && log("2").contains("the first"), "{}", log("2"));
}

#[test]
fn each_training_gets_its_share_of_cores_and_gpus() {
    let place = Place::of(2);
    let script = "echo gpu $CUDA_VISIBLE_DEVICES; exec \"$@\"";
    let mut command = place.tracker(&[
        "sweep",
        "study.toml",
        "-j",
        "2",
        "--gpus",
        "5",
        "--",
        "sh",
        "-c",
        script,
        "sh",
    ]);
    let output = command.args(trainer()).arg("{args}").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(place.prints(&["show", "rates", "--log", "0"]).starts_with("gpu 5\n"));
}
