//! Whether a training was asked to stop, whether it listens, and whether it is over.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use parking_lot::Mutex;

use crate::Stop;

/// What a run's log calls, its writer thread and its signals know of a request to stop.
#[derive(Debug, Default)]
pub(crate) struct StopFlag {
    /// 0 no, 1 after this epoch, 2 now. Changed only under the lock of `reason`.
    urgency: AtomicU8,
    reason: Mutex<Option<String>>,
    listening: AtomicBool,
    /// Whether the program has a way of its own to end the training.
    taken_up: AtomicBool,
    over: AtomicBool,
}

impl StopFlag {
    /// Asks to stop, unless something as urgent has been asked. Says whether that changed anything.
    pub(crate) fn ask(&self, stop: Stop, reason: &str) -> bool {
        let mut known = self.reason.lock();
        if stop <= self.get() {
            return false;
        }
        *known = Some(reason.to_owned());
        self.urgency.store(stop as u8, Ordering::Release);
        true
    }

    pub(crate) fn get(&self) -> Stop {
        match self.urgency.load(Ordering::Acquire) {
            0 => Stop::No,
            1 => Stop::AfterEpoch,
            _ => Stop::Now,
        }
    }

    /// Who asked, and why.
    pub(crate) fn reason(&self) -> Option<String> {
        self.reason.lock().clone()
    }

    /// Answers the training, which listens from now on.
    pub(crate) fn answer(&self) -> Stop {
        if !self.listening.load(Ordering::Relaxed) {
            self.listening.store(true, Ordering::Release);
        }
        self.get()
    }

    pub(crate) fn is_heard(&self) -> bool {
        self.listening.load(Ordering::Acquire)
    }

    /// Says that the program itself takes care of the request, such as by a handler of its own for
    /// the signal behind it.
    pub(crate) fn take_up(&self) {
        self.taken_up.store(true, Ordering::Release);
    }

    /// Why a training that has ended was stopped; `None` if nobody asked, or nobody has heard it.
    pub(crate) fn cause(&self) -> Option<String> {
        let answered = self.is_heard() || self.taken_up.load(Ordering::Acquire);
        self.reason().filter(|_| answered)
    }

    /// Says that the run has ended, so that nobody waits for its training to stop.
    pub(crate) fn set_over(&self) {
        self.over.store(true, Ordering::Release);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_never_weakened() {
        let flag = StopFlag::default();
        assert!(flag.ask(Stop::AfterEpoch, "first"));
        assert!(!flag.ask(Stop::AfterEpoch, "again"));
        assert_eq!((flag.get(), flag.reason().as_deref()), (Stop::AfterEpoch, Some("first")));
        assert!(flag.ask(Stop::Now, "sooner"));
        assert!(!flag.ask(Stop::AfterEpoch, "later"));
        assert!(!flag.ask(Stop::No, "never"));
        assert_eq!((flag.get(), flag.reason().as_deref()), (Stop::Now, Some("sooner")));
    }

    #[test]
    fn only_a_request_that_somebody_heard_is_the_cause_of_an_end() {
        let asked = || {
            let flag = StopFlag::default();
            flag.ask(Stop::Now, "why");
            flag
        };
        assert_eq!(asked().cause(), None);
        for hear in [StopFlag::take_up, |flag: &StopFlag| {
            let _ = flag.answer();
        }] {
            let flag = asked();
            hear(&flag);
            assert_eq!(flag.cause().as_deref(), Some("why"));
        }
    }

    #[test]
    fn a_training_that_looks_is_heard() {
        let flag = StopFlag::default();
        assert!(!flag.is_heard());
        assert_eq!(flag.answer(), Stop::No);
        assert!(flag.is_heard());
    }
}
