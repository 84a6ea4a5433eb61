//! Sends runs from within the process that trains, in place of the program `tracker sync`.
//!
//! The core knows no network. Whoever does, such as the crate `tracker-remote`, says once in the process how a run is sent,
//! by [`send_by`]; runs that start afterwards, and that [`RunBuilder::sync`](crate::RunBuilder::sync) or `TRACKER_SYNC`
//! names a place for, are sent by a thread that calls it. Without that, a program is started beside the training.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, Weak},
    thread,
};

use super::sync::Sending;
use crate::{
    caught,
    platform::family,
    store::{Session, silence_this_thread},
};

/// What sends one run to one place, as [`send_by`] takes it.
pub type SendRun = fn(&Assignment) -> std::result::Result<(), String>;

static SEND: OnceLock<SendRun> = OnceLock::new();

/// One run that is to be sent to one place.
#[derive(Debug, Clone)]
pub struct Assignment {
    pub(super) folder: PathBuf,
    pub(super) session: Weak<Session>,
    pub(super) sending: Arc<Sending>,
}

impl Assignment {
    /// The run's folder, `<store>/<project>/<run id>`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The place, as a person has named it.
    pub fn place(&self) -> &str {
        self.sending.place()
    }

    /// Tells the run, once, that something keeps it from being sent. `over` says that it is not tried again, which is told
    /// after that too, once.
    pub fn tell(&self, why: &str, over: bool) {
        if let Some(session) = self.session.upgrade() {
            self.sending.tell(&session, why, over);
        }
    }

    /// Whether it is to be left as it is: too many runs of this process have ended whose place does not answer.
    pub fn is_called_off(&self) -> bool {
        self.sending.is_called_off()
    }
}

/// Has runs that this process starts from now on sent by `send`, on a thread `tracker-sync` of low priority for each run and
/// place. The first call in a process counts.
///
/// `send` may block as long as it likes, and is to return when the run has ended and all of it is at the place, or when it
/// is [called off](Assignment::is_called_off); while too many that were have not returned, no more are begun. It says how
/// far it is in the run's `followers/sync-….json`, as [`replica`](crate::replica) writes notes;
/// [`Run::finish`](crate::Run::finish) waits by that. An error is a text that fits behind "the run is not sent:", with the
/// way out in a second line, `hint: …`; it becomes a problem of the run's, and so does a panic. The training goes on. The
/// end of the process waits for no thread.
pub fn send_by(send: SendRun) {
    let _ = SEND.set(send);
}

/// Has `work` done on a thread `tracker-sync-left` of tracker's own, of low priority: what it logs is no message of a run's,
/// and a panic of it is nobody's end. Where no thread can be started, it is not done.
pub fn beside(work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name("tracker-sync-left".to_owned());
    let _ = thread.spawn(move || {
        silence_this_thread();
        family::step_back();
        caught::catch(work);
    });
}

/// What was said, if anything was.
pub(super) fn in_process() -> Option<SendRun> {
    SEND.get().copied()
}
