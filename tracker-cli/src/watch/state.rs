//! What the screen shows, and what keys change of it.

use std::collections::BTreeSet;

use tracker_core::Definition;

/// A run in the list.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) project: String,
    /// Its state in a word.
    pub(super) state: &'static str,
}

/// One run's curve.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) name: String,
    /// Positions and finite values, in the order of positions.
    pub(super) points: Vec<(f64, f64)>,
    /// How many values are NaN or infinite.
    pub(super) not_finite: u64,
}

/// The curves of one metric.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub(super) metric: String,
    pub(super) definition: Definition,
    pub(super) lines: Vec<Line>,
}

/// What the keys mean at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
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
pub(super) enum Action {
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
pub(super) struct Watched {
    pub(super) runs: Vec<Listed>,
    /// The place of the cursor in the list.
    pub(super) at: usize,
    /// The runs that are drawn besides the one under the cursor.
    pub(super) marked: BTreeSet<String>,
    pub(super) panels: Vec<Panel>,
    /// The first panel on the screen.
    pub(super) first: usize,
    pub(super) filter: String,
    pub(super) is_log: bool,
    /// The weight of the moving average, in tenths.
    pub(super) smooth: u8,
    pub(super) mode: Mode,
    /// A word about what was done last.
    pub(super) notice: Option<String>,
    /// Why what is shown is old.
    pub(super) trouble: Option<String>,
}

impl Watched {
    pub(super) fn new(runs: Vec<Listed>, id: &str) -> Self {
        let at = runs.iter().position(|run| run.id == id).unwrap_or(0);
        Self {
            runs,
            at,
            marked: BTreeSet::new(),
            panels: Vec::new(),
            first: 0,
            filter: String::new(),
            is_log: false,
            smooth: 0,
            mode: Mode::Normal,
            notice: None,
            trouble: None,
        }
    }

    /// The run under the cursor.
    pub(super) fn current(&self) -> Option<&Listed> {
        self.runs.get(self.at)
    }

    /// The runs that are drawn, in the order of the list.
    pub(super) fn drawn(&self) -> Vec<&Listed> {
        let is_drawn =
            |(at, run): &(usize, &Listed)| *at == self.at || self.marked.contains(&run.id);
        self.runs.iter().enumerate().filter(is_drawn).map(|(_, run)| run).collect()
    }

    /// Takes a new list; the cursor stays on its run.
    pub(super) fn take_runs(&mut self, runs: Vec<Listed>) {
        let id = self.current().map(|run| run.id.clone());
        self.at = id
            .and_then(|id| runs.iter().position(|run| run.id == id))
            .unwrap_or(self.at)
            .min(runs.len().saturating_sub(1));
        self.runs = runs;
    }

    /// Whether a metric passes the filter: it has all the words in its name.
    pub(super) fn shows(&self, metric: &str) -> bool {
        let metric = metric.to_lowercase();
        self.filter.to_lowercase().split_whitespace().all(|word| metric.contains(word))
    }
}
