//! The thread for media: one a process, for all runs, from the first item on.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use parking_lot::Mutex;

use crate::{
    Media, MediaSource, MetricName, Problem, Step, Timestamp, caught,
    format::{event_line::StoredEventKind, media_item::MediaItem},
    media::limits::MAX_ITEMS,
    store::{
        media::{
            items::Call,
            problem,
            queue::{Queue, Size},
        },
        session::Session,
        wake,
    },
};

static QUEUE: Queue<Job> = Queue::new();

/// What one call logged.
#[derive(Debug)]
struct Job {
    session: Arc<Session>,
    /// When it was called.
    time: Timestamp,
    name: String,
    step: Step,
    items: Vec<Media>,
}

/// Takes media of a run. Costs a lock, and neither makes nor writes a file.
pub(crate) fn log(session: &Arc<Session>, name: &str, step: Step, mut items: Vec<Media>) {
    let time = session.moment();
    let name = MetricName::new(name);
    if name.was_repaired() {
        session.problem(Problem::repaired_name(name.as_str()));
    }
    let name = name.as_str().to_owned();
    let more = items.len().saturating_sub(MAX_ITEMS) as u64;
    if more > 0 {
        items.truncate(MAX_ITEMS);
        session.problem(problem::too_many(&name, step, more));
    }
    let count = items.len() as u64;
    if count == 0 {
        return;
    }
    if let Err(error) = spawn_once() {
        session.problem(problem::no_thread(count, &error));
        return;
    }
    let bytes = items.iter().map(bytes_of).fold(0, usize::saturating_add);
    let size = Size { bytes, items: count };
    let job = Job { session: Arc::clone(session), time, name: name.clone(), step, items };
    match session.media.take(count, || QUEUE.push(size, job)) {
        Ok(Ok(())) => {}
        Ok(Err(job)) => {
            drop_quietly(job);
            session.problem(problem::dropped(&name, step, count));
        }
        Err(_) => session.count_late(count),
    }
}

/// A source is somebody else's, and no log call panics.
fn bytes_of(media: &Media) -> usize {
    match media {
        Media::Later(source) => catching(|| source.bytes()).unwrap_or_default(),
        media => media.bytes(),
    }
}

/// As a source's end is.
fn drop_quietly(job: Job) {
    let _ = catching(|| drop(job));
}

fn spawn_once() -> io::Result<()> {
    static IS_STARTED: Mutex<bool> = Mutex::new(false);
    let mut is_started = IS_STARTED.lock();
    if !*is_started {
        thread::Builder::new().name("tracker-media".into()).spawn(run)?;
        *is_started = true;
    }
    Ok(())
}

fn run() {
    loop {
        let (size, job) = QUEUE.take();
        let session = Arc::clone(&job.session);
        // One run's trouble must not end the thread that all runs share.
        let done = catching(|| work(&job));
        if let Err(words) = done {
            session.problem(problem::panicked(&job.name, job.step, &words));
        }
        drop_quietly(job);
        QUEUE.done(size);
        session.media.did(size.items);
        if session.media.waiting() == 0 {
            // Its flush or its end may wait for this.
            wake::wake();
        }
    }
}

/// Stores what one call logged, and tells of it.
fn work(job: &Job) {
    let Job { session, time, name, step, items } = job;
    let call = Call { home: &**session, name, step: *step };
    let kept = keep_all(call, items, || session.headway.step());
    if !kept.is_empty() {
        let kind = StoredEventKind::Media { name: name.clone(), step: *step, items: kept };
        session.earlier_event(*time, kind);
    }
}

/// Stores items, each of them or a problem. Calls `stored` after each.
pub(crate) fn keep_all(call: Call<'_>, items: &[Media], stored: impl Fn()) -> Vec<MediaItem> {
    let mut kept: Vec<MediaItem> = Vec::with_capacity(items.len());
    for media in items {
        match media {
            Media::Later(source) => {
                for media in made(call, &**source) {
                    keep(call, &media, &mut kept);
                }
            }
            media => keep(call, media, &mut kept),
        }
        stored();
    }
    kept
}

fn keep(call: Call<'_>, media: &Media, kept: &mut Vec<MediaItem>) {
    match catching(|| call.keep(media)) {
        Ok(Ok(item)) => kept.push(item),
        Ok(Err(problem)) => call.home.problem(problem),
        Err(words) => call.home.problem(problem::panicked(call.name, call.step, &words)),
    }
}

/// What a source makes, as many as one call may have.
fn made(call: Call<'_>, source: &dyn MediaSource) -> Vec<Media> {
    let Call { home, name, step } = call;
    let mut made = match catching(|| source.make()) {
        Ok(Ok(made)) => made,
        Ok(Err(error)) => {
            home.problem(problem::not_kept(name, step, &error));
            return Vec::new();
        }
        Err(words) => {
            home.problem(problem::panicked(name, step, &words));
            return Vec::new();
        }
    };
    let more = made.len().saturating_sub(MAX_ITEMS) as u64;
    if more > 0 {
        made.truncate(MAX_ITEMS);
        home.problem(problem::too_many(name, step, more));
    }
    made
}

/// Does some work, and gives the words of a panic: it is nobody's end, so nobody else hears of it.
fn catching<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let caught = caught::catch(|| {
        catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
            let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
        })
    });
    caught.unwrap_or_else(|| Err(String::new()))
}
