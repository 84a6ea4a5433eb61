//! What a reader asks of a place, from any thread: each call waits for its answers, and ends.

use std::{
    future::Future,
    io,
    ops::Range,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{
    GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, UpdateVersion, path::Path as Name,
};
use tokio::runtime::Handle;

use crate::{
    Error, Place, format,
    names::STORE,
    objects::{Objects, Swapped, away},
};

/// How long an answer may take. The network's own attempts are shorter.
const LONGEST: Duration = Duration::from_mins(1);

/// The same of many objects at once.
const LONG: Duration = Duration::from_mins(10);

/// How much of a long object is fetched at a time, and in ranges of how many bytes.
const SOME: u64 = 64 << 20;
const RANGE: u64 = 4 << 20;

/// How many objects are fetched at once.
const AT_ONCE: usize = 64;

/// How many ranges of one object are fetched at once.
const RANGES_AT_ONCE: usize = 16;

/// The most names that one look at a place takes: a run of 10,000 ranks has some ten for each.
const MOST_NAMES: usize = 2_000_000;

/// An object, and what tells whether it has changed.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) bytes: Bytes,
    pub(crate) version: UpdateVersion,
    /// In microseconds since 1970, by the place's clock.
    pub(crate) modified: i64,
}

/// Asks a place.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    place: Place,
    runtime: Handle,
}

