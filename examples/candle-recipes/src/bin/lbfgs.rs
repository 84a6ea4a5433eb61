//! An optimizer that Candle does not know, which looks at the loss several times in a step: L-BFGS (D. C. Liu
//! and J. Nocedal, "On the limited memory BFGS method for large scale optimization", 1989). The loop says
//! when a step was taken.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin lbfgs
//! ```

use std::collections::VecDeque;

use candle_hooks::{
    candle_core::{DType, Result, Tensor, Var},
    candle_nn::loss,
    prelude::*,
};
use candle_recipes::{DEVICE, Digits};

/// How many steps are remembered.
const MEMORY: usize = 10;

fn main() -> anyhow::Result<()> {
    let ((), report) = init("lbfgs").run(train)?;
    println!("{report}");
    Ok(())
}

fn train(run: &Run) -> anyhow::Result<()> {
    let digits = Digits::first(1_000)?;
    let weights = Var::zeros((784, 10), DType::F32, &DEVICE)?;
    let loss_at = |weights: &Tensor| {
        let logits = digits.images.matmul(weights)?;
        loss::cross_entropy(&logits, &digits.labels)? + (weights.sqr()?.sum_all()? * 1e-4)?
    };
    let hooks = Hooks::new(run).counts_steps();
    let mut memory = Memory::default();
    for _ in 0..30 {
        let loss = loss_at(&weights)?;
        hooks.loss(&loss);
        hooks.accuracy(&digits.images.matmul(&weights)?, &digits.labels)?;
        let gradient = loss.backward()?.remove(&weights).unwrap_or(weights.zeros_like()?).detach();
        let direction = memory.direction(&weights, &gradient)?;
        let Some(next) = search(&weights, &direction, &gradient, &loss, loss_at)? else { break };
        weights.set(&next)?;
        hooks.step(); // the looks at the loss in between are none
    }
    Ok(())
}

/// The nearest point in this direction at which the loss is low enough; `None` if there is none.
fn search(
    from: &Tensor,
    direction: &Tensor,
    gradient: &Tensor,
    loss: &Tensor,
    loss_at: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<Option<Tensor>> {
    let (loss, slope) = (number(loss)?, dot(direction, gradient)?);
    for halvings in 0..20 {
        let length = 0.5_f64.powi(halvings);
        let next = (from.detach() + (direction * length)?)?;
        if number(&loss_at(&next)?)? <= loss + 1e-4 * length * slope {
            return Ok(Some(next));
        }
    }
    Ok(None)
}

/// What the last steps told of the loss's curvature.
#[derive(Default)]
struct Memory {
    /// By how much weights and gradient changed, from the oldest step to the last.
    steps: VecDeque<(Tensor, Tensor)>,
    /// Where the last step began, and its gradient there.
    last: Option<(Tensor, Tensor)>,
}

impl Memory {
    /// Where to go from here: downwards, by the curvature that is known.
    fn direction(&mut self, weights: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let here = (weights.detach().copy()?, gradient.clone());
        if let Some((weights, gradient)) = self.last.replace(here.clone()) {
            let (moved, turned) = ((here.0 - weights)?, (here.1 - gradient)?);
            if dot(&moved, &turned)? > 1e-10 {
                self.steps.push_back((moved, turned));
            }
            if self.steps.len() > MEMORY {
                self.steps.pop_front();
            }
        }
        let mut direction = gradient.clone();
        let mut shares = Vec::new();
        for (moved, turned) in self.steps.iter().rev() {
            let share = dot(moved, &direction)? / dot(moved, turned)?;
            direction = (direction - (turned * share)?)?;
            shares.push(share);
        }
        if let Some((moved, turned)) = self.steps.back() {
            direction = (direction * (dot(moved, turned)? / dot(turned, turned)?))?;
        }
        for ((moved, turned), share) in self.steps.iter().zip(shares.into_iter().rev()) {
            let back = dot(turned, &direction)? / dot(moved, turned)?;
            direction = (direction + (moved * (share - back))?)?;
        }
        direction.neg()
    }
}

fn dot(one: &Tensor, other: &Tensor) -> Result<f64> {
    number(&(one * other)?.sum_all()?)
}

fn number(scalar: &Tensor) -> Result<f64> {
    Ok(f64::from(scalar.to_scalar::<f32>()?))
}

#[cfg(test)]
mod tests {
    use candle_hooks::tracker_core::read::Store;

    use super::*;

    #[test]
    fn each_step_is_one_however_often_it_looks_at_the_loss() -> anyhow::Result<()> {
        let store = tempfile::tempdir()?;
        let run = init("lbfgs").dir(store.path()).signals(false).start()?;
        train(&run)?;
        assert_eq!(run.finish()?.problems(), []);
        let run = Store::open(store.path())?.runs()?.runs.remove(0);
        let losses = run.series("batch/train/loss")?;
        assert!(losses.iter().map(|row| row.step.0).eq(0..30), "{}", losses.len());
        assert!(losses.windows(2).all(|pair| pair[1].value <= pair[0].value));
        assert!(losses[29].value < 0.3, "{}", losses[29].value);
        Ok(())
    }
}
