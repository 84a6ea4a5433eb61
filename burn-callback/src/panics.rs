//! Lets the run go when the user's code panics.
//!
//! A run that is dropped while a panic unwinds ends as failed, with the panic's message. But it
//! only ends with its last handle, and Burn moves ours to threads that notice the end of the
//! training later, if the process still lives then: the run would be found as ended or crashed.
//! So when the thread of a training panics, the training's parts give their handle back first.

use std::{
    panic,
    sync::{Arc, Mutex, Once, PoisonError, Weak},
    thread::{self, ThreadId},
};

use crate::{session::Session, watch::is_guarded};

/// The trainings of this process by the thread that launches them.
static TRAININGS: Mutex<Vec<(ThreadId, Weak<Session>)>> = Mutex::new(Vec::new());

/// Lets `session` go when this thread panics. Burn's builder cannot change threads, so it is the
/// one that will launch.
pub(crate) fn release_on_panic(session: &Arc<Session>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            earlier(info);
            // A panic of the watch is caught, and the training goes on.
            if is_guarded() {
                return;
            }
            release_trainings_of(thread::current().id());
        }));
    });
    let mut trainings = TRAININGS.lock().unwrap_or_else(PoisonError::into_inner);
    trainings.retain(|(_, session)| session.strong_count() > 0);
    trainings.push((thread::current().id(), Arc::downgrade(session)));
}

/// The list is not held while sessions are released, so that a panic elsewhere never waits.
fn release_trainings_of(thread: ThreadId) {
    let mut trainings = TRAININGS.lock().unwrap_or_else(PoisonError::into_inner);
    let own: Vec<_> = trainings.extract_if(.., |(of, _)| *of == thread).collect();
    drop(trainings);
    for session in own.iter().filter_map(|(_, session)| session.upgrade()) {
        session.release();
    }
}
