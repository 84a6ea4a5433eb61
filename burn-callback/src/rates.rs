//! The learning rates of parameter groups.
//!
//! Burn tells one learning rate, that of all parameters in no group, and the rate of any parameter
//! that one can name. So the groups are found by asking for every parameter: those that always
//! have the same rate are one group.

use std::sync::Arc;

use burn::{lr_scheduler::module_lr_scheduler::ModuleLearningRate, module::ParamId};

/// A parameter and its path in the model, such as `conv1.weight`.
pub(crate) type Parameter = (ParamId, String);

/// The groups known so far. A group is only ever split, so a group's number stays its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct RateGroups {
    groups: Vec<Vec<Parameter>>,
}

impl RateGroups {
    /// The rate of all parameters, then one for each group whose parameters have a rate of their
    /// own, in the order of their [names](Self::names).
    pub(crate) fn rates(&self, rates: &ModuleLearningRate) -> Vec<f64> {
        let mut all = vec![rates.base()];
        if self.groups.len() > 1 {
            let first = |group: &Vec<Parameter>| group.first().map(|first| rate(rates, first));
            all.extend(self.groups.iter().filter_map(first));
        }
        all
    }

    /// Splits groups whose parameters no longer have the same rate. Without the model's parameters
    /// there are no groups.
    pub(crate) fn split(&mut self, rates: &ModuleLearningRate, parameters: &[Parameter]) {
        if self.groups.is_empty() && !parameters.is_empty() {
            self.groups.push(parameters.to_vec());
        }
        let mut apart: Vec<Vec<Parameter>> = Vec::new();
        for group in &mut self.groups {
            let Some(first) = group.first().map(|first| rate(rates, first)) else { continue };
            let mut others: Vec<(u64, Vec<Parameter>)> = Vec::new();
            group.retain(|parameter| {
                let own = rate(rates, parameter);
                let same = own.to_bits() == first.to_bits();
                if !same {
                    match others.iter_mut().find(|(bits, _)| *bits == own.to_bits()) {
                        Some((_, members)) => members.push(parameter.clone()),
                        None => others.push((own.to_bits(), vec![parameter.clone()])),
                    }
                }
                same
            });
            apart.extend(others.into_iter().map(|(_, members)| members));
        }
        self.groups.append(&mut apart);
    }

    /// What each group is called, if there are several.
    pub(crate) fn names(&self) -> Option<Vec<String>> {
        let names = || self.groups.iter().map(|group| name(group)).collect();
        (self.groups.len() > 1).then(names)
    }
}

fn rate(rates: &ModuleLearningRate, (id, path): &Parameter) -> f64 {
    rates.lr_from_param(*id, Some(path))
}

/// What the members' paths have in common, such as `backbone`; empty if that is nothing.
fn name(group: &[Parameter]) -> String {
    let mut common: Option<Vec<&str>> = None;
    for (_, path) in group {
        let mut modules: Vec<_> = path.split('.').collect();
        if group.len() > 1 {
            modules.pop();
        }
        common = Some(match common {
            None => modules,
            Some(known) => {
                let same = known.iter().zip(&modules).take_while(|(a, b)| a == b).count();
                known.get(..same).unwrap_or_default().to_vec()
            }
        });
    }
    common.unwrap_or_default().join(".")
}

/// The names of the groups as they are written: each its own, with a number where the paths have
/// nothing in common or nothing that no other group has.
pub(crate) fn unique(names: &[String]) -> Arc<[String]> {
    let of = |(index, name): (usize, &String)| {
        let shared = names.iter().filter(|other| *other == name).count() > 1;
        if name.is_empty() {
            format!("group_{index}")
        } else if shared {
            format!("{name}_{index}")
        } else {
            name.clone()
        }
    };
    names.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(paths: &[&str]) -> Vec<Parameter> {
        paths.iter().map(|path| (ParamId::new(), (*path).to_owned())).collect()
    }

    #[test]
    fn a_group_is_named_by_the_module_that_its_parameters_share() {
        assert_eq!(name(&parameters(&["backbone.conv1.weight", "backbone.fc.bias"])), "backbone");
        assert_eq!(name(&parameters(&["head.weight", "head.bias"])), "head");
        assert_eq!(name(&parameters(&["head.weight"])), "head.weight");
        assert_eq!(name(&parameters(&["conv1.weight", "conv2.weight"])), "");
    }

    #[test]
    fn groups_without_a_name_of_their_own_have_a_number() {
        let names = ["", "head", "head", "body"].map(str::to_owned);
        assert_eq!(unique(&names)[..], ["group_0", "head_1", "head_2", "body"]);
    }
}
