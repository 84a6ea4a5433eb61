//! How much of each tensor is looked at, and how often.

use crate::adapter::flight::Blocks;

/// The most values that a look goes over of the gradients, and the most of the weights.
const MOST_VALUES: f64 = 262_144.0;

/// The levels at which less of each tensor is looked at; beyond them, fewer steps.
const SHARES: [f64; 3] = [1.0, 0.25, 0.0625];

/// Of how many of the blocks of a gradient the weights are looked at. Gradients go wrong first.
const WEIGHTS: f64 = 0.25;

/// At the last level, one step in so many is looked at.
const MOST_SELDOM: u32 = 10;

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
    pub(super) const THRIFTIEST: u8 = SHARES.len() as u8 - 1 + MOST_SELDOM as u8;

    /// The plan for tensors of so many elements each. Each level costs a half of the one before or less.
    pub(super) fn at(level: u8, elements: &[usize]) -> Self {
        let level = usize::from(level.min(Self::THRIFTIEST));
        let total: usize = elements.iter().sum();
        let most = (MOST_VALUES / total.max(1) as f64).min(1.0);
        let least = SHARES.len() - 1;
        let share = most * SHARES.get(level).or(SHARES.last()).copied().unwrap_or(1.0);
        let blocks = |elements: &usize| TensorBlocks {
            gradient: Blocks::share(*elements, share),
            weight: Blocks::share(*elements, share * WEIGHTS),
        };
        Self {
            tensors: elements.iter().map(blocks).collect(),
            every: 1 << level.saturating_sub(least),
        }
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
