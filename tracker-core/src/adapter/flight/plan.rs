//! How much of each tensor is looked at, and how often.

use crate::adapter::flight::Blocks;

/// The most values that a look goes over of the gradients, and the most of the weights.
const MOST_VALUES: usize = 262_144;

/// Of how many blocks one is looked at, level by level; beyond them, fewer steps are.
const ONE_IN: [usize; 3] = [1, 4, 16];

/// How many times fewer blocks are looked at of the weights. Gradients go wrong first.
const WEIGHTS: usize = 4;

/// At the last level, one step in so many is looked at.
const MOST_SELDOM: u8 = 10;

/// What is looked at of one tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TensorBlocks {
    /// Of its gradient.
    pub gradient: Blocks,
    /// Of its weights, and of their change.
    pub weight: Blocks,
}

/// What is looked at, at one level of thrift.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) tensors: Vec<TensorBlocks>,
    /// One step in so many is looked at.
    pub(super) every: u64,
}

impl Plan {
    /// The highest level.
    pub(super) const THRIFTIEST: u8 = ONE_IN.len() as u8 - 1 + MOST_SELDOM;

    /// The plan for tensors of so many elements each. Each level costs a half of the one before or less.
    pub(super) fn at(level: u8, elements: &[usize]) -> Self {
        let level = usize::from(level.min(Self::THRIFTIEST));
        let total: usize = elements.iter().sum();
        let many = ONE_IN.get(level).or(ONE_IN.last()).copied().unwrap_or(1);
        let many = many * total.div_ceil(MOST_VALUES);
        let blocks = |elements: &usize| TensorBlocks {
            gradient: Blocks::one_in(*elements, many),
            weight: Blocks::one_in(*elements, many * WEIGHTS),
        };
        let tensors = elements.iter().map(blocks).collect();
        Self { tensors, every: 1 << level.saturating_sub(ONE_IN.len() - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(plan: &Plan) -> usize {
        plan.tensors.iter().map(|of| of.gradient.values() + of.weight.values()).sum()
    }

    #[test]
    fn a_level_looks_at_less_than_the_one_before() {
        let elements = [78_400, 1_000, 10];
        let plans = (0..=Plan::THRIFTIEST).map(|level| Plan::at(level, &elements));
        let costs: Vec<f64> = plans.map(|plan| values(&plan) as f64 / plan.every as f64).collect();
        assert!(costs.is_sorted_by(|one, next| one > next), "{costs:?}");
        assert!(costs.last().is_some_and(|cost| *cost < 10.0));
    }

    #[test]
    fn a_large_model_is_looked_at_in_part() {
        let plan = Plan::at(0, &[40_000_000, 1_000, 60_000_000]);
        assert!(values(&plan) < 400_000, "{}", values(&plan));
        assert_eq!(Plan::at(0, &[]).tensors, []);
    }
}
