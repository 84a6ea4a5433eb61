//! Where runs come from, and where they go.

use serde_json::{Map, Value};
use tracker_core::{Event, Outcome, Step, Timestamp};

use crate::{Account, Result};

/// A run as another tool kept it, without what it logged.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignRun {
    /// What it is on the other side, the same whenever it is looked at: `wandb/acme/mnist/3xk2`. A run that is imported
    /// again is known by it.
    pub origin: String,
    /// The file or folder that it comes from, for people.
    pub from: String,
    /// The project, as the other tool names it; where it names none, `None`.
    pub project: Option<String>,
    /// Its name; where it has none, `None`.
    pub name: Option<String>,
    /// The group it belongs to.
    pub group: Option<String>,
    /// What it is about.
    pub notes: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The training's settings.
    pub config: Map<String, Value>,
    /// Facts by topic that have no other place here: its host, its user, its program.
    pub about: Vec<(String, Map<String, Value>)>,
    /// When it started; `None` if only its points say so.
    pub started_at: Option<Timestamp>,
    /// When and how it ended.
    pub ended: Ended,
}

/// How a run ended, as another tool tells it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Ended {
    /// It is said that it ended so, at this time, if that is known.
    As(Outcome, Option<Timestamp>),
    /// Nothing is said of its end: it goes on, or its process died.
    #[default]
    Unknown,
}

/// Takes one run's contents, in any order.
pub trait Sink {
    /// A point, with all bits of its value.
    ///
    /// # Errors
    /// If the run cannot be written.
    fn point(&mut self, metric: &str, step: Step, time: Timestamp, value: f64) -> Result<()>;

    /// Something that is no scalar, such as [`Event::Text`] or [`Event::Media`].
    ///
    /// # Errors
    /// If the run cannot be written.
    fn event(&mut self, time: Timestamp, event: Event) -> Result<()>;
}

/// Runs of another tool, in a file, a folder or a database.
pub trait Source {
    /// The runs that are there.
    ///
    /// # Errors
    /// If nothing can be read.
    fn runs(&mut self) -> Result<Vec<ForeignRun>>;

    /// Tells all that a run has logged. Of damaged files that is what can be read; the account counts the rest.
    ///
    /// # Errors
    /// If the run cannot be read at all, or the sink cannot be written.
    fn read(&mut self, run: &ForeignRun, sink: &mut dyn Sink, account: &mut Account) -> Result<()>;
}
