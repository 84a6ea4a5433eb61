//! Drawn trainings: each is trained without tracking and with it, and ends the same, bit for bit.
//!
//! A seed draws all of a training: which framework and which loop, data, model, optimizer, metrics,
//! when it stops and what it keeps. [`check`] trains it; `tests/same_endings.rs` goes over seeds.
//!
//! | module | what |
//! |---|---|
//! | `training`, `check` | what a training is, and how its endings are compared |
//! | `ending` | all that must be the same |
//! | `draw` | the generator |
//! | `candle` | loops by hand with Candle, bare and hooked |
//! | `burn_loop` | the same with Burn |
//! | `burn_learner` | Burn's learner |
//! | `burn_model`, `odd_metric`, `quiet` | what the trainings with Burn are made of |
//! | `stops`, `trackers` | when loops end early, and what they are tracked by |
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::struct_excessive_bools, reason = "each is drawn by itself")]

mod burn_learner;
mod burn_loop;
mod burn_model;
mod candle;
mod check;
mod draw;
mod ending;
mod odd_metric;
mod quiet;
mod stops;
mod trackers;
mod training;

pub use check::{check, seeds};
