//! Keeps git's answer in a run's folder.

use std::{
    env,
    io::{self, Write},
    path::Path,
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use crate::{
    console::switch,
    format::{code_file::PatchKept, folder::StorePath, layout::RunPaths, run_file::write_json},
    provenance::code::git::{Answer, Place},
};

/// How long a run that ends waits for git, counted from when this process asked it: so a short run
/// knows its code too, and many short runs in one process wait once. Of a training that lasts
/// longer, git's answer has long been there.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Longer than the state is held but for files that are being named.
const MOMENT: Duration = Duration::from_millis(10);

/// What this process has asked so far. Asked once: a program does not change while it runs, and the
/// files around it may.
static ASKED: Mutex<Vec<Arc<Asked>>> = Mutex::new(Vec::new());

/// A question to git.
#[derive(Debug)]
struct Asked {
    place: Place,
    since: Instant,
    /// Git's answer; none where it had none.
    answer: OnceLock<Option<Answer>>,
}

/// Whether `TRACKER_CODE_CHANGES` lets git be asked. It may be set to keep a secret, so what is
/// misspelt counts as no.
pub(crate) fn is_wanted_by_environment() -> bool {
    switch::is_on("TRACKER_CODE_CHANGES", "off", false, "to record changes of the code")
}

/// One run's wait for git's answer.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    state: Mutex<State>,
    told: Condvar,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is asked, or all is written.
    #[default]
    Idle,
    /// Git is asked, and worth waiting for until then.
    Asking(Instant),
    /// The run has ended without waiting any longer: its folder is left alone.
    TooLate,
}

impl Recording {
    /// Asks git on a thread of its own, and keeps the answer in the run's folder. `tell` is told
    /// whether there were changes.
    pub(crate) fn begin(
        self: &Arc<Self>,
        paths: &RunPaths,
        store: &Path,
        tell: impl FnOnce(bool) + Send + 'static,
    ) {
        let Some(place) = env::current_dir().ok().and_then(|here| Place::new(&here, store)) else {
            return;
        };
        let asked = asked(place);
        *self.state.lock() = State::Asking(asked.since + LONGEST_WAIT);
        let (recording, paths) = (Arc::clone(self), paths.clone());
        let spawned = thread::Builder::new().name("tracker-code".into()).spawn(move || {
            if let Some(answer) = asked.answer.get_or_init(|| asked.place.ask()) {
                recording.keep(&paths, answer, tell);
            }
            recording.rest();
        });
        if spawned.is_err() {
            self.rest();
        }
    }

    /// What cannot be written is not known, and no trouble of the training. The run does not end between
    /// the look at it and the files' names: an ended one gets none.
    fn keep(&self, paths: &RunPaths, answer: &Answer, tell: impl FnOnce(bool)) {
        if !self.is_asking() {
            return;
        }
        let is_ready = write_patch(paths, answer).is_ok();
        let state = self.state.lock();
        if is_ready && matches!(*state, State::Asking(_)) && name_files(paths, answer).is_ok() {
            tell(answer.code.dirty);
        } else {
            let _ = temporary(paths).remove();
        }
    }

    fn rest(&self) {
        *self.state.lock() = State::Idle;
        self.told.notify_all();
    }

    fn is_asking(&self) -> bool {
        matches!(*self.state.lock(), State::Asking(_))
    }

    /// Waits a moment until git's answer is written. An answer that comes later is not kept.
    pub(crate) fn wait(&self) {
        let mut state = self.state.lock();
        if let State::Asking(until) = *state {
            let is_asking = |state: &mut State| matches!(state, State::Asking(_));
            self.told.wait_while_until(&mut state, is_asking, until);
        }
        give_up(&mut state);
    }

    /// Waits for git's answer as long as this, and lets it come later all the same.
    pub(crate) fn wait_until(&self, until: Instant) {
        let mut state = self.state.lock();
        let is_asking = |state: &mut State| matches!(state, State::Asking(_));
        self.told.wait_while_until(&mut state, is_asking, until);
    }

    /// Keeps no answer from now on, but for one whose files are just being named: a disk that hangs
    /// must not hold whoever gives up.
    pub(crate) fn give_up(&self) {
        if let Some(mut state) = self.state.try_lock_for(MOMENT) {
            give_up(&mut state);
        }
    }
}

fn give_up(state: &mut State) {
    if matches!(state, State::Asking(_)) {
        *state = State::TooLate;
    }
}

/// The question about a place, put by whoever comes first.
fn asked(place: Place) -> Arc<Asked> {
    let mut all = ASKED.lock();
    if let Some(known) = all.iter().find(|known| known.place == place) {
        return Arc::clone(known);
    }
    let asked = Arc::new(Asked { place, since: Instant::now(), answer: OnceLock::new() });
    all.push(Arc::clone(&asked));
    asked
}

fn has_patch(answer: &Answer) -> bool {
    matches!(answer.code.patch_kept, PatchKept::Whole | PatchKept::Cut)
}

fn temporary(paths: &RunPaths) -> StorePath {
    paths.code_patch().temporary()
}

fn write_patch(paths: &RunPaths, answer: &Answer) -> io::Result<()> {
    if !has_patch(answer) {
        return Ok(());
    }
    temporary(paths).create_anew()?.write_all(&answer.patch)
}

/// The patch first: where `code.json` tells of it, it is there.
fn name_files(paths: &RunPaths, answer: &Answer) -> io::Result<()> {
    if has_patch(answer) {
        temporary(paths).rename_to(&paths.code_patch())?;
    }
    write_json(&paths.code(), &answer.code, false)
}
