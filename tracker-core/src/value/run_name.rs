//! Short names for runs, which people can say and remember.

use crate::{Error, Result, RunId};

/// The longest name of a run, in bytes.
const MAX_RUN_NAME: usize = 512;

const ADJECTIVES: [&str; 32] = [
    "amber", "brave", "brisk", "calm", "clear", "crisp", "deep", "eager", "early", "fair", "fresh",
    "gentle", "golden", "grand", "keen", "kind", "light", "lucid", "mellow", "mild", "neat",
    "noble", "proud", "quick", "quiet", "rapid", "silver", "smooth", "still", "sunny", "vivid",
    "warm",
];

const NOUNS: [&str; 32] = [
    "alder", "aspen", "badger", "birch", "brook", "cedar", "comet", "crane", "dune", "falcon",
    "fern", "finch", "fjord", "harbor", "heron", "lake", "lark", "lynx", "maple", "meadow", "moon",
    "otter", "pine", "reef", "ridge", "river", "robin", "sparrow", "spruce", "stork", "thistle",
    "willow",
];

/// A name such as `calm-otter-27`. Names may repeat; ids do not.
pub(crate) fn generate() -> String {
    let hash = crate::value::hash::fnv1a(RunId::generate().as_str().as_bytes());
    let pick = |shift: u32, among: u64| (hash >> shift) % among;
    let adjective = ADJECTIVES[pick(8, 32) as usize];
    let noun = NOUNS[pick(24, 32) as usize];
    format!("{adjective}-{noun}-{}", pick(40, 100))
}

/// Refuses what is no name: nothing, more than a line, or far too much.
pub(crate) fn check(name: &str) -> Result<()> {
    let reason = if name.trim().is_empty() {
        "it is empty".to_owned()
    } else if name.len() > MAX_RUN_NAME {
        format!("it has {} bytes, {MAX_RUN_NAME} are allowed", name.len())
    } else if name.chars().any(char::is_control) {
        "it has a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::InvalidName {
        what: "run name",
        name: crate::error::excerpt(name),
        reason,
        hint: "give a short name of one line; longer texts go into `.notes(..)`".into(),
    })
}
