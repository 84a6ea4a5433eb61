//! What the process expects over two parameters: for a contour.

use fastrand::Rng;

use super::{coordinates::Coordinates, model::Model};
use crate::{
    Domain, Metric, Parameter, Params, Space, Trial, TrialState,
    sampler::{contract::Asked, history::History},
};

/// The most values of a parameter at which a surface is told.
const MOST: u64 = 25;

/// Fewer results say nothing of a surface.
const LEAST_RESULTS: usize = 4;

/// What a Gaussian process expects a metric to be over two parameters.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Surface {
    /// The values of the first parameter, in their internal form, in their order.
    pub across: Vec<f64>,
    /// The values of the second one.
    pub up: Vec<f64>,
    /// What is expected, in the unit of the metric: for each value of `up` one for each of `across`. `None` where one of
    /// the two is not there beside the other.
    pub means: Vec<Vec<Option<f64>>>,
    /// The values of all parameters around which the two are varied: those of the best trial that has both.
    pub around: Params,
}

/// The mean of a Gaussian process over two parameters, the others as in the best trial that has both.
///
/// The process is the one that the method `gp` asks, of the metric at this place alone: it is fitted to the complete
/// trials, or to 250 that tell the most. What a pruned trial had come to is no result, and would bend the surface where
/// others came to their end. What is bad beyond Tukey's fence counts as bad as the fence.
/// `None` if a parameter or the metric is unknown, if both are the same, or with fewer than four results.
pub fn surface(
    space: &Space,
    metrics: &[Metric],
    metric: usize,
    trials: &[Trial],
    parameters: [&str; 2],
) -> Option<Surface> {
    let [across, up] = [space.get(parameters[0])?, space.get(parameters[1])?];
    let goal = metrics.get(metric)?.goal;
    if across.name == up.name {
        return None;
    }
    let complete = trials.iter().filter(|trial| trial.state == TrialState::Complete);
    let of_metric: Vec<Trial> = complete.map(|trial| of_metric(trial, metric)).collect();
    let asked = Asked::new(space, &metrics[metric..=metric], &of_metric);
    let history = History::new(&asked, &mut Rng::with_seed(0));
    if history.results.len() < LEAST_RESULTS {
        return None;
    }
    let has_both =
        |params: &Params| [across, up].iter().all(|parameter| params.contains_key(&parameter.name));
    let having = history.results.iter().filter(|seen| has_both(seen.params));
    let best = having.min_by(|one, other| one.loss.total_cmp(&other.loss))?;
    let coordinates = Coordinates::new(space);
    let model = Model::new(&coordinates, &history)?;
    let told = |across_at: f64, up_at: f64| {
        let params = beside(space, best.params, [(across, across_at), (up, up_at)]);
        let is_there = has_both(&params);
        let point = coordinates.of(&params).filter(|_| is_there)?;
        Some(goal.loss(model.expects(&point))).filter(|mean| mean.is_finite())
    };
    let [across_values, up_values] = [values_of(&across.domain), values_of(&up.domain)];
    let row =
        |up_at: &f64| across_values.iter().map(|across_at| told(*across_at, *up_at)).collect();
    let means = up_values.iter().map(row).collect();
    Some(Surface { means, around: best.params.clone(), across: across_values, up: up_values })
}

/// What a study of this metric alone would know of a trial that is complete.
fn of_metric(trial: &Trial, metric: usize) -> Trial {
    let mut alone = Trial::new(trial.number, trial.params.clone());
    alone.state = trial.state;
    alone.values = trial.values.get(metric).copied().into_iter().collect();
    alone
}

/// These values with others of two parameters. What becomes active by them has its middle value, and what is not any more
/// is left out.
fn beside(space: &Space, params: &Params, others: [(&Parameter, f64); 2]) -> Params {
    space.fill(|parameter| {
        let other = others.iter().find(|(known, _)| known.name == parameter.name);
        let value = other.map(|(_, value)| *value).or_else(|| params.get(&parameter.name).copied());
        let middle = || parameter.domain.of_unit(0.5);
        value.filter(|value| parameter.domain.holds(*value)).unwrap_or_else(middle)
    })
}

