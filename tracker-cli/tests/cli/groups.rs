//! `tracker compare --group`: groups of runs, and whether one is better.

use serde_json::{Value, json};
use tracker_core::{Definition, metrics};

use crate::support::{Store, assert_text};

/// Final accuracies of five seeds.
pub(crate) const NARROW: [f64; 5] = [0.912, 0.918, 0.909, 0.921, 0.915];
pub(crate) const WIDE: [f64; 5] = [0.917, 0.921, 0.915, 0.922, 0.921];
const DEEP: [f64; 5] = [0.931, 0.938, 0.929, 0.943, 0.934];

/// Trains a run of a group with a seed to this accuracy, by way of a worse one.
pub(crate) fn train(store: &Store, group: &str, config: &Value, accuracy: f64) {
    let name = format!("{group}-{}", config["seed"]);
    let run = store.init(&name).group(group).config(config).start().unwrap();
    run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    run.define("valid/loss", Definition::new().lower_is_better());
    for (step, value) in [(99_u64, 0.5 * accuracy), (199, accuracy)] {
        run.log_at(step, metrics! { "valid/accuracy" => value, "valid/loss" => 1.0 - value });
    }
    run.finish().unwrap();
}

/// Trains a run for each accuracy, with the seeds from 0 on.
pub(crate) fn train_seeds(store: &Store, group: &str, width: u32, accuracies: &[f64]) {
    for (seed, accuracy) in accuracies.iter().enumerate() {
        train(store, group, &json!({ "width": width, "seed": seed }), *accuracy);
    }
}

pub(crate) fn store() -> Store {
    let store = Store::new();
    train_seeds(&store, "narrow", 32, &NARROW);
    train_seeds(&store, "wide", 64, &WIDE);
    store
}

/// What stands from the table of groups on.
fn groups(page: &str) -> &str {
    &page[page.find("Groups by").unwrap()..]
}

/// The verdict on a group, in JSON.
fn verdict(store: &Store, args: &[&str], group: &str) -> Value {
    let answer = store.json(&[&["compare"], args, &["--json"]].concat());
    answer["groups"]["verdicts"]["of_groups"][group].clone()
}

#[track_caller]
pub(crate) fn assert_close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs(), "{found} for {wanted}");
}

#[test]
fn two_groups_of_seeds_end_in_a_verdict() {
    let page = store().prints(&["compare", "@group:narrow", "@group:wide", "--group"]);
    assert_text!(groups(&page));
}

#[test]
fn a_verdict_is_what_scipy_says_of_pairs() {
    let store = store();
    let asked = ["@group:narrow", "@group:wide", "--group"];
    let found = verdict(&store, &asked, "wide");
    // scipy.stats.ttest_rel(WIDE, NARROW), and its confidence_interval
    assert_eq!((&found["ruling"], &found["pairs"]), (&json!("better"), &json!(5)));
    assert_close(&found["difference"], 0.0042);
    assert_close(&found["p"], 0.012_330_582_492_616_253);
    assert_close(&found["interval"][0], 0.001_508_136_597_662_101_4);
    assert_close(&found["interval"][1], 0.006_891_863_402_337_907);
    assert_close(&found["better"], 0.78);
    assert_eq!(
        found["text"],
        "wide is better than narrow by 0.42 pp [0.15, 0.69], 5 seeds each, paired"
    );
    let turned = verdict(&store, &[&asked[..], &["--baseline", "wide"]].concat(), "narrow");
    assert_eq!(
        turned["text"],
        "narrow is worse than wide by 0.42 pp [0.15, 0.69], 5 seeds each, paired"
    );
    assert_close(&turned["difference"], -0.0042);
}

#[test]
fn lower_is_better_where_the_metric_says_so() {
    let asked = ["@group:narrow", "@group:wide", "--group", "--metric", "valid/loss"];
    let found = verdict(&store(), &asked, "wide");
    assert_eq!(
        found["text"],
        "wide is better than narrow by 0.0042 [0.0015, 0.0069], 5 seeds each, paired"
    );
    assert_close(&found["difference"], -0.0042);
    assert_close(&found["better"], 0.78);
}

