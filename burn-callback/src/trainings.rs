//! The trainings of this process, by the thread that launches them.
//!
//! Burn's builder cannot change threads, so the thread that called `track` is the one that will
//! launch. Two things need to know it:
//!
//! - A run that is dropped while a panic unwinds ends as failed, with the panic's message. But it
//!   only ends with its last handle, and Burn moves ours to threads that notice the end of the
//!   training later, if the process still lives then: the run would be found as ended or crashed.
//!   So when the thread of a training panics, the training's parts give their handle back first.
//! - `launch_tracked` looks for the training that `track` has set up.

use std::{
    panic,
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak},
    thread::{self, ThreadId},
};

use tracker_core::Tracker;

use crate::{guard::is_guarded, session::Session};

static TRAININGS: Mutex<Vec<(ThreadId, Weak<Session>)>> = Mutex::new(Vec::new());

/// Remembers `session` as one of this thread, and lets it go when this thread panics.
pub(crate) fn add(session: &Arc<Session>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            earlier(info);
            // A panic of the watch is caught, and the training goes on.
            if !is_guarded() {
                release_trainings_of(thread::current().id());
            }
        }));
    });
    let mut trainings = trainings();
    trainings.retain(|(_, session)| session.strong_count() > 0);
    trainings.push((thread::current().id(), Arc::downgrade(session)));
}

/// The training that this thread set up last for `tracker` and has not launched yet.
pub(crate) fn ready_on_this_thread(tracker: &Arc<dyn Tracker>) -> Option<Arc<Session>> {
    let this = thread::current().id();
    let trainings = trainings();
    let own = trainings.iter().rev().filter(|(thread, _)| *thread == this);
    own.filter_map(|(_, session)| session.upgrade())
        .find(|session| session.is_ready() && session.is_of(tracker))
}

/// The list is not held while sessions are released, so that a panic elsewhere never waits.
fn release_trainings_of(thread: ThreadId) {
    let own: Vec<_> = trainings().extract_if(.., |(of, _)| *of == thread).collect();
    for session in own.iter().filter_map(|(_, session)| session.upgrade()) {
        session.release();
    }
}

fn trainings() -> MutexGuard<'static, Vec<(ThreadId, Weak<Session>)>> {
    TRAININGS.lock().unwrap_or_else(PoisonError::into_inner)
}
