//! What the graph of a loss tells.

use candle_core::Tensor;

/// The variables that a loss was made of. Holds none of the graph.
pub(crate) fn variables(loss: &Tensor) -> Vec<Tensor> {
    loss.sorted_nodes().into_iter().filter(|node| node.is_variable()).cloned().collect()
}
