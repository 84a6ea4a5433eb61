//! A store that dies, refuses or looks at itself, around one that works.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use futures_util::{StreamExt, future::BoxFuture, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    path::Path,
};
use tracker_remote::Place;

/// What a store does to an operation, by its number from 0: an error before it is done, or after.
type Rule = Box<dyn Fn(u64, &str, &Path) -> Option<Fate> + Send + Sync>;

pub(crate) enum Fate {
    Before(Error),
    After(Error),
    /// It is done whatever the condition.
    Whatever,
}

pub(crate) struct Odd {
    inner: Arc<dyn ObjectStore>,
    rule: Rule,
    count: Arc<AtomicU64>,
}

pub(crate) fn generic(text: &str) -> Error {
    Error::Generic { store: "S3", source: text.to_owned().into() }
}

impl Odd {
    /// The same place with a rule for each operation, and how many there were.
    pub(crate) fn place(
        inner: &Place,
        rule: impl Fn(u64, &str, &Path) -> Option<Fate> + Send + Sync + 'static,
    ) -> (Place, Arc<AtomicU64>) {
        let count = Arc::new(AtomicU64::new(0));
        let (inner, rule): (_, Rule) = (Arc::clone(inner.objects()), Box::new(rule));
        let odd = Self { inner, rule, count: Arc::clone(&count) };
        (Place::of("odd", Arc::new(odd)), count)
    }

    fn fate(&self, operation: &str, path: &Path) -> Option<Fate> {
        (self.rule)(self.count.fetch_add(1, SeqCst), operation, path)
    }
}

/// Does an operation, or does not, or says that it did not.
async fn under<T>(fate: Option<Fate>, done: impl Future<Output = Result<T>>) -> Result<T> {
    match fate {
        None | Some(Fate::Whatever) => done.await,
        Some(Fate::Before(error)) => Err(error),
        Some(Fate::After(error)) => {
            let _ = done.await;
            Err(error)
        }
    }
}

impl fmt::Debug for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Odd")
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an odd store")
    }
}

// The trait is one of async functions in boxes; these are their signatures as they become.
impl ObjectStore for Odd {
    fn put_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        payload: PutPayload,
        mut options: PutOptions,
    ) -> BoxFuture<'c, Result<PutResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            let fate = self.fate("put", location);
            if matches!(fate, Some(Fate::Whatever)) {
                options.mode = PutMode::Overwrite;
            }
            under(fate, self.inner.put_opts(location, payload, options)).await
        })
    }

    fn put_multipart_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        options: PutMultipartOptions,
    ) -> BoxFuture<'c, Result<Box<dyn MultipartUpload>>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            let fate = self.fate("multipart", location);
            under(fate, self.inner.put_multipart_opts(location, options)).await
        })
    }

    fn get_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        options: GetOptions,
    ) -> BoxFuture<'c, Result<GetResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            let fate = self.fate("get", location);
            under(fate, self.inner.get_opts(location, options)).await
        })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        match self.fate("delete", &Path::default()) {
            Some(Fate::Before(error) | Fate::After(error)) => {
                futures_util::stream::once(async { Err(error) }).boxed()
            }
            _ => self.inner.delete_stream(locations),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.fate("list", &prefix.cloned().unwrap_or_default()) {
            Some(Fate::Before(error) | Fate::After(error)) => {
                futures_util::stream::once(async { Err(error) }).boxed()
            }
            _ => self.inner.list(prefix),
        }
    }

    fn list_with_delimiter<'a, 'b, 'c>(
        &'a self,
        prefix: Option<&'b Path>,
    ) -> BoxFuture<'c, Result<ListResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.inner.list_with_delimiter(prefix)
    }

    fn copy_opts<'a, 'b, 'd, 'c>(
        &'a self,
        from: &'b Path,
        to: &'d Path,
        options: CopyOptions,
    ) -> BoxFuture<'c, Result<()>>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
        Self: 'c,
    {
        self.inner.copy_opts(from, to, options)
    }
}
