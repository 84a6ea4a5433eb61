//! The metrics of a training: names, definitions, ids.

use crate::{Definition, MetricId, Tracker, TrackerExt as _, adapter::recorder::naming::Naming};

/// A metric that is made known to the tracker when its first value comes.
#[derive(Debug)]
pub(crate) struct Series {
    name: String,
    definition: Definition,
    id: Option<MetricId>,
}

/// A metric's name, a value, and how to show it.
pub type Shown = (String, f64, Definition);

impl Series {
    /// The metric `name`, defined by what the last part of its name says.
    pub(crate) fn new(naming: &Naming, name: &str) -> Self {
        let definition = definition(name.rsplit('/').next().unwrap_or(name));
        Self { name: naming.name(name), definition, id: None }
    }

    /// The metric `name`, whatever its name tells.
    pub(crate) fn defined(naming: &Naming, name: &str, definition: Definition) -> Self {
        Self { name: naming.name(name), definition, id: None }
    }

    /// A value of the metric, for people.
    pub(crate) fn shown(&self, value: f64) -> Shown {
        (self.name.clone(), value, self.definition.clone())
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn id(&mut self, tracker: &dyn Tracker) -> MetricId {
        *self.id.get_or_insert_with(|| {
            if self.definition != Definition::default() {
                tracker.define(&self.name, self.definition.clone());
            }
            tracker.metric_id(&self.name)
        })
    }
}

/// What the last part of a metric's name tells of it.
fn definition(name: &str) -> Definition {
    match name {
        "loss" | "perplexity" => Definition::new().lower_is_better(),
        "accuracy" => share(),
        "reward" => Definition::new().higher_is_better(),
        "data_wait" => Definition::new().unit("%").lower_is_better(),
        "epoch_seconds" | "step_seconds" | "eta_seconds" => Definition::new().unit("s"),
        _ => Definition::new(),
    }
}

pub(crate) fn share() -> Definition {
    Definition::new().unit("%").higher_is_better()
}

/// A loss, and the perplexity that follows from it.
#[derive(Debug)]
pub(crate) struct LossSeries {
    pub(crate) loss: Series,
    pub(crate) perplexity: Series,
}

impl LossSeries {
    pub(crate) fn new(naming: &Naming, section: &str) -> Self {
        Self {
            loss: Series::new(naming, &format!("{section}/loss")),
            perplexity: Series::new(naming, &format!("{section}/perplexity")),
        }
    }
}

/// What is logged of an optimizer: of the one that owns the step, or of a named one.
#[derive(Debug)]
pub(crate) struct OptimizerSeries {
    pub(crate) batch: LossSeries,
    pub(crate) epoch: LossSeries,
    pub(crate) gradient_norm: Series,
}

impl OptimizerSeries {
    pub(crate) fn owner(naming: &Naming) -> Self {
        Self {
            batch: LossSeries::new(naming, "batch/train"),
            epoch: LossSeries::new(naming, "train"),
            gradient_norm: Series::new(naming, "gradients/norm"),
        }
    }

    pub(crate) fn named(naming: &Naming, name: &str) -> Self {
        Self {
            batch: LossSeries::new(naming, &format!("batch/train/{name}")),
            epoch: LossSeries::new(naming, &format!("train/{name}")),
            gradient_norm: Series::new(naming, &format!("gradients/{name}/norm")),
        }
    }
}

/// What is logged of the training as a whole.
#[derive(Debug)]
pub(crate) struct TrainingSeries {
    pub(crate) batch_accuracy: Series,
    pub(crate) batch_items: Series,
    pub(crate) step_seconds: Series,
    pub(crate) accuracy: Series,
    pub(crate) epoch: Series,
}

impl TrainingSeries {
    pub(crate) fn new(naming: &Naming) -> Self {
        let unit = naming.unit.plural();
        Self {
            batch_accuracy: Series::new(naming, "batch/train/accuracy"),
            batch_items: Series::new(naming, &format!("batch/train/{unit}")),
            step_seconds: Series::new(naming, "batch/train/step_seconds"),
            accuracy: Series::new(naming, "train/accuracy"),
            epoch: Series::new(naming, "epoch"),
        }
    }
}

/// What is logged of the episodes of reinforcement learning.
#[derive(Debug)]
pub(crate) struct EpisodeSeries {
    pub(crate) number: Series,
    pub(crate) reward: Series,
    pub(crate) length: Series,
    /// Means over the episodes of an epoch.
    pub(crate) mean_reward: Series,
    pub(crate) mean_length: Series,
}

impl EpisodeSeries {
    pub(crate) fn new(naming: &Naming) -> Self {
        Self {
            number: Series::new(naming, "episode"),
            reward: Series::new(naming, "episode/reward"),
            length: Series::new(naming, "episode/length"),
            mean_reward: Series::new(naming, "train/reward"),
            mean_length: Series::new(naming, "train/episode_length"),
        }
    }
}

/// What is logged of an evaluation, such as `valid`.
#[derive(Debug)]
pub(crate) struct ScopeSeries {
    pub(crate) name: String,
    pub(crate) loss: LossSeries,
    pub(crate) accuracy: Series,
}

impl ScopeSeries {
    pub(crate) fn new(naming: &Naming, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            loss: LossSeries::new(naming, name),
            accuracy: Series::new(naming, &format!("{name}/accuracy")),
        }
    }
}

/// A metric that has a name of its own: of steps, of epochs, and of each evaluation that has it.
#[derive(Debug)]
pub(crate) struct OtherSeries {
    pub(crate) name: String,
    /// What it is, where its name does not tell.
    definition: Option<Definition>,
    naming: Naming,
    pub(crate) batch: Series,
    pub(crate) epoch: Series,
    scopes: Vec<(usize, Series)>,
}

impl OtherSeries {
    pub(crate) fn new(naming: &Naming, name: &str, definition: Option<Definition>) -> Self {
        let make = |name: &str| make(naming, name, definition.as_ref());
        Self {
            batch: make(&format!("batch/train/{name}")),
            epoch: make(&format!("train/{name}")),
            name: name.to_owned(),
            definition,
            naming: naming.clone(),
            scopes: Vec::new(),
        }
    }

    pub(crate) fn is_share(&self) -> bool {
        self.definition == Some(share())
    }

    /// The metric in the evaluation with this index and name.
    pub(crate) fn in_scope(&mut self, index: usize, scope: &str) -> &mut Series {
        let found = self.scopes.iter().position(|(of, _)| *of == index);
        let at = found.unwrap_or(self.scopes.len());
        if found.is_none() {
            let name = format!("{scope}/{}", self.name);
            let series = make(&self.naming, &name, self.definition.as_ref());
            self.scopes.push((index, series));
        }
        &mut self.scopes[at].1
    }
}

fn make(naming: &Naming, name: &str, definition: Option<&Definition>) -> Series {
    match definition {
        Some(definition) => Series::defined(naming, name, definition.clone()),
        None => Series::new(naming, name),
    }
}
