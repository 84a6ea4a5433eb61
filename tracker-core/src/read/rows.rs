//! All rows of a run, metric by metric.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use crate::{
    Result,
    format::layout::RunPaths,
    read::{
        Row, Warning,
        part_cache::PartCache,
        part_reader::PartReader,
        row,
        sources::{Positions, Sources},
        superseded::Superseded,
    },
};

/// Which rows are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    /// Of this metric alone; of all without one.
    pub(crate) metric: Option<&'a str>,
    pub(crate) steps: RangeInclusive<u64>,
}

impl Wanted<'_> {
    /// Every row.
    pub(crate) const ALL: Self = Self { metric: None, steps: 0..=u64::MAX };

    fn is_metric(&self, name: &str) -> bool {
        self.metric.is_none_or(|metric| metric == name)
    }
}

/// Rows by metric, and what could not be read.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) metrics: BTreeMap<String, Vec<Row>>,
    pub(crate) warnings: Vec<Warning>,
}

/// The rows of a run that are wanted, in the order of step, attempt and seq. A metric that has
/// rows, but none among the wanted steps, is there with none.
pub(crate) fn rows(
    run: &RunPaths,
    cache: &PartCache,
    superseded: &Superseded,
    wanted: &Wanted<'_>,
) -> Result<Rows> {
    let sources = Sources::find(run, cache, &Positions::new())?;
    let mut rows = gather(run, sources, wanted).0;
    for (metric, rows) in &mut rows.metrics {
        rows.retain(|row| {
            wanted.steps.contains(&row.step.0) && superseded.keeps(row.writer, metric, row.step)
        });
        row::sort(rows);
    }
    Ok(rows)
}

/// Everything that the sources have of the wanted metrics, in the order of storage, and the
/// positions behind it.
pub(crate) fn gather(run: &RunPaths, sources: Sources, wanted: &Wanted<'_>) -> (Rows, Positions) {
    let Sources { parts, mut positions, warnings, .. } = sources;
    let mut rows = Rows { metrics: BTreeMap::new(), warnings };
    for (name, part, from) in parts {
        // Metric after metric, as they lie in the part: it is read forwards.
        let mut reader = PartReader::new(Arc::clone(&part), true);
        for metric in part.metrics().filter(|metric| wanted.is_metric(metric)) {
            let series = rows.metrics.entry(metric.to_owned()).or_default();
            match part.rows_by(&mut reader, metric, &wanted.steps) {
                Ok(more) if from > name.first => {
                    series.extend(more.into_iter().filter(|row| row.seq >= from));
                }
                Ok(mut more) => series.append(&mut more),
                Err(error) => rows.warnings.push(Warning(format!(
                    "failed to read {metric} from {}: {error}; points are missing here",
                    run.part(name).display()
                ))),
            }
        }
    }
    for (writer, position) in &mut positions {
        let mut by_key: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
        for (seq, slot) in std::mem::take(&mut position.stream.points) {
            by_key.entry(slot.key).or_default().push(Row::new(*writer, seq, &slot));
        }
        for (key, mut more) in by_key {
            let metric = position.stream.name(key);
            if wanted.is_metric(&metric) {
                rows.metrics.entry(metric).or_default().append(&mut more);
            }
        }
    }
    (rows, positions)
}
