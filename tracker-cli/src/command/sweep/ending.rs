//! What is done about a training that was asked to stop and goes on.

use std::time::{Duration, Instant};

/// How long a training has that never looked whether it should stop.
const WITHOUT_LISTENER: Duration = Duration::from_secs(10);

/// How long one has that looks: what it does last, such as an evaluation, may take its time.
const WITH_LISTENER: Duration = Duration::from_mins(5);

/// How long a signal has, at which a run is still saved, before the training is killed.
const AFTER_SIGNAL: Duration = Duration::from_mins(1);

/// A training that was asked to stop.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    asked: Instant,
    told: Option<Instant>,
    is_killed: bool,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Push {
    /// It has time.
    Wait,
    /// It gets a signal at which it can end by itself.
    Signal,
    /// It is ended.
    Kill,
}

impl Ending {
    /// It was asked at this moment.
    pub(crate) fn asked_at(asked: Instant) -> Self {
        Self { asked, told: None, is_killed: false }
    }

    /// What is to be done at this moment, each thing once.
    pub(crate) fn push(&mut self, now: Instant, listens: bool) -> Push {
        let patience = if listens { WITH_LISTENER } else { WITHOUT_LISTENER };
        match self.told {
            None if now.saturating_duration_since(self.asked) >= patience => self.signal(now),
            Some(told)
                if !self.is_killed && now.saturating_duration_since(told) >= AFTER_SIGNAL =>
            {
                self.is_killed = true;
                Push::Kill
            }
            _ => Push::Wait,
        }
    }

    /// Has the signal sent now, if none was.
    pub(crate) fn signal(&mut self, now: Instant) -> Push {
        if self.told.is_some() {
            return Push::Wait;
        }
        self.told = Some(now);
        Push::Signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is done, and after how many seconds.
    fn pushes(listens: bool) -> Vec<(u64, Push)> {
        let start = Instant::now();
        let mut ending = Ending::asked_at(start);
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let all = (0..1_000).map(|second| (second, ending.push(at(second), listens)));
        all.filter(|(_, push)| *push != Push::Wait).collect()
    }

    #[test]
    fn a_training_that_does_not_listen_gets_a_signal_after_ten_seconds_and_is_killed_after_sixty_more()
     {
        assert_eq!(pushes(false), [(10, Push::Signal), (70, Push::Kill)]);
    }

    #[test]
    fn a_training_that_listens_has_five_minutes() {
        assert_eq!(pushes(true), [(300, Push::Signal), (360, Push::Kill)]);
    }

    #[test]
    fn a_signal_that_people_ask_for_is_sent_once() {
        let start = Instant::now();
        let mut ending = Ending::asked_at(start);
        assert_eq!(ending.signal(start), Push::Signal);
        assert_eq!(ending.signal(start), Push::Wait);
        assert_eq!(ending.push(start + AFTER_SIGNAL, true), Push::Kill);
    }
}
