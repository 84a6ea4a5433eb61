//! How a run ends, and what it came to.

use std::{
    fmt::Display,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use crate::{
    Error, Outcome, Problem, Report, Result, Run,
    format::folder::StorePath,
    platform::is_forked_child,
    run::{
        messages,
        output::Captured,
        run::{Backend, RunInner},
        shutdown::{self, LiveRun},
        sync,
    },
    store::{self, Failure, Patience},
    tracker::{report::RunLabel, stop_flag::StopFlag},
};

/// How long `finish` waits for a disk that takes nothing.
const PATIENCE: Patience = Patience::WhileStalled(Duration::from_secs(10));

/// How long the end waits for the words of a panic.
const LONGEST_WAIT_FOR_BACKTRACES: Duration = Duration::from_secs(1);

/// How long a second call of `finish` waits for the first one in another thread, beside what that waits for a place.
const LONGEST_FINISH: Duration = Duration::from_mins(5);

impl Run {
    /// Says how the training came out, for programs that call [`finish`](Self::finish) without
    /// looking: an adapter that saw it end by an error gives [`Outcome::Failed`]. The last word
    /// counts; [`Outcome::Finished`] takes it back.
    pub fn conclude(&self, outcome: Outcome) {
        if is_forked_child() {
            return;
        }
        *self.inner.verdict.lock() = Some(outcome).filter(|known| *known != Outcome::Finished);
    }

    /// Ends the run as finished, or as stopped if it was asked to stop, and says what was
    /// written. Works while clones live; a second call changes nothing.
    ///
    /// Where the run is [sent](crate::RunBuilder::sync) somewhere, this waits until all is there, but no longer than
    /// `TRACKER_SYNC_WAIT` says, 10 seconds if unset. What is left then goes on its way beside this process, and
    /// [`Report::sync`] tells it.
    ///
    /// After Ctrl-C it returns too, as after `tracker stop`, so that what follows still runs, such
    /// as saving the weights. The process ends by the signal when `main` returns. After 30 s, or
    /// the seconds in `TRACKER_GRACE`, it does so wherever the program is.
    ///
    /// # Errors
    /// If not all points, texts and artifacts could be saved, for example because the disk stayed
    /// full, or if some are not there any more; in a forked child, whose parent has the run.
    pub fn finish(&self) -> Result<Report> {
        self.finish_as(Outcome::Finished)
    }

    /// Passes a result on, and keeps the text of an error: if that ends the training, by `?`, the run
    /// ends as failed with it. Without this, nobody tells a run that is dropped why.
    ///
    /// ```no_run
    /// fn train() -> Result<(), Box<dyn std::error::Error>> {
    ///     let run = tracker_core::init("mnist").start()?;
    ///     let data = run.check(std::fs::read("no such file"))?;
    ///     run.log([("bytes", data.len() as f64)]);
    ///     run.finish()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// [`RunBuilder::run`](crate::RunBuilder::run) does it for all errors of a closure.
    ///
    /// # Errors
    /// That of `result`.
    pub fn check<T, E: Display>(
        &self,
        result: std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        if let Err(error) = &result {
            *self.inner.error.lock() = Some(error.to_string());
        }
        result
    }

    /// Ends the run with an outcome of your own.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_as(&self, outcome: Outcome) -> Result<Report> {
        self.inner.refuse_in_child()?;
        if !self.inner.is_over() {
            self.inner.finish_hooks.call(&outcome);
        }
        self.inner.end(outcome, PATIENCE)
    }
}

impl RunInner {
    /// Refuses what a forked child asks of its parent's run. The threads that would do it exist in
    /// the parent only, and a lock may be held by one of them.
    pub(super) fn refuse_in_child(&self) -> Result<()> {
        match &self.backend {
            Backend::Stored { session, .. } if is_forked_child() && !self.is_over() => {
                let reason = format!(
                    "this process was forked from the run's own, where it goes on; {} points and \
                     events that were logged here are not stored",
                    session.forked()
                );
                let hint = Problem::FORKED_HINT.into();
                Err(Error::Unsaved { run: self.label.name.clone(), reason, hint })
            }
            _ => Ok(()),
        }
    }

    /// What ending the run came to; an error while it has not ended.
    fn end_result(&self) -> Result<Report> {
        let end = self.end.try_lock().and_then(|end| end.clone());
        let result = end.unwrap_or_else(|| Err(self.still_being_saved()));
        result.map_err(|failure| self.unsaved(failure))
    }

    fn still_being_saved(&self) -> Failure {
        Failure::of_disk("it is still being saved".to_owned(), &self.label.path)
    }

    fn unsaved(&self, Failure { reason, hint }: Failure) -> Error {
        Error::Unsaved { run: self.label.name.clone(), reason, hint }
    }

