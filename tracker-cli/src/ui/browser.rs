//! Opens the page in the browser of whoever started the server.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::ui::{guard::token::Token, plain_page::escaped};

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

/// Asks the desktop to open an address or a file. What it is told stands in the list of processes,
/// which all users of the machine can read: a secret address goes by [`Redirect`].
pub(crate) fn open(opener: &str, target: &Path) {
    let started = Command::new(opener)
        .arg(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = started {
        std::thread::spawn(move || child.wait());
    }
}

/// A file that only its user can read, and that leads a browser to an address. It goes with this.
#[derive(Debug)]
pub(crate) struct Redirect {
    folder: PathBuf,
}

impl Redirect {
    /// A file in a folder of its own, for the user alone.
    #[expect(clippy::disallowed_methods, reason = "a folder of this process's own, in no store")]
    pub(crate) fn to(url: &str) -> io::Result<Self> {
        let name = Token::generate().map_err(io::Error::other)?;
        let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let place = own.filter(|place| place.is_dir()).unwrap_or_else(std::env::temp_dir);
        let folder = place.join(format!("tracker-ui-{}", name.as_str()));
        DirBuilder::new().mode(0o700).create(&folder)?;
        let made = Self { folder };
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(made.path())?;
        let url = escaped(url);
        write!(
            file,
            "<!doctype html>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"refresh\" content=\"0; url={url}\">\n<title>tracker</title>\n\
             <a href=\"{url}\">To the page</a>\n"
        )?;
        Ok(made)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("open.html")
    }
}

impl Drop for Redirect {
    #[expect(clippy::disallowed_methods, reason = "a folder of this process's own, in no store")]
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.path());
        let _ = std::fs::remove_dir(&self.folder);
    }
}
