//! How far a sender is.

/// How far a run is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Whether the run has ended and all that was in its folder when the round began is there.
    pub all: bool,
    /// How many bytes of its folder the place has yet to confirm.
    pub behind: u64,
    /// How many bytes went out since this sender was made, and in how many objects.
    pub sent: (u64, u64),
    /// What stays here or waits, in words: links, files that change while they are sent.
    pub told: Vec<String>,
}