    fn end_now(
        &self,
        outcome: Outcome,
        patience: Patience,
    ) -> std::result::Result<Report, Failure> {
        let Backend::Stored { session, system, datasets, syncs } = &self.backend else {
            return Ok(Report::empty(outcome));
        };
        let began = Instant::now();
        datasets.finish(session, patience_for_datasets(patience));
        if let Some(system) = system {
            system.end();
        }
        let elapsed = session.clock.elapsed();
        if let Some(problem) = self.captured.lock().take().and_then(Captured::end) {
            session.problem(problem);
        }
        shutdown::wait_for_backtraces(LONGEST_WAIT_FOR_BACKTRACES);
        let finished = store::finish(session, outcome.clone(), patience)?;
        self.saved.store(true, Ordering::Release);
        messages::retire(session);
        // The outcome says it now.
        let _ = session.paths().panic_note(session.writer).remove();
        let sync = match patience {
            Patience::WhileStalled(_) => sync::wait(syncs, session, began),
            Patience::AtMost(_) => sync::status(syncs, session),
        };
        // The place may have refused since.
        let mut problems = finished.problems;
        for problem in session.all_problems().into_iter().filter(sync::is_of_a_place) {
            if !problems.iter().any(|known| known.kind == problem.kind) {
                problems.push(problem);
            }
        }
        Ok(Report {
            outcome,
            conclusion: finished.message,
            run: Some(RunLabel { path: finished.folder, ..self.label.clone() }),
            points: finished.points,
            elapsed,
            table: finished.table,
            problems,
            alerts: finished.alerts,
            sync,
        })
    }

    fn longest_wait_for_places(&self) -> Duration {
        match &self.backend {
            Backend::Stored { syncs, .. } => sync::longest_wait(syncs),
            Backend::Disabled { .. } => Duration::ZERO,
        }
    }

    /// A training that came to its end because it was asked to stop was stopped, and one that an
    /// adapter saw fail has failed.
    fn outcome(&self, outcome: Outcome) -> Outcome {
        if !matches!(outcome, Outcome::Finished | Outcome::Ended(_)) {
            return outcome;
        }
        let verdict = self.verdict.lock().take();
        if let Some(failed @ Outcome::Failed(_)) = verdict {
            return failed;
        }
        // Who never looks for requests did not stop because of one.
        self.stop.cause().map(Outcome::Stopped).or(verdict).unwrap_or(outcome)
    }

    /// Whether the run has ended; not while it is being saved.
    pub(crate) fn is_over(&self) -> bool {
        self.end.try_lock().is_some_and(|end| end.is_some())
    }
}

/// After a signal there is no time for hashes.
fn patience_for_datasets(patience: Patience) -> Duration {
    match patience {
        Patience::WhileStalled(limit) => limit,
        Patience::AtMost(_) => Duration::ZERO,
    }
}

impl LiveRun for RunInner {
    fn stop_flag(&self) -> &Arc<StopFlag> {
        &self.stop
    }

    fn panic_note(&self) -> Option<StorePath> {
        match &self.backend {
            Backend::Stored { session, .. } => Some(session.paths().panic_note(session.writer)),
            Backend::Disabled { .. } => None,
        }
    }

    fn flush(&self, timeout: Duration) -> Result<()> {
        self.refuse_in_child()?;
        match &self.backend {
            Backend::Stored { .. } if self.is_over() => self.end_result().map(drop),
            Backend::Stored { session, .. } => store::flush(session, timeout),
            Backend::Disabled { .. } => Ok(()),
        }
    }

    fn end(&self, outcome: Outcome, patience: Patience) -> Result<Report> {
        // Who ends it by now waits for its places, as a signal does not.
        let is_saved =
            matches!(patience, Patience::AtMost(_)) && self.saved.load(Ordering::Acquire);
        let longest = match patience {
            Patience::AtMost(_) if is_saved => Duration::ZERO,
            Patience::AtMost(limit) => limit,
            Patience::WhileStalled(_) => LONGEST_FINISH + self.longest_wait_for_places(),
        };
        let result = match self.end.try_lock_for(longest) {
            Some(mut end) => {
                let end_now = || self.end_now(self.outcome(outcome), patience);
                let result = end.get_or_insert_with(end_now).clone();
                self.stop.set_over();
                result
            }
            None if is_saved => Ok(Report::empty(outcome)),
            None => Err(self.still_being_saved()),
        };
        result.map_err(|failure| self.unsaved(failure))
    }
}

impl Drop for RunInner {
    fn drop(&mut self) {
        if matches!(self.backend, Backend::Disabled { .. }) || is_forked_child() || self.is_over() {
            return;
        }
        let outcome = if std::thread::panicking() {
            Outcome::Failed(shutdown::panic_message())
        } else {
            let why = "dropped without finish(): an early return, or a missing run.finish()";
            self.error.lock().take().map_or_else(|| Outcome::Ended(why.to_owned()), Outcome::Failed)
        };
        if let Err(error) = self.end(outcome, PATIENCE) {
            crate::console::notice::say(&format!("tracker: warning: {error}"));
        }
    }
}