impl Requests {
    pub(crate) fn new(place: &Place) -> io::Result<Self> {
        Ok(Self { place: place.clone(), runtime: runtime()? })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// That something could not be done there, for people.
    pub(crate) fn told(&self, action: &'static str, source: io::Error) -> Error {
        self.place.not_read(action, source)
    }

    /// That others wrote an object each time that it was to be written, for people.
    pub(crate) fn crowded(&self, name: &Name) -> Error {
        let text = format!("others write {name} all the time; try again");
        self.told("write", io::Error::other(text))
    }

    /// What lies directly below the root, as folders. Refuses a place whose format is not known. `checked` keeps which
    /// version of what the place says of itself was looked at, so that it is fetched once.
    pub(crate) fn folders(&self, checked: &mut Option<String>) -> io::Result<Vec<Name>> {
        let objects = self.place.objects().clone();
        let listed = async move { objects.list_with_delimiter(None).await };
        let listed = self.wait("list", None, listed)?;
        let says = listed.objects.into_iter().find(|object| object.location.as_ref() == STORE);
        if let Some(ObjectMeta { location, e_tag, .. }) = says
            && (e_tag.is_none() || e_tag != *checked)
            && let Some(got) = self.get_if_changed(&location, None, format::MOST)?
        {
            format::check(&self.place, &got.bytes).map_err(io::Error::other)?;
            *checked = e_tag;
        }
        Ok(listed.common_prefixes)
    }

    /// All objects below a name, in the order of their names; those behind another one, if it is said.
    pub(crate) fn list(&self, below: &Name, behind: Option<&Name>) -> io::Result<Vec<ObjectMeta>> {
        let objects = self.place.objects().clone();
        let (all, behind) = (below.clone(), behind.cloned());
        let listed = async move {
            let listed = match &behind {
                Some(behind) => objects.list_with_offset(Some(&all), behind),
                None => objects.list(Some(&all)),
            };
            listed.take(MOST_NAMES + 1).try_collect::<Vec<_>>().await
        };
        let mut listed = self.wait_for("list", None, LONG, listed)?;
        if listed.len() > MOST_NAMES {
            let text = format!(
                "{below} has more than {MOST_NAMES} objects: part of them says nothing of all"
            );
            return Err(io::Error::other(text));
        }
        listed.sort_unstable_by(|one, other| one.location.cmp(&other.location));
        Ok(listed)
    }

    /// A whole object of at most `most` bytes, unless it is still the one with this tag.
    pub(crate) fn get_if_changed(
        &self,
        name: &Name,
        known: Option<&str>,
        most: u64,
    ) -> io::Result<Option<Fetched>> {
        let objects = self.place.objects().clone();
        let (asked, known) = (name.clone(), known.map(str::to_owned));
        let got = async move { fetch_if_changed(&*objects, &asked, known, most).await };
        self.wait("fetch", Some(name), got)
    }

    /// Whole objects of at most `most` bytes, in the order of their names here.
    pub(crate) fn get_all(&self, names: &[Name], most: u64) -> Vec<io::Result<Fetched>> {
        let asked: Vec<_> = names.iter().map(|name| (name.clone(), None)).collect();
        let got = self.get_all_if_changed(&asked, most).into_iter();
        got.map(|got| got.and_then(|got| got.ok_or_else(|| io::ErrorKind::NotFound.into())))
            .collect()
    }

    /// The same of those that are not the ones with these tags any more.
    pub(crate) fn get_all_if_changed(
        &self,
        asked: &[(Name, Option<String>)],
        most: u64,
    ) -> Vec<io::Result<Option<Fetched>>> {
        let objects = self.place.objects().clone();
        let names = asked.to_vec();
        let all = async move {
            let got = stream::iter(names).map(|(name, known)| {
                let objects = objects.clone();
                async move {
                    let got = fetch_if_changed(&*objects, &name, known, most);
                    let got = tokio::time::timeout(LONGEST, got);
                    got.await.unwrap_or_else(|_| Err(late()))
                }
            });
            Ok(got.buffered(AT_ONCE).collect::<Vec<_>>().await)
        };
        // Each of them ends by itself.
        match self.wait_for("fetch", None, Duration::MAX, all) {
            Ok(all) => {
                let tell = |((name, _), got): (&(Name, _), object_store::Result<_>)| {
                    got.map_err(|error| self.failed("fetch", Some(name), &error))
                };
                asked.iter().zip(all).map(tell).collect()
            }
            Err(error) => asked.iter().map(|_| Err(again(&error))).collect(),
        }
    }

    /// Ranges of an object's bytes.
    pub(crate) fn ranges(&self, name: &Name, ranges: Vec<Range<u64>>) -> io::Result<Vec<Bytes>> {
        let objects = self.place.objects().clone();
        let asked = name.clone();
        let got = async move {
            let got = stream::iter(ranges).map(|range| {
                let (objects, name) = (objects.clone(), asked.clone());
                async move { objects.get_range(&name, range).await }
            });
            got.buffered(RANGES_AT_ONCE).try_collect().await
        };
        self.wait("fetch", Some(name), got)
    }

    /// Writes an object. `Ok(false)` if it is not the one that was expected.
    pub(crate) fn put(&self, name: &Name, bytes: Vec<u8>, mode: PutMode) -> io::Result<bool> {
        let objects = self.place.objects().clone();
        let to = name.clone();
        let put = async move {
            match objects.put_opts(&to, bytes.into(), mode.into()).await {
                Ok(_) => Ok(true),
                Err(
                    object_store::Error::Precondition { .. }
                    | object_store::Error::AlreadyExists { .. },
                ) => Ok(false),
                Err(error) => Err(error),
            }
        };
        self.wait("write", Some(name), put)
    }

    /// Gives an object new contents if it still is as it was `seen`; makes it if none was.
    pub(crate) fn swap(
        &self,
        name: &Name,
        bytes: Vec<u8>,
        seen: Option<&UpdateVersion>,
    ) -> crate::Result<Swapped> {
        let (place, to, seen) = (self.place.clone(), name.clone(), seen.cloned());
        let (answer, answered) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            let objects = Objects::new(place);
            let swapped = objects.swap(&to, bytes.into(), seen.as_ref()).await;
            // Whoever asked waits.
            let _ = answer.send(swapped);
        });
        answered.recv().unwrap_or_else(|_| Err(away("write", &self.place, late())))
    }

    /// Writes all bytes of an object from a place on, some of them at a time. It must have this length.
    pub(crate) fn copy(
        &self,
        name: &Name,
        range: Range<u64>,
        to: &mut dyn io::Write,
    ) -> io::Result<()> {
        let mut at = range.start;
        while at < range.end {
            let end = (at + SOME).min(range.end);
            let starts = (at..end).step_by(RANGE as usize);
            let ranges: Vec<_> = starts.map(|from| from..(from + RANGE).min(end)).collect();
            let lengths: Vec<u64> = ranges.iter().map(|range| range.end - range.start).collect();
            for (bytes, length) in self.ranges(name, ranges)?.into_iter().zip(lengths) {
                if bytes.len() as u64 != length {
                    let text = format!("{name} has another length than it had");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
                to.write_all(&bytes)?;
            }
            at = end;
        }
        Ok(())
    }

    /// Removes objects, those too that are gone already.
    pub(crate) fn delete_all(&self, names: Vec<Name>) -> io::Result<()> {
        let objects = self.place.objects().clone();
        let gone = async move {
            let names = stream::iter(names.into_iter().map(Ok)).boxed();
            let mut deleted = objects.delete_stream(names);
            while let Some(done) = deleted.next().await {
                match done {
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        };
        self.wait_for("remove", None, LONG, gone)
    }

    fn wait<T: Send + 'static>(
        &self,
        action: &'static str,
        name: Option<&Name>,
        asked: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        self.wait_for(action, name, LONGEST, asked)
    }

    fn wait_for<T: Send + 'static>(
        &self,
        action: &'static str,
        name: Option<&Name>,
        longest: Duration,
        asked: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            let got = tokio::time::timeout(longest, asked).await;
            // Whoever asked waits.
            let _ = answer.send(got.unwrap_or_else(|_| Err(late())));
        });
        let got = answered.recv().unwrap_or_else(|_| Err(late()));
        got.map_err(|error| self.failed(action, name, &error))
    }

    fn failed(&self, action: &str, name: Option<&Name>, error: &object_store::Error) -> io::Error {
        use object_store::Error as Away;
        let kind = match error {
            Away::NotFound { .. } => io::ErrorKind::NotFound,
            Away::PermissionDenied { .. } | Away::Unauthenticated { .. } => {
                io::ErrorKind::PermissionDenied
            }
            Away::NotImplemented { .. } | Away::NotSupported { .. } => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::Other,
        };
        let what = name.map_or_else(String::new, |name| format!(" {name}"));
        let hint = match kind {
            io::ErrorKind::NotFound => "somebody has removed it there",
            _ if self.place.is_folder() => "let this user read and write there",
            io::ErrorKind::PermissionDenied => {
                "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they allow"
            }
            _ => "check the network and AWS_ENDPOINT_URL, and try again",
        };
        let place = &self.place;
        io::Error::new(kind, format!("failed to {action}{what} at {place}: {error} ({hint})"))
    }
}

