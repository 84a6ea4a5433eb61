//! What each column of a table is.

use std::fmt;

/// What each column of a table is: guessed, shown, and changed where the guess is wrong. Displayed as a small table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapping {
    /// All columns that were seen, in their order.
    pub columns: Vec<String>,
    /// The column that names the run; without one, the file is one run.
    pub run: Option<String>,
    /// The column that names the project.
    pub project: Option<String>,
    /// The column with the step; without one, rows are counted.
    pub step: Option<String>,
    /// The column with the time; without one, all points have the time of the file's last change.
    pub time: Option<String>,
    /// Where the metrics are.
    pub values: Values,
    /// Columns with settings: the first value in a run counts.
    pub settings: Vec<String>,
    /// Columns that are not read.
    pub ignored: Vec<String>,
}

/// Where the metrics are in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Values {
    /// A row has one value: one column names the metric, another has the value.
    Long {
        /// The column with the metric's name.
        metric: String,
        /// The column with its value.
        value: String,
    },
    /// A row has a value of each metric: columns, each with the metric's name.
    Wide(Vec<(String, String)>),
}

/// The columns of `tracker export`.
const OWN: [&str; 7] = ["run", "key", "step", "time", "value", "writer", "seq"];

impl Mapping {
    /// Whether it is what `tracker export` writes. Its runs are known by their ids, wherever the file lies.
    pub(super) fn is_own(&self) -> bool {
        self.columns == OWN && self.run.as_deref() == Some("run")
    }

    /// What a column is, for people.
    fn what(&self, column: &str) -> String {
        let is = |named: &Option<String>| named.as_deref() == Some(column);
        if is(&self.run) {
            return "the run".to_owned();
        }
        if is(&self.project) {
            return "the project".to_owned();
        }
        if is(&self.step) {
            return "the step".to_owned();
        }
        if is(&self.time) {
            return "the time".to_owned();
        }
        if self.settings.iter().any(|setting| setting == column) {
            return "a setting".to_owned();
        }
        match &self.values {
            Values::Long { metric, .. } if metric == column => "the metric's name".to_owned(),
            Values::Long { value, .. } if value == column => "the metric's value".to_owned(),
            Values::Wide(metrics) => match metrics.iter().find(|(of, _)| of == column) {
                Some((_, metric)) => format!("metric {metric}"),
                None => "not read".to_owned(),
            },
            Values::Long { .. } => "not read".to_owned(),
        }
    }
}

/// Wider names are cut.
const WIDEST: usize = 40;

/// A column's name as it can be shown: short, and without what would move the cursor.
fn shown(text: &str) -> String {
    let cut: String =
        text.chars().take(WIDEST).map(|c| if c.is_control() { '·' } else { c }).collect();
    if text.chars().count() > WIDEST { cut + "…" } else { cut }
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.columns.iter().map(|column| shown(column)).collect();
        let width =
            names.iter().map(|name| name.chars().count()).chain([6]).max().unwrap_or_default();
        write!(f, "{:width$}  what", "column")?;
        for (column, name) in self.columns.iter().zip(&names) {
            write!(f, "\n{name:width$}  {}", shown(&self.what(column)))?;
        }
        if self.step.is_none() {
            write!(f, "\nno column has the step: rows are counted from 0")?;
        }
        if self.time.is_none() {
            write!(f, "\nno column has the time: all points have that of the file's last change")?;
        }
        Ok(())
    }
}
