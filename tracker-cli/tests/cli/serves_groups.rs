//! What the server of `tracker ui` says of groups of runs.

use serde_json::{Value, json};
use tracker_core::{Definition, metrics};

use super::{
    groups::{NARROW, WIDE, assert_close, store, train, train_seeds},
    server::Server,
    support::Store,
};

fn groups(server: &Server, asked: &str) -> Value {
    server.json(&format!("/api/v1/groups?project=mnist&by=group{asked}"))
}

/// The group of this name.
fn group<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let mut groups = answer["groups"].as_array().unwrap().iter();
    groups.find(|group| group["name"] == name).unwrap()
}

#[test]
fn the_page_says_of_groups_what_the_command_line_says() {
    let store = store();
    let server = Server::of(&store);
    let answer = groups(&server, "");
    let verdict = &group(&answer, "wide")["verdict"];
    let told = store.json(&["compare", "@group:narrow", "@group:wide", "--group", "--json"]);
    assert_eq!(*verdict, told["groups"]["verdicts"]["of_groups"]["wide"]);
    assert_eq!(
        verdict["text"],
        "wide is better than narrow by 0.42 pp [0.15, 0.69], 5 seeds each, paired"
    );
    assert_eq!(
        (&verdict["shown"], &answer["baseline"]),
        (&json!("0.42 pp [0.15, 0.69]"), &json!("narrow"))
    );
    let narrow = group(&answer, "narrow");
    assert_eq!(
        narrow["verdict"],
        json!(null),
        "the first to begin is what others are compared with"
    );
    assert_eq!(narrow["spread"], told["groups"]["metrics"]["valid/accuracy"]["narrow"]);
    assert_close(&narrow["spread"]["mean"], 0.915);
    assert_close(&narrow["interquartile_mean"], 0.915);
    let column = &answer["columns"][0];
    assert_eq!(column["title"], "valid/accuracy ↑ (%)");
    assert_eq!(column["cells"][0]["text"], "91.50 ± 0.59");
    assert_eq!(column["cells"][1]["best"], true);
    let turned = groups(&server, "&pick=wide&metric=valid/loss");
    assert_eq!(
        group(&turned, "narrow")["verdict"]["text"],
        "narrow is worse than wide by 0.0042 [0.0015, 0.0069], 5 seeds each, paired"
    );
}

#[test]
fn tables_of_the_page_are_those_of_the_command_line() {
    let store = store();
    let server = Server::of(&store);
    for format in ["markdown", "latex", "csv"] {
        let asked = ["compare", "@group:narrow", "@group:wide", "--group", "--metric", "valid/*"];
        let told = store.prints(&[&asked[..], &["--table", format]].concat());
        let path = format!("/api/v1/groups/table?project=mnist&by=group&format={format}");
        assert_eq!(server.json(&path)["text"], told);
    }
}

