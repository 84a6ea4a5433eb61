//! Each combination once.

use std::collections::HashSet;

use fastrand::Rng;

use super::contract::{Asked, Sampler};
use crate::{Domain, Params, Space, Trial};

/// Each combination once, in the order of the space: the last parameter varies first. A combination is tried when a trial
/// of it is there, however it ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid;

impl Sampler for Grid {
    fn ask(&self, asked: &Asked<'_>, _: &mut Rng) -> Option<Params> {
        let space = asked.space;
        let tried: HashSet<Cells> =
            asked.trials.iter().filter_map(|trial| cells(space, trial)).collect();
        let mut next = filled(space, Vec::new())?;
        // At most one combination more than there are trials is looked at.
        while tried.contains(&next) {
            next = after(space, next)?;
        }
        params(space, &next)
    }
}

/// The place of each parameter's value among those that its domain has; `None` for a parameter that is not there.
type Cells = Vec<Option<u64>>;

/// The combination that follows; `None` after the last.
fn after(space: &Space, mut cells: Cells) -> Option<Cells> {
    loop {
        let domain = &space.parameters().get(cells.len().checked_sub(1)?)?.domain;
        let next = cells.pop()?.map(|cell| cell + 1);
        if next.is_some_and(|next| domain.count().is_some_and(|count| next < count)) {
            cells.push(next);
            return filled(space, cells);
        }
    }
}

/// The first combination that begins with these; `None` if a domain has no values that could be counted.
fn filled(space: &Space, mut cells: Cells) -> Option<Cells> {
    let mut params = params(space, &cells)?;
    for parameter in space.parameters().iter().skip(cells.len()) {
        let there = space.is_active(parameter, &params);
        if there {
            parameter.domain.count().filter(|count| *count > 0)?;
            params.insert(parameter.name.clone(), value(&parameter.domain, 0)?);
        }
        cells.push(there.then_some(0));
    }
    Some(cells)
}

/// The values of a combination, or of its beginning.
fn params(space: &Space, cells: &Cells) -> Option<Params> {
    let there = space.parameters().iter().zip(cells);
    let there = there.filter_map(|(parameter, cell)| {
        let cell = (*cell)?;
        Some(value(&parameter.domain, cell).map(|value| (parameter.name.clone(), value)))
    });
    there.collect()
}

/// The combination that a trial has; `None` if one of its values lies between those of the grid.
fn cells(space: &Space, trial: &Trial) -> Option<Cells> {
    let each = space.parameters().iter().map(|parameter| match trial.params.get(&parameter.name) {
        Some(value) => cell(&parameter.domain, *value).map(Some),
        None => Some(None),
    });
    each.collect()
}

fn value(domain: &Domain, cell: u64) -> Option<f64> {
    match domain {
        Domain::Float { low, high, step: Some(step), .. } => {
            Some((low + step * cell as f64).min(*high))
        }
        Domain::Int { low, step, .. } => Some(*low as f64 + *step as f64 * cell as f64),
        Domain::Choice { .. } => {
            domain.enabled().get(usize::try_from(cell).ok()?).map(|at| *at as f64)
        }
        Domain::Float { step: None, .. } => None,
    }
}

/// The place of a value; somebody may have written it with other last digits than the step gives.
fn cell(domain: &Domain, value: f64) -> Option<u64> {
    let steps = match domain {
        Domain::Float { low, step: Some(step), .. } => (value - low) / step,
        Domain::Int { low, step, .. } => (value - *low as f64) / *step as f64,
        Domain::Choice { .. } => {
            domain.enabled().iter().position(|place| *place as f64 == value)? as f64
        }
        Domain::Float { step: None, .. } => return None,
    };
    let cell = steps.round();
    let is_one = (steps - cell).abs() < 1e-6 && (0.0..9e15).contains(&cell);
    #[expect(clippy::cast_sign_loss, reason = "it is at least 0")]
    is_one.then_some(cell as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeSet;

    use crate::{
        Domain, Method, Parameter, Space, Trial,
        sampler::tests::{ask, assert_in_space, choice, float, plan, study},
    };

    fn space() -> Space {
        Space::new(vec![
            choice("act", &["relu", "gelu", "tanh"], &[1]),
            Parameter::new("q", Domain::Float { low: 0.0, high: 0.3, log: false, step: Some(0.1) }),
            Parameter::new("width", Domain::Int { low: 2, high: 4, log: true, step: 1 })
                .when("act", vec![2]),
        ])
    }

    #[test]
    fn each_combination_comes_once_and_then_none() {
        let plan = plan(Method::Grid, space(), 0);
        // Of relu 4, of tanh 4 · 3.
        let trials = study(&plan, 100, |number, params| {
            assert_in_space(&plan.space, &params, "grid");
            Trial::new(number, params)
        });
        let different: BTreeSet<String> =
            trials.iter().map(|trial| format!("{:?}", trial.params)).collect();
        assert_eq!((trials.len(), different.len()), (16, 16));
    }

    #[test]
    fn what_somebody_has_tried_by_hand_does_not_come_again() {
        let plan = plan(Method::Grid, space(), 0);
        // 0.1 + 0.2 is not the 0.3 of the grid to the last digit, and 0.15 is none of its values.
        let by_hand = [("relu", 0.1 + 0.2), ("relu", 0.15)]
            .map(|(_, q)| Trial::new(0, [("act".to_owned(), 0.0), ("q".to_owned(), q)].into()));
        let mut trials = by_hand.to_vec();
        while let Some(params) = ask(&plan, &trials) {
            trials.push(Trial::new(trials.len(), params));
        }
        assert_eq!(trials.len(), 2 + 15);
    }

    #[test]
    fn what_cannot_be_counted_has_no_combinations() {
        let plan = plan(Method::Grid, Space::new(vec![float("x", 0.0, 1.0)]), 0);
        assert_eq!(ask(&plan, &[]), None);
    }

    #[test]
    fn endless_ranges_of_whole_numbers_begin_at_once() {
        let endless = Domain::Int { low: i64::MIN / 2, high: i64::MAX / 2, log: false, step: 1 };
        let space =
            Space::new(vec![Parameter::new("a", endless.clone()), Parameter::new("b", endless)]);
        assert!(ask(&plan(Method::Grid, space, 0), &[]).is_some());
    }
}
