//! Linux, macOS and other systems of that family.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
        process::CommandExt,
    },
    path::Path,
    process::{Command, ExitCode},
    thread,
};

use rustix::{process::geteuid, termios::tcgetwinsize};
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
