//! All that a study varies.

use serde_json::{Map, Value};

use crate::{Parameter, Params};

/// All that a study varies. A parameter stands behind those that its conditions speak of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Space {
    parameters: Vec<Parameter>,
}

impl Space {
    /// A space of these parameters, in this order. What makes it unusable is said where a plan is read.
    pub fn new(parameters: Vec<Parameter>) -> Self {
        Self { parameters }
    }

    /// The parameters, in their order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter of this name.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// Whether any parameter has a condition.
    pub fn has_conditions(&self) -> bool {
        self.parameters.iter().any(|parameter| !parameter.when.is_empty())
    }

    /// Whether a parameter is there beside the values of those before it.
    pub fn is_active(&self, parameter: &Parameter, params: &Params) -> bool {
        parameter.when.iter().all(|condition| {
            let chosen = params.get(&condition.parameter);
            chosen.is_some_and(|chosen| {
                condition.choices.iter().any(|place| *place as f64 == *chosen)
            })
        })
    }

    /// The values of all active parameters, each asked for in turn.
    pub fn fill(&self, mut value: impl FnMut(&Parameter) -> f64) -> Params {
        let mut params = Params::new();
        for parameter in &self.parameters {
            if self.is_active(parameter, &params) {
                params.insert(parameter.name.clone(), value(parameter));
            }
        }
        params
    }

    /// The values as people and programs read them, in the space's order. Names that the space does not know are left out.
    pub fn values(&self, params: &Params) -> Map<String, Value> {
        let known = self.parameters.iter().filter_map(|parameter| {
            let value = parameter.domain.value(*params.get(&parameter.name)?)?;
            Some((parameter.name.clone(), value))
        });
        known.collect()
    }
}
