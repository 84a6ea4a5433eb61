//! The end of the process by `exit`: when `main` returns, or when somebody calls it.

#![expect(unsafe_code, reason = "only the C library knows when the process ends")]

/// Calls `hook` when the process exits. Other threads go on meanwhile, but what a thread keeps for
/// itself is gone: the hook must use nothing of it. Not called where the process is killed.
pub(crate) fn at_exit(hook: extern "C" fn()) {
    // SAFETY: `hook` is a function of this crate, which is there as long as the process. That it
    // cannot be registered costs a run its last word at most.
    let _ = unsafe { libc::atexit(hook) };
}
