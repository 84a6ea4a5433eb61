//! What the standard library and the library of the terminal can do on any system.

#![expect(clippy::unnecessary_wraps, reason = "what never fails here may fail elsewhere")]

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, IsTerminal},
    path::Path,
    process::{Child, Command, ExitCode},
    sync::{Arc, atomic::AtomicUsize},
};

use ratatui::crossterm::terminal;

/// The columns of the terminal that standard output goes to; `None` if it goes to none.
pub(crate) fn terminal_width() -> Option<u16> {
    io::stdout().is_terminal().then(|| terminal::size().ok()).flatten().map(|(columns, _)| columns)
}

/// Not known: the system keeps users from what is not theirs.
pub(crate) fn is_of_another_user(_: &Path) -> bool {
    false
}

/// Makes a folder. Who may look into it, the folder around it says: a user's own, or the system's for
/// what is temporary, which on Windows is the user's as well.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().create(path)
}

/// Makes a file. Who may read it, the folder around it says.
#[expect(clippy::disallowed_methods, reason = "a file of this process's own, in no store")]
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// No program that opens addresses is known: the address is shown.
pub(crate) fn opener() -> Option<&'static str> {
    None
}

/// Runs another program and waits for it: it gets the signals that this one gets.
pub(crate) fn run_in_place(command: &mut Command) -> io::Result<ExitCode> {
    let ended = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ended.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Signals are not heard: Ctrl-C is a key while the screen is ours.
pub(crate) fn before_signals_end(_: impl Fn() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Starts a program. On some of the cores alone it cannot be kept.
pub(crate) fn start_apart(command: &mut Command, _: &[usize]) -> io::Result<Child> {
    command.spawn()
}

/// Not known: a program cannot be kept on some of them.
pub(crate) fn cores() -> Vec<usize> {
    Vec::new()
}

/// There is no signal at which a program could end by itself.
pub(crate) fn ask_to_end(_: &mut Child) {}

/// Ends a program at once.
pub(crate) fn kill_family(child: &mut Child) {
    // It may have ended.
    let _ = child.kill();
}

/// Signals are not heard: Ctrl-C ends this process, and its trainings with it.
pub(crate) fn count_interrupts() -> io::Result<Arc<AtomicUsize>> {
    Ok(Arc::new(AtomicUsize::new(0)))
}

/// Nobody is heard.
pub(crate) fn count_terminations() -> io::Result<Arc<AtomicUsize>> {
    count_interrupts()
}
