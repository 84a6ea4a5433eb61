//! Faults that can be planted into the store, to see that its proof would notice them:
//! `cargo bench -p tracker-core --features faults --bench faults`. Without the feature there are
//! none.

use std::{env, sync::OnceLock};

/// A mistake that would lose points, or tell of points that are not there.
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
    /// A lock that nobody holds says that its writer is dead, also where none can be held.
    FreeLockIsDeath,
    /// A process number of another namespace is looked for in this one.
    ProcessNumberTrustedAnywhere,
    /// Files that somebody removes are not written again, and logs are sealed by their path.
    FilesNotKept,
    /// A run's folder is looked for by its path each time.
    FolderByPath,
    /// The end of a run does not ask what is there.
    PartsNotCounted,
    /// The end of a run does not wait for its events.
    EventsNotAwaited,
    /// A write beyond the limit on the size of files ends the process.
    SizeLimitEndsTheProcess,
}

impl Fault {
    /// Whether the environment variable `TRACKER_FAULT` asks for this fault.
    pub(crate) fn is_planted(self) -> bool {
        static PLANTED: OnceLock<String> = OnceLock::new();
        cfg!(feature = "faults")
            && *PLANTED.get_or_init(|| env::var("TRACKER_FAULT").unwrap_or_default()) == self.name()
    }

    /// Whether any fault is planted. Such a process keeps its hands off the runs of others.
    pub(crate) fn is_any_planted() -> bool {
        cfg!(feature = "faults") && env::var_os("TRACKER_FAULT").is_some()
    }

    fn name(self) -> &'static str {
        match self {
            Self::TailBeforeWrite => "tail-before-write",
            Self::LogDeletedBeforeRename => "log-deleted-before-rename",
            Self::NoNamesInHeader => "no-names-in-header",
            Self::ReaderOrderReversed => "reader-order-reversed",
            Self::FreeLockIsDeath => "free-lock-is-death",
            Self::ProcessNumberTrustedAnywhere => "process-number-trusted-anywhere",
            Self::FilesNotKept => "files-not-kept",
            Self::FolderByPath => "folder-by-path",
            Self::PartsNotCounted => "parts-not-counted",
            Self::EventsNotAwaited => "events-not-awaited",
            Self::SizeLimitEndsTheProcess => "size-limit-ends-the-process",
        }
    }
}
