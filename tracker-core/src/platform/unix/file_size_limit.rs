//! What becomes of a training whose files may not grow beyond a limit (`ulimit -f`).

use super::signal;

/// Lets a write beyond the limit fail as on a full disk, where the system would end the process by
/// SIGXFSZ. A program that has its own mind about that signal keeps it. Programs that the training
/// starts are not touched: a handler, unlike an ignored signal, does not outlive `exec`.
pub(crate) fn outlive() {
    signal::make_harmless(libc::SIGXFSZ);
}
