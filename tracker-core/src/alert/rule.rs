//! What a training is watched for.

use std::time::Duration;

use crate::{Error, Level, Result, Stop, error::excerpt};

/// How many values say what is usual.
const WINDOW: usize = 128;
/// How many may.
const WIDEST: usize = 1 << 16;
/// How far above the usual a spike is.
const DEVIATIONS: f64 = 10.0;
/// How long a training may be silent at least.
const PATIENCE: Duration = Duration::from_mins(5);

/// Something that a run is watched for while it trains. When it is seen, an [`Alert`](crate::Alert) is
/// raised.
///
/// Rules look at points on the way to the disk, on the writer thread: the training does not pay for them. A
/// metric is named in full or with stars, as in `*loss` or `layers/*/gradients`; a star stands for any text, and a
/// question mark for one letter.
///
/// ```no_run
/// use tracker_core::{Rule, Stop, init};
///
/// # fn main() -> tracker_core::Result<()> {
/// let run = init("mnist")
///     .rule(Rule::not_finite("train/loss").stop(Stop::Now))
///     .rule(Rule::above("valid/accuracy", 0.99))
///     .on_alert(|alert| eprintln!("look: {alert}"))
///     .start()?;
/// # Ok(())
/// # }
/// ```
///
/// Unless [`default_rules(false)`](crate::RunBuilder::default_rules) says otherwise, each run is watched for
/// what is never right:
///
/// | rule | raised |
/// |---|---|
/// | `Rule::not_finite("*")` | at a metric's first NaN or infinite value |
/// | `Rule::spike("*loss")` | when a loss jumps far above what is usual; not where a metric is named `*reward`: in reinforcement learning losses jump, and say little |
/// | `Rule::stall()` | when nothing is logged any more |
/// | `Rule::above("system/memory_share", 0.97)` | when the machine's memory is nearly full |
/// | `Rule::below("system/disk.free", …)` | when less than 3 % of the disk and 10 GB are free |
///
/// A rule raises one alert for a metric, and the next one after as many quiet points as its window has; three
/// for a metric and sixteen in all. What it has seen is forgotten when a run is resumed.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub(crate) metric: String,
    pub(crate) watch: Watch,
    pub(crate) window: usize,
    pub(crate) level: Level,
    pub(crate) stop: Option<Stop>,
    /// Whether somebody asked for it: then it looks in any case, and is told if it had nothing to look at.
    pub(crate) is_own: bool,
}

/// What a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Watch {
    NotFinite,
    Spike { deviations: f64 },
    Plateau,
    Above(f64),
    Below(f64),
    Stall(Duration),
}

impl Rule {
    /// Watches for values that are NaN or infinite.
    pub fn not_finite(metric: impl Into<String>) -> Self {
        Self::new(metric, Watch::NotFinite)
    }

    /// Watches for values that jump far above what is usual: more than twice the median of the last
    /// finite values, more than 10 deviations above it, and twice as far above it as any of them. A deviation
    /// is half the distance between the quartiles; where all values are positive, distances are those of their
    /// logarithms.
    ///
    /// It says nothing before a quarter of the [window](Self::window) is filled.
    pub fn spike(metric: impl Into<String>) -> Self {
        Self::new(metric, Watch::Spike { deviations: DEVIATIONS })
    }

    /// Watches for metrics that did not fall below their least value for as many points as the
    /// [window](Self::window) has. Not among the default rules: good trainings end so.
    pub fn plateau(metric: impl Into<String>) -> Self {
        Self::new(metric, Watch::Plateau)
    }

    /// Watches for finite values above a limit.
    pub fn above(metric: impl Into<String>, limit: f64) -> Self {
        Self::new(metric, Watch::Above(limit))
    }

    /// Watches for finite values below a limit.
    pub fn below(metric: impl Into<String>, limit: f64) -> Self {
        Self::new(metric, Watch::Below(limit))
    }

    /// Watches for a run that logs nothing any more, for ten times its longest pause and five minutes at
    /// least. Metrics of `system/` do not count.
    pub fn stall() -> Self {
        Self::new("*", Watch::Stall(PATIENCE))
    }

