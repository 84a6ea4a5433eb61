//! The runs of this process that hear what the program says.

use std::sync::{Arc, Weak};

use parking_lot::RwLock;
use serde_json::Map;
use smallvec::SmallVec;

use super::said::Said;
use crate::{Level, Step, Timestamp, platform, run::position::Position, store::Session};

/// Held for moments, and never while anything is called that is not of this file.
static HEARERS: RwLock<Vec<Hearer>> = RwLock::new(Vec::new());

/// A run that may live.
#[derive(Debug)]
struct Hearer {
    session: Weak<Session>,
    position: Arc<Position>,
    /// Whether it hears what the process writes to its output, too.
    hears_output: bool,
}

/// A run that lives, and where it stood at a moment.
#[derive(Debug)]
pub(crate) struct Hearing {
    session: Arc<Session>,
    step: Option<Step>,
    time: Timestamp,
}

/// Enters a run that has started.
pub(crate) fn enlist(session: &Arc<Session>, position: &Arc<Position>, hears_output: bool) {
    let mut hearers = HEARERS.write();
    hearers.retain(|hearer| hearer.session.strong_count() > 0);
    let (session, position) = (Arc::downgrade(session), Arc::clone(position));
    hearers.push(Hearer { session, position, hears_output });
}

/// Takes out a run that has ended.
pub(crate) fn retire(session: &Arc<Session>) {
    HEARERS.write().retain(|hearer| hearer.session.as_ptr() != Arc::as_ptr(session));
}

/// The runs that live; none in a forked child, where a lock may be one that nobody gives back.
pub(crate) fn living() -> SmallVec<[Hearing; 2]> {
    living_where(|_| true)
}

fn living_where(is_meant: impl Fn(&Hearer) -> bool) -> SmallVec<[Hearing; 2]> {
    if platform::is_forked_child() {
        return SmallVec::new();
    }
    let hearing = |hearer: &Hearer| {
        let session = hearer.session.upgrade()?;
        let time = session.moment();
        Some(Hearing { session, step: hearer.position.announced(), time })
    };
    HEARERS.read().iter().filter(|hearer| is_meant(hearer)).filter_map(hearing).collect()
}

/// Tells the runs that want it a line that the process wrote, and where.
pub(crate) fn tell_of_output(target: &str, text: String) {
    let hearing = living_where(|hearer| hearer.hears_output);
    let (target, fields) = (target.to_owned(), Map::new());
    let said = Said { level: Level::Info, source: "output", target, text, fields };
    for hearing in hearing.iter().filter(|hearing| hearing.session.hears_output()) {
        hearing.hear(&said);
    }
}

/// Tells all living runs what a place in the program says, unless none of them wants to hear it.
#[cfg(any(feature = "log", feature = "tracing"))]
pub(super) fn tell(level: Level, place: u64, say: impl FnOnce() -> Said) {
    let Some(_speaking) = crate::store::Speaking::begin() else { return };
    let mut hearing = living();
    hearing.retain(|hearing| hearing.wants(level, place));
    if hearing.is_empty() {
        return;
    }
    let said = say();
    for hearing in hearing {
        hearing.hear(&said);
    }
}

impl Hearing {
    /// Whether a message of a place in the program is to be kept.
    pub(crate) fn wants(&self, level: Level, place: u64) -> bool {
        self.session.hears(level, place)
    }

    pub(crate) fn hear(&self, said: &Said) {
        self.session.say(&said.stored(self.time, self.step));
    }
}
