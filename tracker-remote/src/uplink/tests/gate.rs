//! A store before which each operation waits until a test lets it through, does not, or says that it did not.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::Arc,
    time::Duration,
};

use futures_util::{
    FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream,
};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result, memory::InMemory, path::Path,
};
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use super::{Fault, world::Truth};

/// What becomes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Do,
    /// It is not done, and said not to be.
    Fail,
    /// It is done, and said not to be.
    DoAndFail,
    /// It is said not to be done, and done later.
    Late,
}

/// Where the operations of one sender or reader wait.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<oneshot::Sender<Order>>,
    busy: usize,
    is_over: bool,
    is_dead: bool,
    has_failed: bool,
}

impl Gate {
    fn wait(&self) -> oneshot::Receiver<Order> {
        let (sender, order) = oneshot::channel();
        let mut state = self.state.lock();
        if state.is_dead {
            let _ = sender.send(Order::Fail);
        } else {
            state.waiting.push_back(sender);
        }
        self.changed.notify_all();
        order
    }

    async fn pass(&self) -> Order {
        self.wait().await.unwrap_or(Order::Fail)
    }

    /// Waits outside of the store, such as before a round. Whether to go on.
    pub(super) fn goes_on(&self) -> bool {
        let order = self.wait().blocking_recv().unwrap_or(Order::Fail);
        self.passed();
        order == Order::Do
    }

    fn passed(&self) {
        let mut state = self.state.lock();
        state.busy = state.busy.saturating_sub(1);
        self.changed.notify_all();
    }

    /// Whether an operation has failed since this was last asked.
    pub(super) fn has_failed(&self) -> bool {
        std::mem::take(&mut self.state.lock().has_failed)
    }

    /// Lets the operation through that has waited longest, and waits until whose it is waits again. `false` if there is no
    /// more.
    pub(super) fn step(&self, order: Order) -> bool {
        self.settle();
        let next = {
            let mut state = self.state.lock();
            let next = state.waiting.pop_front();
            state.busy += usize::from(next.is_some());
            state.has_failed |= order != Order::Do;
            next
        };
        let Some(next) = next else { return false };
        let _ = next.send(order);
        self.settle();
        true
    }

    /// Nothing of it gets through any more.
    pub(super) fn die(&self, order: Order) {
        self.step(order);
        let mut state = self.state.lock();
        (state.is_dead, state.has_failed) = (true, true);
        for waiting in state.waiting.drain(..) {
            let _ = waiting.send(Order::Fail);
        }
    }

    /// That whoever goes through it has ended.
    pub(super) fn end(&self) {
        self.state.lock().is_over = true;
        self.changed.notify_all();
    }

    fn settle(&self) {
        let mut state = self.state.lock();
        while !(state.is_over || state.is_dead || state.busy == 0 && !state.waiting.is_empty()) {
            let late = self.changed.wait_for(&mut state, Duration::from_mins(1)).timed_out();
            assert!(!late, "a sender or reader hangs");
        }
    }
}

/// A store with a gate before it.
#[derive(Clone)]
pub(super) struct Gated {
    pub(super) inner: Arc<InMemory>,
    pub(super) gate: Arc<Gate>,
    pub(super) truth: Arc<Truth>,
    pub(super) fault: Fault,
    /// Pieces that are said to be there already.
    pub(super) held: Arc<Mutex<Vec<BoxFuture<'static, ()>>>>,
    /// What a list said of each object, and when.
    pub(super) listed: Arc<Mutex<HashMap<Path, i64>>>,
    /// What was there when a look began, where that is what is listed.
    pub(super) before: Arc<Mutex<Vec<ObjectMeta>>>,
}

fn cut() -> Error {
    Error::Generic { store: "S3", source: "the link is cut".into() }
}

impl Gated {
    async fn under<T: Send + 'static>(&self, done: BoxFuture<'static, Result<T>>) -> Result<T> {
        let result = match self.gate.pass().await {
            Order::Do => done.await,
            Order::Fail => Err(cut()),
            Order::DoAndFail => {
                let _ = done.await;
                Err(cut())
            }
            Order::Late => {
                self.truth.late.lock().push(done.map(|_| ()).boxed());
                Err(cut())
            }
        };
        self.gate.passed();
        result
    }

    /// An answer before the piece is there: what a sender would see that did not wait for it.
    async fn held(&self, done: BoxFuture<'static, Result<PutResult>>) -> Result<PutResult> {
        let order = self.gate.pass().await;
        let result = if order == Order::Do {
            self.held.lock().push(done.map(|_| ()).boxed());
            let (e_tag, version) = (Some("\"0\"".into()), None);
            Ok(PutResult { e_tag, version, extensions: <_>::default() })
        } else {
            Err(cut())
        };
        self.gate.passed();
        result
    }

    /// That nobody removes what was listed minutes ago at most.
    fn look(&self, location: &Path, got: &Result<GetResult>) {
        let listed = self.listed.lock().get(location).copied();
        let is_gone = matches!(got, Err(Error::NotFound { .. }));
        if is_gone && listed.is_some_and(|listed| self.truth.minutes() - listed < 10) {
            self.truth.wrong(format!("{location} is gone that was listed a moment ago"));
        }
    }
}

impl fmt::Debug for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gated")
    }
}

impl fmt::Display for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a store with a gate")
    }
}

impl ObjectStore for Gated {
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
        let (inner, name) = (Arc::clone(&self.inner), location.clone());
        let has = |part: &str| location.as_ref().contains(part);
        if self.fault == Fault::HeadWithoutCondition && has("/heads/") {
            options.mode = PutMode::Overwrite;
        }
        let holds = self.fault == Fault::TailFirst && has("/grow/");
        let frees = has("/tail/");
        let done = async move { inner.put_opts(&name, payload, options).await }.boxed();
        Box::pin(async move {
            if holds {
                return self.held(done).await;
            }
            let put = self.under(done).await;
            if frees {
                self.truth.late.lock().append(&mut self.held.lock());
            }
            put
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
        self.inner.put_multipart_opts(location, options)
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
        let (inner, name) = (Arc::clone(&self.inner), location.clone());
        let done = async move { inner.get_opts(&name, options).await }.boxed();
        Box::pin(async move {
            let got = self.under(done).await;
            self.look(location, &got);
            got
        })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let gated = self.clone();
        let delete = move |name: Result<Path>| {
            let gated = gated.clone();
            async move {
                let (name, inner) = (name?, Arc::clone(&gated.inner));
                let gone = name.clone();
                gated.under(async move { inner.delete(&gone).await }.boxed()).await.map(|()| name)
            }
        };
        locations.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (gated, prefix) = (self.clone(), prefix.cloned());
        let list = async move {
            let inner = Arc::clone(&gated.inner);
            let below = prefix.clone();
            let list = async move { inner.list(below.as_ref()).try_collect::<Vec<_>>().await };
            let mut found = gated.under(list.boxed()).await?;
            if gated.fault == Fault::ListFirst {
                found.clone_from(&gated.before.lock());
                found.retain(|object| {
                    prefix.as_ref().is_none_or(|prefix| object.location.prefix_matches(prefix))
                });
            }
            let now = gated.truth.minutes();
            let names = found.iter().map(|object| (object.location.clone(), now));
            gated.listed.lock().extend(names);
            Ok::<_, Error>(stream::iter(found.into_iter().map(Ok)))
        };
        stream::once(list).try_flatten().boxed()
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
        let (inner, prefix) = (Arc::clone(&self.inner), prefix.cloned());
        let done = async move { inner.list_with_delimiter(prefix.as_ref()).await }.boxed();
        Box::pin(self.under(done))
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
