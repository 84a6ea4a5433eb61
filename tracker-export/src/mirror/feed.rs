//! What is new of a run, handed to a target.

use tracker_core::read::{Row, RunReader, StoredEvent, Tail};

use crate::{Account, Order, Result, Target};

/// What has come since the last look.
#[derive(Debug)]
pub(super) struct News {
    pub(super) tail: Tail,
    pub(super) events: Vec<StoredEvent>,
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        self.tail.metrics.is_empty() && self.events.is_empty() && !self.tail.has_more
    }

    pub(super) fn points(&self) -> u64 {
        self.tail.metrics.values().map(|rows| rows.len() as u64).sum()
    }

    /// Hands all to the target.
    pub(super) fn feed(
        &self,
        run: &RunReader,
        target: &mut dyn Target,
        account: &mut Account,
    ) -> Result<()> {
        match target.order() {
            Order::ByMetric => {
                for (metric, rows) in &self.tail.metrics {
                    target.points(metric, rows, account)?;
                }
            }
            Order::ByStep => self.as_logged(target, account)?,
        }
        for event in &self.events {
            target.event(run, event, account)?;
        }
        Ok(())
    }

    /// Points of all metrics in the order in which they were logged.
    fn as_logged(&self, target: &mut dyn Target, account: &mut Account) -> Result<()> {
        let mut all: Vec<(&str, &Row)> = Vec::new();
        for (metric, rows) in &self.tail.metrics {
            all.extend(rows.iter().map(|row| (metric.as_str(), row)));
        }
        all.sort_by_key(|(_, row)| (row.time, row.writer, row.seq));
        let mut together = Vec::new();
        for of_metric in all.chunk_by(|(one, _), (next, _)| one == next) {
            together.clear();
            together.extend(of_metric.iter().map(|(_, row)| **row));
            if let Some((metric, _)) = of_metric.first() {
                target.points(metric, &together, account)?;
            }
        }
        Ok(())
    }
}