/// All values of a domain that has few, else some that lie as far apart as they can on its scale.
fn values_of(domain: &Domain) -> Vec<f64> {
    if let Domain::Choice { .. } = domain {
        let mut enabled: Vec<f64> = domain.enabled().iter().map(|place| *place as f64).collect();
        enabled.truncate(MOST as usize);
        return enabled;
    }
    let cells = domain.count().filter(|count| *count <= MOST);
    let at = |place: u64| match cells {
        Some(count) => domain.of_unit((place as f64 + 0.5) / count as f64),
        None => domain.of_unit(place as f64 / (MOST - 1) as f64),
    };
    let mut values: Vec<f64> = (0..cells.unwrap_or(MOST)).map(at).collect();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::Goal;

    fn space() -> Space {
        let unit = Domain::Float { low: 0.0, high: 1.0, log: false, step: None };
        let choices = vec![json!("sgd"), json!("adam")];
        let kind = Domain::Choice { choices, disabled: BTreeSet::new() };
        let layers = Domain::Int { low: 1, high: 4, log: false, step: 1 };
        Space::new(vec![
            Parameter::new("x", unit.clone()),
            Parameter::new("kind", kind),
            Parameter::new("layers", layers),
            Parameter::new("momentum", unit).when("kind", vec![0]),
        ])
    }

    fn trials(space: &Space) -> Vec<Trial> {
        let place = |number: usize, apart: f64| (number as f64 * apart).fract();
        let one = |number: usize| {
            let mut nth = 0.0;
            let params = space.fill(|parameter| {
                nth += 1.0;
                parameter.domain.of_unit(place(number + 1, 0.618_034 + 0.131 * nth))
            });
            let momentum = params.get("momentum").map_or(0.0, |momentum| 0.1 * momentum);
            let value = 100.0 - (params["x"] - 0.3).powi(2) * 50.0 - params["layers"] + momentum;
            let mut trial = Trial::new(number, params);
            (trial.state, trial.values) = (TrialState::Complete, vec![value, 1.0]);
            trial
        };
        (0..40).map(one).collect()
    }

    #[test]
    fn the_surface_is_as_high_as_the_metric() {
        let space = space();
        let metrics = [Metric::new("score", Goal::Maximize), Metric::new("time", Goal::Minimize)];
        let trials = trials(&space);
        let told = surface(&space, &metrics, 0, &trials, ["x", "layers"]).unwrap();
        assert_eq!((told.across.len(), told.up.as_slice()), (25, &[1.0, 2.0, 3.0, 4.0][..]));
        for (row, layers) in told.means.iter().zip(&told.up) {
            for (mean, x) in row.iter().zip(&told.across).filter(|(_, x)| (0.1..0.6).contains(*x)) {
                let right = 100.0 - (x - 0.3).powi(2) * 50.0 - layers;
                assert!((mean.unwrap() - right).abs() < 1.0, "{x} {layers}: {mean:?}, not {right}");
            }
        }
        let flat = surface(&space, &metrics, 1, &trials, ["x", "layers"]).unwrap();
        assert!(flat.means.iter().flatten().all(|mean| (mean.unwrap() - 1.0).abs() < 1e-6));
    }

    #[test]
    fn where_a_parameter_is_not_there_nothing_is_expected() {
        let space = space();
        let metrics = [Metric::new("score", Goal::Maximize)];
        let trials: Vec<Trial> = trials(&space).iter().map(|trial| of_metric(trial, 0)).collect();
        let told = surface(&space, &metrics, 0, &trials, ["kind", "momentum"]).unwrap();
        assert!(told.means.iter().all(|row| row[0].is_some() && row[1].is_none()));
        assert_eq!(surface(&space, &metrics, 0, &trials, ["x", "x"]), None);
        assert_eq!(surface(&space, &metrics, 0, &trials, ["x", "unknown"]), None);
        assert_eq!(surface(&space, &metrics, 1, &trials, ["x", "kind"]), None);
        assert_eq!(surface(&space, &metrics, 0, &trials[..3], ["x", "kind"]), None);
    }
}
