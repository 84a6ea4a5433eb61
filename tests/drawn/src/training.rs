//! A training that can be done again and again.

use std::fmt;

use crate::{
    burn_learner::LearnerTraining, burn_loop::LoopTraining, candle::CandleTraining, draw::Draw,
    ending::Ending,
};

/// A training that can be done again and again.
pub(crate) trait Training: fmt::Debug {
    /// Which loop it is.
    fn loop_name(&self) -> &'static str;

    /// Trains without tracking.
    fn bare(&self) -> Ending;

    /// Trains with tracking, in each way that it should make no difference in.
    fn tracked(&self) -> Vec<(&'static str, Ending)>;
}

/// The training of a seed.
pub(crate) fn of_seed(seed: u64) -> Box<dyn Training> {
    let mut draw = Draw::new(seed);
    match draw.within(0..=9) {
        0..=3 => Box::new(CandleTraining::draw(&mut draw)),
        4..=5 => Box::new(LoopTraining::draw(&mut draw)),
        _ => Box::new(LearnerTraining::draw(&mut draw)),
    }
}