#[test]
fn every_run_of_a_group_is_told_of_with_its_value_or_why_it_has_none() {
    let store = Store::new();
    train_seeds(&store, "narrow", 32, &NARROW[..2]);
    train(&store, "narrow", &json!({ "width": 32, "seed": 2, "dropout": 0.1 }), f64::NAN);
    let without = store.init("without").group("narrow").start().unwrap();
    without.log_at(0, metrics! { "other" => 1.0 });
    without.finish().unwrap();
    train_seeds(&store, "alone", 64, &WIDE[..1]);
    let live = store.init("live").group("alone").start().unwrap();
    live.log_at(0, metrics! { "other" => 1.0 });
    let server = Server::of(&store);
    let answer = groups(&server, "&metric=valid/accuracy&at=last");
    let members = group(&answer, "narrow")["members"].as_array().unwrap();
    let told: Vec<Value> = members
        .iter()
        .map(|member| json!([member["value"], member["without"], member["diverged"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!([0.912, null, false]),
            json!([0.918, null, false]),
            json!(["NaN", null, true]),
            json!([null, "missing", false]),
        ]
    );
    let alone = group(&answer, "alone");
    assert_eq!((&alone["running"], &alone["members"][1]["running"]), (&json!(1), &json!(true)));
    assert_eq!(alone["spread"]["deviation"], json!(null), "a single seed has none");
    assert_eq!(alone["verdict"]["text"], "alone and narrow: not enough seeds: 1, and 3 are needed");
    assert_eq!(
        answer["notes"],
        json!([
            "narrow: 1 of 4 diverged and are left out; 1 of 4 have no such metric",
            "within narrow: width (32, –), dropout (–, 0.1) differ",
            "alone: 1 of 2 have no such metric",
            "alone: 1 of 2 still train",
            "within alone: width (64, –) differs",
        ])
    );
    live.finish().unwrap();
}

#[test]
fn the_search_chooses_the_runs_and_a_group_that_it_leaves_out_is_told_of() {
    let store = store();
    let server = Server::of(&store);
    let answer = groups(&server, "&q=seed%20%3C%203&pick=narrow&pick=wide&pick=deep");
    assert_eq!((&answer["runs"], &answer["of"]), (&json!(6), &json!(2)));
    assert_eq!(answer["warnings"], json!(["no run found is of the group deep"]));
    assert!(
        group(&answer, "wide")["verdict"]["text"]
            .as_str()
            .unwrap()
            .ends_with("3 seeds each, paired")
    );
    let none = groups(&server, "&q=seed%20%3E%2099");
    assert_eq!((&none["groups"], &none["metric"]), (&json!([]), &json!(null)));
}

#[test]
fn runs_that_are_named_are_grouped_in_their_order() {
    let store = store();
    let server = Server::of(&store);
    let all = groups(&server, "");
    let ids = |name: &str| -> Vec<String> {
        let members = group(&all, name)["members"].as_array().unwrap().iter();
        members.map(|member| format!("run={}", member["id"].as_str().unwrap())).collect()
    };
    let named = [ids("wide"), ids("narrow")].concat().join("&");
    let answer = server.json(&format!("/api/v1/groups?by=group&{named}"));
    assert_eq!((&answer["baseline"], &answer["runs"]), (&json!("wide"), &json!(10)));
    assert!(
        group(&answer, "narrow")["verdict"]["text"]
            .as_str()
            .unwrap()
            .contains("is worse than wide")
    );
    assert_eq!(server.get("/api/v1/groups?run=01KX3F2A000000000000000AAA").status, 404);
}

#[test]
fn questions_that_make_no_sense_are_refused_with_a_hint() {
    let store = store();
    let server = Server::of(&store);
    for (asked, word) in [
        ("groups?by=config:depth", "a setting `depth`"),
        ("groups?pair=fold", "a setting `fold`"),
        ("groups?at=first", "best, last or a step"),
        ("groups?q=depth%20%3D%203", "depth"),
        ("groups?group=a", "unknown parameter `group`"),
        ("groups/table?format=html", "`format` is"),
    ] {
        let answer = server.get(&format!("/api/v1/{asked}"));
        assert_eq!(answer.status, 400, "{asked}");
        let said = answer.json();
        assert!(said["error"].as_str().unwrap().contains(word), "{said}");
        assert_ne!(said["hint"], "", "{asked}");
    }
}

#[test]
fn of_very_many_groups_the_largest_are_told_of() {
    let store = Store::new();
    for number in 0..130_u32 {
        let config = json!({ "lr": number.min(120), "seed": number });
        let run = store.init("run").config(&config).start().unwrap();
        run.define("loss", Definition::new().lower_is_better());
        run.log_at(0, metrics! { "loss" => f64::from(number) });
        run.finish().unwrap();
    }
    let server = Server::of(&store);
    let answer = server.json("/api/v1/groups?by=config:lr&pick=7");
    assert_eq!((&answer["runs"], &answer["of"]), (&json!(130), &json!(121)));
    assert_eq!(answer["groups"].as_array().unwrap().len(), 100);
    assert_eq!(group(&answer, "120")["members"].as_array().unwrap().len(), 10);
    assert_eq!(answer["baseline"], "7");
    assert_eq!(
        answer["warnings"],
        json!(["of 121 groups, the 100 with the most runs are told of"])
    );
}
