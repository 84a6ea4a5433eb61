//! Which sampler a plan names, and what it draws from.

use fastrand::Rng;

use super::{
    auto::Auto, contract::Sampler, gp::Gp, grid::Grid, quasi::Quasi, random::Random, tpe::Tpe,
};
use crate::{Method, Plan};

/// The sampler that a plan names.
///
/// ```
/// # fn of(plan: &tracker_study::Plan, trials: &[tracker_study::Trial]) -> Option<tracker_study::Params> {
/// use tracker_study::{Asked, draws_of, sampler_of};
///
/// let mut draws = draws_of(plan, trials.len());
/// sampler_of(plan).ask(&Asked::new(&plan.space, &plan.metrics, trials), &mut draws)
/// # }
/// ```
pub fn sampler_of(plan: &Plan) -> Box<dyn Sampler> {
    match plan.method {
        Method::Auto => Box::new(Auto::new(plan.seed)),
        Method::Gp => Box::new(Gp::new(plan.seed)),
        Method::Tpe => Box::new(Tpe::new(plan.seed)),
        Method::Random => Box::new(Random),
        Method::Quasi => Box::new(Quasi::new(plan.seed)),
        Method::Grid => Box::new(Grid),
    }
}

/// What the trial of this number is drawn from: the same for a plan's seed and a number, on every machine.
pub fn draws_of(plan: &Plan, number: usize) -> Rng {
    Rng::with_seed(mixed(plan.seed ^ mixed(number as u64)))
}

/// `SplitMix64`'s step (Steele, Lea and Flood 2014): numbers that lie beside each other come to lie far apart.
fn mixed(number: u64) -> u64 {
    let spread = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let spread = (spread ^ (spread >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let spread = (spread ^ (spread >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    spread ^ (spread >> 31)
}
