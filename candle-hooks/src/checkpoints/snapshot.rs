//! A copy of a training as it stands.

use std::collections::{BTreeMap, btree_map::Entry};

use candle_core::{Device, Result, Tensor, Var, bail};

use crate::Weights;

/// What each optimizer remembers, by the optimizer's name.
pub(crate) type States = [(String, Vec<(String, Var)>)];

/// A copy of a training as it stands, on the devices on which it trains.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) model: BTreeMap<String, Tensor>,
    /// What the optimizers remember; empty if they remember nothing.
    pub(crate) optimizer: BTreeMap<String, Tensor>,
}

impl Snapshot {
    /// # Errors
    /// If there is no memory for the copy, or two variables have the same name.
    pub(crate) fn take(weights: &Weights, states: &States) -> Result<Self> {
        Ok(Self { model: copies(weights.named())?, optimizer: copies(state_variables(states))? })
    }
}

/// The variables of all optimizers, by the names that they have in a checkpoint: those of the
/// training's optimizer as they are, those of others with the optimizer's name before them.
pub(crate) fn state_variables(states: &States) -> Vec<(String, Var)> {
    let named = |optimizer: &str, name: &str| match optimizer {
        "" => name.to_owned(),
        optimizer => format!("{optimizer}/{name}"),
    };
    let of_one = |(optimizer, variables): &(String, Vec<(String, Var)>)| -> Vec<(String, Var)> {
        let renamed =
            variables.iter().map(|(name, variable)| (named(optimizer, name), variable.clone()));
        renamed.collect()
    };
    states.iter().flat_map(of_one).collect()
}

fn copies(variables: Vec<(String, Var)>) -> Result<BTreeMap<String, Tensor>> {
    let mut copies = BTreeMap::new();
    for (name, variable) in variables {
        match copies.entry(name) {
            Entry::Vacant(place) => place.insert(copy(&variable)?),
            Entry::Occupied(place) => bail!("two variables have the name `{}`", place.key()),
        };
    }
    Ok(copies)
}

/// Optimizers write into their variables, so that a copy must not share the storage. Detached, it
/// does not hold the variable either. Where the device has no room left, the CPU has.
fn copy(variable: &Var) -> Result<Tensor> {
    let variable = variable.as_detached_tensor();
    match variable.copy() {
        Err(_) if !variable.device().is_cpu() => variable.to_device(&Device::Cpu),
        copy => copy,
    }
}

#[cfg(test)]
mod tests {
    use candle_core::DType;
    use candle_nn::{Init, VarMap};

    use super::*;

    #[test]
    fn a_snapshot_stays_as_it_was_when_the_training_goes_on() -> Result<()> {
        let weights = VarMap::new();
        weights.get(2, "weight", Init::Const(1.0), DType::F32, &Device::Cpu)?;
        let counter = Var::new(7_i64, &Device::Cpu)?;
        let states = [(String::new(), vec![("steps".to_owned(), counter.clone())])];
        let snapshot = Snapshot::take(&(&weights).into(), &states)?;
        weights.clone().set_one("weight", Tensor::new(&[5_f32, 5.0], &Device::Cpu)?)?;
        counter.set(&Tensor::new(8_i64, &Device::Cpu)?)?;
        assert_eq!(snapshot.model["weight"].to_vec1::<f32>()?, [1.0, 1.0]);
        assert_eq!(snapshot.optimizer["steps"].to_scalar::<i64>()?, 7);
        assert!(!snapshot.model["weight"].track_op(), "it would hold the variable");
        Ok(())
    }

    #[test]
    fn other_optimizers_have_their_name_before_their_variables() {
        let variable = || vec![("steps".to_owned(), Var::new(0_i64, &Device::Cpu).unwrap())];
        let states = [(String::new(), variable()), ("critic".to_owned(), variable())];
        let names: Vec<_> = state_variables(&states).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["steps", "critic/steps"]);
    }

    #[test]
    fn two_variables_of_one_name_are_not_kept_as_one() {
        let variable = || ("steps".to_owned(), Var::new(0_i64, &Device::Cpu).unwrap());
        let states = [(String::new(), vec![variable(), variable()])];
        let error = Snapshot::take(&(&VarMap::new()).into(), &states).unwrap_err();
        assert!(error.to_string().contains("`steps`"), "{error}");
    }
}
