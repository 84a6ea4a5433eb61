//! What the screen shows, and what keys change of it.

use std::collections::BTreeSet;

use tracker_core::Definition;

/// A run in the list.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) project: String,
    /// Its state in a word.
    pub(crate) state: &'static str,
}

/// One run's curve.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// Positions and finite values, in the order of positions.
    pub(crate) points: Vec<(f64, f64)>,
    /// How many values are NaN or infinite.
    pub(crate) not_finite: u64,
}

/// The curves of one metric, or of one quantity in training, validation and test.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    /// The metrics' names.
    pub(crate) metric: String,
    pub(crate) definition: Definition,
    pub(crate) lines: Vec<Line>,
}

/// What the keys mean at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Moving about.
    Normal,
    /// The filter of metrics is typed.
    Filter,
    /// The keys are listed.
    Help,
    /// Whether to stop the run is asked.
    Stop,
}

/// What has to be done outside of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    None,
    Leave,
    /// Read again: other runs or metrics are shown.
    Read,
    /// Stop the run under the cursor; at once, or after its epoch.
    Stop {
        now: bool,
    },
}

/// All that the screen shows.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub(crate) runs: Vec<Listed>,
    /// The place of the cursor in the list.
    pub(crate) at: usize,
    /// The runs that are drawn besides the one under the cursor.
    pub(crate) marked: BTreeSet<String>,
    pub(crate) panels: Vec<Panel>,
    /// The first panel on the screen.
    pub(crate) first: usize,
    pub(crate) filter: String,
    pub(crate) is_log: bool,
    /// Whether the values of one quantity in training and validation share a chart.
    pub(crate) joins: bool,
    /// The weight of the moving average, in tenths.
    pub(crate) smooth: u8,
    pub(crate) mode: Mode,
    /// A word about what was done last.
    pub(crate) notice: Option<String>,
    /// Why what is shown is old.
    pub(crate) trouble: Option<String>,
}

impl Watched {
    pub(crate) fn new(runs: Vec<Listed>, id: &str) -> Self {
        let at = runs.iter().position(|run| run.id == id).unwrap_or(0);
        Self {
            runs,
            at,
            marked: BTreeSet::new(),
            panels: Vec::new(),
            first: 0,
            filter: String::new(),
            is_log: false,
            joins: true,
            smooth: 0,
            mode: Mode::Normal,
            notice: None,
            trouble: None,
        }
    }

    /// The run under the cursor.
    pub(crate) fn current(&self) -> Option<&Listed> {
        self.runs.get(self.at)
    }

    /// The runs that are drawn, in the order of the list.
    pub(crate) fn drawn(&self) -> Vec<&Listed> {
        let is_drawn =
            |(at, run): &(usize, &Listed)| *at == self.at || self.marked.contains(&run.id);
        self.runs.iter().enumerate().filter(is_drawn).map(|(_, run)| run).collect()
    }

    /// Takes a new list; the cursor stays on its run.
    pub(crate) fn take_runs(&mut self, runs: Vec<Listed>) {
        let id = self.current().map(|run| run.id.clone());
        self.at = id
            .and_then(|id| runs.iter().position(|run| run.id == id))
            .unwrap_or(self.at)
            .min(runs.len().saturating_sub(1));
        self.runs = runs;
    }

    /// Whether a metric passes the filter: it has all the words in its name.
    pub(crate) fn shows(&self, metric: &str) -> bool {
        let metric = metric.to_lowercase();
        self.filter.to_lowercase().split_whitespace().all(|word| metric.contains(word))
    }
}
