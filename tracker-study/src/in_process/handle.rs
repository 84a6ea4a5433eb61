//! What a closure gets that trains a trial.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tracker_core::{RunBuilder, RunId, Stop};

use super::{settings, shared::Begun};
use crate::{Error, PRUNED, Result, Watched, reported};

/// One trial, as the closure sees it that trains it.
#[derive(Debug)]
pub struct TrialHandle<'a> {
    begun: &'a Begun,
    number: usize,
    run: RunId,
    values: Map<String, Value>,
    has_run: AtomicBool,
    reported: AtomicU64,
}

impl<'a> TrialHandle<'a> {
    pub(super) fn new(begun: &'a Begun, number: usize, run: RunId) -> Result<Self> {
        let shared = begun.lock();
        let study = shared.journal.study();
        let values = study.plan.space.values(&study.trial(number)?.params);
        drop(shared);
        let (has_run, reported) = (AtomicBool::new(false), AtomicU64::new(0));
        Ok(Self { begun, number, run, values, has_run, reported })
    }

    /// Its place in the study, from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// All its values, by the names of their parameters. Those whose condition does not hold are not there.
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// The value of a parameter; `None` if it is not there in this trial.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The value of a parameter that is a number.
    ///
    /// # Errors
    /// If there is no such parameter in this trial, or it is no number.
    pub fn float(&self, name: &str) -> Result<f64> {
        self.typed(name, Value::as_f64, "a number")
    }

    /// The value of a parameter that is a whole number.
    ///
    /// # Errors
    /// As [`float`](Self::float).
    pub fn int(&self, name: &str) -> Result<i64> {
        self.typed(name, Value::as_i64, "a whole number")
    }

    /// The value of a parameter that is a text.
    ///
    /// # Errors
    /// As [`float`](Self::float).
    pub fn text(&self, name: &str) -> Result<&str> {
        self.typed(name, Value::as_str, "a text")
    }

    /// The program's own settings with the trial's values in their places: the parameter `optimizer.lr` is the field `lr`
    /// of the field `optimizer`.
    ///
    /// # Errors
    /// If the settings have no such place, or another type there.
    pub fn config<T: Serialize + DeserializeOwned>(&self, settings: &T) -> Result<T> {
        settings::laid_over(settings, &self.values)
    }

    /// Begins the trial's run: as [`tracker_core::init`], in the group of the study, with what says whose trial it is. What
    /// the run logs of the study's metrics is the trial's result.
    ///
    /// Called again, it begins a run that is of the study, too, and at which nobody looks.
    pub fn init(&self, project: impl Into<String>) -> RunBuilder {
        let project = project.into();
        let study = self.begun.folder.name();
        let builder = tracker_core::init(&*project)
            .dir(&self.begun.root)
            .group(study)
            .study(study, self.number as u64);
        if self.has_run.swap(true, Ordering::Relaxed) {
            return builder;
        }
        let watched = Watched::new(self.run.clone()).in_project(project);
        self.begun.lock().watcher.expect(self.number, watched);
        builder.id(self.run.clone())
    }

    /// Tells a value of the study's first metric, for trainings that have no run. Says whether the training should end now,
    /// because others are better.
    ///
    /// ```no_run
    /// # use tracker_core::Stop;
    /// # use tracker_study::{Asha, Study};
    /// # fn epoch(_: f64) -> f64 { 0.0 }
    /// # fn main() -> Result<(), tracker_study::Error> {
    /// Study::new("rates").float("lr", 1e-5..=1e-1).log().minimize("loss").prune(Asha::new()).run(20, |trial| {
    ///     let lr = trial.float("lr")?;
    ///     for _ in 0..9 {
    ///         if trial.report(epoch(lr))? == Stop::Now {
    ///             break;
    ///         }
    ///     }
    ///     Ok::<_, tracker_study::Error>(())
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub fn report(&self, value: f64) -> Result<Stop> {
        let n = self.reported.fetch_add(1, Ordering::Relaxed) + 1;
        let mut shared = self.begun.lock();
        let shared = &mut *shared;
        let judge = shared.watcher.judge(&shared.journal);
        let (number, run) = (self.number, &self.run);
        shared
            .journal
            .change(|study| Ok((reported(study, number, run, &[(n, value)], judge), ())))?;
        let is_pruned = shared.journal.study().trial(number)?.attributes.contains_key(PRUNED);
        Ok(if is_pruned { Stop::Now } else { Stop::No })
    }

    pub(super) fn run(&self) -> &RunId {
        &self.run
    }

    /// How many values were told of by [`report`](Self::report).
    pub(super) fn reported(&self) -> u64 {
        self.reported.load(Ordering::Relaxed)
    }

    fn typed<'v, T: 'v>(
        &'v self,
        name: &str,
        read: impl FnOnce(&'v Value) -> Option<T>,
        kind: &str,
    ) -> Result<T> {
        let names: Vec<&str> = self.values.keys().map(String::as_str).collect();
        let value = self.values.get(name).ok_or_else(|| {
            let what = format!("trial {} has no parameter `{name}`", self.number);
            Error::unusable(what, format!("it has {}", names.join(", ")))
        })?;
        read(value).ok_or_else(|| {
            let hint = "ask by `.float`, `.int`, `.text` or `.value` as the study names it";
            Error::unusable(format!("`{name}` is {value}, which is not {kind}"), hint)
        })
    }
}
