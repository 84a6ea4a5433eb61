//! What is asked of a place, each with a limit of time and size, and errors that say the way out.

use std::{
    collections::BTreeMap, future::Future, ops::Range, sync::atomic::AtomicU64, time::Duration,
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{
    Error as StoreError, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    UpdateVersion, path::Path,
};

use super::{away, limit::Limit};
use crate::{Error, Place, Result, packed};

/// How much of the end of a file's object is compared.
const COMPARED: u64 = 64 << 10;

/// How often an object is made again that is told to be there and is not.
const TRIES: u32 = 5;

/// How long nothing may come back, beside what the bytes themselves take at the slowest.
const PATIENCE: Duration = Duration::from_secs(30);

/// The slowest link that is one, in bytes a second.
const SLOWEST: u64 = 16 << 10;

/// The objects of a place.
#[derive(Debug)]
pub(crate) struct Objects {
    pub(crate) place: Place,
    limit: Limit,
    /// How many bytes were sent, and in how many objects.
    pub(crate) sent: (AtomicU64, AtomicU64),
}

/// How an object that is there already is compared with what was to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Compared<'a> {
    /// Unpacked, with these bytes.
    Unpacked(&'a [u8]),
    /// By its length and its end.
    Ends,
}

impl Objects {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, limit: Limit::default(), sent: <_>::default() }
    }

    /// What tells its place from others.
    pub(crate) fn place_identity(&self) -> &str {
        self.place.identity()
    }

    pub(crate) fn store(&self) -> &dyn ObjectStore {
        &**self.place.objects()
    }

    /// Makes an object whole, or finds that it is there with the same contents. `Ok(false)`: with others.
    pub(crate) async fn create(
        &self,
        name: &Path,
        bytes: Bytes,
        compared: Compared<'_>,
    ) -> Result<bool> {
        for _ in 0..TRIES {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            match self.put(name, bytes.clone(), options).await {
                Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {}
                result => return result.map(|_| true).map_err(|error| self.away("write", error)),
            }
            // S3 says so too of two that write at once, of which none may have come through.
            if let Some(is_same) = self.is_same(name, &bytes, compared).await? {
                return Ok(is_same);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let source = StoreError::Generic {
            store: "a place",
            source: format!("it says that {name} is there, and that it is not").into(),
        };
        Err(self.away("write", source))
    }

    /// `None` if it is not there.
    async fn is_same(
        &self,
        name: &Path,
        bytes: &Bytes,
        compared: Compared<'_>,
    ) -> Result<Option<bool>> {
        match compared {
            Compared::Unpacked(expected) => {
                let Some((there, _)) = self.get(name, 2 * bytes.len() as u64 + COMPARED).await?
                else {
                    return Ok(None);
                };
                let there = packed::unpack(name.as_ref(), &there, expected.len() as u64);
                Ok(Some(there.is_ok_and(|there| there == expected)))
            }
            Compared::Ends => {
                self.ends_as(name, bytes.len() as u64, |range| {
                    bytes.slice(range.start as usize..range.end as usize)
                })
                .await
            }
        }
    }

    /// Whether an object has this length and this end. `None` if it is not there.
    pub(crate) async fn ends_as(
        &self,
        name: &Path,
        length: u64,
        end: impl FnOnce(Range<u64>) -> Bytes,
    ) -> Result<Option<bool>> {
        match self.size(name).await? {
            None => return Ok(None),
            Some(size) if size != length => return Ok(Some(false)),
            Some(0) => return Ok(Some(true)),
            Some(_) => {}
        }
        let range = length.saturating_sub(COMPARED)..length;
        Ok(self.get_range(name, range.clone()).await?.map(|there| there == end(range)))
    }

    /// Writes an object as the options say, and counts it.
    pub(crate) async fn put(
        &self,
        name: &Path,
        bytes: Bytes,
        options: PutOptions,
    ) -> Result<UpdateVersion, StoreError> {
        let length = bytes.len() as u64;
        self.limit.pass(length).await;
        let put = self.store().put_opts(name, bytes.into(), options);
        let made = self.wait(length, put).await?;
        self.count(length);
        Ok(made.into())
    }

    /// How many bytes a second are sent at most.
    pub(crate) fn limit(&self, bytes_per_second: Option<u64>) {
        self.limit.set(bytes_per_second);
    }

    pub(crate) async fn pass(&self, bytes: u64) {
        self.limit.pass(bytes).await;
    }

    pub(crate) fn count(&self, bytes: u64) {
        use std::sync::atomic::Ordering::Relaxed;
        self.sent.0.fetch_add(bytes, Relaxed);
        self.sent.1.fetch_add(1, Relaxed);
    }

    /// A whole object of at most so many bytes, and its version. `None` if it is not there.
    pub(crate) async fn get(
        &self,
        name: &Path,
        most: u64,
    ) -> Result<Option<(Bytes, UpdateVersion)>> {
        let get = async {
            let found = self.store().get(name).await?;
            let version = UpdateVersion {
                e_tag: found.meta.e_tag.clone(),
                version: found.meta.version.clone(),
            };
            if found.meta.size > most {
                return Ok(Err(found.meta.size));
            }
            Ok(Ok((found.bytes().await?, version)))
        };
        match self.wait(most.min(64 << 20), get).await {
            Err(StoreError::NotFound { source, .. }) if !is_of_bucket(&*source) => Ok(None),
            Ok(Ok(found)) => Ok(Some(found)),
            Ok(Err(size)) => Err(Error::damaged(
                name.as_ref(),
                format!("it has {size} bytes, {most} are allowed"),
            )),
            Err(error) => Err(self.away("read", error)),
        }
    }

    /// Some bytes of an object. `None` if it is not there.
    pub(crate) async fn get_range(&self, name: &Path, range: Range<u64>) -> Result<Option<Bytes>> {
        let bytes = range.end - range.start;
        match self.wait(bytes, self.store().get_range(name, range)).await {
            Err(StoreError::NotFound { .. }) => Ok(None),
            there => there.map(Some).map_err(|error| self.away("read", error)),
        }
    }

    /// As [`get`](Self::get), if it is not of this version any more. `Ok(Err(()))`: it still is.
    pub(crate) async fn get_changed(
        &self,
        name: &Path,
        most: u64,
        known: &UpdateVersion,
    ) -> Result<Changed> {
        let Some(e_tag) = &known.e_tag else { return Ok(Changed::To(self.get(name, most).await?)) };
        let options = GetOptions { if_none_match: Some(e_tag.clone()), ..GetOptions::default() };
        match self.wait(COMPARED, self.store().get_opts(name, options)).await {
            Err(StoreError::NotModified { .. }) => Ok(Changed::Not),
            // What came with it is not used: it would have to be bounded again.
            Ok(_) | Err(StoreError::NotFound { .. }) => {
                Ok(Changed::To(self.get(name, most).await?))
            }
            Err(error) => Err(self.away("read", error)),
        }
    }

    /// How many bytes an object has. `None` if it is not there.
    pub(crate) async fn size(&self, name: &Path) -> Result<Option<u64>> {
        match self.wait(0, self.store().head(name)).await {
            Err(StoreError::NotFound { .. }) => Ok(None),
            found => {
                found.map(|found| Some(found.size)).map_err(|error| self.away("look at", error))
            }
        }
    }

    /// All objects below a name, with their sizes.
    pub(crate) async fn list(&self, below: &Path) -> Result<BTreeMap<Path, u64>> {
        let mut found = self.store().list(Some(below));
        let mut all = BTreeMap::new();
        loop {
            let next = self.wait(1 << 20, found.try_next()).await;
            let Some(object) = next.map_err(|error| self.away("list", error))? else {
                return Ok(all);
            };
            all.insert(object.location, object.size);
        }
    }

    /// Deletes an object, which may be gone.
    pub(crate) async fn delete(&self, name: &Path) -> Result<()> {
        match self.wait(0, self.store().delete(name)).await {
            Err(StoreError::NotFound { .. }) => Ok(()),
            done => done.map_err(|error| self.away("delete", error)),
        }
    }

    pub(crate) fn away(&self, action: &'static str, source: StoreError) -> Error {
        away(action, &self.place, source)
    }

    /// Waits for an answer, but not for ever: a link that is cut says nothing.
    pub(crate) async fn wait<T>(
        &self,
        bytes: u64,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let patience = PATIENCE + Duration::from_secs(bytes / SLOWEST);
        tokio::time::timeout(patience, answer).await.unwrap_or_else(|_| {
            let text = format!("no answer within {} s", patience.as_secs());
            Err(StoreError::Generic { store: "a place", source: text.into() })
        })
    }
}

/// What became of an object since it was read.
#[derive(Debug)]
pub(crate) enum Changed {
    Not,
    To(Option<(Bytes, UpdateVersion)>),
}

fn is_of_bucket(source: &(dyn std::error::Error + 'static)) -> bool {
    source.to_string().contains("NoSuchBucket")
}
