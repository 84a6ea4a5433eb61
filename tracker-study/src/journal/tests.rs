use std::{fs, io::Write, thread};

use fastrand::Rng;
use serde_json::{Value, json};
use tempfile::TempDir;
use tracker_core::{RunId, studies::StudyFolder};

use super::*;
use crate::{Asked, DIVERGED, Domain, Goal, Params, Plan, Sampler, TrialState};

type Change = fn(&mut Value);

/// The middle of everything.
#[derive(Debug)]
struct Middle;

impl Sampler for Middle {
    fn ask(&self, asked: &Asked<'_>, _: &mut Rng) -> Option<Params> {
        Some(asked.space.fill(|parameter| parameter.domain.of_unit(0.5)))
    }
}

fn plan() -> Plan {
    Plan::from_json(&json!({
        "project": "mnist",
        "name": "rates",
        "run_cap": 50,
        "metric": { "name": "valid/accuracy", "goal": "maximize" },
        "parameters": {
            "lr": { "min": 1e-5, "max": 1e-1, "log": true },
            "hidden": { "min": 32, "max": 512 },
            "act": { "values": ["relu", "gelu"] },
            "alpha": { "min": 0.0, "max": 1.0, "when": { "act": "gelu" } },
        },
    }))
    .unwrap()
}

fn folder() -> (TempDir, StudyFolder) {
    let store = tempfile::tempdir().unwrap();
    let folder = StudyFolder::create(store.path(), "mnist", "rates").unwrap();
    (store, folder)
}

fn study() -> (TempDir, StudyFolder, Journal) {
    let (store, folder) = folder();
    let journal = Journal::create(&folder, &plan()).unwrap();
    (store, folder, journal)
}

fn begun(journal: &mut Journal) -> usize {
    match journal.begin_trial(&Middle, None).unwrap() {
        Begun::Trial(number) => number,
        other => panic!("{other:?}"),
    }
}

fn append(folder: &StudyFolder, bytes: &[u8]) {
    folder.append_to_journal().unwrap().write_all(bytes).unwrap();
}

#[test]
fn what_is_written_is_what_is_read() {
    let (_store, folder, mut journal) = study();
    let run = RunId::generate();
    assert_eq!(journal.begin_trial(&Middle, Some(&run)).unwrap(), Begun::Trial(0));
    journal.report(0, 1, 0.5).unwrap();
    journal.report(0, 2, f64::NAN).unwrap();
    journal.report(0, 3, 0.75).unwrap();
    journal.rung(0, 0, 0.5).unwrap();
    journal.attribute(0, "note", &json!({ "ü": [1, 0.5, "NaN"] })).unwrap();
    journal.finish(0, TrialState::Complete, &[0.75]).unwrap();
    let read = Journal::open(&folder).unwrap();
    assert_eq!(read.study().plan, plan());
    assert_eq!(read.study().revision, 1);
    let trial = &read.study().trials[0];
    assert_eq!(trial.state, TrialState::Complete);
    assert_eq!(trial.values, [0.75]);
    assert_eq!(trial.run, Some(run));
    assert_eq!(trial.params["hidden"], 272.0);
    assert_eq!(trial.params["act"], 1.0);
    assert!(trial.params.contains_key("alpha"));
    assert_eq!(trial.rungs[&0], 0.5);
    assert!(trial.intermediate[&2].is_nan() && trial.intermediate[&3] == 0.75);
    assert_eq!(trial.attributes["note"], json!({ "ü": [1, 0.5, "NaN"] }));
    assert!(trial.started.unwrap() <= trial.ended.unwrap());
    assert!(read.study().warnings.is_empty());
}

