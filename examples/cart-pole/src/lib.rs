//! A pole on a cart that is pushed to the left or to the right.
//!
//! The equations are those of A. G. Barto, R. S. Sutton and C. W. Anderson, "Neuronlike adaptive elements
//! that can solve difficult learning control problems" (1983), without friction, in steps of 20 ms.

use rand::Rng;

const GRAVITY: f32 = 9.8;
const CART_MASS: f32 = 1.0;
const POLE_MASS: f32 = 0.1;
/// Half of the pole's length, in meters.
const HALF_LENGTH: f32 = 0.5;
/// How hard the cart is pushed, in newtons.
const FORCE: f32 = 10.0;
/// In seconds.
const STEP: f32 = 0.02;
/// How far the cart may go, in meters.
const MOST_POSITION: f32 = 2.4;
/// How far the pole may lean, in radians: 12 degrees.
const MOST_ANGLE: f32 = 0.209_44;

/// How long an episode lasts at most, in steps.
pub const MOST_STEPS: u64 = 500;

/// A direction in which the cart is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// Towards lower positions.
    Left,
    /// Towards higher ones.
    Right,
}

/// The cart, and how long it has stood.
#[derive(Debug, Clone)]
pub struct Cart {
    position: f32,
    velocity: f32,
    angle: f32,
    angular_velocity: f32,
    steps: u64,
}

impl Cart {
    /// A pole that almost stands.
    pub fn new(random: &mut impl Rng) -> Self {
        let mut small = || random.random_range(-0.05..0.05);
        Self {
            position: small(),
            velocity: small(),
            angle: small(),
            angular_velocity: small(),
            steps: 0,
        }
    }

    /// What can be seen: position, velocity, angle, angular velocity.
    pub fn seen(&self) -> [f32; 4] {
        [self.position, self.velocity, self.angle, self.angular_velocity]
    }

    /// Takes a step. Says whether the episode goes on.
    pub fn push(&mut self, push: Push) -> bool {
        let force = if push == Push::Right { FORCE } else { -FORCE };
        let (sin, cos) = self.angle.sin_cos();
        let mass = CART_MASS + POLE_MASS;
        let swing = POLE_MASS * HALF_LENGTH * self.angular_velocity.powi(2) * sin;
        let pushed = (force + swing) / mass;
        let inertia = HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * cos.powi(2) / mass);
        let angular = (GRAVITY * sin - cos * pushed) / inertia;
        let linear = pushed - POLE_MASS * HALF_LENGTH * angular * cos / mass;
        self.position += STEP * self.velocity;
        self.velocity += STEP * linear;
        self.angle += STEP * self.angular_velocity;
        self.angular_velocity += STEP * angular;
        self.steps += 1;
        self.stands() && self.steps < MOST_STEPS
    }

    fn stands(&self) -> bool {
        self.position.abs() <= MOST_POSITION && self.angle.abs() <= MOST_ANGLE
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn lasts(mut policy: impl FnMut(&Cart) -> Push) -> u64 {
        let mut cart = Cart::new(&mut ChaCha8Rng::seed_from_u64(1));
        while cart.push(policy(&cart)) {}
        cart.steps
    }

    #[test]
    fn a_pole_that_is_pushed_one_way_falls_the_other_and_a_good_hand_keeps_it() {
        assert!(lasts(|_| Push::Right) < 15);
        let follow = |cart: &Cart| {
            let [_, _, angle, turning] = cart.seen();
            if angle + turning > 0.0 { Push::Right } else { Push::Left }
        };
        assert!(lasts(follow) > 150);
    }
}
