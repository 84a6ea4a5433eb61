//! Reads when parameters are there at all, and puts them in an order in which that can be told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    domain::place_of,
    problems::Problems,
    words::{domain as words, excerpt},
};
use crate::{Condition, Domain, Parameter, Space};

/// The choices that each other parameter must have.
type Needed = BTreeMap<String, BTreeSet<usize>>;

/// The space of these parameters with their conditions. A parameter moves behind those that its conditions speak of;
/// the others keep their order. `given` has those too that cannot be used, so that these are not told to be missing.
pub(super) fn space_of(
    read: Vec<(Parameter, Option<&Value>)>,
    given: &Map<String, Value>,
    problems: &mut Problems,
) -> Space {
    let domains: BTreeMap<String, Domain> = read
        .iter()
        .map(|(parameter, _)| (parameter.name.clone(), parameter.domain.clone()))
        .collect();
    let mut waiting: Vec<Parameter> = read
        .into_iter()
        .map(|(mut parameter, when)| {
            let name = parameter.name.clone();
            parameter.when = conditions(&name, when, (&domains, given), problems);
            parameter
        })
        .collect();
    let mut placed: Vec<Parameter> = Vec::new();
    let mut needs: BTreeMap<String, Needed> = BTreeMap::new();
    while !waiting.is_empty() {
        let is_free = |parameter: &Parameter| {
            parameter.when.iter().all(|condition| needs.contains_key(&condition.parameter))
        };
        let Some(place) = waiting.iter().position(is_free) else {
            let names: Vec<&str> = waiting.iter().map(|parameter| &*parameter.name).collect();
            let what = format!("the conditions of {} go in a circle", names.join(", "));
            problems.add(what, "let one of them be there always");
            break;
        };
        let parameter = waiting.remove(place);
        let needed = needed(&parameter, &needs);
        if needed.values().any(BTreeSet::is_empty) {
            let what = format!("the conditions of `{}` never come together", parameter.name);
            problems.add(what, "leave out one of them");
        }
        needs.insert(parameter.name.clone(), needed);
        placed.push(parameter);
    }
    Space::new(placed)
}

/// What must have been chosen where a parameter is there: what its own conditions say, and those of the parameters that
/// these speak of.
fn needed(parameter: &Parameter, needs: &BTreeMap<String, Needed>) -> Needed {
    let mut all = Needed::new();
    let mut add = |name: &String, choices: BTreeSet<usize>| {
        let both = match all.get(name) {
            Some(known) => known.intersection(&choices).copied().collect(),
            None => choices,
        };
        all.insert(name.clone(), both);
    };
    for condition in &parameter.when {
        add(&condition.parameter, condition.choices.iter().copied().collect());
        for (name, choices) in needs.get(&condition.parameter).into_iter().flatten() {
            add(name, choices.clone());
        }
    }
    all
}

fn conditions(
    name: &str,
    when: Option<&Value>,
    known: (&BTreeMap<String, Domain>, &Map<String, Value>),
    problems: &mut Problems,
) -> Vec<Condition> {
    let name = excerpt(name);
    let when = match when {
        None => return Vec::new(),
        Some(Value::Object(when)) if !when.is_empty() => when,
        Some(_) => {
            let hint = "write such as `when = { act = [\"gelu\"] }`";
            problems.add(format!("`when` of parameter `{name}` says nothing"), hint);
            return Vec::new();
        }
    };
    let all = when.iter().filter_map(|(other, values)| {
        let choices = choices((&name, other), values, known, problems)?;
        Some(Condition { parameter: other.clone(), choices })
    });
    all.collect()
}

/// The places of the values of another parameter that are spoken of.
fn choices(
    (name, other): (&str, &str),
    values: &Value,
    (domains, given): (&BTreeMap<String, Domain>, &Map<String, Value>),
    problems: &mut Problems,
) -> Option<Vec<usize>> {
    let shown = excerpt(other);
    let domain = match domains.get(other) {
        Some(domain @ Domain::Choice { .. }) => domain,
        Some(_) => {
            let what =
                format!("`when` of parameter `{name}` speaks of `{shown}`, which is a range");
            problems
                .add(what, "only a parameter with `values` can decide whether another is there");
            return None;
        }
        None if given.contains_key(other) => return None,
        None => {
            let what =
                format!("`when` of parameter `{name}` speaks of `{shown}`, which is not there");
            let names: Vec<String> = given.keys().take(10).map(|name| excerpt(name)).collect();
            problems.add(what, format!("the parameters are {}", names.join(", ")));
            return None;
        }
    };
    let values = match values {
        Value::Array(values) if !values.is_empty() => values.as_slice(),
        Value::Array(_) | Value::Object(_) => {
            let what = format!("`when` of parameter `{name}` names no value of `{shown}`");
            problems.add(what, words(domain));
            return None;
        }
        one => std::slice::from_ref(one),
    };
    let mut choices = BTreeSet::new();
    for value in values {
        let Some(place) = place_of(domain, value) else {
            let value = excerpt(&value.to_string());
            let what = format!("`when` of parameter `{name}` waits for `{shown}` to be {value}");
            problems.add(what, format!("that never comes: {}", words(domain)));
            return None;
        };
        choices.insert(place);
    }
    Some(choices.into_iter().collect())
}