#[test]
fn lines_are_those_that_optuna_writes() {
    let (_store, folder, mut journal) = study();
    begun(&mut journal);
    journal.report(0, 1, f64::INFINITY).unwrap();
    let text = fs::read_to_string(folder.journal_path()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let behind = |line: &str, worker_ends: &str| {
        let (head, rest) = line.split_once(worker_ends).unwrap();
        let worker = head.split_once("\"worker_id\":\"").unwrap().1;
        assert_eq!(worker.split('-').map(str::len).take(5).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        rest.to_owned()
    };
    assert_eq!(behind(lines[0], "\","), r#""study_name":"rates","directions":[2]}"#);
    assert_eq!(
        behind(lines[1], "\","),
        r#""study_id":0,"system_attr":{"study:metric_names":["valid/accuracy"]}}"#
    );
    assert!(behind(lines[2], "\",").starts_with(
        r#""study_id":0,"user_attr":{"tracker:space":{"revision":1,"plan":{"project":"mnist","#
    ));
    assert!(lines[3].starts_with(r#"{"op_code":4,"worker_id":""#));
    let trial = behind(lines[3], "+00:00\",");
    assert!(trial.starts_with(
        r#""state":0,"value":null,"values":null,"distributions":{"act":"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"relu\", \"gelu\"]}}","#
    ), "{trial}");
    assert!(
        trial.contains(r#""params":{"act":1,"alpha":0.5,"hidden":272.0,"lr":0.001"#),
        "{trial}"
    );
    assert!(trial.ends_with(r#""user_attrs":{},"system_attrs":{},"intermediate_values":{}}"#));
    assert_eq!(behind(lines[4], "\","), r#""trial_id":0,"step":1,"intermediate_value":Infinity}"#);
}

#[test]
fn a_journal_cut_at_any_byte_is_read_and_gone_on_with() {
    let (_store, folder, mut journal) = study();
    begun(&mut journal);
    journal.report(0, 1, f64::NAN).unwrap();
    journal.finish(0, TrialState::Complete, &[0.5]).unwrap();
    begun(&mut journal);
    let whole = fs::read(folder.journal_path()).unwrap();
    let begins = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for cut in begins + 1..=whole.len() {
        fs::write(folder.journal_path(), &whole[..cut]).unwrap();
        let mut read = Journal::open(&folder).unwrap();
        assert!(read.study().warnings.is_empty());
        let lines = String::from_utf8_lossy(&whole[..cut]).matches('\n').count();
        // A line of the study, its name, its plan; a trial, its value, its end; another trial.
        assert_eq!(read.study().trials.len(), usize::from(lines > 3) + usize::from(lines > 6));
        // Each write waits for the disk: around the ends of lines, and here and there within them.
        if cut % 16 != 0
            && !whole[cut.saturating_sub(2)..(cut + 2).min(whole.len())].contains(&b'\n')
        {
            continue;
        }
        read.study_attribute("cut", &cut.into()).unwrap();
        assert_eq!(read.study().attributes["cut"], cut);
        let text = fs::read(folder.journal_path()).unwrap();
        let kept = whole[..cut].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        assert_eq!(text[..kept], whole[..kept]);
        assert!(text[kept..].starts_with(b"{\"op_code\":2,"));
    }
    for cut in 0..=begins {
        fs::write(folder.journal_path(), &whole[..cut]).unwrap();
        let error = Journal::open(&folder).unwrap_err().to_string();
        assert!(error.contains("has no study `rates`"), "{error}");
    }
}

#[test]
fn threads_append_and_nothing_is_lost_or_doubled() {
    const THREADS: usize = 4;
    const RECORDS: u64 = 250;
    let (_store, folder, mut journal) = study();
    for _ in 0..THREADS {
        begun(&mut journal);
    }
    thread::scope(|scope| {
        for number in 0..THREADS {
            let folder = &folder;
            scope.spawn(move || {
                let mut journal = Journal::open(folder).unwrap();
                for n in 1..=RECORDS {
                    journal.report(number, n, n as f64).unwrap();
                }
            });
        }
    });
    journal.read_on().unwrap();
    for trial in &journal.study().trials {
        assert_eq!(trial.intermediate.len() as u64, RECORDS);
    }
    let text = fs::read_to_string(folder.journal_path()).unwrap();
    let values = text.lines().filter(|line| line.starts_with("{\"op_code\":7,")).count();
    assert_eq!(values as u64, THREADS as u64 * RECORDS);
}

#[test]
fn no_more_trials_begin_than_the_cap_however_many_ask() {
    let (_store, folder, mut journal) = study();
    journal.enqueue(json!({ "hidden": 64 }).as_object().unwrap()).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut journal = Journal::open(&folder).unwrap();
                while let Begun::Trial(number) = journal.begin_trial(&Middle, None).unwrap() {
                    journal.finish(number, TrialState::Complete, &[0.5]).unwrap();
                }
                assert_eq!(journal.begin_trial(&Middle, None).unwrap(), Begun::CapReached);
            });
        }
    });
    journal.read_on().unwrap();
    assert_eq!(journal.study().begun(), 50);
    assert_eq!(journal.study().trials.len(), 50);
}

#[test]
fn who_waits_comes_first_and_has_what_was_fixed() {
    let (_store, folder, mut journal) = study();
    let fixed = json!({ "act": "relu", "hidden": 64 });
    let number = journal.enqueue(fixed.as_object().unwrap()).unwrap();
    assert_eq!(journal.study().trials[number].state, TrialState::Waiting);
    assert_eq!(begun(&mut journal), number);
    let trial = journal.study().trials[number].clone();
    assert_eq!((trial.params["act"], trial.params["hidden"]), (0.0, 64.0));
    assert!(!trial.params.contains_key("alpha") && trial.started.is_some());
    journal.report(number, 1, 0.25).unwrap();
    journal.requeue(number).unwrap();
    assert_eq!(journal.study().begun(), 0);
    assert!(journal.study().trials[number].intermediate.is_empty());
    assert_eq!(begun(&mut journal), number);
    assert_eq!(Journal::open(&folder).unwrap().study().trials[number].params, trial.params);
    for wrong in [json!({ "hidden": 8 }), json!({ "act": "tanh" }), json!({ "width": 1 })] {
        let error = journal.enqueue(wrong.as_object().unwrap()).unwrap_err();
        assert!(error.to_string().contains("hint: it "), "{error}");
    }
}

#[test]
fn what_has_ended_stays_as_it_is() {
    let (_store, _folder, mut journal) = study();
    let (a, b, c) = (begun(&mut journal), begun(&mut journal), begun(&mut journal));
    journal.report(a, 1, 0.25).unwrap();
    journal.finish(a, TrialState::Pruned, &[]).unwrap();
    assert_eq!(journal.study().trials[a].values, [0.25]);
    journal.finish(b, TrialState::Complete, &[f64::NAN]).unwrap();
    let diverged = &journal.study().trials[b];
    assert_eq!(
        (diverged.state, &diverged.attributes[DIVERGED]),
        (TrialState::Failed, &true.into())
    );
    assert!(journal.finish(c, TrialState::Complete, &[]).is_err());
    assert!(journal.finish(c, TrialState::Waiting, &[]).is_err());
    journal.finish(c, TrialState::Failed, &[]).unwrap();
    for number in [a, b, c, 99] {
        let error = journal.report(number, 2, 0.5).unwrap_err().to_string();
        assert!(error.contains("hint: "), "{error}");
    }
    assert!(journal.finish(a, TrialState::Complete, &[1.0]).is_err());
}

#[test]
fn a_study_that_was_asked_to_stop_begins_nothing_until_it_is_asked_to_go_on() {
    let (_store, folder, mut journal) = study();
    Journal::open(&folder).unwrap().ask_to_stop().unwrap();
    assert_eq!(journal.begin_trial(&Middle, None).unwrap(), Begun::Stopped);
    assert!(journal.study().asked_to_stop);
    journal.ask_to_go_on().unwrap();
    assert_eq!(begun(&mut journal), 0);
}

#[test]
fn a_revision_changes_bounds_and_disables_choices_and_nothing_else() {
    let (_store, folder, mut journal) = study();
    let first = begun(&mut journal);
    let mut new = plan().to_json();
    new["parameters"]["lr"]["max"] = json!(0.001);
    new["parameters"]["act"] = json!({ "values": ["relu", "gelu"], "disabled": ["gelu"] });
    new["run_cap"] = json!(60);
    assert_eq!(journal.edit(&Plan::from_json(&new).unwrap()).unwrap(), 2);
    assert_eq!(journal.edit(&Plan::from_json(&new).unwrap()).unwrap(), 2);
    let read = Journal::open(&folder).unwrap();
    assert_eq!((read.study().revision, read.study().plan.run_cap), (2, Some(60)));
    assert_eq!(read.study().trials[first].params["act"], 1.0);
    let second = begun(&mut journal);
    assert_eq!(journal.study().trials[second].params["act"], 0.0);
    let changes: [(&str, Change); 6] = [
        ("vary `lr`", |plan| plan["parameters"]["lr"] = Value::Null),
        ("vary `new`", |plan| plan["parameters"]["new"] = json!({ "min": 0, "max": 1 })),
        ("change its scale", |plan| plan["parameters"]["lr"]["log"] = false.into()),
        ("another kind", |plan| plan["parameters"]["hidden"]["max"] = 512.5.into()),
        ("new value \"tanh\"", |plan| {
            plan["parameters"]["act"] = json!({ "values": ["relu", "gelu", "tanh"] });
        }),
        ("makes better", |plan| plan["metric"]["goal"] = "minimize".into()),
    ];
    for (told, change) in changes {
        let mut other = plan().to_json();
        change(&mut other);
        let parameters = other["parameters"].as_object_mut().unwrap();
        parameters.retain(|_, value| !value.is_null());
        let error = journal.edit(&Plan::from_json(&other).unwrap()).unwrap_err().to_string();
        assert!(error.contains(told) && error.contains("--from"), "{told}: {error}");
    }
}

#[test]
fn a_study_of_the_same_name_is_refused_and_several_names_share_a_file() {
    let (_store, folder, mut journal) = study();
    let error = Journal::create(&folder, &plan()).unwrap_err().to_string();
    assert!(error.contains("already"), "{error}");
    append(
        &folder,
        b"{\"op_code\":0,\"worker_id\":\"x\",\"study_name\":\"other\",\"directions\":[1]}\n",
    );
    append(
        &folder,
        b"{\"op_code\":4,\"worker_id\":\"x\",\"study_id\":1,\"datetime_start\":null}\n",
    );
    let number = begun(&mut journal);
    append(
        &folder,
        b"{\"op_code\":7,\"worker_id\":\"x\",\"trial_id\":0,\"step\":1,\"intermediate_value\":9}\n",
    );
    append(
        &folder,
        b"{\"op_code\":7,\"worker_id\":\"x\",\"trial_id\":1,\"step\":1,\"intermediate_value\":2}\n",
    );
    journal.read_on().unwrap();
    assert_eq!(journal.study().trials[number].intermediate[&1], 2.0);
    append(&folder, b"{\"op_code\":1,\"worker_id\":\"x\",\"study_id\":0}\n");
    assert!(journal.read_on().unwrap_err().to_string().contains("it has `other`"));
    let again = Journal::create(&folder, &plan()).unwrap();
    assert!(again.study().trials.is_empty());
}

#[test]
fn who_begins_a_study_at_the_same_moment_goes_on_with_it() {
    let (_store, folder) = folder();
    let new: Vec<bool> = thread::scope(|scope| {
        let begin = || scope.spawn(|| Journal::open_or_create(&folder, &plan()).unwrap().1);
        let threads: Vec<_> = (0..4).map(|_| begin()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(new.iter().filter(|is_new| **is_new).count(), 1);
    assert_eq!(Journal::open(&folder).unwrap().study().plan, plan());
}

#[test]
fn a_study_whose_beginning_was_cut_off_is_begun() {
    let (_store, folder, _) = study();
    let whole = fs::read(folder.journal_path()).unwrap();
    for cut in 0..whole.len() {
        // Each write waits for the disk.
        if cut % 16 != 0 && !whole[cut.saturating_sub(2)..=cut].contains(&b'\n') {
            continue;
        }
        fs::write(folder.journal_path(), &whole[..cut]).unwrap();
        let (journal, is_new) = Journal::open_or_create(&folder, &plan()).unwrap();
        assert!(is_new);
        assert_eq!((journal.study().revision, &journal.study().plan), (1, &plan()));
    }
    fs::write(folder.journal_path(), &whole).unwrap();
    assert!(!Journal::open_or_create(&folder, &plan()).unwrap().1);
}

#[test]
fn what_optuna_made_has_the_plan_that_its_trials_show() {
    let (_store, folder) = folder();
    let lines = [
        r#"{"op_code":0,"worker_id":"w","study_name":"rates","directions":[1,2]}"#,
        r#"{"op_code":4,"worker_id":"w","study_id":0,"datetime_start":"2026-11-29T09:18:15.877988+00:00"}"#,
        r#"{"op_code":5,"worker_id":"w","trial_id":0,"param_name":"x","param_value_internal":2.5,"distribution":"{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": null, \"low\": 0.0, \"high\": 10.0, \"log\": false}}"}"#,
        r#"{"op_code":5,"worker_id":"w","trial_id":0,"param_name":"x","param_value_internal":3,"distribution":"{\"name\": \"IntDistribution\", \"attributes\": {\"log\": false, \"step\": 1, \"low\": 0, \"high\": 10}}"}"#,
        r#"{"op_code":6,"worker_id":"w","trial_id":0,"state":1,"values":[0.5,Infinity],"datetime_complete":"2026-11-29T09:18:16.877988+00:00"}"#,
        r#"{"op_code":10,"worker_id":"w","study_id":0}"#,
    ];
    append(&folder, (lines.join("\n") + "\n").as_bytes());
    let mut journal = Journal::open(&folder).unwrap();
    let study = journal.study();
    assert_eq!(study.revision, 0);
    let x = &study.plan.space.get("x").unwrap().domain;
    assert_eq!(*x, Domain::Float { low: 0.0, high: 10.0, log: false, step: None });
    let goals: Vec<Goal> = study.plan.metrics.iter().map(|metric| metric.goal).collect();
    assert_eq!(goals, [Goal::Minimize, Goal::Maximize]);
    assert_eq!(study.trials[0].params["x"], 2.5);
    assert_eq!(study.trials[0].values, [0.5, f64::INFINITY]);
    assert!(study.warnings.is_empty());
    let number = begun(&mut journal);
    assert_eq!(journal.study().trials[number].params["x"], 5.0);
}

#[test]
fn lines_that_are_none_are_named_and_cost_themselves() {
    let (_store, folder, mut journal) = study();
    let long = "x".repeat(2 << 20);
    for line in [
        "",
        "{\"op_code\":4,\"wor",
        "[]",
        "null",
        "{}",
        "{\"op_code\":-1}",
        "{\"op_code\":7}",
        &long,
    ] {
        append(&folder, format!("{line}\n").as_bytes());
    }
    append(&folder, &[b'[', 0xff, 0, b'\n']);
    append(&folder, &[b"[".repeat(100_000), b"\n".to_vec()].concat());
    begun(&mut journal);
    let warnings = journal.study().warnings.clone();
    assert_eq!(warnings.len(), 10);
    assert!(warnings[0].starts_with("line 4 of the journal is no JSON"), "{warnings:?}");
    assert!(warnings[7].contains("longer than 1 MiB"));
    assert_eq!(Journal::open(&folder).unwrap().study().trials.len(), 1);
    for _ in 0..100 {
        append(&folder, b"{}\n");
    }
    journal.read_on().unwrap();
    let warnings = &journal.study().warnings;
    assert_eq!(
        (warnings.len(), &*warnings[20]),
        (21, "90 more lines of the journal could not be read")
    );
}

#[test]
fn what_a_newer_program_wrote_is_read_as_far_as_it_is_known_and_not_written_to() {
    for line in [
        "{\"op_code\":11,\"worker_id\":\"x\",\"study_id\":0}\n",
        "{\"op_code\":2,\"worker_id\":\"x\",\"study_id\":0,\"user_attr\":{\"tracker:space\":{\"revision\":2,\"plan\":{\"warp\":9}}}}\n",
    ] {
        let (_store, folder, mut journal) = study();
        append(&folder, line.as_bytes());
        append(
            &folder,
            b"{\"op_code\":4,\"worker_id\":\"x\",\"study_id\":0,\"datetime_start\":null}\n",
        );
        journal.read_on().unwrap();
        assert_eq!((journal.study().trials.len(), journal.study().warnings.len()), (1, 1));
        assert_eq!(journal.study().plan, plan());
        let before = fs::read(folder.journal_path()).unwrap();
        let error = journal.ask_to_stop().unwrap_err().to_string();
        assert!(error.contains("line 4 has"), "{error}");
        assert_eq!(fs::read(folder.journal_path()).unwrap(), before);
    }
}

#[test]
fn another_file_in_the_journals_place_is_read_from_its_beginning() {
    let (_store, folder, mut journal) = study();
    begun(&mut journal);
    begun(&mut journal);
    fs::remove_file(folder.journal_path()).unwrap();
    assert!(journal.read_on().is_err());
    let mut other = Journal::create(&folder, &plan()).unwrap();
    begun(&mut other);
    journal.read_on().unwrap();
    assert_eq!(journal.study().trials.len(), 1);
}

/// Whatever bytes are changed, added or taken away: nothing panics, hangs or grows.
#[test]
fn a_damaged_journal_is_read_without_harm() {
    let (_store, folder, mut journal) = study();
    for number in 0..3 {
        begun(&mut journal);
        journal.report(number, 1, f64::NAN).unwrap();
    }
    journal.finish(0, TrialState::Complete, &[0.5]).unwrap();
    let whole = fs::read(folder.journal_path()).unwrap();
    let mut draws = Rng::with_seed(7);
    for _ in 0..500 {
        let mut damaged = whole.clone();
        for _ in 0..draws.usize(1..6) {
            let at = draws.usize(..damaged.len());
            match draws.u8(..3) {
                0 => damaged[at] = draws.u8(..),
                1 => drop(damaged.drain(at..(at + draws.usize(..40)).min(damaged.len()))),
                _ => damaged.insert(at, *draws.choice(b"\n\"{}[]0,:-".iter()).unwrap()),
            }
        }
        fs::write(folder.journal_path(), &damaged).unwrap();
        if let Ok(mut journal) = Journal::open(&folder) {
            let _ = journal.begin_trial(&Middle, None);
        }
    }
}
