//! What is measured, and by whom.

use std::{borrow::Cow, fmt::Debug, time::Duration};

use crate::Problem;

/// Measures something of the machine, now and then: a thermometer, a device that tracker does not know.
///
/// It is asked on a thread of its own, beside the training, at most each second; it may take some
/// milliseconds. See [`RunBuilder::sensor`](crate::RunBuilder::sensor).
///
/// ```
/// use tracker_core::{Readings, Sensor};
///
/// #[derive(Debug)]
/// struct Room;
///
/// impl Sensor for Room {
///     fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
///         readings.add("room.temperature", "°C", 21.5); // as `system/room.temperature`
///         Ok(())
///     }
/// }
/// ```
pub trait Sensor: Send + Debug {
    /// Adds what it measures now.
    ///
    /// # Errors
    /// Why it cannot. The run counts that as a problem, and the sensor is not asked again.
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String>;
}

/// What was measured at one time.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    since_last: Duration,
    all: Vec<Reading>,
    problems: Vec<Problem>,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
    /// Whether it is of this process alone, and not of its machine.
    pub(crate) is_own: bool,
}

impl Readings {
    /// None yet, so long after those before.
    pub(crate) fn after(since_last: Duration) -> Self {
        Self { since_last, ..Self::default() }
    }

    /// Adds a value. Its metric is `system/` and the name. The unit is shown beside it: with `%`, the value
    /// is a fraction; with `B`, bytes.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, unit: &'static str, value: f64) {
        self.all.push(Reading { name: name.into(), unit, value, is_own: false });
    }

    /// Adds a value of what this process has for itself.
    pub(crate) fn add_own(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        unit: &'static str,
        value: f64,
    ) {
        self.all.push(Reading { name: name.into(), unit, value, is_own: true });
    }

    /// Says that something of the machine is wrong.
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Adds by how much a counter has grown a second since the last time, if that is known.
    pub(crate) fn add_rate(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        unit: &'static str,
        counter: &mut Counter,
        total: f64,
    ) {
        if let Some(grown) = counter.grown_to(total)
            && self.since_last > Duration::ZERO
        {
            self.add(name, unit, grown / self.since_last.as_secs_f64());
        }
    }

    pub(crate) fn all(&self) -> &[Reading] {
        &self.all
    }

    pub(crate) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(crate) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }
}

/// A number that only grows, unless its machine begins anew.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    last: Option<f64>,
}

impl Counter {
    /// By how much it has grown since the last time; `None` at the first time, and where it has fallen.
    pub(crate) fn grown_to(&mut self, total: f64) -> Option<f64> {
        let last = self.last.replace(total)?;
        (total >= last).then_some(total - last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_tells_from_its_second_time_on_and_not_where_it_began_anew() {
        let mut counter = Counter::default();
        let rates: Vec<_> = [10.0, 30.0, 5.0, 6.0]
            .into_iter()
            .map(|total| {
                let mut readings = Readings::after(Duration::from_secs(2));
                readings.add_rate("x", "B/s", &mut counter, total);
                readings.all().first().map(|reading| reading.value)
            })
            .collect();
        assert_eq!(rates, [None, Some(10.0), None, Some(0.5)]);
    }
}
