//! What does not work with media, and the way out.

use std::path::Path;

use crate::{Error, Problem, Step, error::excerpt};

/// Too many wait for the disk.
pub(super) fn dropped(name: &str, step: Step, items: u64) -> Problem {
    let message = format!(
        "media `{}` of step {step} were dropped: those before them still wait to be stored",
        excerpt(name)
    );
    let hint = "log fewer or smaller ones: 64 MiB or 1,024 may wait";
    Problem { count: items, ..Problem::new("media-dropped", message, hint) }
}

/// More items in one call than are kept.
pub(super) fn too_many(name: &str, step: Step, more: u64) -> Problem {
    let message = format!("media `{}` of step {step}: 64 were kept of one call", excerpt(name));
    let hint = "log a few that tell the most, or one grid of them";
    Problem { count: more, ..Problem::new("too-many-media", message, hint) }
}

/// An item cannot be kept as it is.
pub(super) fn not_kept(name: &str, step: Step, error: &Error) -> Problem {
    let text = error.to_string();
    let message = text.split_once("\nhint: ").map_or(&*text, |(message, _)| message);
    let message = format!("media `{}` of step {step}: {message}", excerpt(name));
    Problem::new("media-not-kept", message, error.hint().unwrap_or_default())
}

/// What makes them has panicked.
pub(super) fn panicked(name: &str, step: Step, words: &str) -> Problem {
    let message = format!(
        "media `{}` of step {step} could not be made: a panic: {}",
        excerpt(name),
        excerpt(words)
    );
    Problem::new("media-source-panicked", message, "the training goes on; look into their source")
}

/// A run has as many bytes as it may have.
pub(super) fn limit_reached(name: &str, step: Step, limit: u64) -> Problem {
    let message = format!(
        "media `{}` of step {step} were not kept: the run has {limit} bytes of them",
        excerpt(name)
    );
    let hint = "log fewer or smaller ones, or set TRACKER_MEDIA_LIMIT to more, such as 20GiB";
    Problem::new("media-limit", message, hint)
}

/// A file could not be written. It is not tried again: the next one would wait behind it.
pub(super) fn not_written(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        format!("media-write-failed-{}", error.kind()),
        format!("failed to write {}: {error}; it is not in the run", path.display()),
        "free some space, or set TRACKER_DIR to a disk that takes writes",
    )
}

/// There is no thread to store them.
pub(super) fn no_thread(items: u64, error: &std::io::Error) -> Problem {
    let message = format!("media were dropped: no thread could be started for them: {error}");
    let hint = "allow the process more threads";
    Problem { count: items, ..Problem::new("media-dropped", message, hint) }
}
