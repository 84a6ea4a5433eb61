//! What git knew of a run's code.

use std::io;

use crate::{
    Result,
    error::IoContext,
    format::{
        code_file::{Code, MOST_JSON, MOST_PATCH, Patch, PatchKept},
        layout::{CODE, CODE_PATCH},
    },
    read::RunReader,
};

impl RunReader {
    /// What git knew of the code when the run's process began: which files were changed since the
    /// commit, and which it did not track. `None` where nobody knows: there was no git or no
    /// repository, git was too slow, the run was told [not to ask](crate::RunBuilder::code_changes),
    /// an older version wrote it, or it began a moment ago. Of a resumed run, it tells of the last
    /// attempt, as the commit in [`info`](Self::info) does; what was known of an earlier one stays in
    /// the run's folder, as `code-before-<writer>.json`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::read::Store::discover()?.find("@latest")?;
    /// for file in run.code()?.into_iter().flat_map(|code| code.files) {
    ///     println!("{} {}", file.status.as_str(), file.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn code(&self) -> Result<Option<Code>> {
        let (files, path) = (self.paths(), self.paths().place(CODE));
        match files.read(CODE, MOST_JSON) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => {
                let (text, _) = read.io_context("read", &path, "check the file's permissions")?;
                Code::of(&text, &path).map(Some)
            }
        }
    }

    /// The changes since the commit, as `git diff` printed them: what `git apply` takes. `None`
    /// where there are none or nobody knows; [`code`](Self::code) says which, and whether the
    /// patch was cut. It has at most a MiB, and no untracked file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn patch(&self) -> Result<Option<Patch>> {
        let kept = self.code()?.map(|code| code.patch_kept);
        if !matches!(kept, Some(PatchKept::Whole | PatchKept::Cut)) {
            return Ok(None);
        }
        let read = self.paths().read_beginning(CODE_PATCH, MOST_PATCH as u64);
        let hint = "remove code.json if the patch is lost";
        let bytes = read.io_context("read", &self.paths().place(CODE_PATCH), hint)?;
        Ok(Some(Patch(bytes)))
    }
}
