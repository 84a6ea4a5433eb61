//! Signals that would end the process, told to a thread.
//!
//! We set our own handlers, and no library's: libraries keep one handler for all their users, so
//! that nobody can tell whether another one listens. Here that is one look: whose handler is on
//! top? One that the program set after ours, and that calls ours as libraries do, is not ours.

#![expect(unsafe_code, reason = "handlers of signals are not expressible without it")]

use std::{
    io::{self, PipeReader, Read},
    mem,
    os::fd::{IntoRawFd, OwnedFd},
    ptr,
    sync::atomic::{AtomicI32, AtomicU64, Ordering},
    time::Duration,
};

use libc::{SIG_DFL, SIG_UNBLOCK, c_int, sigaction};
pub(crate) use libc::{SIGHUP, SIGINT, SIGTERM};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

#[cfg(target_os = "linux")]
use libc::__errno_location as errno_location;
#[cfg(not(target_os = "linux"))]
use libc::__error as errno_location;

/// A note that is no signal: the process exits.
const EXIT: u8 = u8::MAX;

/// The end of the pipe that takes notes; -1 as long as there is none.
static PIPE: AtomicI32 = AtomicI32::new(-1);

/// The process whose thread reads them.
static PROCESS: AtomicI32 = AtomicI32::new(0);

/// The signals that have our handler, a bit each.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// What the thread is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Signal(i32),
    /// The process is about to exit, and waits.
    Exit,
}

/// The notes of this process, for one thread.
#[derive(Debug)]
pub(crate) struct Notes(PipeReader);

impl Notes {
    /// Takes those of the signals `wanted` that have neither a handler nor are ignored. To be
    /// called once a process.
    ///
    /// # Errors
    /// If the system gives no pipe. Then no signal was taken.
    pub(crate) fn of_signals(wanted: &[i32]) -> io::Result<Self> {
        let (notes, pipe) = io::pipe()?;
        let pipe = OwnedFd::from(pipe);
        // A handler must never wait. A pipe that is full has news enough.
        rustix::io::ioctl_fionbio(&pipe, true)?;
        PROCESS.store(process(), Ordering::Release);
        PIPE.store(pipe.into_raw_fd(), Ordering::Release);
        for signal in wanted {
            if take(*signal) {
                TAKEN.fetch_or(1 << signal, Ordering::AcqRel);
            }
        }
        Ok(Self(notes))
    }

    /// The next note; `None` if there is none for so long.
    pub(crate) fn next(&mut self, patience: Option<Duration>) -> Option<Note> {
        let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
        let mut ready = [PollFd::new(&self.0, PollFlags::IN)];
        if !matches!(poll(&mut ready, patience.as_ref()), Ok(1..)) {
            return None;
        }
        let mut note = [0];
        match self.0.read(&mut note) {
            Ok(1) if note[0] == EXIT => Some(Note::Exit),
            Ok(1) => Some(Note::Signal(i32::from(note[0]))),
            _ => None,
        }
    }
}

/// Tells the thread that the process exits.
pub(crate) fn note_exit() {
    write(EXIT);
}

/// Whether this is the process whose thread reads the notes, and no child of it.
pub(crate) fn is_watching_process() -> bool {
    PROCESS.load(Ordering::Acquire) == process()
}

/// Whether no handler but ours would see the signal: the program has set none since.
pub(crate) fn is_ours_alone(signal: i32) -> bool {
    action(signal).is_some_and(|known| known.sa_sigaction == ours())
}

/// Whether a signal has its own effect: it has no handler and is not ignored.
pub(crate) fn is_default(signal: i32) -> bool {
    action(signal).is_some_and(|known| known.sa_sigaction == SIG_DFL)
}

/// The name of a signal, of those that we take.
pub(crate) fn name(signal: i32) -> &'static str {
    match signal {
        libc::SIGINT => "SIGINT",
        libc::SIGTERM => "SIGTERM",
        libc::SIGHUP => "SIGHUP",
        _ => "a signal",
    }
}