#[test]
fn groups_without_seeds_that_match_are_compared_as_a_whole() {
    let store = Store::new();
    train_seeds(&store, "narrow", 32, &NARROW);
    for (fold, accuracy) in WIDE.iter().enumerate().skip(1) {
        train(&store, "wide", &json!({ "width": 64, "seed": fold + 70, "fold": fold }), *accuracy);
    }
    let asked = ["@group:narrow", "@group:wide", "--group=width"];
    let found = verdict(&store, &asked, "64");
    assert_eq!((&found["ruling"], &found["pairs"]), (&json!("not_shown"), &json!(null)));
    let text = found["text"].as_str().unwrap();
    assert!(text.starts_with("width=64 and width=32: no difference shown: 0.48 pp [−0."), "{text}");
    assert!(text.ends_with(", 4 and 5 runs"), "{text}");
    let error =
        store.fails(&["compare", "@group:wide", "@group:narrow", "--group", "--pair", "folds"]);
    assert!(error.contains("no setting `folds`") || error.contains("a setting `folds`"), "{error}");
    // Folds stand in one group alone, so that nothing is paired by them.
    let folds = verdict(&store, &[&asked[..], &["--pair", "fold"]].concat(), "64");
    assert_eq!(folds["pairs"], json!(null));
    let page = store.prints(&[&["compare"], &asked[..], &["--pair", "fold"]].concat());
    assert!(page.contains("not paired, as fewer than 3 runs share fold; p = 0."), "{page}");
    assert!(!page.contains("seed ("), "that seeds differ is what they are for: {page}");
}

#[test]
fn two_seeds_are_not_enough() {
    let store = Store::new();
    train_seeds(&store, "narrow", 32, &NARROW);
    train_seeds(&store, "wide", 64, &WIDE[..2]);
    let page = store.prints(&["compare", "@group:narrow", "@group:wide", "--group"]);
    assert!(page.contains("wide and narrow: not enough seeds: 2, and 3 are needed"), "{page}");
}

#[test]
fn several_groups_are_each_compared_with_the_baseline() {
    let store = store();
    train_seeds(&store, "deep", 32, &DEEP);
    let asked = ["@group:narrow", "@group:wide", "@group:deep", "--group"];
    let (wide, deep) = (verdict(&store, &asked, "wide"), verdict(&store, &asked, "deep"));
    assert_close(&wide["p_holm"], 0.012_330_582_492_616_253);
    assert_close(&deep["p_holm"], 2.0 * deep["p"].as_f64().unwrap());
    let page = store.prints(&[&["compare"], &asked[..]].concat());
    assert_text!(groups(&page));
}

#[test]
fn what_must_be_known_beside_a_verdict_is_said() {
    let store = store();
    for (seed, accuracy) in [(5, f64::NAN), (6, f64::INFINITY)] {
        train(&store, "wide", &json!({ "width": 64, "seed": seed, "dropout": 0.1 }), accuracy);
    }
    let without =
        store.init("without").group("narrow").config(&json!({ "width": 32 })).start().unwrap();
    without.log_at(0, metrics! { "other" => 1.0 });
    let live = store.init("live").group("wide").config(&json!({ "width": 64 })).start().unwrap();
    live.log_at(0, metrics! { "valid/accuracy" => 0.1 });
    without.finish().unwrap();
    let asked =
        ["compare", "@group:narrow", "@group:wide", "--group", "--metric", "valid/accuracy"];
    let notes = |more: &[&str]| {
        store.json(&[&asked[..], more, &["--json"]].concat())["groups"]["notes"].clone()
    };
    assert_eq!(
        notes(&["--at", "last"]),
        json!([
            "narrow: 1 of 6 have no such metric",
            "wide: 2 of 8 diverged and are left out",
            "wide: 1 of 8 still train",
            "within wide: dropout (–, 0.1) differs",
        ])
    );
    assert_eq!(
        notes(&["--at", "150"])[1],
        "wide: 2 of 8 diverged and are left out; 1 of 8 have not come to the step"
    );
    live.finish().unwrap();
}

