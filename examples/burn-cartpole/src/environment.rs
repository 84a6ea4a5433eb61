//! The cart as Burn's environment.

use burn::{
    rl::{Environment, StepResult, ToAction, ToObservation},
    tensor::{Device, Tensor},
};
use cart_pole::{Cart, MOST_STEPS, Push};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::rows::Rows;

/// A cart that begins anew whenever its pole has fallen.
pub(crate) struct PoleOnCart {
    cart: Cart,
    random: ChaCha8Rng,
    steps: u64,
}

impl PoleOnCart {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        Self { cart: Cart::new(&mut random), random, steps: 0 }
    }
}

/// What is seen of the cart.
#[derive(Debug, Clone)]
pub(crate) struct Seen([f32; 4]);

impl ToObservation<Rows> for Seen {
    fn to_observation(&self, device: &Device) -> Rows {
        Rows(Tensor::from_floats([self.0], device))
    }
}

/// What is done to it.
#[derive(Debug, Clone)]
pub(crate) struct Pushed(Push);

impl ToAction<Rows> for Pushed {
    fn to_action(&self, device: &Device) -> Rows {
        Rows(Tensor::from_floats([[if self.0 == Push::Right { 1.0_f32 } else { 0.0 }]], device))
    }
}

impl From<Rows> for Pushed {
    fn from(action: Rows) -> Self {
        let is_right = action.0.into_scalar::<f32>() > 0.5;
        Self(if is_right { Push::Right } else { Push::Left })
    }
}

impl Environment for PoleOnCart {
    type State = Seen;
    type Action = Pushed;

    const MAX_STEPS: usize = MOST_STEPS as usize;

    fn state(&self) -> Seen {
        Seen(self.cart.seen())
    }

    fn step(&mut self, action: Pushed) -> StepResult<Seen> {
        let goes_on = self.cart.push(action.0);
        self.steps += 1;
        let truncated = self.steps >= MOST_STEPS;
        StepResult {
            next_state: self.state(),
            reward: 1.0,
            done: !goes_on && !truncated,
            truncated,
        }
    }

    fn reset(&mut self) {
        self.cart = Cart::new(&mut self.random);
        self.steps = 0;
    }
}
