//! The study that a sweep begins, or goes on with.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::Value;
use tracker_core::{read::Store, studies::StudyFolder};
use tracker_study::{Journal, Params, Plan, Record, Trial, TrialState};

use crate::{
    command::{
        study::find,
        sweep::plan_file::{PlanFile, plan_of},
    },
    terminal::{printer, text::clean},
};

/// The study of a file: a new one, or the one that is there, if it does what the file says.
pub(crate) fn begun(
    root: &Path,
    file: &PlanFile,
    from: Option<&str>,
) -> Result<(StudyFolder, Journal)> {
    let plan = &file.plan;
    let folder = StudyFolder::create(root, &plan.project, &plan.name)?;
    let from = from.filter(|_| !folder.has_journal());
    let earlier = from.map(|from| results_of(root, from)).transpose()?;
    let (mut journal, is_new) = Journal::open_or_create(&folder, plan)?;
    if !is_new {
        go_on(&folder, &mut journal, file)?;
        return Ok((folder, journal));
    }
    folder.write_definition(&file.text)?;
    if let Some(earlier) = earlier {
        take_over(&mut journal, &earlier)?;
    }
    Ok((folder, journal))
}

/// Checks that a study does what the file says. How many trials there are may change; what else does is another study.
fn go_on(folder: &StudyFolder, journal: &mut Journal, file: &PlanFile) -> Result<()> {
    let now = &journal.study().plan;
    // What was edited since is no difference: it is compared with the file that the study began with.
    let began = match folder.definition()? {
        Some(text) => plan_of(&text)?,
        None => now.clone(),
    };
    let (before, wanted) = (began.to_json(), file.plan.to_json());
    if let Some(path) = first_difference(&before, &wanted, "").filter(|path| path != "run_cap") {
        bail!(
            "there is a study {} already, and it does something else: {} differs\nhint: give yours another `name`, \
             and `--from {0}` if it should begin with the results of that one; `tracker study edit` changes bounds",
            clean(folder.name()),
            clean(&path)
        );
    }
    if began.run_cap != file.plan.run_cap {
        let mut plan = now.clone();
        plan.run_cap = file.plan.run_cap;
        journal.edit(&plan)?;
        folder.write_definition(&file.text)?;
    }
    if journal.study().asked_to_stop {
        journal.ask_to_go_on()?;
    }
    Ok(())
}

/// Where two plans differ first.
fn first_difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    let (Value::Object(ours), Value::Object(theirs)) = (one, other) else {
        return (one != other).then(|| at.to_owned());
    };
    let mut differing = ours.keys().chain(theirs.keys()).filter_map(|key| {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        match (ours.get(key), theirs.get(key)) {
            (Some(one), Some(other)) => first_difference(one, other, &path),
            _ => Some(path),
        }
    });
    // A cap may change: what else differs is more to the point.
    let first = differing.next()?;
    if first == "run_cap" {
        differing.find(|path| path != "run_cap").or(Some(first))
    } else {
        Some(first)
    }
}

/// What another study has found.
struct Earlier {
    plan: Plan,
    trials: Vec<Trial>,
}

fn results_of(root: &Path, reference: &str) -> Result<Earlier> {
    let journal = Journal::open(&find(&Store::open(root)?, reference)?)?;
    let study = journal.study();
    let has_result = |trial: &&Trial| trial.state == TrialState::Complete;
    let trials: Vec<Trial> = study.trials.iter().filter(has_result).cloned().collect();
    Ok(Earlier { plan: study.plan.clone(), trials })
}

/// Writes down the results of another study whose values are values of this one.
fn take_over(journal: &mut Journal, earlier: &Earlier) -> Result<()> {
    let all = earlier.trials.len();
    let taken = journal.change(|study| {
        let plan = &study.plan;
        let same_metrics = plan.metrics.iter().map(|metric| (&metric.name, metric.goal));
        let their_metrics = earlier.plan.metrics.iter().map(|metric| (&metric.name, metric.goal));
        let mut records = Vec::new();
        let mut number = study.trials.len();
        if !same_metrics.eq(their_metrics) {
            return Ok((records, 0));
        }
        for trial in &earlier.trials {
            let Some(params) = translated(trial, &earlier.plan, plan) else { continue };
            records.push(Record::Begin { params, run: trial.run.clone() });
            records.extend(trial.intermediate.iter().map(|(n, value)| Record::Value {
                number,
                n: *n,
                value: *value,
            }));
            let values = trial.values.clone();
            records.push(Record::End { number, state: TrialState::Complete, values });
            number += 1;
        }
        Ok((records, number - study.trials.len()))
    })?;
    printer::note(&format!(
        "begins with {taken} of {all} results of {}{}",
        clean(&earlier.plan.name),
        if taken < all {
            "; the others have values or metrics that are none of this study"
        } else {
            ""
        }
    ));
    Ok(())
}

/// The values of a trial as values of another study; `None` if one of them is none there.
fn translated(trial: &Trial, from: &Plan, to: &Plan) -> Option<Params> {
    let values = from.space.values(&trial.params);
    let mut params = Params::new();
    for parameter in to.space.parameters() {
        if to.space.is_active(parameter, &params) {
            let internal = parameter.domain.internal(values.get(&parameter.name)?)?;
            params.insert(parameter.name.clone(), internal);
        }
    }
    Some(params)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_of_two_plans_is_named_and_a_cap_last() {
        let plan =
            |cap: u64, max: f64| json!({ "run_cap": cap, "parameters": { "lr": { "max": max } } });
        let differs = |one: &Value, other: &Value| first_difference(one, other, "");
        assert_eq!(differs(&plan(1, 1.0), &plan(1, 1.0)), None);
        assert_eq!(differs(&plan(1, 1.0), &plan(2, 1.0)).unwrap(), "run_cap");
        assert_eq!(differs(&plan(1, 1.0), &plan(2, 2.0)).unwrap(), "parameters.lr.max");
        assert_eq!(differs(&json!({}), &json!({ "seed": 1 })).unwrap(), "seed");
    }
}
