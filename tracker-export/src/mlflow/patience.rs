//! How long one waits for a server.

use std::time::Duration;

/// How often a server is asked again that does not answer, or says that it cannot now, and how long one waits. Between
/// two tries the wait doubles; where the server says how long, that is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patience {
    /// How often it is asked in all.
    pub tries: u32,
    /// The wait behind the first try.
    pub first_wait: Duration,
    /// The longest wait, also where the server wishes a longer one: then it is an error at once.
    pub longest_wait: Duration,
    /// How long one answer may take.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 7,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_mins(2),
            answer: Duration::from_mins(1),
        }
    }
}

impl Patience {
    /// Asks so many times, and waits so long behind the first try.
    #[must_use]
    pub fn tries(mut self, tries: u32, first_wait: Duration) -> Self {
        self.tries = tries.max(1);
        self.first_wait = first_wait;
        self
    }

    /// Waits so long for one answer.
    #[must_use]
    pub fn answer(mut self, answer: Duration) -> Self {
        self.answer = answer;
        self
    }

    /// How long to wait behind this try, the first being 0, if the server says so or nothing. `None` if it is to be
    /// given up.
    pub(super) fn wait(&self, tried: u32, wished: Option<Duration>) -> Option<Duration> {
        if tried + 1 >= self.tries || wished.is_some_and(|wished| wished > self.longest_wait) {
            return None;
        }
        let own = self.first_wait.saturating_mul(1 << tried.min(16)).min(self.longest_wait);
        Some(wished.unwrap_or(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_the_servers_word_counts_first() {
        let patience = Patience::default().tries(4, Duration::from_secs(1));
        let seconds = |tried, wished: Option<u64>| {
            patience.wait(tried, wished.map(Duration::from_secs)).map(|wait| wait.as_secs())
        };
        assert_eq!(
            [0, 1, 2, 3].map(|tried| seconds(tried, None)),
            [Some(1), Some(2), Some(4), None]
        );
        assert_eq!(seconds(0, Some(7)), Some(7));
        assert_eq!(seconds(0, Some(1_000)), None);
        assert_eq!(seconds(3, Some(1)), None);
    }
}
