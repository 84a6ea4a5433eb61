//! Keeps the cost of looking within a share of the steps.

use std::time::{Duration, Instant};

use crate::adapter::flight::plan::Plan;

/// The share of the time of a step that is too much, …
const MOST: f64 = 0.015;

/// … and the share that is so little that four times as much may be tried.
const LITTLE: f64 = 0.003;

/// After so many looks it is decided anew.
const LOOKS: usize = 16;

/// What looks and steps cost lately.
#[derive(Debug)]
pub(super) struct Pace {
    pub(super) level: u8,
    last: Option<Instant>,
    /// The times between steps.
    steps: [Duration; LOOKS],
    stepped: usize,
    looks: [Duration; LOOKS],
    looked: usize,
}

impl Pace {
    /// The level at which it begins: gradients whole, up to their most, and a part of the weights.
    pub(super) const FIRST: u8 = 0;

    pub(super) fn new() -> Self {
        let [steps, looks] = [[Duration::ZERO; LOOKS]; 2];
        Self { level: Self::FIRST, last: None, steps, stepped: 0, looks, looked: 0 }
    }

    /// A step begins.
    pub(super) fn step(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now)
            && let Some(place) = self.steps.get_mut(self.stepped % LOOKS)
        {
            *place = now.saturating_duration_since(last);
            self.stepped += 1;
        }
    }

    /// A look is over, of which there is one in `every` steps. Says whether another level holds from now on.
    pub(super) fn look(&mut self, cost: Duration, every: u64) -> bool {
        if let Some(place) = self.looks.get_mut(self.looked) {
            *place = cost;
        }
        self.looked += 1;
        if self.looked < LOOKS || self.stepped < LOOKS {
            self.looked %= LOOKS;
            return false;
        }
        self.looked = 0;
        let before = self.level;
        let cost = middle(self.looks).as_secs_f64() / every as f64;
        let step = middle(self.steps).as_secs_f64();
        if cost > MOST * step {
            self.level = (self.level + 1).min(Plan::THRIFTIEST);
        } else if cost < LITTLE * step {
            self.level = self.level.saturating_sub(1);
        }
        self.level != before
    }
}

/// The median: a validation between two steps says nothing of them.
fn middle(mut times: [Duration; LOOKS]) -> Duration {
    let (_, middle, _) = times.select_nth_unstable(LOOKS / 2);
    *middle
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The level that a training comes to whose step takes 1 ms and whose look costs so many µs at level 0.
    fn level(cost: f64) -> u8 {
        let elements = [1_000_000; 4];
        let mut pace = Pace::new();
        let mut now = Instant::now();
        let mut plan = Plan::at(pace.level, &elements);
        let whole = plan.tensors.iter().map(|of| of.gradient.values()).sum::<usize>() as f64;
        for step in 0..20_000_u64 {
            now += Duration::from_millis(1);
            pace.step(now);
            if !step.is_multiple_of(plan.every) {
                continue;
            }
            let seen = plan.tensors.iter().map(|of| of.gradient.values()).sum::<usize>() as f64;
            let look = Duration::from_secs_f64(cost * 1e-6 * seen / whole);
            if pace.look(look, plan.every) {
                plan = Plan::at(pace.level, &elements);
            }
        }
        pace.level
    }

    #[test]
    fn what_is_cheap_is_looked_at_whole_and_what_is_dear_in_part_or_seldom() {
        assert_eq!(level(1.0), 0);
        assert_eq!(level(14.0), 0);
        assert_eq!(level(40.0), 1);
        assert!((3..Plan::THRIFTIEST).contains(&level(1_000.0)));
    }
}
