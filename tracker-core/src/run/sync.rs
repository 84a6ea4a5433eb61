//! The places that a run is sent to while it trains, by `tracker sync` beside it, and what that program says of it.

use std::{
    env,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    Problem, Sent, Timestamp,
    console::notice,
    error::excerpt,
    store::Session,
    value::{content_hash::hexadecimal, words::seen},
};

/// Where runs are to be sent to, with commas between the places.
pub(super) const SYNC: &str = "TRACKER_SYNC";

/// The kind of the problem that a place refuses a run.
pub(super) const PROBLEM: &str = "sync";

/// How long the end of a run waits until all is there.
const WAIT: &str = "TRACKER_SYNC_WAIT";

/// … unless it says so.
const USUAL_WAIT: Duration = Duration::from_secs(10);

/// The longest wait: a day.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// How often the end of a run looks whether all is there.
const LOOK: Duration = Duration::from_millis(20);

/// How often it is looked for problems while the run trains.
const LOOK_FOR_PROBLEMS: Duration = Duration::from_millis(500);

/// The most bytes of a note.
const MOST_NOTE: u64 = 64 << 10;

/// The longest text of a problem that is told.
const LONGEST_PROBLEM: usize = 500;

/// A place that the run is sent to, beside the training.
#[derive(Debug)]
pub(crate) struct Sending {
    place: String,
    /// The program that sends has ended, or never began.
    gone: AtomicBool,
    /// Its problem was told.
    told: AtomicBool,
}

/// What the program that sends writes into the run's folder after each round.
#[derive(Debug, Deserialize)]
struct Note {
    told: Timestamp,
    /// The run has ended, and all that is in its folder is there.
    #[serde(default)]
    all: bool,
    /// In bytes.
    #[serde(default)]
    behind: u64,
    #[serde(default)]
    problem: Option<String>,
}

impl Sending {
    pub(super) fn to(place: String) -> Arc<Self> {
        Arc::new(Self { place, gone: AtomicBool::new(false), told: AtomicBool::new(false) })
    }

    /// Nobody sends any more.
    pub(super) fn set_gone(&self) {
        self.gone.store(true, Ordering::Release);
    }

    /// Tells of a problem, once, until the program that sends has ended or the run is gone.
    pub(super) fn tell_until(&self, session: &Weak<Session>, mut has_ended: impl FnMut() -> bool) {
        while !has_ended() {
            let Some(session) = session.upgrade() else { return };
            self.tell_problem(&session);
            drop(session);
            thread::sleep(LOOK_FOR_PROBLEMS);
        }
        if let Some(session) = session.upgrade() {
            self.tell_problem(&session);
        }
    }

    /// Tells once what the program that sends cannot mend itself.
    fn tell_problem(&self, session: &Session) {
        let problem = self.note(session).and_then(|note| note.problem);
        let Some(problem) = problem else { return };
        if !self.told.swap(true, Ordering::AcqRel) {
            session.problem(self.problem(session, &problem));
        }
    }

    fn problem(&self, session: &Session, said: &str) -> Problem {
        let (what, hint) = said.split_once("\nhint: ").unwrap_or((said, ""));
        let (what, hint) = (seen(what), seen(hint));
        let end = what.floor_char_boundary(LONGEST_PROBLEM);
        let place = excerpt(&self.place);
        let line = self.line(session);
        let hint = hint.lines().next().unwrap_or_default();
        Problem::new(
            PROBLEM,
            format!("the run is not sent to {place}: {}", what[..end].replace('\n', " ")),
            match hint {
                "" => format!(
                    "it is tried again; nothing is lost here, and `{line}` sends it at any time"
                ),
                hint => format!("{hint}; it is tried again, and `{line}` sends it at any time"),
            },
        )
    }

    /// What the program that sends said last of this attempt of the run.
    fn note(&self, session: &Session) -> Option<Note> {
        let mut name = hexadecimal(&Sha256::digest(&self.place));
        name.truncate(8);
        let path = session.paths().followers().child(format!("sync-{name}.json"));
        let note: Note = serde_json::from_slice(&path.read(MOST_NOTE).ok()?).ok()?;
        (note.told >= session.clock.started_at()).then_some(note)
    }

    fn sent(&self, session: &Session) -> Sent {
        let note = self.note(session);
        Sent {
            place: self.place.clone(),
            all: note.as_ref().is_some_and(|note| note.all),
            behind: note.as_ref().map(|note| note.behind),
            told: note.map(|note| note.told),
            command: self.line(session),
        }
    }

    /// What can be typed to send the rest.
    fn line(&self, session: &Session) -> String {
        format!("tracker sync {} --to {}", session.file().id, shell_word(&self.place))
    }
}

/// What is known of each place now.
pub(super) fn status(syncs: &[Arc<Sending>], session: &Session) -> Vec<Sent> {
    syncs.iter().map(|sync| sync.sent(session)).collect()
}

/// Waits until all is there, or nobody sends any more, or the time is over that the environment gives: it counts from
/// when the end `began`, so that a slow disk and a slow network are not waited for one after the other.
/// Says what is left, and how it gets there.
pub(super) fn wait(syncs: &[Arc<Sending>], session: &Session, began: Instant) -> Vec<Sent> {
    if syncs.is_empty() {
        return Vec::new();
    }
    let until = began + wait_of_environment();
    loop {
        let sent = status(syncs, session);
        let waits_for =
            |(sent, sync): (&Sent, &Arc<Sending>)| !sent.all && !sync.gone.load(Ordering::Acquire);
        if !sent.iter().zip(syncs).any(waits_for) || Instant::now() >= until {
            // One that has just ended may have said its last word after the look.
            for sync in syncs {
                sync.tell_problem(session);
            }
            let sent = status(syncs, session);
            sent.iter()
                .filter(|sent| !sent.all)
                .for_each(|sent| notice::tell(format!("tracker: {sent}")));
            return sent;
        }
        thread::sleep(LOOK);
    }
}

fn wait_of_environment() -> Duration {
    let said = env::var(WAIT).unwrap_or_default();
    read_wait(&said).unwrap_or_else(|| {
        notice::warn(
            &format!("{WAIT} is `{}`, which counts as {} s", excerpt(&said), USUAL_WAIT.as_secs()),
            "set it to seconds, such as 30, or to minutes, such as 10m",
        );
        USUAL_WAIT
    })
}

/// Seconds, or a number with `s`, `m` or `h`. Nothing is the usual time.
fn read_wait(said: &str) -> Option<Duration> {
    let said = said.trim();
    if said.is_empty() {
        return Some(USUAL_WAIT);
    }
    let number = said.trim_end_matches(['s', 'm', 'h']);
    let seconds = match &said[number.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_secs(number.saturating_mul(seconds)).min(LONGEST_WAIT))
}

/// A word as it can be typed.
fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_has_a_unit() {
        let seconds = |said| read_wait(said).map(|wait| wait.as_secs());
        assert_eq!(seconds(""), Some(10));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("9999999999999999h"), Some(86_400));
        for wrong in ["soon", "-1", "1.5", "3ms", "m"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_command_can_be_typed_as_it_is_told() {
        assert_eq!(shell_word("s3://bucket/a-b"), "s3://bucket/a-b");
        assert_eq!(shell_word("/my runs/it's"), "'/my runs/it'\\''s'");
    }
}
