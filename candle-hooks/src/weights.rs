//! Which variables a checkpoint holds.

use std::sync::PoisonError;

use candle_core::Var;
use candle_nn::VarMap;

/// Which variables a checkpoint holds: those of a [`VarMap`], of several with a name each, or single
/// ones.
///
/// ```
/// # use candle_hooks::{Hooks, Weights, candle_nn::VarMap};
/// # let (hooks, varmap, actor, critic) = (Hooks::disabled(), VarMap::new(), VarMap::new(), VarMap::new());
/// hooks.checkpoint(&varmap);
/// hooks.checkpoint([("actor", &actor), ("critic", &critic)]); // `actor.layer.weight`, ...
/// ```
#[derive(Clone)]
pub struct Weights {
    parts: Vec<(String, Part)>,
}

#[derive(Clone)]
enum Part {
    Map(VarMap),
    Var(Var),
}

impl Weights {
    /// Adds the variables of one more map, with `name.` before their names.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, weights: &VarMap) -> Self {
        self.parts.push((name.into(), Part::Map(weights.clone())));
        self
    }

    /// Adds a variable that is in no map.
    #[must_use]
    pub fn and_variable(mut self, name: impl Into<String>, variable: &Var) -> Self {
        self.parts.push((name.into(), Part::Var(variable.clone())));
        self
    }

    /// All variables in the order of their names. Maps are asked each time: a model may get more.
    pub(crate) fn named(&self) -> Vec<(String, Var)> {
        let mut variables: Vec<(String, Var)> = self.parts.iter().flat_map(of_part).collect();
        variables.sort_by(|(one, _), (other, _)| one.cmp(other));
        variables
    }
}

fn of_part((prefix, part): &(String, Part)) -> Vec<(String, Var)> {
    match part {
        Part::Var(variable) => vec![(prefix.clone(), variable.clone())],
        Part::Map(weights) => {
            // A panic of another thread leaves the map whole: variables are only ever added.
            let known = weights.data().lock().unwrap_or_else(PoisonError::into_inner);
            let named = |name: &str| match prefix.as_str() {
                "" => name.to_owned(),
                prefix => format!("{prefix}.{name}"),
            };
            known.iter().map(|(name, variable)| (named(name), variable.clone())).collect()
        }
    }
}

impl From<&VarMap> for Weights {
    fn from(weights: &VarMap) -> Self {
        Self { parts: vec![(String::new(), Part::Map(weights.clone()))] }
    }
}

impl From<&Weights> for Weights {
    fn from(weights: &Weights) -> Self {
        weights.clone()
    }
}

impl<const N: usize> From<[(&str, &VarMap); N]> for Weights {
    fn from(maps: [(&str, &VarMap); N]) -> Self {
        let part = |(name, map): (&str, &VarMap)| (name.to_owned(), Part::Map(map.clone()));
        Self { parts: maps.into_iter().map(part).collect() }
    }
}

impl<const N: usize> From<[(&str, &Var); N]> for Weights {
    fn from(variables: [(&str, &Var); N]) -> Self {
        let part = |(name, var): (&str, &Var)| (name.to_owned(), Part::Var(var.clone()));
        Self { parts: variables.into_iter().map(part).collect() }
    }
}

impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.parts.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};
    use candle_nn::Init;

    use super::*;

    #[test]
    fn variables_of_several_maps_have_a_name_before_theirs() {
        let (actor, critic) = (VarMap::new(), VarMap::new());
        for map in [&actor, &critic] {
            map.get(2, "weight", Init::Const(1.0), DType::F32, &Device::Cpu).unwrap();
        }
        let scale = Var::new(1_f32, &Device::Cpu).unwrap();
        let weights = Weights::from([("actor", &actor), ("critic", &critic)]);
        let names = |weights: &Weights| -> Vec<String> {
            weights.named().into_iter().map(|(name, _)| name).collect()
        };
        let all = weights.and_variable("scale", &scale);
        assert_eq!(names(&all), ["actor.weight", "critic.weight", "scale"]);
        assert_eq!(names(&Weights::from(&actor)), ["weight"]);
    }
}
