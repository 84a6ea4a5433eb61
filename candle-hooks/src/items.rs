//! How many items a loss stands for, as its graph tells.

use candle_core::Tensor;
use tracker_core::adapter::recorder::Unit;

/// The number of items over which a scalar loss was taken: the first dimension of the tensor that
/// was reduced to it. `None` if the graph does not tell.
///
/// All losses of `candle_nn::loss` end in a sum or mean over a tensor whose first dimension is
/// the batch, so the nearest node of the graph with more than one element has the answer. Nodes
/// that were made of a parameter alone do not count: its transpose, its square in a penalty.
///
/// Tokens are all its elements: a language model's losses are reduced from one number a token.
///
/// The cost is that of the walk with which `backward` begins: 1 to 2 µs for a small network.
pub(crate) fn of_loss(loss: &Tensor, unit: Unit) -> Option<u64> {
    let nodes = loss.sorted_nodes();
    let mut next = nodes.iter().skip(1);
    nodes.iter().find_map(|node| {
        let made_of = next.next();
        if node.elem_count() <= 1 || node.is_variable() {
            return None;
        }
        // What follows a node in this order is what it was made of, unless that also took part
        // in something that follows later: then it is the scalar of the other branch.
        let of_parameter = made_of.is_some_and(|of| {
            of.elem_count() <= 1 || of.is_variable() && of.elem_count() == node.elem_count()
        });
        if of_parameter {
            return None;
        }
        match unit {
            Unit::Items => node.dims().first().map(|items| *items as u64),
            Unit::Tokens => Some(node.elem_count() as u64),
        }
    })
}

#[cfg(test)]
mod tests {
    use candle_core::{D, DType, Device, Result, Var};
    use candle_nn::{loss, ops};

    use super::*;

    struct Network {
        first: Var,
        second: Var,
    }

    impl Network {
        fn new() -> Result<Self> {
            let first = Var::randn(0_f32, 0.1, (20, 6), &Device::Cpu)?;
            let second = Var::randn(0_f32, 0.1, (6, 4), &Device::Cpu)?;
            Ok(Self { first, second })
        }

        fn logits(&self, batch: usize) -> Result<Tensor> {
            let input = Tensor::randn(0_f32, 1.0, (batch, 20), &Device::Cpu)?;
            input.matmul(&self.first)?.relu()?.matmul(&self.second)
        }

        fn penalty(&self) -> Result<Tensor> {
            (self.first.sqr()?.sum_all()? + self.second.sqr()?.sum_all()?)? * 0.01
        }
    }

    fn labels(batch: usize) -> Result<Tensor> {
        Tensor::zeros(batch, DType::U32, &Device::Cpu)
    }

    #[test]
    fn losses_of_candle_tell_their_batch() -> Result<()> {
        let network = Network::new()?;
        for batch in [1, 2, 8, 20] {
            let (logits, labels) = (network.logits(batch)?, labels(batch)?);
            let targets = Tensor::zeros((batch, 4), DType::F32, &Device::Cpu)?;
            let losses = [
                loss::nll(&ops::log_softmax(&logits, D::Minus1)?, &labels)?,
                loss::cross_entropy(&logits, &labels)?,
                loss::mse(&logits, &targets)?,
                loss::binary_cross_entropy_with_logit(&logits, &targets)?,
                loss::huber(&logits, &targets, 1.0)?,
                logits.sqr()?.sum(1)?.mean_all()?,
                loss::cross_entropy(&logits, &labels)?.reshape(1)?,
                (loss::cross_entropy(&logits, &labels)? * 0.25)?.to_dtype(DType::F64)?,
            ];
            for (index, loss) in losses.iter().enumerate() {
                assert_eq!(
                    of_loss(loss, Unit::Items),
                    Some(batch as u64),
                    "loss {index}, batch {batch}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn one_item_with_one_output_is_one() -> Result<()> {
        let weight = Var::randn(0_f32, 0.1, (1, 20), &Device::Cpu)?;
        let input = Tensor::randn(0_f32, 1.0, (1, 20), &Device::Cpu)?;
        let loss = input.matmul(&weight.t()?)?.sqr()?.mean_all()?;
        assert_eq!(of_loss(&loss, Unit::Items).unwrap_or(1), 1);
        let network = Network::new()?;
        let hidden = network.logits(1)?;
        let last = Var::randn(0_f32, 0.1, (1, 4), &Device::Cpu)?;
        let loss = hidden.matmul(&last.t()?)?.sqr()?.mean_all()?;
        assert_eq!(of_loss(&loss, Unit::Items), Some(1));
        Ok(())
    }

    #[test]
    fn penalty_on_the_weights_is_not_taken_for_the_batch() -> Result<()> {
        let network = Network::new()?;
        let loss = loss::cross_entropy(&network.logits(8)?, &labels(8)?)?;
        assert_eq!(of_loss(&(&loss + network.penalty()?)?, Unit::Items), Some(8));
        assert_eq!(of_loss(&(network.penalty()? + &loss)?, Unit::Items), Some(8));
        Ok(())
    }

    #[test]
    fn tokens_are_all_that_the_loss_was_taken_over() -> Result<()> {
        let network = Network::new()?;
        let logits = network.logits(24)?.reshape((3, 8, 4))?;
        let by_token = ops::log_softmax(&logits, D::Minus1)?.max(D::Minus1)?;
        let mean = by_token.mean_all()?;
        assert_eq!(of_loss(&mean, Unit::Tokens), Some(24));
        assert_eq!(of_loss(&mean, Unit::Items), Some(3));
        let flat = loss::cross_entropy(&logits.flatten(0, 1)?, &labels(24)?)?;
        assert_eq!(of_loss(&flat, Unit::Tokens), Some(24));
        Ok(())
    }

    #[test]
    fn loss_without_a_graph_tells_nothing() -> Result<()> {
        assert_eq!(of_loss(&Tensor::new(1_f32, &Device::Cpu)?, Unit::Items), None);
        Ok(())
    }
}
