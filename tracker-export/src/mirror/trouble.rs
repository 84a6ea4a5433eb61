//! What becomes of a mirror whose other side fails.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::Error;

/// How long to wait after the first failure. Each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest time between two tries.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// How long what worked before may fail once the run has ended.
const PATIENCE: Duration = Duration::from_mins(10);

/// The same where nothing ever worked.
const SHORT_PATIENCE: Duration = Duration::from_mins(1);

/// The most kinds of failures that are told apart.
const MOST_KINDS: usize = 20;

/// Failures in a row, and what was said of them.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    said: BTreeSet<String>,
    tries: u32,
    since: Option<Instant>,
    until: Option<Instant>,
    has_worked: bool,
}

impl Trouble {
    /// How long to wait before the next try.
    pub(super) fn wait(&self) -> Duration {
        self.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// It works.
    pub(super) fn is_over(&mut self) {
        (self.tries, self.since, self.until, self.has_worked) = (0, None, None, true);
    }

    /// It failed once more. Whether nothing was said of failures of this kind.
    pub(super) fn came(&mut self, error: &Error) -> bool {
        let now = Instant::now();
        self.since.get_or_insert(now);
        self.until = Some(now + LONGEST_WAIT.min(FIRST_WAIT * 2_u32.pow(self.tries.min(10))));
        self.tries += 1;
        self.said.len() < MOST_KINDS && self.said.insert(kind(error))
    }

    /// Whether it ever worked.
    pub(super) fn has_worked(&self) -> bool {
        self.has_worked
    }

    /// How often it failed in a row.
    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    /// Whether another try is not worth it, of a run that has ended.
    pub(super) fn is_hopeless(&self) -> bool {
        let patience = if self.has_worked { PATIENCE } else { SHORT_PATIENCE };
        self.since.is_some_and(|since| since.elapsed() >= patience)
    }
}

/// What failures of one kind have in common: the words of the first line, without numbers.
fn kind(error: &Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_once_and_tries_come_ever_more_seldom() {
        let error = |port: u16| Error::Unusable {
            what: format!("port {port} refuses"),
            hint: String::new(),
        };
        let mut trouble = Trouble::default();
        assert!(trouble.wait().is_zero());
        assert!(trouble.came(&error(1)));
        let first = trouble.wait();
        assert!(!trouble.came(&error(2)), "only the number differs");
        assert!(first > Duration::ZERO && trouble.wait() > first);
        for _ in 0..100 {
            trouble.came(&error(1));
        }
        assert!(trouble.wait() <= LONGEST_WAIT);
        trouble.is_over();
        assert!(trouble.wait().is_zero() && !trouble.is_hopeless());
    }
}
