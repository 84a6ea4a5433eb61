//! Learns to keep a pole on a cart, by trial and error: REINFORCE with a baseline (R. J. Williams, "Simple
//! statistical gradient-following algorithms for connectionist reinforcement learning", 1992).
//! Lines that the hooks add are marked `// +`.
//!
//! `episode/reward` is how long the pole stood in each episode, 500 steps at most, `train/reward` its mean
//! over an epoch. A policy that pushes at random holds it for about 20.
//!
//! ```text
//! cargo run --release -p candle-cartpole -- --epochs 15
//! ```

use candle_hooks::{
    candle_core::{D, DType, Device, Module, Result, Tensor},
    candle_nn::{AdamW, Linear, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, ops},
    prelude::*,
};
use cart_pole::{Cart, Push};
use clap::Parser;
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Learns to keep a pole on a cart.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// How many times ten updates of the policy.
    #[arg(long, default_value_t = 15)]
    epochs: u64,
    /// How many episodes are played for each update.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..))]
    episodes: u64,
    /// What the first weights, the carts and the choices are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The learning rate.
    #[arg(long, default_value_t = 0.01)]
    lr: f64,
    /// How much less a reward counts for each step that it is away.
    #[arg(long, default_value_t = 0.99)]
    discount: f32,
}

/// How many updates make an epoch.
const UPDATES: u64 = 10;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let ((), report) = init("cartpole").config(&args).run(|run| train(run, &args))?; // +
    println!("{report}"); // +
    Ok(())
}

fn train(run: &Run, args: &Args) -> anyhow::Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    let policy = Policy::new(&mut random)?;
    let adamw = AdamW::new(
        policy.weights.all_vars(),
        ParamsAdamW { lr: args.lr, ..ParamsAdamW::default() },
    )?;

    let hooks = Hooks::new(run); // +
    let mut optimizer = hooks.optimizer(adamw); // +
    for _ in hooks.epochs(1..=args.epochs) {
        for _ in hooks.batches(0..UPDATES) {
            let played = play(&policy, args.episodes, &mut random)?;
            for length in played.lengths() {
                hooks.episode(length as f64, length); // +
            }
            optimizer.backward_step(&played.loss(&policy, args.discount)?)?;
        }
    }
    policy.weights.save(run.dir().join("policy.safetensors"))?;
    Ok(())
}

/// What to do, as the logits of pushing to the left and to the right.
struct Policy {
    weights: VarMap,
    hidden: Linear,
    output: Linear,
}

impl Policy {
    /// Candle seeds no weights on the CPU, so they are drawn here.
    fn new(random: &mut impl Rng) -> Result<Self> {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
        let hidden = linear(4, 32, builder.pp("hidden"))?;
        let output = linear(32, 2, builder.pp("output"))?;
        let mut named: Vec<_> = weights.data().lock().map_or_else(
            |_| Vec::new(),
            |all| all.iter().map(|(name, variable)| (name.clone(), variable.clone())).collect(),
        );
        named.sort_by(|one, other| one.0.cmp(&other.0));
        for (_, variable) in named {
            let bound = 1.0 / (variable.dim(D::Minus1)? as f32).sqrt();
            let values: Vec<f32> =
                (0..variable.elem_count()).map(|_| random.random_range(-bound..bound)).collect();
            variable.set(&Tensor::from_vec(values, variable.shape(), &Device::Cpu)?)?;
        }
        Ok(Self { weights, hidden, output })
    }
}

impl Module for Policy {
    fn forward(&self, seen: &Tensor) -> Result<Tensor> {
        self.output.forward(&self.hidden.forward(seen)?.tanh()?)
    }
}

/// Episodes that were played side by side.
struct Played {
    episodes: Vec<Episode>,
}

/// What was seen, and what was done then, step by step.
#[derive(Default)]
struct Episode {
    seen: Vec<[f32; 4]>,
    pushes: Vec<u32>,
}

