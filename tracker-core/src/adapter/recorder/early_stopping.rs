//! Ends a training that does not get better any more.

use std::collections::BTreeSet;

use crate::{
    Definition, Direction,
    adapter::recorder::{phase::Phase, series::Shown},
    read::{Row, RunReader},
};

/// When to stop a training that does not get better.
///
/// ```
/// use tracker_core::adapter::EarlyStopping;
///
/// let stopping = EarlyStopping::new("valid/loss").patience(5).min_delta(0.001);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EarlyStopping {
    metric: String,
    direction: Option<Direction>,
    patience: u64,
    min_delta: f64,
}

impl EarlyStopping {
    /// Looks at a metric of epochs, such as `valid/loss`, and stops after 3 epochs in a row that
    /// were not better than the best before them.
    ///
    /// Losses and perplexities are better when lower, accuracies when higher. For others say so
    /// with [`higher_is_better`](Self::higher_is_better); without a word, lower is better.
    pub fn new(metric: impl Into<String>) -> Self {
        Self { metric: metric.into(), direction: None, patience: 3, min_delta: 0.0 }
    }

    pub(crate) fn metric(&self) -> &str {
        &self.metric
    }

    /// Stops after this many values in a row that were not better; 0 counts as 1.
    #[must_use]
    pub fn patience(mut self, values: u64) -> Self {
        self.patience = values.max(1);
        self
    }

    /// By how much a value has to be better to count, in the metric's own unit; 0 by default.
    #[must_use]
    pub fn min_delta(mut self, difference: f64) -> Self {
        self.min_delta = difference.abs();
        self
    }

    /// Higher values are better.
    #[must_use]
    pub fn higher_is_better(mut self) -> Self {
        self.direction = Some(Direction::Higher);
        self
    }

    /// Lower values are better.
    #[must_use]
    pub fn lower_is_better(mut self) -> Self {
        self.direction = Some(Direction::Lower);
        self
    }
}

/// What follows from new values.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    GoOn,
    /// It is time to end, and why.
    Stop(String),
}

/// What is known of the values so far.
#[derive(Debug)]
pub(crate) struct Patience {
    options: EarlyStopping,
    /// The metric's full name.
    metric: String,
    best: Option<f64>,
    /// How many values in a row were not better.
    waited: u64,
    /// The metrics that came and are others, as long as this one did not.
    others: BTreeSet<String>,
    seen: bool,
    has_stopped: bool,
    /// The phase that these values are of.
    phase: u64,
}

/// A metric that never came, and those that did.
#[derive(Debug, PartialEq)]
pub(crate) struct Missing {
    pub(crate) metric: String,
    pub(crate) known: Vec<String>,
}

impl Patience {
    /// `metric` is the metric's full name: processes of other ranks have names of their own.
    pub(crate) fn new(options: EarlyStopping, metric: String) -> Self {
        Self {
            options,
            metric,
            best: None,
            waited: 0,
            others: BTreeSet::new(),
            seen: false,
            has_stopped: false,
            phase: 0,
        }
    }

    /// Begins anew for a phase that is not the one whose values are known.
    pub(crate) fn begin_phase(&mut self, number: u64) {
        if number > self.phase {
            (self.best, self.waited, self.has_stopped) = (None, 0, false);
            self.phase = number;
        }
    }

    /// Whether the training was to end once.
    pub(crate) fn has_stopped(&self) -> bool {
        self.has_stopped
    }

    /// What to say of a metric that never came, once.
    pub(crate) fn take_missing(&mut self) -> Option<Missing> {
        if self.seen || self.others.is_empty() {
            return None;
        }
        let known = std::mem::take(&mut self.others).into_iter().collect();
        Some(Missing { metric: self.metric.clone(), known })
    }

    /// Takes the metric's value, if it is one of these.
    pub(crate) fn judge(&mut self, values: &[Shown]) -> Verdict {
        let of_metric = values.iter().find(|(name, ..)| *name == self.metric);
        let Some((_, value, definition)) = of_metric else {
            if !self.seen {
                self.others.extend(values.iter().map(|(name, ..)| name.clone()));
            }
            return Verdict::GoOn;
        };
        self.take(*value, definition);
        if self.waited < self.options.patience {
            return Verdict::GoOn;
        }
        self.has_stopped = true;
        Verdict::Stop(self.reason(definition))
    }