    fn new(metric: impl Into<String>, watch: Watch) -> Self {
        let (metric, is_own) = (metric.into(), true);
        Self { metric, watch, window: WINDOW, level: Level::Warning, stop: None, is_own }
    }

    /// Says how many values tell what is usual, and after how many quiet ones an alert may be raised again: 128
    /// if unsaid, 65,536 at most. Once there are as many, every fourth one enters, so that they span four times
    /// as many points.
    #[must_use]
    pub fn window(mut self, points: usize) -> Self {
        self.window = points;
        self
    }

    /// Says how many deviations above the usual a [spike](Self::spike) is: 10 if unsaid. Other rules do not
    /// ask.
    #[must_use]
    pub fn deviations(mut self, deviations: f64) -> Self {
        if let Watch::Spike { deviations: known } = &mut self.watch {
            *known = deviations;
        }
        self
    }

    /// Says how long a run may be silent before it counts as [stalled](Self::stall): five minutes if unsaid.
    /// Other rules do not ask.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        if let Watch::Stall(known) = &mut self.watch {
            *known = patience;
        }
        self
    }

    /// Says how much its alerts matter: [`Level::Warning`] if unsaid.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Asks the training to stop as well, all of its processes. It does if an adapter runs it, or if its loop
    /// looks at [`requests`](crate::Tracker::requests).
    #[must_use]
    pub fn stop(mut self, stop: Stop) -> Self {
        self.stop = Some(stop);
        self
    }

    /// The name of what it watches for, as alerts have it.
    pub(crate) fn name(&self) -> &'static str {
        match self.watch {
            Watch::NotFinite => "not-finite",
            Watch::Spike { .. } => "spike",
            Watch::Plateau => "plateau",
            Watch::Above(_) => "above",
            Watch::Below(_) => "below",
            Watch::Stall(_) => "stall",
        }
    }

    /// # Errors
    /// If it could never be raised, or has no meaning.
    pub(crate) fn check(&self) -> Result<()> {
        let (reason, hint) = match self.watch {
            _ if self.metric.is_empty() => ("it watches no metric", "name one, or `*` for all"),
            _ if !(1..=WIDEST).contains(&self.window) => {
                ("its window is not from 1 to 65,536 points", "leave `.window(..)` out for 128")
            }
            Watch::Spike { deviations } if !(deviations.is_finite() && deviations > 0.0) => {
                ("its deviations are no positive number", "leave `.deviations(..)` out for 10")
            }
            Watch::Above(limit) | Watch::Below(limit) if !limit.is_finite() => {
                ("its limit is no finite number", "`Rule::not_finite` watches for NaN and ±∞")
            }
            _ => return Ok(()),
        };
        Err(Error::InvalidName {
            what: "rule",
            name: excerpt(&format!("{} {}", self.name(), self.metric)),
            reason: reason.to_owned(),
            hint: hint.to_owned(),
        })
    }

    /// Those that each run has, where that much room on its disk is little.
    pub(crate) fn usual(little_room: Option<f64>) -> Vec<Self> {
        /// A minute of looks at the machine.
        const MINUTE: usize = 6;
        let disk = little_room.map(|room| Self::below("system/disk.free", room).window(MINUTE));
        let others = [
            Self::not_finite("*"),
            Self::spike("*loss"),
            Self::stall(),
            Self::above("system/memory_share", 0.97).window(MINUTE),
        ];
        others.into_iter().chain(disk).map(|rule| Self { is_own: false, ..rule }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rules_are_sound() {
        assert!(Rule::usual(Some(1e10)).iter().all(|rule| rule.check().is_ok()));
    }

    #[test]
    fn a_rule_without_meaning_is_refused_with_a_way_out() {
        for rule in [
            Rule::spike(""),
            Rule::spike("loss").window(0),
            Rule::spike("loss").window(usize::MAX),
            Rule::spike("loss").deviations(f64::NAN),
            Rule::above("loss", f64::NAN),
            Rule::below("loss", f64::INFINITY),
        ] {
            let error = rule.check().unwrap_err().to_string();
            assert!(error.contains("hint: "), "{error}");
        }
    }
}
