//! `tracker` in a terminal: what it leaves of it, and what it sends to it.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize},
};
use serde_json::json;

use crate::{
    server::PATIENCE,
    support::{FIRST, Store},
};

/// A terminal of 120 columns and 40 lines.
pub(crate) struct Terminal {
    /// The end that programs read from and write to.
    end: File,
    /// The end with the keyboard.
    keyboard: File,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&main).unwrap();
        unlockpt(&main).unwrap();
        let path = ptsname(&main, Vec::new()).unwrap().into_string().unwrap();
        let end = File::options().read(true).write(true).open(path).unwrap();
        let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&end, size).unwrap();
        let shown = Arc::<Mutex<Vec<u8>>>::default();
        let keyboard = File::from(main);
        let (mut main, kept) = (keyboard.try_clone().unwrap(), Arc::clone(&shown));
        thread::spawn(move || {
            let mut bytes = [0; 1 << 14];
            loop {
                match main.read(&mut bytes) {
                    Ok(count) if count > 0 => kept.lock().unwrap().extend(&bytes[..count]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    _ => return,
                }
            }
        });
        Self { end, keyboard, shown }
    }

    /// Starts a program that reads from the terminal and writes to it.
    pub(crate) fn start(&self, command: &mut Command) -> Child {
        let end = || Stdio::from(self.end.try_clone().unwrap());
        command.stdin(end()).stdout(end()).spawn().unwrap()
    }

    fn modes(&self) -> Termios {
        tcgetattr(&self.end).unwrap()
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    /// All that was written to it until now.
    pub(crate) fn shown_until_now(&self) -> String {
        const MARK: &str = "<the end>";
        (&self.end).write_all(MARK.as_bytes()).unwrap();
        self.wait_for(MARK).replace(MARK, "")
    }

    /// Waits until something is shown.
    #[track_caller]
    fn wait_for(&self, wanted: &str) -> String {
        let begun = Instant::now();
        loop {
            let shown = self.shown();
            if shown.contains(wanted) {
                return shown;
            }
            assert!(begun.elapsed() < PATIENCE, "{wanted:?} is not in {shown:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[track_caller]
fn assert_same(modes: &Termios, before: &Termios) {
    assert_eq!(modes.local_modes, before.local_modes);
    assert_eq!(modes.input_modes, before.input_modes);
    assert_eq!(modes.output_modes, before.output_modes);
}

fn watch(store: &Store, kind: &str) -> Command {
    let mut command = store.command(&["watch", FIRST]);
    command.env("TERM", kind).env_remove("COLUMNS").current_dir(store.path());
    command
}

#[test]
fn every_signal_that_ends_the_watching_gives_the_terminal_back() {
    let store = Store::new();
    store.trained(FIRST, "calm-otter", &json!({}), 0.0, 1);
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP] {
        let terminal = Terminal::open();
        let before = terminal.modes();
        assert!(before.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO));
        let mut child = terminal.start(&mut watch(&store, "xterm"));
        terminal.wait_for("calm-otter");
        assert!(!terminal.modes().local_modes.contains(LocalModes::ICANON), "it draws charts");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
        assert_same(&terminal.modes(), &before);
        let shown = terminal.wait_for("\x1b[?1049l");
        let rest = shown.split("\x1b[?1049l").nth(1).unwrap();
        assert!(!rest.contains("calm-otter") && !rest.contains("\x1b[?1049h"), "{rest:?}");
    }
}

#[test]
fn a_key_that_ends_the_watching_gives_the_terminal_back() {
    let store = Store::new();
    store.trained(FIRST, "calm-otter", &json!({}), 0.0, 1);
    let terminal = Terminal::open();
    let before = terminal.modes();
    let mut child = terminal.start(&mut watch(&store, "xterm"));
    terminal.wait_for("calm-otter");
    (&terminal.keyboard).write_all(b"q").unwrap();
    assert!(child.wait().unwrap().success());
    assert_same(&terminal.modes(), &before);
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let store = Store::new();
    store.trained(FIRST, "calm-otter", &json!({}), 0.0, 1);
    for kind in ["dumb", ""] {
        let terminal = Terminal::open();
        let before = terminal.modes();
        let mut child = terminal.start(&mut watch(&store, kind));
        assert!(child.wait().unwrap().success());
        assert_same(&terminal.modes(), &before);
        let shown = terminal.wait_for("calm-otter finished");
        assert!(shown.starts_with("step 99 ") && !shown.contains('\x1b'), "{shown:?}");
    }
}