/// Plays episodes until each is over.
fn play(policy: &Policy, episodes: u64, random: &mut impl Rng) -> Result<Played> {
    let mut carts: Vec<(Cart, Episode)> =
        (0..episodes).map(|_| (Cart::new(random), Episode::default())).collect();
    let mut played = Vec::new();
    while !carts.is_empty() {
        let seen: Vec<[f32; 4]> = carts.iter().map(|(cart, _)| cart.seen()).collect();
        let logits = policy.forward(&tensor(&seen)?)?;
        let right = ops::softmax(&logits.detach(), D::Minus1)?.narrow(1, 1, 1)?.flatten_all()?;
        let right: Vec<f32> = right.to_vec1()?;
        let mut going = Vec::new();
        for ((mut cart, mut episode), right) in carts.into_iter().zip(right) {
            let push = if random.random_range(0.0..1.0) < right { Push::Right } else { Push::Left };
            episode.seen.push(cart.seen());
            episode.pushes.push(u32::from(push == Push::Right));
            if cart.push(push) {
                going.push((cart, episode));
            } else {
                played.push(episode);
            }
        }
        carts = going;
    }
    Ok(Played { episodes: played })
}

impl Played {
    /// How long the pole stood in each.
    fn lengths(&self) -> impl Iterator<Item = u64> {
        self.episodes.iter().map(|episode| episode.pushes.len() as u64)
    }

    /// The mean of `-ln p(push) * advantage`, whose gradient is that of the reward.
    fn loss(&self, policy: &Policy, discount: f32) -> Result<Tensor> {
        let seen: Vec<[f32; 4]> = self.episodes.iter().flat_map(|of| of.seen.clone()).collect();
        let pushes: Vec<u32> = self.episodes.iter().flat_map(|of| of.pushes.clone()).collect();
        let count = pushes.len();
        let logits = policy.forward(&tensor(&seen)?)?;
        let pushes = Tensor::from_vec(pushes, (count, 1), &Device::Cpu)?;
        let chosen = ops::log_softmax(&logits, D::Minus1)?.gather(&pushes, 1)?.flatten_all()?;
        let advantages = Tensor::from_vec(self.advantages(discount), count, &Device::Cpu)?;
        (chosen * advantages)?.mean_all()?.neg()
    }

    /// How much better than the mean each push turned out, with a spread of 1.
    fn advantages(&self, discount: f32) -> Vec<f32> {
        let returns = self.episodes.iter().flat_map(|of| returns(of.pushes.len(), discount));
        let returns: Vec<f32> = returns.collect();
        let count = returns.len() as f32;
        let mean = returns.iter().sum::<f32>() / count;
        let variance = returns.iter().map(|one| (one - mean).powi(2)).sum::<f32>() / count;
        let spread = variance.sqrt().max(1e-6);
        returns.iter().map(|one| (one - mean) / spread).collect()
    }
}

/// What was seen, of shape `(count, 4)`.
fn tensor(seen: &[[f32; 4]]) -> Result<Tensor> {
    Tensor::from_slice(seen.as_flattened(), (seen.len(), 4), &Device::Cpu)
}

/// What is still to come at each step, where each is worth 1.
fn returns(length: usize, discount: f32) -> Vec<f32> {
    let mut to_come = 0.0;
    let mut returns: Vec<f32> = (0..length)
        .map(|_| {
            to_come = 1.0 + discount * to_come;
            to_come
        })
        .collect();
    returns.reverse();
    returns
}

#[cfg(test)]
mod tests {
    use candle_hooks::tracker_core::read::Store;

    use super::*;

    #[test]
    fn a_reward_counts_less_the_further_it_is_away() {
        assert_eq!(returns(3, 0.5), [1.75, 1.5, 1.0]);
    }

    #[test]
    fn the_pole_stands_longer_and_every_episode_is_logged() -> anyhow::Result<()> {
        let store = tempfile::tempdir()?;
        let args = Args { epochs: 8, episodes: 16, seed: 1, lr: 0.01, discount: 0.99 };
        let run = init("cartpole").dir(store.path()).signals(false).start()?;
        train(&run, &args)?;
        run.finish()?;
        let run = Store::open(store.path())?.runs()?.runs.remove(0);
        let rewards: Vec<f64> = run.series("train/reward")?.iter().map(|row| row.value).collect();
        assert!(rewards.len() == 8 && rewards[7] > 4.0 * rewards[0], "{rewards:?}");
        assert_eq!(run.series("episode/reward")?.len(), 8 * 10 * 16);
        assert_eq!(run.series("batch/train/loss")?.len(), 80);
        Ok(())
    }
}
