//! Replaces an object only if nobody else has meanwhile.
//!
//! Buckets do that themselves (`If-Match`). A folder cannot: there, whoever replaces something first makes an object beside
//! it, `<name>.lock`, which only one can make, looks again, and writes. That costs three more operations on files. A lock
//! that a killed process has left is taken away after it has stood for ten seconds unchanged.

use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::{Error as StoreError, PutMode, PutOptions, UpdateVersion, path::Path};

use super::objects::Objects;
use crate::Result;

/// After so long a lock is nobody's: what is done under it takes milliseconds.
const STALE: Duration = Duration::from_secs(10);

/// What became of it.
#[derive(Debug)]
pub(crate) enum Swapped {
    /// It has the new contents, and this version.
    Done(UpdateVersion),
    /// Somebody else has made or changed it: look again.
    Changed,
}

impl Swapped {
    /// Whether it has the new contents.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

impl Objects {
    /// Gives an object new contents if it still is of the version that was `seen`; makes it if none was.
    pub(crate) async fn swap(
        &self,
        name: &Path,
        bytes: Bytes,
        seen: Option<&UpdateVersion>,
    ) -> Result<Swapped> {
        let mode = seen.map_or(PutMode::Create, |seen| PutMode::Update(seen.clone()));
        let options = PutOptions { mode, ..PutOptions::default() };
        match self.put(name, bytes.clone(), options).await {
            Ok(version) => Ok(Swapped::Done(version)),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
                Ok(Swapped::Changed)
            }
            // Somebody has removed it. Of a bucket that is gone, the next look tells.
            Err(StoreError::NotFound { .. }) if seen.is_some() => Ok(Swapped::Changed),
            Err(StoreError::NotImplemented { .. } | StoreError::NotSupported { .. }) => {
                self.swap_in_folder(name, bytes, seen).await
            }
            Err(error) => Err(self.away("write", error)),
        }
    }

    async fn swap_in_folder(
        &self,
        name: &Path,
        bytes: Bytes,
        seen: Option<&UpdateVersion>,
    ) -> Result<Swapped> {
        let lock = Path::from(format!("{name}.lock"));
        self.lock(&lock).await?;
        let swapped = self.swap_locked(name, bytes, seen).await;
        self.delete(&lock).await?;
        swapped
    }

    async fn swap_locked(
        &self,
        name: &Path,
        bytes: Bytes,
        seen: Option<&UpdateVersion>,
    ) -> Result<Swapped> {
        use object_store::ObjectStoreExt;
        let now = match self.store().head(name).await {
            Err(StoreError::NotFound { .. }) => None,
            found => Some(found.map_err(|error| self.away("look at", error))?.e_tag),
        };
        if now != seen.map(|seen| seen.e_tag.clone()) {
            return Ok(Swapped::Changed);
        }
        let written = self.put(name, bytes, PutOptions::default()).await;
        written.map(Swapped::Done).map_err(|error| self.away("write", error))
    }

    async fn lock(&self, lock: &Path) -> Result<()> {
        use object_store::ObjectStoreExt;
        let mut standing: Option<(Option<String>, Instant)> = None;
        loop {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            match self.store().put_opts(lock, Bytes::new().into(), options).await {
                Ok(_) => return Ok(()),
                Err(StoreError::AlreadyExists { .. }) => {}
                Err(error) => return Err(self.away("lock", error)),
            }
            let tag = self.store().head(lock).await.ok().and_then(|found| found.e_tag);
            match &standing {
                Some((known, since)) if *known == tag && since.elapsed() > STALE => {
                    self.delete(lock).await?;
                }
                Some((known, _)) if *known == tag => {}
                _ => standing = Some((tag, Instant::now())),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
