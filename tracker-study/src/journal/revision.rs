//! How a study's plan is changed while it goes on.

use std::collections::BTreeSet;

use super::{
    journal::{Journal, space_value},
    names::SPACE,
    record::Record,
};
use crate::{Domain, Error, Parameter, Plan, Result, Space};

const FROM: &str =
    "begin another study for that: `tracker sweep --from` takes over what this one found";

impl Journal {
    /// Gives the study another plan; the answer is its revision. Bounds and steps may change, choices may be disabled and
    /// enabled again, and so may how values are chosen, how many, and what ends trials early. Trials keep the values that
    /// they have.
    ///
    /// A choice that the new plan leaves out is disabled.
    ///
    /// # Errors
    /// If the new plan has other metrics, parameters, choices, scales or conditions: what was tried would not be of the
    /// same space. If it [cannot be used](Plan::check), or as [`change`](Self::change).
    pub fn edit(&mut self, plan: &Plan) -> Result<u64> {
        self.change(|study| {
            let revised = revised(&study.plan, plan)?;
            if study.revision > 0 && revised == study.plan {
                return Ok((Vec::new(), study.revision));
            }
            let revision = study.revision + 1;
            let value = space_value(&revised, revision);
            Ok((vec![Record::Study { key: SPACE.to_owned(), value }], revision))
        })
    }
}

/// The new plan as one of the same study.
fn revised(old: &Plan, new: &Plan) -> Result<Plan> {
    if old.metrics != new.metrics {
        return Err(Error::unusable("a study cannot change what it makes better", FROM));
    }
    let names = |plan: &Plan| -> BTreeSet<String> {
        plan.space.parameters().iter().map(|parameter| parameter.name.clone()).collect()
    };
    let (before, now) = (names(old), names(new));
    if let Some(name) = before.symmetric_difference(&now).next() {
        let what = if now.contains(name) { "begin" } else { "cease" };
        return Err(Error::unusable(format!("a study cannot {what} to vary `{name}`"), FROM));
    }
    let parameters = old.space.parameters().iter().filter_map(|before| {
        let now = new.space.get(&before.name)?;
        Some(revised_parameter((before, old), (now, new)))
    });
    let mut plan = new.clone();
    plan.space = Space::new(parameters.collect::<Result<Vec<Parameter>>>()?);
    (plan.project, plan.name) = (old.project.clone(), old.name.clone());
    plan.check()?;
    Ok(plan)
}

fn revised_parameter(
    (before, old): (&Parameter, &Plan),
    (now, new): (&Parameter, &Plan),
) -> Result<Parameter> {
    let name = &before.name;
    let refused = |what: &str| Err(Error::unusable(format!("`{name}` cannot {what}"), FROM));
    let domain = match (&before.domain, &now.domain) {
        (Domain::Float { log: a, .. }, Domain::Float { log: b, .. })
        | (Domain::Int { log: a, .. }, Domain::Int { log: b, .. }) => {
            if a != b {
                return refused("change its scale");
            }
            now.domain.clone()
        }
        (
            Domain::Choice { choices, .. },
            Domain::Choice { choices: others, disabled: other_disabled },
        ) => {
            if let Some(new) = others.iter().find(|other| before.domain.internal(other).is_none()) {
                return refused(&format!("have the new value {new}"));
            }
            let is_tried = |choice| {
                let place = others.iter().position(|other| other == choice);
                place.is_some_and(|place| !other_disabled.contains(&place))
            };
            let disabled = (0..choices.len()).filter(|place| !is_tried(&choices[*place])).collect();
            Domain::Choice { choices: choices.clone(), disabled }
        }
        _ => return refused("become of another kind"),
    };
    if conditions(before, &old.space) != conditions(now, &new.space) {
        return refused("have other conditions");
    }
    let mut revised = before.clone();
    revised.domain = domain;
    Ok(revised)
}

/// The conditions of a parameter by the values that they speak of: places are those of one plan alone.
fn conditions(parameter: &Parameter, space: &Space) -> BTreeSet<(String, String)> {
    let all = parameter.when.iter().flat_map(|condition| {
        let domain = space.get(&condition.parameter).map(|other| &other.domain);
        condition.choices.iter().filter_map(move |place| {
            let value = domain?.value(*place as f64)?;
            Some((condition.parameter.clone(), value.to_string()))
        })
    });
    all.collect()
}
