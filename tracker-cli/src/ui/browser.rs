//! Opens the page in the browser of whoever started the server.

use std::process::{Command, Stdio};

/// Asks the desktop to open an address. Where there is no desktop, nothing happens: the address
/// stands in the terminal.
pub(super) fn open(url: &str) {
    let has_display = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if has_display("DISPLAY") || has_display("WAYLAND_DISPLAY") {
        "xdg-open"
    } else {
        return;
    };
    let started = Command::new(opener)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = started {
        std::thread::spawn(move || child.wait());
    }
}
