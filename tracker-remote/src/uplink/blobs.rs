//! The user's own files, by their hashes, and the manifest that says which there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use object_store::path::Path;
use tracker_core::replica::FileEntry;

use super::{
    artifacts::Artifacts,
    known::{Hashed, SentManifest},
    lane::Job,
    round::Round,
};
use crate::{
    Manifest, Result, condemned::are_condemned, head::is_kept_by_hash, manifest::Blob,
    objects::Swapped,
};

/// The most bytes of a manifest's object.
const MOST_PACKED: u64 = 64 << 20;

/// How often the manifest is sent while files are on their way.
const MANIFEST_EVERY: Duration = Duration::from_secs(30);

/// From so many files on whose contents may be there, all contents are listed.
const MANY: usize = 100;

impl Round<'_> {
    /// The user's files, and documents that are too long for a tail, whose contents may not be there.
    pub(super) async fn user_jobs(&mut self) -> Result<Vec<Job>> {
        self.user_files = self.find_user_files()?;
        self.skip_refused();
        let mut unknown = Vec::new();
        for file in self.user_files.iter().filter(|file| !self.lane.has(&file.path)) {
            let known = self.hash_of(file).cloned();
            if !known.as_ref().is_some_and(|blob| self.has_blob(blob)) {
                unknown.push(Job { file: file.clone(), known });
            }
        }
        let hashed = unknown.iter().filter(|job| job.known.is_some()).count();
        if hashed >= MANY && !*self.blobs_are_listed {
            let listed = self.objects.list(&self.names.blobs()).await?;
            self.blobs.extend(listed);
            *self.blobs_are_listed = true;
            let is_there = |job: &Job| job.known.as_ref().is_some_and(|blob| self.has_blob(blob));
            unknown.retain(|job| !is_there(job));
        }
        Ok(unknown)
    }

    /// Contents that were there already may be about to be removed, or may have been before the manifest named them: they
    /// are sent again.
    pub(super) async fn send_again_what_goes(&mut self) -> Result<()> {
        let hashes = self.user_files.iter().filter_map(|file| self.hash_of(file));
        // What was there once it was named stays: of that nobody needs to be asked in each round.
        let ours: BTreeMap<Path, u64> = hashes
            .map(|blob| (self.names.blob(&blob.sha256), blob.length))
            .filter(|(name, _)| !self.named.contains(name))
            .collect();
        if ours.is_empty() {
            return Ok(());
        }
        let names = ours.keys().cloned().collect();
        let mut going = are_condemned(self.objects, self.names.project(), &names).await?;
        going.extend(self.find_gone(&going).await?);
        for name in going {
            self.blobs.remove(&name);
            // So that the next round looks again.
            *self.manifest = None;
            self.is_whole = false;
            self.behind += ours.get(&name).copied().unwrap_or(0).max(1);
            self.tell(format!(
                "{name} is being removed there, or was; the next round sends it again"
            ));
        }
        Ok(())
    }

    /// Those that the manifest names and that are not there: who removed them may have ended before anybody looked what is
    /// about to be removed. What is there once it is named stays.
    async fn find_gone(&mut self, going: &BTreeSet<Path>) -> Result<BTreeSet<Path>> {
        let named = self.manifest.iter().flat_map(|sent| sent.manifest.files.values());
        let unsure: BTreeMap<Path, u64> = named
            .map(|blob| (self.names.blob(&blob.sha256), blob.length))
            .filter(|(name, _)| !self.named.contains(name) && !going.contains(name))
            .collect();
        let all = if unsure.len() >= MANY {
            Some(self.objects.list(&self.names.blobs()).await?)
        } else {
            None
        };
        let mut gone = BTreeSet::new();
        for (name, length) in unsure {
            let size = match &all {
                Some(all) => all.get(&name).copied(),
                None => self.objects.size(&name).await?,
            };
            if size == Some(length) {
                self.named.insert(name);
            } else {
                gone.insert(name);
            }
        }
        Ok(gone)
    }

    fn find_user_files(&mut self) -> Result<Vec<FileEntry>> {
        let files = self.files.iter().filter(|file| is_kept_by_hash(&file.path));
        let mut files: Vec<FileEntry> = files.cloned().collect();
        if self.artifacts == Artifacts::All {
            let found = self.folder.user_files()?;
            for path in found.left_out {
                self.tell(format!(
                    "{path} is a link, or no file that every system can have; it stays here"
                ));
            }
            files.extend(found.files);
        }
        Ok(files)
    }

    /// Leaves out what was refused, unless it is another file by now.
    fn skip_refused(&mut self) {
        let before = self.user_files.len();
        let refused = &mut *self.refused;
        self.user_files.retain(|file| refused.get(&file.path) != Some(&file.stamp));
        self.is_whole &= self.user_files.len() == before;
    }

    fn hash_of(&self, file: &FileEntry) -> Option<&Blob> {
        let known = self.hashes.by_path.get(&file.path)?;
        (known.stamp == file.stamp.to_string()).then_some(&known.blob)
    }

    fn has_blob(&self, blob: &Blob) -> bool {
        self.blobs.get(&self.names.blob(&blob.sha256)) == Some(&blob.length)
    }

    /// That a file's contents are there.
    pub(super) fn take_blob(&mut self, file: &FileEntry, blob: Blob) {
        self.blobs.insert(self.names.blob(&blob.sha256), blob.length);
        let hashed = Hashed { stamp: file.stamp.to_string(), blob };
        if self.hashes.by_path.get(&file.path) != Some(&hashed) {
            self.hashes.by_path.insert(file.path.clone(), hashed);
            self.hashes.are_news = true;
        }
    }

    /// Adds what of this folder is there to the manifest that is there: of ranks on several machines, each sends its own.
    pub(super) async fn send_manifest(&mut self) -> Result<()> {
        let mut ours = Manifest::default();
        for file in &self.user_files {
            if let Some(blob) = self.hash_of(file).filter(|blob| self.has_blob(blob)) {
                ours.files.insert(file.path.clone(), blob.clone());
            }
        }
        let is_early = self.manifest.as_ref().is_some_and(|sent| {
            sent.manifest == ours || !self.lane.is_empty() && sent.at.elapsed() < MANIFEST_EVERY
        });
        if ours.files.is_empty() || is_early {
            return Ok(());
        }
        let name = self.names.manifest();
        for _ in 0..5 {
            let seen = self.objects.get(&name, MOST_PACKED).await?;
            let there = match &seen {
                Some((bytes, _)) => Manifest::unpack(name.as_ref(), bytes)?,
                None => Manifest::default(),
            };
            let mut merged = there.clone();
            merged.files.extend(ours.files.clone());
            let is_there = seen.is_some() && merged == there;
            let version = seen.as_ref().map(|(_, version)| version);
            if is_there
                || matches!(
                    self.objects.swap(&name, merged.pack().into(), version).await?,
                    Swapped::Done(_)
                )
            {
                *self.manifest = Some(SentManifest { manifest: ours, at: Instant::now() });
                return Ok(());
            }
        }
        self.is_whole = false;
        Ok(())
    }
}
