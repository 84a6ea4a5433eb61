//! Learns to keep a pole on a cart, by trial and error, with Burn's own training of agents. Lines that
//! tracking adds are marked `// +`.
//!
//! `episode/reward` is how long the pole stood in each episode, 500 steps at most. Pushes at random hold it
//! for about 20. `valid/reward` is that of the agent when it explores no more.
//!
//! ```text
//! cargo run --release -p burn-cartpole -- --steps 12000
//! ```

mod agent;
mod environment;
mod rows;

use burn::{
    tensor::Device,
    train::{OffPolicyConfig, RLStrategies, RLTraining, metric::LossMetric},
};
use burn_callback::prelude::*;
use clap::Parser;
use serde::Serialize;

use crate::{agent::Agent, environment::PoleOnCart};

/// Learns to keep a pole on a cart.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// How many pushes the agent learns from.
    #[arg(long, default_value_t = 12_000)]
    steps: usize,
    /// What the first weights, the carts and the choices are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The learning rate.
    #[arg(long, default_value_t = 1e-3)]
    lr: f64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let run = init("cartpole").config(&args).start()?; // +
    train(&run, &args);
    println!("{}", run.finish()?); // +
    Ok(())
}

fn train(run: &Run, args: &Args) {
    let device = Device::flex().autodiff();
    device.seed(args.seed);
    let strategy = OffPolicyConfig::new()
        .with_replay_buffer_size(10_000)
        .with_train_batch_size(64)
        .with_warmup_steps(500)
        .with_eval_interval(2_000)
        .with_eval_episodes(5);
    let seed = args.seed;
    let training = RLTraining::new(run.dir(), move || PoleOnCart::new(seed))
        .metrics_train((LossMetric::new(),))
        .num_steps(args.steps)
        .with_inference_device(Device::flex())
        .with_learning_strategy(RLStrategies::OffPolicyStrategy(strategy))
        .track(run); // +
    training.launch(Agent::new(&device, args.lr, args.seed));
}

#[cfg(test)]
mod tests {
    use burn_callback::tracker_core::read::{RunReader, Store};

    use super::*;

    fn values(run: &RunReader, metric: &str) -> Vec<f64> {
        run.series(metric).unwrap().iter().map(|row| row.value).collect()
    }

    #[test]
    fn the_pole_stands_longer_and_every_episode_and_update_is_logged() {
        let store = tempfile::tempdir().unwrap();
        let run = init("cartpole").dir(store.path()).signals(false).start().unwrap();
        train(&run, &Args { steps: 4_001, seed: 1, lr: 1e-3 });
        assert_eq!(run.finish().unwrap().problems(), []);
        let run = Store::open(store.path()).unwrap().runs().unwrap().runs.remove(0);

        let rewards = values(&run, "episode/reward");
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let (first, last) = (mean(&rewards[..10]), mean(&rewards[rewards.len() - 10..]));
        assert!(last > 2.0 * first, "{rewards:?}");
        assert_eq!(values(&run, "episode/length"), rewards);
        assert_eq!(values(&run, "episode").last(), Some(&(rewards.len() as f64)));
        assert_eq!(run.series("batch/train/loss").unwrap().len(), 3_502, "an update each step");
        let evaluated = run.series("valid/reward").unwrap();
        assert_eq!(evaluated.len(), 2);
        assert!(evaluated.iter().all(|row| (row.step.0 + 501) % 2_000 < 2), "{evaluated:?}");
    }
}
