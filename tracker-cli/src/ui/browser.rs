//! Opens the page in the browser of whoever started the server.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    platform::{create_private_file, create_private_folder},
    ui::{guard::token::Token, plain_page::escaped},
};

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
        create_private_folder(&folder)?;
        let made = Self { folder };
        let mut file = create_private_file(&made.path())?;
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
