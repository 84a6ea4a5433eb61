//! Keeps git's answer in a run's folder.

use std::{
    env, fs, io,
    path::Path,
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use crate::{
    code::git::{Answer, Place},
    format::{code_file::PatchKept, layout::RunPaths, run_file::write_json},
    notice,
};

/// How long the end of a run waits for git, so that a short run knows its code too. Of a training
/// that lasts longer, git's answer has long been there.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// What this process has asked so far. Asked once: a program does not change while it runs, and the
/// files around it may.
static ANSWERS: Mutex<Vec<(Place, Arc<Asked>)>> = Mutex::new(Vec::new());

/// Git's answer, once somebody has asked; none where it had none.
type Asked = OnceLock<Option<Answer>>;

/// Whether `TRACKER_CODE_CHANGES` lets git be asked. It may be set to keep a secret, so what is
/// misspelt counts as no.
pub(crate) fn is_wanted_by_environment() -> bool {
    match env::var("TRACKER_CODE_CHANGES").as_deref() {
        Ok("" | "on") | Err(env::VarError::NotPresent) => true,
        Ok("off") => false,
        other => {
            let other = other.unwrap_or("no text");
            let text = format!(
                "TRACKER_CODE_CHANGES is `{}`, so no changes are recorded",
                crate::error::excerpt(other)
            );
            notice::warn(&text, "set it to `off`, or to `on` or nothing to record them");
            false
        }
    }
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
    Asking,
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
        *self.state.lock() = State::Asking;
        let (recording, paths) = (Arc::clone(self), paths.clone());
        let spawned = thread::Builder::new().name("tracker-code".into()).spawn(move || {
            if let Some(answer) = answer(&place).get().and_then(Option::as_ref) {
                recording.keep(&paths, answer, tell);
            }
            recording.rest();
        });
        if spawned.is_err() {
            self.rest();
        }
    }

    /// What cannot be written is not known, and no trouble of the training.
    fn keep(&self, paths: &RunPaths, answer: &Answer, tell: impl FnOnce(bool)) {
        if *self.state.lock() == State::Asking && write(paths, answer).is_ok() {
            tell(answer.code.dirty);
        }
    }

    fn rest(&self) {
        *self.state.lock() = State::Idle;
        self.told.notify_all();
    }

    /// Waits until git's answer is written, for so long. An answer that comes later is not kept.
    pub(crate) fn wait(&self, longest: Duration) {
        let mut state = self.state.lock();
        let is_asking = |state: &mut State| *state == State::Asking;
        if self.told.wait_while_for(&mut state, is_asking, longest).timed_out() {
            *state = State::TooLate;
        }
    }
}

/// What git says of a place, asked by whoever comes first.
fn answer(place: &Place) -> Arc<Asked> {
    let asked = {
        let mut answers = ANSWERS.lock();
        let known = answers.iter().find(|(known, _)| known == place);
        let asked = known.map(|(_, asked)| Arc::clone(asked)).unwrap_or_default();
        if known.is_none() {
            answers.push((place.clone(), Arc::clone(&asked)));
        }
        asked
    };
    asked.get_or_init(|| place.ask());
    asked
}

/// The patch first: where `code.json` tells of it, it is there.
fn write(paths: &RunPaths, answer: &Answer) -> io::Result<()> {
    if matches!(answer.code.patch_kept, PatchKept::Whole | PatchKept::Cut) {
        let temporary = paths.code_patch().with_extension("patch.tmp");
        fs::write(&temporary, &answer.patch)?;
        fs::rename(&temporary, paths.code_patch())?;
    }
    write_json(&paths.code(), &answer.code, false)
}
