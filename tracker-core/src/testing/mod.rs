//! The conformance suite: what every [`Tracker`](crate::Tracker) must do, as tests to run against your own.
//!
//! Enable the feature `testing` in your dev-dependencies and run the whole suite in one test:
//!
//! ```
//! use tracker_core::{MemoryTracker, testing::{Subject, conformance}};
//!
//! conformance(|| {
//!     let tracker = MemoryTracker::new();
//!     Subject::new(&tracker).reads(move |metric| tracker.series(metric))
//! });
//! ```
//!
//! Each check panics with a sentence that says what was promised and not kept.

#[cfg(feature = "testing")]
mod conformance;
#[cfg(feature = "testing")]
pub mod fuzzing;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
pub(crate) mod manual_writer;
#[cfg(test)]
pub(crate) mod parts;
#[cfg(test)]
#[cfg(feature = "portable")]
mod portable_tests;
#[cfg(all(unix, feature = "testing"))]
mod shared_words;

#[cfg(feature = "testing")]
pub use conformance::{Subject, conformance};

/// Says that NVIDIA's driver is on this machine, so that its library is loaded, or one in its place.
#[cfg(feature = "testing")]
#[doc(hidden)]
pub fn assume_nvidia() {
    crate::platform::NVIDIA_IS_ASSUMED.store(true, std::sync::atomic::Ordering::Relaxed);
}

#[cfg(all(unix, feature = "testing"))]
pub use shared_words::SharedWords;

/// Passes one metric's values by these rules, in turns of so many points, and gives how often they saw something:
/// what the writer thread does of them, for a benchmark.
#[cfg(feature = "testing")]
#[doc(hidden)]
pub fn pass_rules(rules: Vec<crate::Rule>, metric: &str, values: &[f64], turn: usize) -> usize {
    use crate::alert::engine::{Passing, Rules};
    let mut rules = Rules::new(rules);
    rules.learn(metric);
    let mut points = (0..).zip(values);
    for _ in values.chunks(turn) {
        for (step, value) in points.by_ref().take(turn) {
            rules.pass(0, Passing { step, value: *value, count: step + 1 });
        }
        rules.end_turn(std::time::Instant::now());
    }
    rules.take().len()
}