    /// Takes a value. What is no number is never better.
    pub(crate) fn take(&mut self, value: f64, definition: &Definition) {
        self.seen = true;
        let direction = self.options.direction.or(definition.direction);
        let delta = self.options.min_delta;
        let better = match (direction, self.best) {
            (_, None) => !value.is_nan(),
            (Some(Direction::Higher), Some(best)) => value > best + delta,
            (_, Some(best)) => value < best - delta,
        };
        if better {
            self.best = Some(value);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
    }

    /// Takes the values that a run has of a phase, in their order: where it has epochs, the last one of
    /// each. `epoch` is the full name of the metric that says where epochs end; beyond the step `last`,
    /// nothing counts.
    ///
    /// # Errors
    /// If the run cannot be read.
    pub(crate) fn replay(
        &mut self,
        run: &RunReader,
        epoch: &str,
        of: Phase,
        last: u64,
        in_epoch: bool,
    ) -> crate::Result<()> {
        let metrics = run.metrics()?;
        let has = |name: &str| metrics.iter().any(|metric| metric == name);
        if !has(&self.metric) {
            return Ok(());
        }
        let definition = run.info().definitions.get(&self.metric).cloned().unwrap_or_default();
        let mut rows = run.series(&self.metric)?;
        if has(epoch) || in_epoch {
            let ends = if has(epoch) { run.series(epoch)? } else { Vec::new() };
            rows = last_of_each(&rows, ends.iter().map(|end| end.step.0));
        }
        self.phase = of.number;
        for row in rows.iter().filter(|row| (of.first_step..=last).contains(&row.step.0)) {
            self.take(row.value, &definition);
        }
        self.has_stopped = self.waited >= self.options.patience;
        Ok(())
    }

    fn reason(&self, definition: &Definition) -> String {
        let (metric, waited) = (&self.metric, self.waited);
        let values = if waited == 1 { "value" } else { "values" };
        match self.best {
            Some(best) => {
                let best = crate::text::shown_value(best, definition);
                format!("{metric} was not better than {best} in {waited} {values}")
            }
            None => format!("{metric} was NaN in {waited} {values}"),
        }
    }
}

/// The last row up to each of these steps, and beyond the step before.
fn last_of_each(rows: &[Row], ends: impl Iterator<Item = u64>) -> Vec<Row> {
    let mut rest = rows;
    let last = |end| {
        let (epoch, others) = rest.split_at(rest.partition_point(|row| row.step.0 <= end));
        rest = others;
        epoch.last().copied()
    };
    ends.filter_map(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After which value a training stops.
    fn stops_after(options: EarlyStopping, values: &[f64]) -> Option<usize> {
        let mut patience = Patience::new(options, "valid/loss".to_owned());
        let shown = |value| vec![("valid/loss".to_owned(), value, Definition::new())];
        values.iter().position(|value| patience.judge(&shown(*value)) != Verdict::GoOn)
    }

    #[test]
    fn only_values_in_a_row_count() {
        let options = EarlyStopping::new("valid/loss").patience(2);
        assert_eq!(stops_after(options.clone(), &[0.5, 0.6, 0.4, 0.5, 0.4, 0.1]), Some(4));
        assert_eq!(stops_after(options, &[0.5, 0.6, 0.4, 0.5, 0.3, 0.4]), None);
    }

    #[test]
    fn what_is_no_number_is_never_better() {
        let options = EarlyStopping::new("valid/loss").patience(2);
        assert_eq!(stops_after(options.clone(), &[f64::NAN, f64::NAN]), Some(1));
        assert_eq!(stops_after(options.clone(), &[f64::NAN, 0.5, f64::NAN, 0.4]), None);
        assert_eq!(stops_after(options, &[0.5, f64::INFINITY, f64::NAN]), Some(2));
    }

    #[test]
    fn one_value_is_no_values() {
        let reason = |patience, values: &[f64]| {
            let options = EarlyStopping::new("loss").patience(patience);
            let mut patience = Patience::new(options, "loss".to_owned());
            let judge =
                |value: &f64| patience.judge(&[("loss".to_owned(), *value, Definition::new())]);
            values.iter().map(judge).last()
        };
        let stop = |text: &str| Some(Verdict::Stop(text.to_owned()));
        assert_eq!(reason(1, &[f64::NAN]), stop("loss was NaN in 1 value"));
        assert_eq!(reason(1, &[0.5, 0.75]), stop("loss was not better than 0.5000 in 1 value"));
        assert_eq!(
            reason(2, &[0.5, 0.5, 0.5]),
            stop("loss was not better than 0.5000 in 2 values")
        );
    }

    #[test]
    fn a_small_gain_is_none_if_asked() {
        let values = [0.5, 0.499, 0.498];
        let options = EarlyStopping::new("valid/loss").patience(2);
        assert_eq!(stops_after(options.clone(), &values), None);
        assert_eq!(stops_after(options.min_delta(0.01), &values), Some(2));
    }

    #[test]
    fn the_direction_is_the_metrics_own_unless_one_is_said() {
        let values = [0.5, 0.6, 0.7];
        let of = |definition: Definition, options: EarlyStopping| {
            let mut patience = Patience::new(options.patience(2), "x".to_owned());
            for value in values {
                patience.take(value, &definition);
            }
            patience.waited
        };
        let higher = Definition::new().higher_is_better();
        assert_eq!(of(higher.clone(), EarlyStopping::new("x")), 0);
        assert_eq!(of(higher, EarlyStopping::new("x").lower_is_better()), 2);
        assert_eq!(of(Definition::new(), EarlyStopping::new("x")), 2);
        assert_eq!(of(Definition::new(), EarlyStopping::new("x").higher_is_better()), 0);
    }

    #[test]
    fn other_metrics_change_nothing() {
        let options = EarlyStopping::new("valid/loss").patience(1);
        let mut patience = Patience::new(options, "valid/loss".to_owned());
        let other = [("train/loss".to_owned(), 1.0, Definition::new())];
        for _ in 0..5 {
            assert_eq!(patience.judge(&other), Verdict::GoOn);
        }
        let missing = patience.take_missing().unwrap();
        assert_eq!(
            (missing.metric.as_str(), &missing.known[..]),
            ("valid/loss", &["train/loss".to_owned()][..])
        );
        assert_eq!(patience.take_missing(), None);
    }
}
