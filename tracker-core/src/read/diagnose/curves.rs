//! The metrics of a run that a diagnosis goes by.

use crate::{
    Definition, Direction, Result,
    read::{
        Snapshot,
        diagnose::{curve::Curve, names},
    },
    text::shown_value,
};

/// The most metrics of a kind that are read, such as losses.
pub(super) const MOST_METRICS: usize = 8;

/// A run's metrics, by what their names say.
#[derive(Debug)]
pub(super) struct Curves<'a> {
    now: &'a Snapshot,
    metrics: Vec<String>,
    pub(super) has_rewards: bool,
}

impl<'a> Curves<'a> {
    pub(super) fn of(now: &'a Snapshot) -> Self {
        let metrics = now.metrics_as_logged();
        let has_rewards = metrics.iter().any(|metric| names::is_reward(metric));
        Self { now, metrics, has_rewards }
    }

    /// The curves of the first metrics that are `wanted`, in the order in which they were first logged.
    ///
    /// # Errors
    /// Not in practice: the metrics are those that there are.
    pub(super) fn some(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Curve>> {
        let wanted = self.metrics.iter().filter(|metric| wanted(metric)).take(MOST_METRICS);
        wanted.map(|metric| Curve::read(self.now, metric)).collect()
    }

    /// The curve of a metric, if there is one.
    ///
    /// # Errors
    /// Not in practice.
    pub(super) fn one(&self, metric: &str) -> Result<Option<Curve>> {
        Ok(self.some(|known| known == metric)?.pop())
    }

    /// # Errors
    /// Not in practice.
    pub(super) fn losses(&self) -> Result<Vec<Curve>> {
        self.some(names::is_loss)
    }

    /// Metrics of which it is known that greater values are better, or smaller ones, of data that is not trained on.
    ///
    /// # Errors
    /// Not in practice.
    pub(super) fn validations(&self) -> Result<Vec<(Curve, Direction)>> {
        let curves =
            self.some(|metric| names::is_validation(metric) && self.direction(metric).is_some())?;
        let with = |curve: Curve| {
            let direction = self.direction(&curve.metric)?;
            Some((curve, direction))
        };
        Ok(curves.into_iter().filter_map(with).collect())
    }

    fn direction(&self, metric: &str) -> Option<Direction> {
        let defined = self.definition(metric).and_then(|definition| definition.direction);
        defined.or_else(|| names::is_loss(metric).then_some(Direction::Lower))
    }

    fn definition(&self, metric: &str) -> Option<&Definition> {
        self.now.run().info().definitions.get(metric)
    }

    /// A value as people read it.
    pub(super) fn shown(&self, metric: &str, value: f64) -> String {
        match self.definition(metric) {
            Some(definition) => shown_value(value, definition),
            None => shown_value(value, &Definition::new()),
        }
    }
}
