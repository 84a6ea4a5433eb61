//! Keeps a run's files and folders where they belong while the run lives.

use crate::{
    Problem,
    fault::Fault,
    store::{
        drain::{Drain, Written},
        root,
    },
};

impl Drain {
    /// Makes files and folders again that somebody has removed: what they held is still known here.
    /// Those of a folder that was moved are where it is now.
    pub(super) fn keep_files_in_place(&mut self) {
        if Fault::FilesNotKept.is_planted() {
            return;
        }
        if let Err((path, error)) = self.keep_folders() {
            self.session.problem(Problem::io(&path, &error));
            return;
        }
        for file in [self.log.file(), &mut self.events].into_iter().chain(&mut self.messages) {
            if file.is_in_place() {
                continue;
            }
            let problem = match file.restore() {
                Ok(()) => Problem::removed_file(file.path()),
                Err(error) => Problem::io(file.path(), &error),
            };
            self.session.problem(problem);
            self.events_unsynced = true;
            self.sync.mark();
        }
        if self.session.owns_run_file && !self.session.paths().run_file().exists() {
            self.session.mark_file_changed();
        }
    }

    fn keep_folders(&mut self) -> Written {
        let (mut paths, writer) = (self.session.paths(), self.session.writer);
        if paths.folder().is_removed() {
            let again = root::make_again(&paths);
            paths = again.map_err(|error| (paths.folder().to_path_buf(), error))?;
            self.session.set_paths(paths.clone());
            self.control.moved_to(&paths);
            self.events.set_place(paths.events(writer));
            if let Some(messages) = &mut self.messages {
                messages.set_place(paths.messages(writer));
            }
            self.live.move_to(&paths, writer);
        }
        let kept = self.live.keep(&paths, writer, self.ring.as_ref());
        if kept.map_err(|error| (self.live.paths.folder.to_path_buf(), error))? {
            let place = self.live.paths.log(self.log.first());
            self.log.file().set_place(place);
            self.session.problem(Problem::removed_file(&self.live.paths.folder));
        }
        Ok(())
    }
}
