//! What the results of several runs say together, such as seeds of one experiment: how far they spread, and whether
//! one group of runs is better than another.
//!
//! ```
//! use tracker_core::stats::{Sample, compare, spread};
//!
//! let narrow = [0.912, 0.918, 0.909, 0.921, 0.915];
//! let wide = [0.917, 0.921, 0.915, 0.922, 0.921];
//! let mean = spread(&narrow).unwrap().mean;
//! assert!((mean - 0.915).abs() < 1e-12);
//!
//! // Runs with the same seed are compared with each other.
//! let of_seeds = |values: [f64; 5]| -> Vec<Sample> {
//!     values.into_iter().zip(1..).map(|(value, seed)| Sample::of(value).key(seed.to_string())).collect()
//! };
//! let difference = compare(&of_seeds(narrow), &of_seeds(wide)).unwrap();
//! let interval = difference.interval(0.95);
//! assert_eq!(difference.pairs, Some(5));
//! assert!(difference.p < 0.05 && interval.low > 0.0);
//! ```
//!
//! Everything here is computed from the numbers alone: nothing is read, and the same numbers give the same answer
//! on each call.
//!
//! Means are judged by Student's t distribution rather than by resampling: of five seeds, a bootstrap of the mean
//! covers the truth in 81 of 100 cases where 95 are promised. The interquartile mean and the probability of being
//! better have no such distribution, so theirs are bootstrapped.

mod beta;
mod bootstrap;
mod compare;
mod draws;
mod gamma;
mod holm;
mod improvement;
mod interquartile;
mod interval;
#[cfg(test)]
mod simulation_tests;
mod spread;
mod student;

pub use bootstrap::bootstrap;
pub use compare::{Difference, FEWEST, Sample, Undecided, compare};
pub use holm::holm;
pub use improvement::{probability_of_greater, probability_of_greater_interval};
pub use interquartile::{interquartile_mean, interquartile_mean_interval};
pub use interval::Interval;
pub use spread::{Spread, spread};
pub use student::StudentT;
