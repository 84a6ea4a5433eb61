//! What is done about a training that was asked to stop.

use std::time::{Duration, Instant};

/// How long a training that has never looked for requests is given to begin to.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a training was asked to stop, and since when it should have heard.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked(Option<Instant>);

impl Asked {
    pub(super) fn now() -> Self {
        Self(Some(Instant::now()))
    }

    pub(super) fn is_asked(self) -> bool {
        self.0.is_some()
    }

    /// Whether it will not end by being asked: nobody listens, and time enough has passed. A training that listens is
    /// left to what it does last.
    pub(super) fn is_deaf(self, listens: bool) -> bool {
        !listens && self.0.is_some_and(|asked| asked.elapsed() >= PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_listen_for_ten_seconds_is_deaf_and_who_listens_never_is() {
        let asked = |seconds| Asked(Instant::now().checked_sub(Duration::from_secs(seconds)));
        assert!(!Asked::default().is_deaf(false));
        assert!(!asked(9).is_deaf(false));
        assert!(asked(11).is_deaf(false));
        assert!(!asked(100).is_deaf(true));
    }
}
