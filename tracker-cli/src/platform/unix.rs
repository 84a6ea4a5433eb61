//! Linux, macOS and other systems of that family.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Command, ExitCode},
    sync::{Arc, atomic::AtomicUsize},
    thread,
};

use rustix::{
    process::{Pid, Signal, geteuid, kill_process_group},
    termios::tcgetwinsize,
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    iterator::Signals,
    low_level::emulate_default_handler,
};

/// The columns of the terminal that standard output goes to; `None` if it goes to none.
pub(crate) fn terminal_width() -> Option<u16> {
    tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col)
}

/// Whether a file or folder is another user's. One that is not there is nobody's.
#[expect(clippy::disallowed_methods, reason = "asks whose a folder is, and opens nothing")]
pub(crate) fn is_of_another_user(path: &Path) -> bool {
    path.metadata().is_ok_and(|known| known.uid() != geteuid().as_raw())
}

/// Makes a folder that only this user can look into.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Makes a file that only this user can read.
#[expect(clippy::disallowed_methods, reason = "a file of this process's own, in no store")]
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// The program that opens addresses, where there is a desktop.
pub(crate) fn opener() -> Option<&'static str> {
    let has_display = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "macos") {
        Some("open")
    } else {
        let is_there = has_display("DISPLAY") || has_display("WAYLAND_DISPLAY");
        is_there.then_some("xdg-open")
    }
}

/// Has another program go on in this process's place: signals are its own from then on. Returns only if it
/// cannot be started.
pub(crate) fn run_in_place(command: &mut Command) -> io::Result<ExitCode> {
    Err(command.exec())
}

/// Calls `first` when a signal ends the program, and lets it end then. A thread waits for it, because
/// the one that draws may wait for a disk.
pub(crate) fn before_signals_end(first: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    let wait = move || {
        for signal in signals.forever() {
            first();
            // Only fails for signals that are none.
            let _ = emulate_default_handler(signal);
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait).map(drop)
}

/// Starts a program with a family of its own on some of the cores, or on all: what a terminal sends to our family
/// does not come to it, and it goes on without us.
pub(crate) fn start_apart(command: &mut Command, cores: &[usize]) -> io::Result<Child> {
    command.process_group(0);
    on_cores(cores, || command.spawn())
}

/// The cores that this process may use.
#[cfg(target_os = "linux")]
pub(crate) fn cores() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};

    let allowed = sched_getaffinity(None);
    allowed
        .map_or(Vec::new(), |set| (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
}

/// Not known here: a program cannot be kept on some of them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn cores() -> Vec<usize> {
    Vec::new()
}

/// What is started in between keeps to these cores, since a program has those of the thread that starts it.
#[cfg(target_os = "linux")]
fn on_cores<T>(cores: &[usize], start: impl FnOnce() -> T) -> T {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    let before = sched_getaffinity(None).ok().filter(|_| !cores.is_empty());
    if before.is_some() {
        let mut set = CpuSet::new();
        cores.iter().filter(|core| **core < CpuSet::MAX_CPU).for_each(|core| set.set(*core));
        // Where the system does not let us, it has all cores.
        let _ = sched_setaffinity(None, &set);
    }
    let started = start();
    if let Some(before) = before {
        let _ = sched_setaffinity(None, &before);
    }
    started
}

#[cfg(not(target_os = "linux"))]
fn on_cores<T>(_: &[usize], start: impl FnOnce() -> T) -> T {
    start()
}

/// Sends a program's family the signal at which it can end by itself.
pub(crate) fn ask_to_end(child: &mut Child) {
    signal_family(child, Signal::TERM);
}

/// Ends a program's family at once.
pub(crate) fn kill_family(child: &mut Child) {
    signal_family(child, Signal::KILL);
}

/// While nobody has waited for the child, its number is no other program's.
fn signal_family(child: &Child, signal: Signal) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended.
        let _ = kill_process_group(group, signal);
    }
}

/// How often people have asked this process to end since; it ends by itself from now on.
pub(crate) fn count_interrupts() -> io::Result<Arc<AtomicUsize>> {
    count(&[SIGINT, SIGTERM])
}

/// How often programs have asked this process to end since; it ends by itself from now on. Ctrl-C ends it at once.
pub(crate) fn count_terminations() -> io::Result<Arc<AtomicUsize>> {
    count(&[SIGTERM])
}

fn count(signals: &[i32]) -> io::Result<Arc<AtomicUsize>> {
    let count = Arc::new(AtomicUsize::new(0));
    let mut signals = Signals::new(signals)?;
    let counted = Arc::clone(&count);
    let wait = move || {
        for _ in signals.forever() {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(count)
}
