//! Goes on until a run has ended and all of it is there.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use tracker_core::read::RunReader;

use super::{progress::Progress, sending::Uplink};
use crate::{Error, Result, StudyUplink, interval, objects::Trouble};

/// How long a sender sleeps before it asks again whether it is to stop.
const NAP: Duration = Duration::from_millis(100);

const LEAST_BACK_OFF: Duration = Duration::from_secs(1);
const MOST_BACK_OFF: Duration = Duration::from_mins(1);

/// The time from one round to the next where nobody says otherwise.
const EVERY: Duration = Duration::from_secs(5);

/// How often the journal of the run's study is sent while the run lives.
const STUDY_EVERY: Duration = Duration::from_secs(30);

/// How long to wait for a person.
const PERSON: Duration = Duration::from_mins(5);

/// How a run is followed.
pub struct FollowOptions {
    /// The time from one round to the next.
    pub every: Duration,
    /// Gets what goes wrong, once a kind until it goes well again.
    pub tell: Box<dyn Fn(&str) + Send>,
    /// What the environment says of it and cannot be used, told first.
    pub not_used: Option<Error>,
}

/// The journal that goes along with a run.
#[derive(Default)]
struct Beside {
    is_known: bool,
    /// What sends it; nothing of a run that is no trial.
    uplink: Option<StudyUplink>,
    sent: Option<Instant>,
    is_told: bool,
}

impl FollowOptions {
    /// Every five seconds, or as often as `TRACKER_SYNC_EVERY` says, in seconds. Tells nobody.
    pub fn new() -> Self {
        let every = interval::of_environment("TRACKER_SYNC_EVERY", EVERY);
        let (every, not_used) = match every {
            Ok(every) => (every, None),
            Err(error) => (EVERY, Some(error)),
        };
        Self { every, tell: Box::new(|_| ()), not_used }
    }
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for FollowOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowOptions").field("every", &self.every).finish_non_exhaustive()
    }
}

impl Uplink {
    /// Sends, round after round, until the run has ended and all is there, or `until` says so. A place that is away is
    /// tried again after 1 to 60 seconds, for ever; one that refuses this sender, every five minutes.
    ///
    /// # Errors
    /// If trying again does not help: what lies there is of another folder, or the folder cannot be read.
    pub fn follow(
        &mut self,
        options: &FollowOptions,
        mut until: impl FnMut() -> bool,
    ) -> Result<Progress> {
        if let Some(error) = &options.not_used {
            (options.tell)(&error.to_string());
        }
        let (mut told, mut back_off) = (BTreeSet::new(), LEAST_BACK_OFF);
        let mut study = Beside::default();
        loop {
            let before = self.folder().run_stamp();
            let wait = match self.send_round(false) {
                Ok(progress) => {
                    self.send_study(&mut study, progress.all, options);
                    if progress.all {
                        return Ok(progress);
                    }
                    told.clear();
                    back_off = LEAST_BACK_OFF;
                    options.every
                }
                Err(error) => {
                    let trouble = Trouble::of(&error);
                    if !trouble.is_tried_again() {
                        return Err(error);
                    }
                    if told.insert(trouble) {
                        (options.tell)(&error.to_string());
                    }
                    back_off = (back_off * 2).min(MOST_BACK_OFF);
                    if trouble.needs_a_person() { PERSON } else { back_off / 2 }
                }
            };
            let folder = self.folder().clone();
            let mut is_over = false;
            self.sleep(wait, || {
                is_over = until();
                // Its end is waited for: it is sent at once.
                is_over || folder.run_stamp() != before
            });
            if is_over {
                return Ok(self.progress());
            }
        }
    }

    /// Sends the journal of the study whose trial the run is, if it is time. The run does not wait for what does not work, and
    /// the next sender of a trial tries again.
    fn send_study(&self, study: &mut Beside, is_last: bool, options: &FollowOptions) {
        if !is_last && study.sent.is_some_and(|sent| sent.elapsed() < STUDY_EVERY) {
            return;
        }
        study.sent = Some(Instant::now());
        let mut send = || {
            if !study.is_known {
                let run = RunReader::open(self.folder().path())?;
                study.uplink = StudyUplink::of_run(self.place(), &run)?;
                study.is_known = true;
            }
            study.uplink.as_mut().map_or(Ok(false), StudyUplink::send)
        };
        match send() {
            Ok(_) => study.is_told = false,
            Err(_) if study.is_told => {}
            Err(error) => {
                (options.tell)(&error.to_string());
                study.is_told = true;
            }
        }
    }

    /// Waits so long, while files are sent; less if `until` says so, or the last of them arrives of a run that has ended.
    pub(super) fn sleep(&self, wait: Duration, mut until: impl FnMut() -> bool) {
        let end = Instant::now() + wait;
        while !until() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.rest(left.min(NAP)) {
                return;
            }
        }
    }
}
