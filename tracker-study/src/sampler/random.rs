//! Values by chance.

use fastrand::Rng;

use super::contract::{Asked, Sampler};
use crate::Params;

/// Draws each value by itself, every place of its domain as likely as any other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Random;

impl Sampler for Random {
    fn ask(&self, asked: &Asked<'_>, draws: &mut Rng) -> Option<Params> {
        Some(asked.space.fill(|parameter| parameter.domain.of_unit(draws.f64())))
    }
}
