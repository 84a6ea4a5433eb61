//! What the names of all metrics of one process have in common.

use crate::{RunContext, Tracker};

/// What a batch is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unit {
    /// Images, sentences: the first dimension.
    #[default]
    Items,
    /// Answers of a language model: all dimensions but the classes.
    Tokens,
}

impl Unit {
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Tokens => "tokens",
        }
    }
}

/// What is counted and timed of each step under names of its own.
const OWN_VALUES: [&str; 3] = ["items", "tokens", "step_seconds"];

/// The name of a user's metric, if it is not free. With `perplexity`, one stands beside each loss.
pub(crate) fn free_value(name: &str, perplexity: bool) -> Option<String> {
    let is_taken = OWN_VALUES.contains(&name) || perplexity && name == "perplexity";
    is_taken.then(|| format!("own_{name}"))
}

/// The name of an evaluation, if it is not free: the training has it.
pub(crate) fn free_evaluation(name: &str) -> Option<String> {
    (name == "train").then(|| "train_again".to_owned())
}

/// The name of an optimizer beside that which counts the steps, if it is not free: that one has
/// none.
pub(crate) fn free_optimizer(name: &str) -> Option<String> {
    name.is_empty().then(|| "unnamed".to_owned())
}

/// How metrics are named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Naming {
    /// `rank.1/` in a process that joined another one's run.
    prefix: String,
    pub(crate) unit: Unit,
}

impl Naming {
    /// The names that go with a tracker. In a run of several processes, those of the first one are
    /// plain; the others' begin with their rank, so that each has curves of its own.
    pub(crate) fn of(tracker: &dyn Tracker) -> Self {
        let prefix = tracker.context().map_or_else(String::new, |run| full_name(run, ""));
        Self { prefix, unit: Unit::default() }
    }

    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// The full name of a metric in this process of a run: that of one which joined the run begins with its
/// rank.
pub fn full_name(run: &dyn RunContext, metric: &str) -> String {
    match run.rank() {
        0 => metric.to_owned(),
        rank => format!("rank.{rank}/{metric}"),
    }
}
