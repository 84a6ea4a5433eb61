//! Tests of what becomes of a command's words.

use serde_json::json;
use tracker_study::{Domain, Parameter};

use super::*;

fn space() -> Space {
    let float = |name: &str| {
        Parameter::new(name, Domain::Float { low: -1.0, high: 1.0, log: false, step: None })
    };
    Space::new(vec![float("lr"), float("optimizer.decay")])
}

fn parsed(line: &str) -> Result<Template> {
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    Template::parse(&words, &space())
}

fn values() -> Map<String, Value> {
    let Value::Object(values) = json!({ "lr": 0.1, "optimizer.decay": -0.5 }) else {
        return Map::new();
    };
    values
}

fn filled(line: &str, values: &Map<String, Value>) -> String {
    parsed(line).unwrap().fill(values, Some(Path::new("/x/trial-1.json"))).join(" ")
}

#[test]
fn each_place_gets_its_value_and_everything_else_stays_as_it_was_typed() {
    let line = "train --lr={lr} {optimizer.decay} {\"a\":1} {} } {{lr}} a}b";
    assert_eq!(filled(line, &values()), "train --lr=0.1 -0.5 {\"a\":1} {} } {lr} a}b");
    assert_eq!(filled("train {args}", &values()), "train --lr 0.1 --optimizer.decay=-0.5");
    assert_eq!(filled("train --config={config}", &values()), "train --config=/x/trial-1.json");
}

#[test]
fn a_place_whose_parameter_is_not_there_goes_with_its_option() {
    let mut some = values();
    some.remove("optimizer.decay");
    let all = "train --decay {optimizer.decay} --lr {lr}";
    assert_eq!(filled(all, &some), "train --lr 0.1");
    assert_eq!(filled("train --decay={optimizer.decay} -v {lr}", &some), "train -v 0.1");
    assert_eq!(filled("train -- {optimizer.decay} {lr}", &some), "train -- 0.1");
    assert_eq!(filled("train {args}", &some), "train --lr 0.1");
}

#[test]
fn a_command_that_cannot_take_the_values_is_refused_with_what_is_wrong() {
    let said = |line: &str| parsed(line).unwrap_err().to_string();
    assert!(said("train --lr 0.1").starts_with("the command has no place for a value"));
    let unknown = said("train {lrr} {optimizer.decay}");
    assert!(unknown.starts_with("`{lrr}` of the command is no parameter"), "{unknown}");
    assert!(unknown.contains("hint: it has lr, optimizer.decay"), "{unknown}");
    let unused = said("train {lr}");
    assert!(unused.starts_with("no place of the command takes the value of optimizer.decay"));
    assert!(said("train --all={args}").contains("one of its own"));
}

#[test]
fn names_with_dots_are_paths_of_the_settings() {
    assert_eq!(
        Value::Object(nested(&values())),
        json!({ "lr": 0.1, "optimizer": { "decay": -0.5 } })
    );
    let Value::Object(both) = json!({ "a": 1, "a.b": 2, ".": 3, "c..d": 4 }) else { return };
    assert_eq!(Value::Object(nested(&both)), json!({ "a": 1, "a.b": 2, ".": 3, "c..d": 4 }));
}

#[test]
fn what_is_shown_to_be_typed_is_what_a_shell_takes_for_the_same_words() {
    let words = ["train", "--name", "it's", "", "a b", "x=1"].map(str::to_owned);
    assert_eq!(typed(&words), "train --name 'it'\\''s' '' 'a b' x=1");
}
