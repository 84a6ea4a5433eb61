//! Where a change may be cut off: tests stop it at each of these places in turn.

use std::io;

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in a test, it is an error")]
pub(crate) fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
thread_local! {
    /// How many steps this thread may still take.
    static LEFT: std::cell::Cell<u32> = const { std::cell::Cell::new(u32::MAX) };
}

/// Before each thing that a change does to the disk. An error is as if the process were killed here.
#[cfg(test)]
pub(crate) fn step() -> io::Result<()> {
    LEFT.with(|left| match left.get().checked_sub(1) {
        None => Err(io::Error::other("the test stops here")),
        Some(less) => {
            left.set(less);
            Ok(())
        }
    })
}

/// Lets this thread take so many steps.
#[cfg(test)]
pub(crate) fn stop_after(steps: u32) {
    LEFT.with(|left| left.set(steps));
}
