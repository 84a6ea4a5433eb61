//! Faults that can be planted into the store, to see that its proof would notice them:
//! `cargo bench -p tracker-core --features faults --bench faults`. Without the feature there are
//! none.

use std::{env, sync::OnceLock};

/// A mistake in the order of things that would lose points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Places of the ring are freed before their slots are in the log.
    TailBeforeWrite,
    /// A log is deleted before its part has its name.
    LogDeletedBeforeRename,
    /// A log begins without the names of the metrics so far.
    NoNamesInHeader,
    /// Parts are read before logs and the ring.
    ReaderOrderReversed,
}

impl Fault {
    /// Whether the environment variable `TRACKER_FAULT` asks for this fault.
    pub(crate) fn is_planted(self) -> bool {
        static PLANTED: OnceLock<String> = OnceLock::new();
        cfg!(feature = "faults")
            && *PLANTED.get_or_init(|| env::var("TRACKER_FAULT").unwrap_or_default()) == self.name()
    }

    fn name(self) -> &'static str {
        match self {
            Self::TailBeforeWrite => "tail-before-write",
            Self::LogDeletedBeforeRename => "log-deleted-before-rename",
            Self::NoNamesInHeader => "no-names-in-header",
            Self::ReaderOrderReversed => "reader-order-reversed",
        }
    }
}
