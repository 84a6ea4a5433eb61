//! What the graph of a loss tells.

use candle_core::Tensor;

use crate::creation_order;

/// The variables that a loss was made of, in the order in which they were made. Holds none of the graph.
pub(crate) fn variables(loss: &Tensor) -> Vec<Tensor> {
    let nodes = loss.sorted_nodes().into_iter();
    let mut variables: Vec<Tensor> = nodes.filter(|node| node.is_variable()).cloned().collect();
    creation_order::sort(&mut variables);
    variables
}
