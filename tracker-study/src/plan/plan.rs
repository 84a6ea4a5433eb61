//! What a study is to do.

use crate::{Metric, Result, Space};

/// What a study is to do: the content of `study.toml`, or of a builder in a program.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The project of the trials' runs, and of the study.
    pub project: String,
    /// The study's name.
    pub name: String,
    /// How values are chosen.
    pub method: Method,
    /// How many trials there are at most; `None` for no end.
    pub run_cap: Option<u64>,
    /// What makes the choices the same each time.
    pub seed: u64,
    /// What is made better, 1 to 4 metrics. Judges look at the first.
    pub metrics: Vec<Metric>,
    /// What ends trials early.
    pub early_terminate: Option<EarlyTerminate>,
    /// What is varied.
    pub space: Space,
}

impl Plan {
    /// A plan without an end and without a judge: values are chosen by [`Method::Auto`], from the seed 0.
    pub fn new(
        project: impl Into<String>,
        name: impl Into<String>,
        metrics: Vec<Metric>,
        space: Space,
    ) -> Self {
        Self {
            project: project.into(),
            name: name.into(),
            method: Method::default(),
            run_cap: None,
            seed: 0,
            metrics,
            early_terminate: None,
            space,
        }
    }

    /// The plan of a study of which nothing is known.
    pub(crate) fn unknown(project: impl Into<String>, name: impl Into<String>) -> Self {
        Self::new(project, name, Vec::new(), Space::default())
    }

    /// Whether a study can be made of it: what [`from_json`](Self::from_json) says of what
    /// [`to_json`](Self::to_json) gives.
    ///
    /// # Errors
    /// If not, with all that is wrong with it.
    pub fn check(&self) -> Result<()> {
        Self::from_json(&self.to_json()).map(drop)
    }
}

/// How values are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Method {
    /// A Gaussian process while it is quick and can be used, else TPE, after a few well-spread trials.
    #[default]
    Auto,
    /// A Gaussian process.
    Gp,
    /// Tree-structured Parzen estimators.
    Tpe,
    /// By chance.
    Random,
    /// Well spread over the space, by Sobol's sequence.
    Quasi,
    /// Each combination once.
    Grid,
}

/// What ends trials early, by values counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EarlyTerminate {
    /// Asynchronous successive halving: at the values `min_iter · etaⁿ`, the best 1/`eta` go on.
    Asha {
        /// The first rung, at least 1.
        min_iter: u64,
        /// What part of a rung goes on, and how far apart rungs are; at least 2.
        eta: u64,
    },
    /// Several of these at once, whose first rungs lie apart.
    Hyperband {
        /// The first rung of the first bracket, at least 1.
        min_iter: u64,
        /// The last value that a training is expected to log.
        max_iter: u64,
        /// As of `Asha`.
        eta: u64,
    },
    /// Ends what is worse than the median of the others at the same value.
    Median {
        /// How many trials must have ended first.
        startup: u64,
        /// The first value at which a trial is judged, at least 1.
        min_iter: u64,
    },
}
