//! What is done about a training that was asked to stop.

use std::time::{Duration, Instant};

/// How long a training that has never looked for requests is given to begin to.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a training was asked to stop, and since when it should have heard.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    at: Option<Instant>,
    /// Whether the request could not be written into the run's folder.
    is_unsent: bool,
}

impl Asked {
    /// It was asked now, if the request could be sent.
    pub(super) fn now(is_sent: bool) -> Self {
        Self { at: Some(Instant::now()), is_unsent: !is_sent }
    }

    pub(super) fn is_asked(self) -> bool {
        self.at.is_some()
    }

    /// Whether it will not end by being asked: nobody listens, or nothing could be sent, and time enough has passed. A
    /// training that listens is left to what it does last.
    pub(super) fn is_deaf(self, listens: bool) -> bool {
        let hears = listens && !self.is_unsent;
        !hears && self.at.is_some_and(|asked| asked.elapsed() >= PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_listen_for_ten_seconds_is_deaf_and_who_listens_never_is() {
        let asked = |seconds, is_unsent| {
            let at = Instant::now().checked_sub(Duration::from_secs(seconds));
            Asked { at, is_unsent }
        };
        assert!(!Asked::default().is_deaf(false));
        assert!(!asked(9, false).is_deaf(false));
        assert!(asked(11, false).is_deaf(false));
        assert!(!asked(100, false).is_deaf(true));
        assert!(asked(11, true).is_deaf(true));
    }
}
