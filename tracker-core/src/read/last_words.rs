//! What a process said before it crashed.

use crate::{
    Writer,
    format::{
        layout::{self, RunPaths},
        liveness::{Life, life},
    },
};

/// How much of a panic's message is read.
const LONGEST: u64 = 16 << 10;

/// The message of the panic that ended a run's processes: that of the first rank whose last
/// attempt left one. One that lives has not ended by it.
pub(crate) fn last_words(
    paths: &RunPaths,
    claimed: &[Writer],
    panicked: &[Writer],
) -> Option<String> {
    let is_last = |writer: &&Writer| {
        let later = |other: &Writer| other.rank == writer.rank && other.attempt > writer.attempt;
        !claimed.iter().any(later)
    };
    let is_gone = |writer: &&Writer| {
        let live = paths.live(**writer);
        !live.folder.exists() || life(&live) != Life::Alive
    };
    let writer = panicked.iter().filter(is_last).filter(is_gone).min()?;
    let message = paths.read_beginning(&layout::panic_note(*writer), LONGEST).ok()?;
    let message = String::from_utf8_lossy(&message).trim_end().to_owned();
    (!message.is_empty()).then_some(message)
}
