//! What a program says of a study before it runs.

use std::{collections::BTreeSet, fmt::Display, ops::RangeInclusive, path::PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{begin, handle::TrialHandle, on::On, results::Results, running};
use crate::{EarlyTerminate, Error, Goal, Method, Metric, Plan, Result, Space};

/// A study in a program: trains again and again, each time with other values, and finds the best ones.
///
/// ```no_run
/// use serde::{Deserialize, Serialize};
/// use tracker_study::{Asha, Study};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Args { lr: f64, act: String }
/// # fn train(_: &tracker_core::Run, _: &Args) -> Result<(), Box<dyn std::error::Error>> { Ok(()) }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let results = Study::new("learning-rate")
///     .project("mnist")
///     .float("lr", 1e-5..=1e-1).log()
///     .choice("act", ["relu", "gelu"])
///     .maximize("valid/accuracy")
///     .prune(Asha::new())
///     .run(20, |trial| {
///         let args = trial.config(&Args::default())?;
///         let run = trial.init("mnist").config(&args).start()?;
///         train(&run, &args)
///     })?;
/// println!("{results}");
/// # Ok(())
/// # }
/// ```
///
/// Everything is kept in the store, in `<store>/<project>/.studies/<name>/journal.log`. The same call goes on where a
/// program that was killed has stopped: its trials count, and one that trained then is begun again with its values.
#[derive(Debug)]
#[must_use = "a study begins with `.run(..)`"]
pub struct Study {
    pub(super) name: String,
    project: Option<String>,
    pub(super) root: Option<PathBuf>,
    method: Method,
    seed: u64,
    metrics: Vec<Metric>,
    early_terminate: Option<EarlyTerminate>,
    on: On,
    pub(super) queued: Vec<Value>,
}

impl Study {
    /// Begins to describe a study. Its name is a folder's: letters, digits and a few signs.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            project: None,
            root: None,
            method: Method::default(),
            seed: 0,
            metrics: Vec::new(),
            early_terminate: None,
            on: On::default(),
            queued: Vec::new(),
        }
    }

    /// The project that the study is of, as its runs should be. Without one, the study's name.
    pub fn project(mut self, project: impl Into<String>) -> Self {
        self.project = Some(project.into());
        self
    }

    /// Stores into this folder in place of `TRACKER_DIR` and the nearest `.tracker`.
    pub fn dir(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Decides all that is drawn: with the same seed and one trial at a time, the same values are tried. 0 if it is not
    /// called.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How values are chosen, in place of [`Method::Auto`].
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Varies a real number, both ends included. Its name is the path of the setting that it stands for: `lr`,
    /// `optimizer.lr`.
    pub fn float(mut self, name: impl Into<String>, range: RangeInclusive<f64>) -> Self {
        self.on = self.on.float(name, range);
        self
    }

    /// Varies a whole number, both ends included.
    pub fn int(mut self, name: impl Into<String>, range: RangeInclusive<i64>) -> Self {
        self.on = self.on.int(name, range);
        self
    }

    /// Varies which of these is taken: texts, numbers or booleans.
    pub fn choice<V: Into<Value>>(
        mut self,
        name: impl Into<String>,
        choices: impl IntoIterator<Item = V>,
    ) -> Self {
        self.on = self.on.choice(name, choices);
        self
    }

    /// Looks for the number before it by orders of magnitude, as is right for learning rates.
    pub fn log(mut self) -> Self {
        self.on = self.on.log();
        self
    }

    /// Tries of the number before it only every so many, from the lower end on.
    pub fn step(mut self, width: f64) -> Self {
        self.on = self.on.step(width);
        self
    }

    /// Varies more, but only where a choice has this value.
    ///
    /// ```
    /// # use tracker_study::Study;
    /// let study = Study::new("activations")
    ///     .choice("act", ["relu", "elu"])
    ///     .when("act", "elu", |on| on.float("alpha", 0.1..=2.0));
    /// ```
    pub fn when(
        mut self,
        parameter: impl Into<String>,
        value: impl Into<Value>,
        add: impl FnOnce(On) -> On,
    ) -> Self {
        self.on = self.on.when(parameter, value, add);
        self
    }

    /// Makes a metric greater that the runs log; its best value is a trial's result. Up to four metrics can be named. Judges
    /// look at the first.
    pub fn maximize(self, metric: impl Into<String>) -> Self {
        self.metric(Metric::new(metric, Goal::Maximize).best())
    }

    /// Makes a metric smaller, as [`maximize`](Self::maximize).
    pub fn minimize(self, metric: impl Into<String>) -> Self {
        self.metric(Metric::new(metric, Goal::Minimize).best())
    }

    /// Makes a metric better, such as one of which the [last](crate::Which::Last) value counts.
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metrics.push(metric);
        self
    }

    /// Ends trials early that others are better than: [`Asha`](crate::Asha), [`Hyperband`](crate::Hyperband),
    /// [`Median`](crate::Median). Their trainings are asked to stop, as `tracker stop` does; adapters obey.
    pub fn prune(mut self, early_terminate: impl Into<EarlyTerminate>) -> Self {
        self.early_terminate = Some(early_terminate.into());
        self
    }

    /// Tries these values before any others, such as those that are known to be good. What is not named is chosen.
    ///
    /// ```
    /// # use tracker_study::Study;
    /// let study = Study::new("rates").float("lr", 1e-5..=1e-1).log().enqueue(serde_json::json!({ "lr": 1e-3 }));
    /// ```
    ///
    /// A map or a struct will do as well, whose names are those of parameters.
    pub fn enqueue(mut self, values: impl Serialize) -> Self {
        // What is no map is told when the study runs.
        self.queued.push(serde_json::to_value(values).unwrap_or_default());
        self
    }

    /// Trains until the study has so many trials, those of earlier calls included; one after the other, on this thread.
    ///
    /// A closure that answers an error, or panics, has failed its trial, and the study goes on. If three in a row fail
    /// before they have logged a value, it ends.
    ///
    /// # Errors
    /// If what was said cannot be a study, if its journal cannot be read or written, or if trainings fail at once.
    pub fn run<T, E: Display>(
        self,
        trials: u64,
        mut train: impl FnMut(&TrialHandle<'_>) -> Result<T, E>,
    ) -> Result<Results> {
        let begun = begin::begin(self, trials)?;
        running::run(&begun, |trial| train(trial).map(drop).map_err(|error| error.to_string()))?;
        begun.results()
    }

    /// As [`run`](Self::run), so many at a time, each on a thread of its own.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_parallel<T, E: Display>(
        self,
        trials: u64,
        at_once: usize,
        train: impl Fn(&TrialHandle<'_>) -> Result<T, E> + Sync,
    ) -> Result<Results> {
        let begun = begin::begin(self, trials)?;
        let train =
            |trial: &TrialHandle<'_>| train(trial).map(drop).map_err(|error| error.to_string());
        running::run_parallel(&begun, at_once, &train)?;
        begun.results()
    }

    /// What was said, as a plan.
    pub(super) fn plan(&mut self, trials: u64) -> Result<Plan> {
        let parameters = std::mem::take(&mut self.on).parameters()?;
        let names: BTreeSet<&str> = parameters.iter().map(|known| &*known.name).collect();
        if names.len() < parameters.len() {
            let what = format!("study {} varies two parameters of one name", self.name);
            return Err(Error::unusable(
                what,
                "give each its own name, also under different `.when(..)`",
            ));
        }
        Ok(Plan {
            project: self.project.clone().unwrap_or_else(|| self.name.clone()),
            name: self.name.clone(),
            method: self.method,
            run_cap: Some(trials),
            seed: self.seed,
            metrics: std::mem::take(&mut self.metrics),
            early_terminate: self.early_terminate,
            space: Space::new(parameters),
        })
    }

    /// The values that are to be tried first.
    pub(super) fn queue(&self) -> Result<Vec<Map<String, Value>>> {
        let object = |value: &Value| {
            value.as_object().cloned().ok_or_else(|| {
                let what = format!("`.enqueue({value})` names no parameters");
                Error::unusable(what, "write `.enqueue(json!({ \"lr\": 1e-3 }))`")
            })
        };
        self.queued.iter().map(object).collect()
    }
}
