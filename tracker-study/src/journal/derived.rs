//! What a study is to do that has no plan of ours: what its lines show.

use std::collections::HashMap;

use super::distribution::are_compatible;
use crate::{Domain, Goal, Metric, Parameter, Plan, Space};

/// How many parameters a plan is made of at most.
const MOST_PARAMETERS: usize = 64;

/// What the lines of a study have shown of its plan. Optuna's studies have none: each trial says from where its values
/// were taken.
#[derive(Debug, Default)]
pub(super) struct Derived {
    goals: Vec<Goal>,
    names: Vec<String>,
    /// By name: the first and the latest distribution, and the place among all.
    domains: HashMap<String, (usize, Domain, Domain)>,
}

impl Derived {
    pub(super) fn set_goals(&mut self, goals: Vec<Goal>) {
        self.goals = goals;
    }

    pub(super) fn set_names<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.names = names.map(str::to_owned).collect();
    }

    /// The first distribution of a parameter; those that do not fit to it are none of the study's.
    pub(super) fn first(&self, name: &str) -> Option<&Domain> {
        self.domains.get(name).map(|(_, first, _)| first)
    }

    pub(super) fn see(&mut self, name: &str, domain: Domain) {
        let place = self.domains.len();
        if let Some((_, first, latest)) = self.domains.get_mut(name) {
            if are_compatible(first, &domain) {
                *latest = domain;
            }
        } else if place < MOST_PARAMETERS {
            self.domains.insert(name.to_owned(), (place, domain.clone(), domain));
        }
    }

    /// Makes a plan say what was shown. It has no conditions: which there are stands in the training's own code.
    pub(super) fn lay_over(&self, plan: &mut Plan) {
        let mut domains: Vec<_> = self.domains.iter().collect();
        domains.sort_unstable_by_key(|(_, (place, ..))| *place);
        let parameters =
            domains.into_iter().map(|(name, (_, _, latest))| Parameter::new(name, latest.clone()));
        plan.space = Space::new(parameters.collect());
        let name = |place: usize| match (self.names.get(place), self.goals.len()) {
            (Some(name), _) => name.clone(),
            (None, 1) => "value".to_owned(),
            (None, _) => format!("value {place}"),
        };
        let metrics = self.goals.iter().enumerate();
        plan.metrics = metrics.map(|(place, goal)| Metric::new(name(place), *goal)).collect();
    }
}
