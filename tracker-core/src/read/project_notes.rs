//! What people say of a project: a file of Markdown that they may commit with their code.

use std::{io, path::PathBuf};

use crate::{
    Error, Result,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{VIEWS, check_project},
    },
    read::Project,
};

const README: &str = "README.md";

/// The longest notes of a project, in bytes.
const MOST: u64 = 1 << 18;

impl Project {
    /// What is said of the project, in Markdown: the file `.views/PROJECT/README.md` of the store. `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or is longer than 256 KiB.
    pub fn notes(&self) -> Result<Option<String>> {
        check_project(self.name())?;
        let place = self.readme();
        let text = match place.read(MOST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.io_context("read", &place, "shorten it, or check its permissions")?,
        };
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }

    /// Writes what is said of the project, whole or not at all. An empty text takes the file away.
    ///
    /// # Errors
    /// If the text is longer than 256 KiB, or cannot be written.
    pub fn write_notes(&self, text: &str) -> Result<()> {
        check_project(self.name())?;
        let place = self.readme();
        if text.len() as u64 > MOST {
            return Err(Error::InvalidName {
                what: "notes",
                name: crate::error::excerpt(text),
                reason: format!("they have {} bytes, {MOST} are allowed", text.len()),
                hint: "put long texts beside the code, and name them here".into(),
            });
        }
        let written = || match text {
            "" => match place.remove() {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
            text => {
                place.folder().create_folder()?;
                place.replace_with(text.as_bytes(), true)
            }
        };
        written().io_context("write", &place, "check the permissions of the store's folder")
    }

    /// Where the file with what is said of the project is, be it there or not.
    pub fn notes_path(&self) -> PathBuf {
        self.readme().to_path_buf()
    }

    fn readme(&self) -> StorePath {
        let root = self.place().folder();
        root.child(VIEWS).child(self.name()).child(README)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::read::Store;

    #[test]
    fn notes_are_a_file_beside_the_views_and_no_project() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mnist")).unwrap();
        let store = Store::open(folder.path()).unwrap();
        let project = store.project("mnist");
        assert_eq!(project.notes().unwrap(), None);
        project.write_notes("# What it is about\n").unwrap();
        assert_eq!(project.notes().unwrap().unwrap(), "# What it is about\n");
        let file = folder.path().join(".views/mnist/README.md");
        assert_eq!(project.notes_path(), file);
        assert_eq!(fs::read_to_string(&file).unwrap(), "# What it is about\n");
        assert_eq!(store.projects().unwrap().len(), 1);
        project.write_notes("").unwrap();
        project.write_notes("").unwrap();
        assert_eq!(project.notes().unwrap(), None);
    }

    #[test]
    fn notes_too_long_and_of_no_project_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(store.project("mnist").write_notes(&"x".repeat(1 << 19)).is_err());
        assert!(store.project("..").write_notes("x").is_err());
        assert!(store.project("a/b").notes().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_notes_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let views = folder.path().join("store/.views/mnist");
        fs::create_dir_all(&views).unwrap();
        std::os::unix::fs::symlink(&secret, views.join("README.md")).unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        assert!(store.project("mnist").notes().is_err());
        store.project("mnist").write_notes("words").unwrap();
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
    }
}
