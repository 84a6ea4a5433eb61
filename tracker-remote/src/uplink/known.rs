//! What a sender knows: of the place from it alone, and what spares work from the run's folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Instant,
};

use object_store::{UpdateVersion, path::Path};
use serde::{Deserialize, Serialize};
use tracker_core::{Timestamp, Writer, replica::FileStamp};

use super::{journal::Journal, lane::Way, note};
use crate::{Blob, Error, Head, Manifest, Result, Tail};

/// What is known of the place, from it alone.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) journal: Journal,
    pub(super) tails: BTreeMap<Writer, Option<SeenTail>>,
    pub(super) head: Option<SeenHead>,
    pub(super) manifest: Option<SentManifest>,
    /// Contents that are there, and how long they are.
    pub(super) blobs: BTreeMap<Path, u64>,
    pub(super) blobs_are_listed: bool,
    /// Contents that were there after the manifest had named them: from then on nobody removes them.
    pub(super) named: BTreeSet<Path>,
    pub(super) hashes: Hashes,
    pub(super) sealed: Sealed,
    /// Files under whose hashes something else lies, and as what they were tried.
    pub(super) refused: BTreeMap<String, FileStamp>,
}

impl Known {
    /// Learns what is there, from the place, and what spares work, from the folder.
    pub(super) async fn learn(way: &Way) -> Result<Self> {
        way.objects.try_place().await?;
        let (folder, place) = (&way.folder, &way.objects.place);
        Ok(Self {
            journal: Journal::read(&way.objects, &way.names).await?,
            tails: BTreeMap::new(),
            head: None,
            manifest: None,
            blobs: BTreeMap::new(),
            blobs_are_listed: false,
            named: BTreeSet::new(),
            hashes: Hashes { by_path: note::read(folder, place, "hashes"), are_news: false },
            sealed: Sealed { since: note::read(folder, place, "sealed"), are_news: false },
            refused: BTreeMap::new(),
        })
    }

    /// A file that cannot be sent, however often that is tried.
    pub(super) fn refused(&self) -> Option<Error> {
        let (path, _) = self.refused.first_key_value()?;
        Some(Error::Damaged {
            object: path.clone(),
            reason: "something else lies there under the hash of its contents".into(),
            hint: "`tracker sync --check=deep` names that object: remove it there, and send the run again".into(),
        })
    }

    /// Keeps in the folder what spares the next sender work. What cannot be written is tried again after the next round.
    pub(super) fn keep(&mut self, way: &Way) {
        let (folder, place) = (&way.folder, &way.objects.place);
        if self.hashes.are_news {
            self.hashes.are_news = !note::write(folder, place, "hashes", &self.hashes.by_path);
        }
        if self.sealed.are_news {
            self.sealed.are_news = !note::write(folder, place, "sealed", &self.sealed.since);
        }
    }
}

/// A tail that is there, and its version.
#[derive(Debug, Clone)]
pub(super) struct SeenTail {
    pub(super) tail: Tail,
    pub(super) version: UpdateVersion,
}

/// The head that is there.
#[derive(Debug, Clone)]
pub(super) struct SeenHead {
    pub(super) head: Head,
    pub(super) version: UpdateVersion,
    /// When it was sent from here.
    pub(super) sent: Option<Instant>,
}

/// A hash that is known, and of which state of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hashed {
    pub(super) stamp: String,
    pub(super) blob: Blob,
}

/// The hashes that are known. Kept on the disk: they spare reading.
#[derive(Debug, Default)]
pub(super) struct Hashes {
    pub(super) by_path: BTreeMap<String, Hashed>,
    /// Whether some are not on the disk yet.
    pub(super) are_news: bool,
}

/// The manifest that was sent, and when.
#[derive(Debug)]
pub(super) struct SentManifest {
    pub(super) manifest: Manifest,
    pub(super) at: Instant,
}

/// Since when the parts of logs are known to be there of which there are pieces, in microseconds since 1970, by the path of
/// the log. Kept on the disk.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    pub(super) since: BTreeMap<String, i64>,
    /// Whether the disk has others.
    pub(super) are_news: bool,
}

/// This machine's clock. A test may set it ahead.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(pub(super) Arc<AtomicI64>);

impl Clock {
    pub(super) fn micros(&self) -> i64 {
        Timestamp::now().as_micros().saturating_add(self.0.load(Relaxed))
    }
}