#[test]
fn the_value_that_counts_is_the_best_the_last_or_that_at_a_step() {
    let store = Store::new();
    for seed in 0..3_u32 {
        let run =
            store.init(&format!("run-{seed}")).config(&json!({ "seed": seed })).start().unwrap();
        run.define("score", Definition::new().higher_is_better());
        for (step, score) in [(10_u64, 1.0), (20, 3.0), (30, 2.0)] {
            run.log_at(step, metrics! { "score" => score + f64::from(seed) });
        }
        run.finish().unwrap();
    }
    let mean = |at: &str| {
        let answer = store.json(&[
            "compare",
            "run-0",
            "run-1",
            "run-2",
            "--group=project",
            "--at",
            at,
            "--json",
        ]);
        answer["groups"]["metrics"]["score"]["mnist"]["mean"].clone()
    };
    assert_eq!(
        ["best", "last", "10", "29", "30"].map(mean),
        [4.0, 3.0, 2.0, 4.0, 3.0].map(|mean| json!(mean))
    );
    assert_eq!(mean("31"), json!(null), "no run has come so far");
    let wrong = store.tracker(&["compare", "run-0", "run-1", "--group", "--at", "first"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn results_that_are_all_the_same_are_no_verdict() {
    let store = Store::new();
    train_seeds(&store, "narrow", 32, &[0.9; 3]);
    train_seeds(&store, "wide", 64, &[0.91; 3]);
    let page = store.prints(&["compare", "@group:narrow", "@group:wide", "--group"]);
    assert!(page.contains("wide and narrow: no verdict:"), "{page}");
}

#[test]
fn runs_are_grouped_by_their_tags_and_one_with_two_counts_in_both() {
    let store = Store::new();
    for (number, accuracy) in NARROW.iter().chain(&WIDE).enumerate() {
        let tags = match number {
            0 => vec!["narrow", "wide"],
            1..5 => vec!["narrow"],
            _ => vec!["wide"],
        };
        let run = store.init(&format!("run-{number}")).tags(tags).start().unwrap();
        run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
        run.log_at(0, metrics! { "valid/accuracy" => *accuracy });
        run.finish().unwrap();
    }
    let runs: Vec<String> = (0..10).map(|number| format!("run-{number}")).collect();
    let mut asked = vec!["compare"];
    asked.extend(runs.iter().map(String::as_str));
    asked.extend(["--group=tag", "--json"]);
    let groups = store.json(&asked)["groups"].clone();
    assert_eq!(groups["metrics"]["valid/accuracy"]["wide"]["runs"], 6);
    assert_eq!(groups["notes"], json!(["1 run with several of these tags counts in each of them"]));
}

#[test]
fn tables_are_for_papers_and_spreadsheets() {
    let store = store();
    let table = |format| {
        let asked = ["compare", "@group:narrow", "@group:wide", "--group", "--metric", "valid/*"];
        store.prints(&[&asked[..], &["--table", format]].concat())
    };
    assert_text!(["markdown", "latex", "csv"].map(table).join("\n"));
}

#[test]
fn a_group_or_setting_that_is_not_there_is_an_error_with_a_hint() {
    let store = store();
    let both = ["compare", "@group:narrow", "@group:wide"];
    let errors = [
        store.fails(&["compare", "@group:deep", "@group:wide"]),
        store.fails(&["compare", "@study:lr", "@group:wide"]),
        store.fails(&[&both[..], &["--group=depth"]].concat()),
        store.fails(&[&both[..], &["--group", "--baseline", "deep"]].concat()),
    ];
    assert_text!(errors.join("\n"));
    let alone = store.prints(&["compare", "@group:narrow", "--group"]);
    assert!(
        alone.contains("all runs are of one group, narrow")
            && alone.contains("`--group=PATH` makes groups by a setting"),
        "{alone}"
    );
}
