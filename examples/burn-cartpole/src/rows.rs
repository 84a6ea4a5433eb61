//! Tensors of several observations or actions.

use burn::{
    prelude::*,
    rl::{Batchable, SliceAccess},
};

/// One observation, action or pair of values a row.
#[derive(Debug, Clone)]
pub(crate) struct Rows(pub(crate) Tensor<2>);

impl Batchable for Rows {
    fn batch(rows: Vec<Self>) -> Self {
        Self(Tensor::cat(rows.into_iter().map(|rows| rows.0).collect(), 0))
    }

    fn unbatch(self) -> Vec<Self> {
        self.0.split(1, 0).into_iter().map(Self).collect()
    }
}

impl SliceAccess for Rows {
    fn zeros_like(sample: &Self, capacity: usize, device: &Device) -> Self {
        Self(<Tensor<2> as SliceAccess>::zeros_like(&sample.0, capacity, device))
    }

    fn select(self, dim: usize, indices: Tensor<1, Int>) -> Self {
        Self(SliceAccess::select(self.0, dim, indices))
    }

    fn slice_assign_inplace(&mut self, index: usize, value: Self) {
        self.0.slice_assign_inplace(index, value.0);
    }
}
