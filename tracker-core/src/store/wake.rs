//! The way to the writer thread for those who only wake it.

use std::{sync::OnceLock, thread::Thread};

static WRITER: OnceLock<Thread> = OnceLock::new();

/// Says which thread it is.
pub(crate) fn know(writer: &Thread) {
    // It is started once.
    let _ = WRITER.set(writer.clone());
}

/// Whether there is a writer thread.
pub(crate) fn is_known() -> bool {
    WRITER.get().is_some()
}

/// Makes the writer thread look at the rings now.
pub(crate) fn wake() {
    if let Some(writer) = WRITER.get() {
        writer.unpark();
    }
}
