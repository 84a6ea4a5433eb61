//! The lock of a study's journal, as Optuna takes it.

use std::{
    io,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Error, Result, RunId, error::IoContext, format::folder::StorePath, platform::entry::Look,
    studies::holder,
};

const SUFFIX: &str = ".lock";

/// How long a lock stays as it is before it counts as left by a dead process. Optuna's is the same.
const GRACE: Duration = Duration::from_secs(30);

/// How long is waited at most for a lock that others take again and again.
const LONGEST: Duration = Duration::from_mins(5);

const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// Optuna waits up to a second; whoever trains by processes of a second would wait as long as it trains.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

const HINT: &str = "check the permissions of the study's folder, and whether its disk is full";

/// … of a study that lies in a place.
const ELSEWHERE: &str = "do it in the store in which the study is swept; a place only shows it";

/// That nobody else writes to a study's journal, while it lives.
///
/// If its process is held up for more than 30 seconds, others take it for dead: before it writes, it asks whether it
/// [still holds](Self::is_held) the lock.
#[derive(Debug)]
pub struct StudyLock {
    place: StorePath,
    look: Look,
}

impl StudyLock {
    pub(super) fn take(journal: &StorePath) -> Result<Self> {
        Self::take_within(journal, GRACE)
    }

    pub(super) fn take_within(journal: &StorePath, grace: Duration) -> Result<Self> {
        let place = journal.sibling(format!("{}{SUFFIX}", journal.name()));
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut seen = (Signs::default(), begun);
        loop {
            match take_once(&place, journal) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                taken => {
                    let hint = if journal.is_mounted() { ELSEWHERE } else { HINT };
                    return taken.io_context("lock", journal, hint);
                }
            }
            let now = Signs::of(&place, journal);
            if now != seen.0 {
                seen = (now, Instant::now());
            }
            if let Some(lock) = now.lock
                && (seen.1.elapsed() > grace || holder::is_dead(&place, &lock))
            {
                let broken = holder::alone(&place, || break_stale(&place, &lock));
                broken.io_context("unlock", journal, HINT)?;
                pause = FIRST_PAUSE;
            }
            if begun.elapsed() > LONGEST + grace {
                return Err(held_for_long(&place));
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether it is still this one that stands beside the journal.
    pub fn is_held(&self) -> bool {
        self.place.look().is_ok_and(|look| is_same(&look, &self.look))
    }
}

impl Drop for StudyLock {
    fn drop(&mut self) {
        // Somebody may have taken it for dead, and holds it now.
        if self.is_held() {
            let _ = self.place.remove();
        }
    }
}

/// What changes while processes that live lock and unlock.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
struct Signs {
    lock: Option<Look>,
    journal: Option<Look>,
}

impl Signs {
    fn of(lock: &StorePath, journal: &StorePath) -> Self {
        Self { lock: lock.look().ok(), journal: journal.look().ok() }
    }
}

fn take_once(place: &StorePath, journal: &StorePath) -> io::Result<StudyLock> {
    // Optuna looks at the file behind the link, and asks without a pause where it finds none.
    let target: PathBuf = std::path::absolute(&**journal)?;
    place.create_mark(&target)?;
    let look = place.look()?;
    holder::note(place, &look);
    Ok(StudyLock { place: place.clone(), look })
}

/// Takes away a lock that nobody holds. Of several machines that do so at once, one may meet the new lock of another, who
/// then sees that it is gone before it writes.
fn break_stale(place: &StorePath, stale: &Look) -> io::Result<()> {
    if !place.look().is_ok_and(|look| is_same(&look, stale)) {
        return Ok(());
    }
    let aside = place.sibling(format!("{}{}.rename", place.name(), RunId::generate()));
    match place.rename_to(&aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        renamed => renamed?,
    }
    // A folder in its place is out of the way now, and may stay.
    let _ = aside.remove();
    Ok(())
}

fn is_same(one: &Look, other: &Look) -> bool {
    (one.file, one.changed) == (other.file, other.changed)
}

fn held_for_long(place: &StorePath) -> Error {
    Error::Io {
        action: "take",
        path: place.to_path_buf(),
        hint: "too many processes write to this study at once: run fewer of them".into(),
        source: io::Error::new(io::ErrorKind::TimedOut, "others held it for five minutes"),
    }
}
