//! What an adapter says that is good to know and no trouble.

use crate::{Event, Level, Tracker, console::notice};

/// Says something good to know: in the run's messages and, unless `TRACKER_PROGRESS=off`, on standard
/// error.
pub fn tell(tracker: &dyn Tracker, text: &str) {
    tracker.record(Event::Message { level: Level::Info, text: text.to_owned() });
    notice::info(&format!("tracker: {text}"));
}