/// Ends the process by a signal, so that a shell or a supervisor sees what it expects.
pub(crate) fn quit_by(signal: i32) -> ! {
    // SAFETY: all of these may be called at any time and from any thread; the set is written before
    // it is used.
    unsafe {
        libc::signal(signal, SIG_DFL);
        let mut set = mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(SIG_UNBLOCK, &raw const set, ptr::null_mut());
        libc::raise(signal);
        // The first process of a container ignores what it sends itself.
        libc::_exit(128 + signal)
    }
}

/// In a forked child, in which no thread reads notes: gives signals their own effect back, but for
/// those that the program handles. May be called where a signal handler may.
pub(super) fn release() {
    let taken = TAKEN.load(Ordering::Acquire);
    for signal in (1..64).filter(|signal| taken >> signal & 1 == 1) {
        if is_ours_alone(signal) {
            // SAFETY: `signal` may be called in a signal handler, and sets the default effect.
            let _ = unsafe { libc::signal(signal, SIG_DFL) };
        }
    }
}

fn process() -> i32 {
    // SAFETY: always succeeds and touches no memory.
    unsafe { libc::getpid() }
}

fn ours() -> usize {
    handle as extern "C" fn(c_int) as usize
}

/// What a signal does now.
fn action(signal: i32) -> Option<sigaction> {
    // SAFETY: a `sigaction` of zeros is one; without a new action, the call only writes the old
    // one.
    unsafe {
        let mut known: sigaction = mem::zeroed();
        (sigaction(signal, ptr::null(), &raw mut known) == 0).then_some(known)
    }
}

/// Sets our handler where the signal would end the process. A handler that the program sets at
/// the same moment stays.
fn take(signal: i32) -> bool {
    if !is_default(signal) {
        return false;
    }
    // SAFETY: the handler only does what a signal handler may, see there; both actions are whole.
    unsafe {
        let mut new: sigaction = mem::zeroed();
        new.sa_sigaction = ours();
        new.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut new.sa_mask);
        let mut before: sigaction = mem::zeroed();
        if sigaction(signal, &raw const new, &raw mut before) != 0 {
            return false;
        }
        if before.sa_sigaction != SIG_DFL {
            sigaction(signal, &raw const before, ptr::null_mut());
            return false;
        }
    }
    true
}

/// Gives a signal that would end the process a handler that does nothing.
pub(crate) fn make_harmless(signal: i32) {
    if !is_default(signal) {
        return;
    }
    // SAFETY: the handler does nothing; the action is whole.
    unsafe {
        let mut new: sigaction = mem::zeroed();
        new.sa_sigaction = nothing as extern "C" fn(c_int) as usize;
        new.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&raw mut new.sa_mask);
        // Without the handler, all is as it was without tracker.
        let _ = sigaction(signal, &raw const new, ptr::null_mut());
    }
}

extern "C" fn nothing(_: c_int) {}

/// The handler. Does what `signal-safety(7)` allows: atomics, `getpid`, `write`, `sigaction`.
extern "C" fn handle(signal: c_int) {
    // SAFETY: the C library gives each thread a place of its own for its last error, which the code
    // that we interrupt may be about to read.
    let last_error = unsafe { *errno_location() };
    if is_watching_process() {
        write(signal.to_le_bytes()[0]);
    } else if is_ours_alone(signal) {
        // A child that the C library does not know as forked. It ends as soon as we return.
        // SAFETY: both may be called in a signal handler.
        unsafe {
            libc::signal(signal, SIG_DFL);
            libc::raise(signal);
        }
    }
    // SAFETY: as above.
    unsafe { *errno_location() = last_error };
}

fn write(note: u8) {
    let pipe = PIPE.load(Ordering::Acquire);
    if pipe >= 0 {
        // SAFETY: the pipe is never closed, and one byte is there to be read.
        let _ = unsafe { libc::write(pipe, (&raw const note).cast(), 1) };
    }
}
