//! What came out of a study.

use std::fmt;

use serde_json::{Map, Value};
use tracker_core::{
    Definition,
    text::{is_unseen, plural, shown_value},
};

use crate::{Plan, StudyState, Trial, TrialState};

/// The most rows of the table.
const MOST_ROWS: usize = 40;

/// The widest column, in characters.
const WIDEST: usize = 24;

/// What came out of a study: all trials that it has had, those of earlier calls included.
///
/// Its `Display` is a table, the best trial first.
#[derive(Debug, Clone)]
pub struct Results {
    study: StudyState,
}

impl Results {
    pub(super) fn new(study: StudyState) -> Self {
        Self { study }
    }

    /// What the study is to do.
    pub fn plan(&self) -> &Plan {
        &self.study.plan
    }

    /// All trials, in the order of their numbers.
    pub fn trials(&self) -> &[Trial] {
        &self.study.trials
    }

    /// The complete trial that is the best by the first metric; `None` if no trial is complete.
    pub fn best(&self) -> Option<&Trial> {
        let complete = self.trials().iter().filter(|trial| trial.state == TrialState::Complete);
        complete.min_by(|one, other| self.loss(one).total_cmp(&self.loss(other)))
    }

    /// The values of the best trial, by the names of their parameters.
    pub fn best_values(&self) -> Option<Map<String, Value>> {
        self.best().map(|trial| self.values(trial))
    }

    /// The best trial's result in the first metric.
    pub fn best_result(&self) -> Option<f64> {
        self.best()?.values.first().copied()
    }

    /// The values of a trial as people and programs read them.
    pub fn values(&self, trial: &Trial) -> Map<String, Value> {
        self.plan().space.values(&trial.params)
    }

    /// Its first result as a loss; the worst without one.
    fn loss(&self, trial: &Trial) -> f64 {
        let losses = trial.losses(&self.plan().metrics);
        losses.and_then(|losses| losses.first().copied()).unwrap_or(f64::INFINITY)
    }

    fn count(&self, state: TrialState) -> usize {
        self.trials().iter().filter(|trial| trial.state == state).count()
    }

    fn head(&self) -> Vec<String> {
        let metrics = self.plan().metrics.iter().map(|metric| &*metric.name);
        let parameters = self.plan().space.parameters().iter().map(|known| &*known.name);
        ["trial", "state"].into_iter().chain(metrics).chain(parameters).map(cell).collect()
    }

    fn row(&self, trial: &Trial) -> Vec<String> {
        let shown = |value: f64| shown_value(value, &Definition::new());
        let results = (0..self.plan().metrics.len())
            .map(|place| trial.values.get(place).map_or_else(|| "-".into(), |value| shown(*value)));
        let values = self.values(trial);
        let parameters = self.plan().space.parameters().iter().map(|parameter| {
            match values.get(&parameter.name) {
                None => "-".to_owned(),
                Some(Value::Number(number)) if number.is_f64() => {
                    shown(number.as_f64().unwrap_or_default())
                }
                Some(Value::String(text)) => cell(text),
                Some(other) => cell(&other.to_string()),
            }
        });
        let first = [trial.number.to_string(), word(trial.state).to_owned()];
        first.into_iter().chain(results).chain(parameters).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut trials: Vec<&Trial> = self.trials().iter().collect();
        let rank = |trial: &Trial| (trial.state != TrialState::Complete, self.loss(trial));
        trials.sort_by(|one, other| {
            let ((a, x), (b, y)) = (rank(one), rank(other));
            a.cmp(&b).then(x.total_cmp(&y)).then(one.number.cmp(&other.number))
        });
        trials.into_iter().take(MOST_ROWS).map(|trial| self.row(trial)).collect()
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.trials().len();
        let states = [TrialState::Complete, TrialState::Pruned, TrialState::Failed];
        let parts = states.map(|state| format!("{} {}", self.count(state), word(state)));
        let all = plural(count as u64, "trial");
        writeln!(f, "study {}: {all}, {}", self.study.name, parts.join(", "))?;
        let table: Vec<Vec<String>> = [self.head()].into_iter().chain(self.rows()).collect();
        let width = |column: usize| {
            let cells = table.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..table.first().map_or(0, Vec::len)).map(width).collect();
        for row in &table {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        match count.checked_sub(MOST_ROWS) {
            Some(more @ 1..) => writeln!(f, "and {} more", plural(more as u64, "trial")),
            _ => Ok(()),
        }
    }
}

/// A text that fits into a column and steers no terminal.
fn cell(text: &str) -> String {
    let seen = |c| if is_unseen(c) { '\u{fffd}' } else { c };
    if text.chars().count() <= WIDEST {
        return text.chars().map(seen).collect();
    }
    text.chars().take(WIDEST - 1).map(seen).chain(['…']).collect()
}

fn word(state: TrialState) -> &'static str {
    match state {
        TrialState::Waiting => "waiting",
        TrialState::Running => "running",
        TrialState::Complete => "complete",
        TrialState::Pruned => "pruned",
        TrialState::Failed => "failed",
    }
}
