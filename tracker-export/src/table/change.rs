//! A guess is changed by a person's words.

use super::mapping::{Mapping, Values};
use crate::{Error, Result};

impl Mapping {
    /// Changes what columns are, by words such as `step=iteration,loss=train/loss,ignore=foo`.
    ///
    /// | word | means |
    /// |---|---|
    /// | `step=COLUMN`, also `time`, `run`, `project`, `metric`, `value` | the column that has it |
    /// | `setting=COLUMN`, `ignore=COLUMN` | one of them; may be there several times |
    /// | `COLUMN=METRIC` | the column is a metric of this name |
    ///
    /// # Errors
    /// If a word is none of them, or there is no such column.
    pub fn with(mut self, words: &str) -> Result<Self> {
        for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let Some((left, right)) =
                word.split_once('=').map(|(left, right)| (left.trim(), right.trim()))
            else {
                return Err(unusable(
                    format!("`{word}` does not say what a column is"),
                    "write `step=iteration` or `loss=train/loss`".to_owned(),
                ));
            };
            self.change(left, right)?;
        }
        self.check()
    }

    fn change(&mut self, left: &str, right: &str) -> Result<()> {
        let is_role = matches!(
            left,
            "step"
                | "time"
                | "run"
                | "project"
                | "metric"
                | "value"
                | "setting"
                | "settings"
                | "ignore"
        );
        // A column `step` may be a metric, if the other word is none of the columns.
        let is_rename = self.has(left) && !self.has(right);
        if !is_role || is_rename {
            self.find(left)?;
            self.take(left);
            let metric = (left.to_owned(), right.to_owned());
            match &mut self.values {
                Values::Wide(metrics) => metrics.push(metric),
                Values::Long { .. } => self.values = Values::Wide(vec![metric]),
            }
            return Ok(());
        }
        self.find(right)?;
        self.take(right);
        let column = right.to_owned();
        match left {
            "step" => self.step = Some(column),
            "time" => self.time = Some(column),
            "run" => self.run = Some(column),
            "project" => self.project = Some(column),
            "metric" => self.lengthen(|metric, _| *metric = column),
            "value" => self.lengthen(|_, value| *value = column),
            "ignore" => self.ignored.push(column),
            _ => self.settings.push(column),
        }
        Ok(())
    }

    fn lengthen(&mut self, set: impl FnOnce(&mut String, &mut String)) {
        if let Values::Wide(_) = self.values {
            self.values = Values::Long { metric: String::new(), value: String::new() };
        }
        if let Values::Long { metric, value } = &mut self.values {
            set(metric, value);
        }
    }

    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known == column)
    }

    fn find(&self, column: &str) -> Result<()> {
        if self.has(column) {
            return Ok(());
        }
        let known = self.columns.iter().take(30).map(String::as_str).collect::<Vec<_>>().join(", ");
        Err(unusable(format!("there is no column `{column}`"), format!("name one of {known}")))
    }

    /// A column is one thing alone.
    fn take(&mut self, column: &str) {
        for role in [&mut self.run, &mut self.project, &mut self.step, &mut self.time] {
            if role.as_deref() == Some(column) {
                *role = None;
            }
        }
        self.settings.retain(|known| known != column);
        self.ignored.retain(|known| known != column);
        match &mut self.values {
            Values::Wide(metrics) => metrics.retain(|(known, _)| known != column),
            Values::Long { metric, value } => {
                for role in [metric, value] {
                    if role == column {
                        role.clear();
                    }
                }
            }
        }
    }

    /// A mapping must lead to points.
    pub(super) fn check(self) -> Result<Self> {
        let is_whole = match &self.values {
            Values::Long { metric, value } => !metric.is_empty() && !value.is_empty(),
            Values::Wide(metrics) => !metrics.is_empty(),
        };
        if is_whole {
            return Ok(self);
        }
        Err(unusable(
            "no column has a metric's values".to_owned(),
            "say which: `--map \"loss=train/loss\"`, or `--map \"metric=NAME,value=VALUE\"` if each row has one value"
                .to_owned(),
        ))
    }
}

fn unusable(what: String, hint: String) -> Error {
    Error::Unusable { what, hint }
}
