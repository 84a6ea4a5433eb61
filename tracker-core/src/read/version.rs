//! Tells whether what was made of a run's points still holds.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{
    Result,
    format::layout::RUN_FILE,
    read::{RunReader, ancestry::ancestors, sources::list_parts},
};

impl RunReader {
    /// A number that is another one once points may have been replaced or taken back: when a
    /// training was resumed, or files were made, removed or exchanged. Points that a process adds
    /// leave it as it is; [`summary`](Self::summary) counts these.
    ///
    /// For those who keep what they have made of a run's points. Ask for it before you read them, or
    /// you keep what has changed meanwhile under the later number.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn points_version(&self) -> Result<u64> {
        let mut hasher = DefaultHasher::new();
        self.hash_points(&mut hasher)?;
        for ancestor in ancestors(self) {
            ancestor.run.hash_points(&mut hasher)?;
        }
        Ok(hasher.finish())
    }

    fn hash_points(&self, hasher: &mut DefaultHasher) -> Result<()> {
        let files = self.paths();
        files.stamp(RUN_FILE).hash(hasher);
        files.claims().hash(hasher);
        for part in list_parts(files)? {
            part.hash(hasher);
            files.stamp(&part.place()).hash(hasher);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Run, init, metrics};

    #[test]
    fn a_resumed_training_changes_the_version_and_points_that_are_added_do_not() {
        let store = tempfile::tempdir().unwrap();
        let begin = || init("version").dir(store.path()).signals(false).code_changes(false);
        let version = |run: &Run| RunReader::open(run.path()).unwrap().points_version().unwrap();
        let run = begin().start().unwrap();
        run.log_at(0_u64, metrics! { "loss" => 1.0 });
        let live = version(&run);
        run.log_at(1_u64, metrics! { "loss" => 1.0 });
        assert_eq!(version(&run), live);
        run.finish().unwrap();
        let ended = version(&run);
        assert_ne!(ended, live);
        assert_eq!(version(&run), ended);
        let resumed = begin().resume(run.id().to_string()).start().unwrap();
        let begun = version(&resumed);
        assert_ne!(begun, ended);
        resumed.resume_after(0_u64).unwrap();
        resumed.log_at(1_u64, metrics! { "loss" => 2.0 });
        resumed.finish().unwrap();
        assert!(![live, ended, begun].contains(&version(&run)));
    }
}
