//! What is logged of Burn's trainings, and that they train as without.
//!
//! One program, as linking Burn takes longer than most of these tests. Tests that need a program of their own
//! lie beside this folder and say why.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

#[path = "../common/mod.rs"]
mod common;

mod apart;
mod checkpoints;
mod custom_loop;
mod decisions;
mod devices;
mod evaluation;
mod flight;
mod knobs;
mod ranks;
mod resume;
mod run;
mod stopping;
mod training;
mod trouble;
mod values;
mod watch;
