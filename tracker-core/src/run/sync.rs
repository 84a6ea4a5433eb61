//! The places that a run is sent to while it trains, by `tracker sync` beside it or by a thread, and what is said of that.

use std::{
    collections::{BTreeSet, VecDeque},
    env,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::json;

use crate::{
    Problem, Sent, Timestamp,
    console::notice,
    error::excerpt,
    format::{folder::StorePath, layout::note_name},
    store::Session,
    value::words::seen,
};

/// Where runs are to be sent to, with commas between the places.
pub(super) const SYNC: &str = "TRACKER_SYNC";

/// The kind of the problem that a place refuses a run.
const PROBLEM: &str = "sync";

/// The kind of the problem that it is over with sending, where it was told before that it is tried again.
const OVER: &str = "sync-over";

/// How long the end of a run waits until all is there.
const WAIT: &str = "TRACKER_SYNC_WAIT";

/// … unless it says so.
const USUAL_WAIT: Duration = Duration::from_secs(10);

/// … and how long where an earlier run of this process has waited for the place in vain: a program of a thousand short runs
/// is not to wait for each of them.
const WAIT_AGAIN: Duration = Duration::from_secs(1);

/// The longest wait: a day.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// What is said of a place that is tried again.
const AGAIN: &str = "it is tried again";

/// How often the end of a run looks whether all is there.
const LOOK: Duration = Duration::from_millis(20);

/// How many runs of this process may have ended and still be on their way.
const MOST_LINGERING: usize = 8;

/// How many senders that were called off may still wait for an answer: one that hangs sees late that it is to end.
const MOST_CALLED_OFF: usize = 32;

/// The most bytes of a note.
const MOST_NOTE: u64 = 64 << 10;

/// The longest text of a problem that is told.
const LONGEST_PROBLEM: usize = 500;

/// Senders of runs that have ended before all was there.
static LINGERING: Mutex<VecDeque<Weak<Sending>>> = Mutex::new(VecDeque::new());

/// Senders that are to end.
static CALLED_OFF: Mutex<Vec<Weak<Sending>>> = Mutex::new(Vec::new());

/// The places that a run of this process has waited for in vain.
static IN_VAIN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A place that the run is sent to, beside the training.
#[derive(Debug)]
pub(crate) struct Sending {
    place: String,
    /// Whoever sends has ended, or never began.
    gone: AtomicBool,
    /// Its problem was told.
    told: AtomicBool,
    /// It was told that it is over.
    told_over: AtomicBool,
    /// It is to end.
    called_off: AtomicBool,
}

/// What whoever sends writes into the run's folder after each round.
#[derive(Debug, Deserialize)]
struct Note {
    told: Timestamp,
    /// The run has ended, and all that is in its folder is there.
    #[serde(default)]
    all: bool,
    /// In bytes; nothing where it is not known, as of a place that has not answered yet.
    #[serde(default)]
    behind: Option<u64>,
    #[serde(default)]
    problem: Option<String>,
    /// It is over with sending: trying again would not help.
    #[serde(default)]
    over: bool,
}

impl Sending {
    pub(super) fn to(place: String) -> Arc<Self> {
        let [gone, told, told_over, called_off] = [false; 4].map(AtomicBool::new);
        Arc::new(Self { place, gone, told, told_over, called_off })
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Nobody sends any more.
    pub(super) fn set_gone(&self) {
        self.gone.store(true, Ordering::Release);
    }

    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    /// Whether the sender is to end.
    pub(super) fn is_called_off(&self) -> bool {
        self.called_off.load(Ordering::Acquire)
    }

    /// Leaves word in the run's folder that it is to be there, and is not yet: so the next sender of the store finds a run
    /// whose sender never came to its first word. A full disk keeps nobody from sending.
    pub(super) fn set_out(&self, session: &Session) {
        let note = json!({ "place": self.place, "all": false });
        let followers = session.paths().followers();
        let path = self.note_path(session);
        let _ = followers
            .create_folder()
            .and_then(|()| path.replace_with(note.to_string().as_bytes(), false));
    }

    /// Tells once what whoever sends cannot mend itself.
    pub(super) fn tell_problem(&self, session: &Session) {
        let Some(note) = self.note(session) else { return };
        if let Some(problem) = note.problem {
            self.tell(session, &problem, note.over);
        }
    }

    /// Tells a problem, if none was told yet. `over` says that it is not tried again: that is told once more, where another
    /// problem said that it is.
    pub(super) fn tell(&self, session: &Session, problem: &str, over: bool) {
        let was_told = self.told.swap(true, Ordering::AcqRel);
        let was_over = over && self.told_over.swap(true, Ordering::AcqRel);
        if !was_told || (over && !was_over) {
            let kind = if was_told { OVER } else { PROBLEM };
            session.problem(self.problem(kind, session, problem, over));
        }
    }

    fn problem(&self, kind: &str, session: &Session, said: &str, over: bool) -> Problem {
        let (what, hint) = said.split_once("\nhint: ").unwrap_or((said, ""));
        let (what, hint) = (seen(what), seen(hint));
        let end = what.floor_char_boundary(LONGEST_PROBLEM);
        let place = excerpt(&self.place);
        let more = if kind == OVER { " any more" } else { "" };
        let line = self.line(session);
        let hint = hint.lines().next().unwrap_or_default();
        let rest = format!("nothing is lost here, and `{line}` sends it at any time");
        let rest = if over || hint.contains(AGAIN) { rest } else { format!("{AGAIN}; {rest}") };
        Problem::new(
            kind,
            format!("the run is not sent to {place}{more}: {}", what[..end].replace('\n', " ")),
            if hint.is_empty() { rest } else { format!("{hint}; {rest}") },
        )
    }

    /// What whoever sends said last of this attempt of the run.
    fn note(&self, session: &Session) -> Option<Note> {
        let path = self.note_path(session);
        let note: Note = serde_json::from_slice(&path.read(MOST_NOTE).ok()?).ok()?;
        (note.told >= session.clock.started_at()).then_some(note)
    }

    fn note_path(&self, session: &Session) -> StorePath {
        session.paths().followers().child(note_name("sync", &self.place))
    }

    /// How long the end of a run waits for it.
    fn patience(&self, wanted: Option<Duration>) -> Duration {
        let usual = || {
            let is_in_vain = IN_VAIN.lock().contains(&self.place);
            if is_in_vain { WAIT_AGAIN } else { USUAL_WAIT }
        };
        wanted.unwrap_or_else(usual)
    }

    /// The run has ended. If not all is there, it may be sent for as long as the process lives, but not any number of runs.
    fn linger(self: &Arc<Self>, sent: &Sent) {
        if sent.all {
            IN_VAIN.lock().remove(&self.place);
            return;
        }
        if self.is_gone() {
            return;
        }
        IN_VAIN.lock().insert(self.place.clone());
        let mut lingering = LINGERING.lock();
        lingering.retain(|sync| sync.upgrade().is_some_and(|sync| !sync.is_gone()));
        lingering.push_back(Arc::downgrade(self));
        while lingering.len() > MOST_LINGERING {
            if let Some(oldest) = lingering.pop_front().and_then(|oldest| oldest.upgrade()) {
                oldest.called_off.store(true, Ordering::Release);
                CALLED_OFF.lock().push(Arc::downgrade(&oldest));
            }
        }
    }

    fn sent(&self, session: &Session) -> Sent {
        let note = self.note(session);
        Sent {
            place: self.place.clone(),
            all: note.as_ref().is_some_and(|note| note.all),
            behind: note.as_ref().and_then(|note| note.behind),
            told: note.map(|note| note.told),
            command: self.line(session),
        }
    }

    /// What can be typed to send the rest.
    fn line(&self, session: &Session) -> String {
        format!("tracker sync {} --to {}", session.file().id, shell_word(&self.place))
    }
}

/// Whether a problem is one of the places that the run is sent to.
pub(super) fn is_of_a_place(problem: &Problem) -> bool {
    [PROBLEM, OVER].contains(&problem.kind.as_str())
}

/// Whether so many senders are to end and have not that no more are to begin. What is not sent so, the next process of the
/// store sends.
pub(super) fn are_too_many_called_off() -> bool {
    let mut called_off = CALLED_OFF.lock();
    called_off.retain(|sync| sync.upgrade().is_some_and(|sync| !sync.is_gone()));
    called_off.len() >= MOST_CALLED_OFF
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
    let wanted = wait_of_environment();
    loop {
        let sent = status(syncs, session);
        let waits_for = |(sent, sync): (&Sent, &Arc<Sending>)| {
            !sent.all && !sync.is_gone() && began.elapsed() < sync.patience(wanted)
        };
        if !sent.iter().zip(syncs).any(waits_for) {
            break;
        }
        thread::sleep(LOOK);
    }
    // One that has just ended may have said its last word after the look.
    for sync in syncs {
        sync.tell_problem(session);
    }
    let all_sent = status(syncs, session);
    for (sent, sync) in all_sent.iter().zip(syncs) {
        sync.linger(sent);
        if !sent.all {
            notice::tell(format!("tracker: {sent}"));
        }
    }
    all_sent
}

/// How long the end of a run waits for these at most.
pub(super) fn longest_wait(syncs: &[Arc<Sending>]) -> Duration {
    longest_wait_as_said(syncs, &env::var(WAIT).unwrap_or_default())
}

fn longest_wait_as_said(syncs: &[Arc<Sending>], said: &str) -> Duration {
    match syncs {
        [] => Duration::ZERO,
        _ => read_wait(said).unwrap_or(USUAL_WAIT),
    }
}

/// How long to wait at the end of a run; `None` if the environment does not say.
fn wait_of_environment() -> Option<Duration> {
    let said = env::var(WAIT).unwrap_or_default();
    let wait = read_wait(&said);
    if wait.is_none() && !said.trim().is_empty() {
        notice::warn(
            &format!("{WAIT} is `{}`, which counts as {} s", excerpt(&said), USUAL_WAIT.as_secs()),
            "set it to seconds, such as 30, or to minutes, such as 10m",
        );
    }
    wait
}

/// Seconds, or a number with `s`, `m` or `h`.
fn read_wait(said: &str) -> Option<Duration> {
    let said = said.trim();
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
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("9999999999999999h"), Some(86_400));
        for wrong in ["", "soon", "-1", "1.5", "3ms", "m"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_second_end_waits_as_long_as_the_first_may_wait_for_a_place() {
        let syncs = [Sending::to("there".to_owned())];
        assert_eq!(longest_wait_as_said(&syncs, "30m"), Duration::from_mins(30));
        assert_eq!(longest_wait_as_said(&syncs, "soon"), USUAL_WAIT);
        assert_eq!(longest_wait_as_said(&[], "30m"), Duration::ZERO);
    }

    #[test]
    fn a_command_can_be_typed_as_it_is_told() {
        assert_eq!(shell_word("s3://bucket/a-b"), "s3://bucket/a-b");
        assert_eq!(shell_word("/my runs/it's"), "'/my runs/it'\\''s'");
    }
}
