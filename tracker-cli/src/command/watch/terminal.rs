//! The terminal while charts are drawn in it, and as it was before, whatever ends the program.

use std::{
    io::{self, Stdout},
    panic,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::platform::before_signals_end;
use parking_lot::Mutex;
use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor::Show,
        execute,
        terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
    },
};

/// How long a signal waits for a drawing that does not end, because nobody reads the terminal.
const LAST_DRAWING: Duration = Duration::from_millis(500);

/// Whether the screen is taken. It is given back once: the second time would move the cursor.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Held while something is drawn, so that nothing is drawn once the screen was given back.
static DRAWING: Mutex<()> = Mutex::new(());

/// The screen, from its opening until it is dropped. A panic and the signals that end a program give
/// it back too.
#[derive(Debug)]
pub(crate) struct Screen(Terminal<CrosstermBackend<Stdout>>);

impl Screen {
    /// Takes the terminal.
    pub(crate) fn open() -> io::Result<Self> {
        static ONCE: Once = Once::new();
        let mut watched = Ok(());
        ONCE.call_once(|| {
            watch_panics();
            watched = watch_signals();
        });
        watched?;
        TAKEN.store(true, Ordering::SeqCst);
        let opened = enable_raw_mode()
            .and_then(|()| execute!(io::stdout(), EnterAlternateScreen))
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        opened.map(Self).inspect_err(|_| give_back())
    }

    /// Draws a picture whole, or none once the screen was given back.
    pub(crate) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let _drawing = DRAWING.lock();
        if TAKEN.load(Ordering::SeqCst) {
            self.0.draw(picture)?;
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Makes the terminal what it was. A terminal that is gone has nothing to be given back.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
    }
}

/// Gives the screen back before a panic says its words, which would go with it.
fn watch_panics() {
    let earlier = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        give_back();
        earlier(info);
    }));
}

/// Lets a signal that ends the program do so after the screen was given back.
fn watch_signals() -> io::Result<()> {
    before_signals_end(|| {
        let _last = DRAWING.try_lock_for(LAST_DRAWING);
        give_back();
    })
}

#[cfg(test)]
mod tests {
    use std::{
        env,
        process::{Command, Stdio},
    };

    use rustix::{
        pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
        termios::{LocalModes, tcgetattr},
    };

    use super::*;

    const CHILD: &str = "TRACKER_TEST_PANICKING_SCREEN";

    /// The program that panics; in a normal test run it does nothing.
    #[test]
    fn the_child_panics_while_it_draws() {
        if env::var_os(CHILD).is_none() {
            return;
        }
        let mut screen = Screen::open().unwrap();
        screen.draw(|_| panic!("in the middle of a drawing")).unwrap();
    }

    #[test]
    fn a_panic_gives_the_terminal_back() {
        let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&main).unwrap();
        unlockpt(&main).unwrap();
        let path = ptsname(&main, Vec::new()).unwrap();
        let open = || {
            std::fs::File::options().read(true).write(true).open(path.to_str().unwrap()).unwrap()
        };
        let terminal = open();
        let before = tcgetattr(&terminal).unwrap();
        assert!(before.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO));
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "command::watch::terminal::tests::the_child_panics_while_it_draws"])
            .arg("--nocapture")
            .env(CHILD, "1")
            .stdin(open())
            .stdout(open())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("in the middle of a drawing"), "{said}");
        let after = tcgetattr(&terminal).unwrap();
        assert_eq!(after.local_modes, before.local_modes);
        assert_eq!(after.input_modes, before.input_modes);
        let mut shown = [0; 4096];
        let count = rustix::io::read(&main, &mut shown).unwrap();
        let shown = String::from_utf8_lossy(&shown[..count]).into_owned();
        let (taken, given) = (shown.find("\x1b[?1049h"), shown.find("\x1b[?1049l"));
        assert!(taken.is_some() && taken < given, "{shown:?}");
        assert!(!shown[given.unwrap()..].contains("\x1b[?1049h"), "{shown:?}");
    }
}