fn late() -> object_store::Error {
    let source = io::Error::new(io::ErrorKind::TimedOut, "it does not answer");
    object_store::Error::Generic { store: "place", source: Box::new(source) }
}

fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

/// A whole object, which may claim any length and have another one, unless it is still the one with this tag.
async fn fetch_if_changed(
    objects: &dyn ObjectStore,
    name: &Name,
    known: Option<String>,
    most: u64,
) -> object_store::Result<Option<Fetched>> {
    let options = GetOptions { if_none_match: known, ..GetOptions::default() };
    let got = match objects.get_opts(name, options).await {
        Err(object_store::Error::NotModified { .. }) => return Ok(None),
        got => got?,
    };
    let too_long = || {
        let source = format!("{name} has more than {most} bytes");
        object_store::Error::Generic { store: "place", source: source.into() }
    };
    let meta = got.meta.clone();
    if meta.size > most {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    let mut stream = got.into_stream();
    while let Some(more) = stream.next().await {
        bytes.extend_from_slice(&more?);
        if bytes.len() as u64 > most {
            return Err(too_long());
        }
    }
    let version = UpdateVersion { e_tag: meta.e_tag, version: meta.version };
    let modified = meta.last_modified.timestamp_micros();
    Ok(Some(Fetched { bytes: bytes.into(), version, modified }))
}

/// The thread that speaks with all places of this process.
fn runtime() -> io::Result<Handle> {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    static STARTED: AtomicU64 = AtomicU64::new(0);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.clone());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    thread::Builder::new()
        .name(format!("tracker-fetch-{number}"))
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(RUNTIME.get_or_init(|| handle).clone())
}
