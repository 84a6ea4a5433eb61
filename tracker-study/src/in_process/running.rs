//! The threads of a study in a program: those that train, and one that watches.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use tracker_core::RunId;

use super::{handle::TrialHandle, shared::Begun};
use crate::Result;

/// How often runs of this program are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Trains trials on this thread until there are enough.
pub(super) fn run(
    begun: &Begun,
    mut train: impl FnMut(&TrialHandle<'_>) -> Result<(), String>,
) -> Result<()> {
    thread::scope(|scope| {
        let (_done, is_done) = mpsc::channel();
        scope.spawn(move || watch(begun, &is_done));
        work(begun, &mut train)
    })
}

/// Trains trials on so many threads until there are enough.
pub(super) fn run_parallel<F>(begun: &Begun, at_once: usize, train: &F) -> Result<()>
where
    F: Fn(&TrialHandle<'_>) -> Result<(), String> + Sync,
{
    thread::scope(|scope| {
        let (_done, is_done) = mpsc::channel();
        scope.spawn(move || watch(begun, &is_done));
        let most = usize::try_from(begun.cap).unwrap_or(usize::MAX);
        let workers: Vec<_> = (0..at_once.clamp(1, most.max(1)))
            .map(|_| scope.spawn(|| work(begun, &mut |trial: &TrialHandle<'_>| train(trial))))
            .collect();
        let ends: Vec<Result<()>> =
            workers.into_iter().filter_map(|worker| worker.join().ok()).collect();
        ends.into_iter().collect()
    })
}

fn work(
    begun: &Begun,
    train: &mut dyn FnMut(&TrialHandle<'_>) -> Result<(), String>,
) -> Result<()> {
    while let Some((number, run)) = begun.next()? {
        let trained = train_one(begun, number, run, train);
        if trained.is_err() {
            // Others finish what they train, and begin nothing more.
            begun.lock().is_over = true;
            return trained;
        }
    }
    Ok(())
}

fn train_one(
    begun: &Begun,
    number: usize,
    run: RunId,
    train: &mut dyn FnMut(&TrialHandle<'_>) -> Result<(), String>,
) -> Result<()> {
    let trial = TrialHandle::new(begun, number, run)?;
    // Whatever a closure leaves half done is its own: nothing of it is used by the study.
    let said = catch_unwind(AssertUnwindSafe(|| train(&trial)));
    begun.end(&trial, said.unwrap_or_else(|panic| Err(words(&*panic))))
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.map_or_else(|| "panicked".to_owned(), |text| format!("panicked: {text}"))
}

/// Watches the trials that this program trains until its other threads are done.
fn watch(begun: &Begun, is_done: &Receiver<()>) {
    while is_done.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        let mut shared = begun.lock();
        let shared = &mut *shared;
        let own: Vec<(usize, RunId)> =
            shared.own.iter().map(|(number, own)| (*number, own.run.clone())).collect();
        for (number, run) in own {
            if let Err(error) = shared.watcher.look_at(number, run, &mut shared.journal) {
                shared.is_over = true;
                shared.trouble.get_or_insert(error);
                return;
            }
        }
    }
}
