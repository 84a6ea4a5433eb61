//! The variables of a model by their names.

use std::sync::PoisonError;

use candle_core::Var;
use candle_nn::VarMap;

/// All variables in the order of their names; the map itself has another one in each process.
pub(crate) fn named_variables(weights: &VarMap) -> Vec<(String, Var)> {
    // A panic of another thread leaves the map whole: variables are only ever added.
    let known = weights.data().lock().unwrap_or_else(PoisonError::into_inner);
    let mut variables: Vec<_> =
        known.iter().map(|(name, variable)| (name.clone(), variable.clone())).collect();
    variables.sort_by(|(one, _), (other, _)| one.cmp(other));
    variables
}
