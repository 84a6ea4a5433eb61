//! Metrics of the machine, which W&B keeps apart from history, by time.

use tracker_core::read::Row;

use super::{
    number,
    record::{Item, StatsRecord, Time},
};
use crate::Account;

/// More items are several records.
const MOST: usize = 256;

/// What was measured at one moment, while more of it may come.
#[derive(Debug, Default)]
pub(super) struct OpenStats(Option<StatsRecord>);

impl OpenStats {
    /// Adds a value. Gives the record of another moment that was open before.
    pub(super) fn put(&mut self, name: &str, row: &Row) -> Option<StatsRecord> {
        let timestamp = Some(Time::of(row.time.as_micros()));
        let before = self.0.take_if(|open| {
            let has = open.item.len() >= MOST || open.item.iter().any(|item| item.key == name);
            has || open.timestamp != timestamp
        });
        let open = self.0.get_or_insert_with(|| StatsRecord { timestamp, item: Vec::new() });
        open.item.push(Item::new(name.to_owned(), number::text(row.value)));
        before
    }

    /// What is open.
    pub(super) fn take(&mut self) -> Option<StatsRecord> {
        self.0.take()
    }
}

/// Counts what W&B does not keep of points that were measured in a run that started at this time.
pub(super) fn tell(rows: &[Row], started: i64, account: &mut Account) {
    let is_other = |row: &&Row| {
        let since = row.time.as_micros().saturating_sub(started).div_euclid(1_000_000);
        u64::try_from(since) != Ok(row.step.0)
    };
    let others = rows.iter().filter(is_other).count() as u64;
    account.leave_out("steps of system metrics", "W&B keeps their times alone", others);
    account.keep("points", rows.len() as u64);
}
