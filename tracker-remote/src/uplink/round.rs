//! What a round knows of the place and sees of the folder, and in which order it sends.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use object_store::path::Path;
use tracker_core::{
    Writer,
    replica::{FileEntry, FileStamp, PartRange, RunFolder},
};

use super::{
    artifacts::Artifacts,
    grown::Grown,
    journal::Journal,
    known::{Clock, Hashes, Known, Sealed, SeenHead, SeenTail, SentManifest},
    lane::{Job, Lane, Way},
};
use crate::{Error, Result, names::RunNames, objects::Objects};

/// What one round sees of the folder, and what it knows of the place.
pub(super) struct Round<'a> {
    pub(super) way: &'a Way,
    pub(super) folder: &'a RunFolder,
    pub(super) names: &'a RunNames,
    pub(super) objects: &'a Objects,
    pub(super) artifacts: Artifacts,
    pub(super) kept: Duration,
    pub(super) clock: &'a Clock,
    pub(super) lane: &'a mut Lane,
    pub(super) journal: &'a mut Journal,
    pub(super) tails: &'a mut BTreeMap<Writer, Option<SeenTail>>,
    pub(super) head: &'a mut Option<SeenHead>,
    pub(super) manifest: &'a mut Option<SentManifest>,
    pub(super) blobs: &'a mut BTreeMap<Path, u64>,
    pub(super) blobs_are_listed: &'a mut bool,
    pub(super) named: &'a mut BTreeSet<Path>,
    pub(super) hashes: &'a mut Hashes,
    pub(super) sealed: &'a mut Sealed,
    pub(super) refused: &'a mut BTreeMap<String, FileStamp>,
    pub(super) files: Vec<FileEntry>,
    pub(super) user_files: Vec<FileEntry>,
    pub(super) lives: BTreeMap<Writer, bool>,
    pub(super) growing: BTreeMap<Writer, Vec<Grown>>,
    /// Writers of whom a log went while the folder was looked at.
    pub(super) moved: BTreeSet<Writer>,
    /// Whether all that the folder had when the round began has been sent.
    pub(super) is_whole: bool,
    pub(super) behind: u64,
    pub(super) told: BTreeSet<String>,
}

/// How a sender sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'a> {
    pub(super) artifacts: Artifacts,
    pub(super) kept: Duration,
    pub(super) clock: &'a Clock,
}

impl<'a> Round<'a> {
    /// Looks at the folder.
    pub(super) fn new(
        way: &'a Way,
        lane: &'a mut Lane,
        known: &'a mut Known,
        how: How<'a>,
    ) -> Result<Self> {
        let lives = way.folder.lives()?;
        let mut files = way.folder.files()?;
        if how.artifacts == Artifacts::None {
            files.retain(|file| !file.path.starts_with("media/"));
        }
        Ok(Self {
            way,
            folder: &way.folder,
            names: &way.names,
            objects: &way.objects,
            artifacts: how.artifacts,
            kept: how.kept,
            clock: how.clock,
            lane,
            journal: &mut known.journal,
            tails: &mut known.tails,
            head: &mut known.head,
            manifest: &mut known.manifest,
            blobs: &mut known.blobs,
            blobs_are_listed: &mut known.blobs_are_listed,
            named: &mut known.named,
            hashes: &mut known.hashes,
            sealed: &mut known.sealed,
            refused: &mut known.refused,
            files,
            user_files: Vec::new(),
            lives,
            growing: BTreeMap::new(),
            moved: BTreeSet::new(),
            is_whole: true,
            behind: 0,
            told: BTreeSet::new(),
        })
    }

    /// Sends what is not there. `waits` for the files that go beside; else they go on while the next rounds run.
    pub(super) async fn run(&mut self, waits: bool) -> Result<()> {
        // What has failed since the last round is told, but the points go on.
        let mut beside = self.take_beside();
        if waits {
            // All of it is tried again now, and not what a place said to an earlier round.
            self.lane.stop();
            beside = Ok(());
            self.is_whole = true;
            self.refused.clear();
        }
        self.open_growing()?;
        self.count_behind(&[]);
        if self.head.is_none() && self.has_head() {
            // Nothing is put under a head that says that the run was deleted.
            self.read_head().await?;
        }
        self.look_at_tails().await?;
        let mut jobs = self.fixed_jobs();
        jobs.extend(self.user_jobs().await?);
        self.count_behind(&jobs);
        self.lane.begin(jobs);
        self.send_parts().await?;
        self.send_pieces().await?;
        self.send_tails().await?;
        self.send_head().await?;
        self.clear().await?;
        if waits {
            self.lane.finish().await;
            if self.has_head() {
                // That may have taken hours.
                self.read_head().await?;
            }
        }
        beside = beside.and(self.take_beside());
        self.is_whole &= self.lane.is_empty();
        self.send_manifest().await?;
        self.send_again_what_goes().await?;
        beside?;
        if self.is_whole {
            self.way.uploads.end_leftovers(self.objects).await;
            self.behind = 0;
        }
        Ok(())
    }

    fn count_behind(&mut self, jobs: &[Job]) {
        let is_new = |file: &&FileEntry| !self.journal.has(&self.names.file(&file.path));
        let parts = self.files.iter().filter(|file| PartRange::of_path(&file.path).is_some());
        let parts: u64 = parts.filter(is_new).map(|file| file.stamp.length()).sum();
        let growing = self
            .growing
            .iter()
            .flat_map(|(writer, files)| files.iter().map(|file| self.behind_of(*writer, file)));
        let jobs: u64 = jobs.iter().map(|job| job.file.stamp.length()).sum();
        self.behind = parts + growing.sum::<u64>() + jobs + self.lane.behind();
    }

    /// Counts bytes of the folder that are confirmed.
    pub(super) fn sent(&mut self, bytes: u64) {
        self.behind = self.behind.saturating_sub(bytes);
    }

    pub(super) fn tell(&mut self, what: String) {
        self.told.insert(what);
    }

    pub(super) fn of_another_folder(&self, reason: &str) -> Error {
        let hint = "another folder, perhaps a copy of this one that trained on, sends this run; nothing was replaced. Go on \
                    with one of the two, or import the other as a run of its own";
        self.elsewhere(reason, hint.to_owned())
    }

    pub(super) fn elsewhere(&self, reason: &str, hint: String) -> Error {
        Error::Elsewhere {
            run: self.folder.id().to_string(),
            place: self.objects.place.to_string(),
            reason: reason.to_owned(),
            hint,
        }
    }
}
