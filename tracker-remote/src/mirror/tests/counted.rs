//! A store that counts what is asked of it, and that can go away.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, memory::InMemory, path::Path as Name,
};

use super::bench::now_put;

/// A store that counts what is asked of it.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) inner: InMemory,
    pub(super) requests: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) is_down: AtomicBool,
    /// The names that were asked for.
    pub(super) got: parking_lot::Mutex<Vec<String>>,
    /// What somebody else writes once all was listed.
    pub(super) then: parking_lot::Mutex<Option<(Name, Vec<u8>)>>,
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("counted")
    }
}

impl Counted {
    fn count(&self, many: u64) -> object_store::Result<()> {
        self.requests.fetch_add(many, Ordering::Relaxed);
        if self.is_down.load(Ordering::Relaxed) {
            return Err(object_store::Error::Generic { store: "test", source: "no route".into() });
        }
        Ok(())
    }

    pub(super) fn counted(&self) -> (u64, u64) {
        (self.requests.swap(0, Ordering::Relaxed), self.bytes.swap(0, Ordering::Relaxed))
    }

    /// As S3 lists: a thousand names a request.
    pub(super) fn listed(
        &self,
        found: Vec<object_store::Result<ObjectMeta>>,
    ) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        if let Some((name, bytes)) = self.then.lock().take() {
            now_put(&self.inner, &name, bytes);
        }
        if let Err(error) = self.count((found.len() as u64).div_ceil(1_000).max(1)) {
            return futures_util::stream::iter(vec![Err(error)]).boxed();
        }
        futures_util::stream::iter(found).boxed()
    }
}

impl ObjectStore for Counted {
    fn put_opts<'a, 'b, 't>(
        &'a self,
        to: &'b Name,
        bytes: PutPayload,
        options: PutOptions,
    ) -> BoxFuture<'t, object_store::Result<PutResult>>
    where
        'a: 't,
        'b: 't,
        Self: 't,
    {
        async move {
            self.count(1)?;
            self.inner.put_opts(to, bytes, options).await
        }
        .boxed()
    }

    fn put_multipart_opts<'a, 'b, 't>(
        &'a self,
        to: &'b Name,
        options: PutMultipartOptions,
    ) -> BoxFuture<'t, object_store::Result<Box<dyn MultipartUpload>>>
    where
        'a: 't,
        'b: 't,
        Self: 't,
    {
        async move { self.inner.put_multipart_opts(to, options).await }.boxed()
    }

    fn get_opts<'a, 'b, 't>(
        &'a self,
        name: &'b Name,
        options: GetOptions,
    ) -> BoxFuture<'t, object_store::Result<GetResult>>
    where
        'a: 't,
        'b: 't,
        Self: 't,
    {
        async move {
            self.count(1)?;
            self.got.lock().push(name.to_string());
            let got = self.inner.get_opts(name, options).await?;
            self.bytes.fetch_add(got.range.end - got.range.start, Ordering::Relaxed);
            Ok(got)
        }
        .boxed()
    }

    fn delete_stream(
        &self,
        names: BoxStream<'static, object_store::Result<Name>>,
    ) -> BoxStream<'static, object_store::Result<Name>> {
        self.inner.delete_stream(names)
    }

    fn list(&self, below: Option<&Name>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.listed(now(self.inner.list(below).collect()))
    }

    fn list_with_offset(
        &self,
        below: Option<&Name>,
        behind: &Name,
    ) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.listed(now(self.inner.list_with_offset(below, behind).collect()))
    }

    fn list_with_delimiter<'a, 'b, 't>(
        &'a self,
        below: Option<&'b Name>,
    ) -> BoxFuture<'t, object_store::Result<ListResult>>
    where
        'a: 't,
        'b: 't,
        Self: 't,
    {
        async move {
            self.count(1)?;
            self.inner.list_with_delimiter(below).await
        }
        .boxed()
    }

    fn copy_opts<'a, 'b, 'c, 't>(
        &'a self,
        from: &'b Name,
        to: &'c Name,
        options: CopyOptions,
    ) -> BoxFuture<'t, object_store::Result<()>>
    where
        'a: 't,
        'b: 't,
        'c: 't,
        Self: 't,
    {
        async move { self.inner.copy_opts(from, to, options).await }.boxed()
    }
}

/// What memory answers at once.
pub(super) fn now<T: Default>(asked: impl Future<Output = T>) -> T {
    asked.now_or_never().unwrap_or_default()
}
