//! What an optimizer remembers between steps, for checkpoints.

use candle_core::Var;
use candle_nn::SGD;

/// An optimizer whose memory can be kept in a checkpoint.
///
/// With it, a training that goes on from a checkpoint takes the same steps as one that was never
/// interrupted. Without it, the weights are restored and the optimizer starts anew: for `AdamW`,
/// the first steps after that are those of a fresh optimizer, larger than they would have been.
///
/// [`ResumableAdamW`](crate::ResumableAdamW) and candle's [`SGD`] have it. Candle's own
/// [`AdamW`](candle_nn::AdamW) cannot: it keeps its moments private. Implement it for an optimizer
/// of your own by giving out its variables:
///
/// ```
/// use candle_hooks::{OptimizerState, candle_core::Var};
///
/// struct Momentum {
///     velocities: Vec<Var>,
/// }
///
/// impl OptimizerState for Momentum {
///     fn variables(&self) -> Vec<(String, Var)> {
///         let name = |index| format!("{index}.velocity");
///         let velocities = self.velocities.iter().enumerate();
///         velocities.map(|(index, velocity)| (name(index), velocity.clone())).collect()
///     }
/// }
/// ```
pub trait OptimizerState {
    /// All that the optimizer remembers between steps, as variables that share its storage: a
    /// checkpoint reads them, and restoring sets them. Each has a name of its own that is the same
    /// in every process. A counter is a scalar variable on the CPU.
    ///
    /// They are asked for once: all of them are there when the optimizer is made, and stay the same
    /// variables, whose values the steps set.
    ///
    /// Neither the weights belong to it, which the checkpoint has anyway, nor settings such as the
    /// learning rate.
    fn variables(&self) -> Vec<(String, Var)>;
}

/// Candle's SGD has no momentum: it remembers nothing.
impl OptimizerState for SGD {
    fn variables(&self) -> Vec<(String, Var)> {
        Vec::new()
    }
}
