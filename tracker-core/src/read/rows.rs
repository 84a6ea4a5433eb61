//! All rows that a reader has not been given yet, metric by metric.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    format::layout::RunPaths,
    mounts::named,
    read::{
        Loss, Row, Warning,
        part_reader::PartReader,
        sources::{Positions, Sources},
    },
};

/// Rows by metric, and what could not be read.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) metrics: BTreeMap<String, Vec<Row>>,
    pub(crate) warnings: Vec<Warning>,
}

/// Everything that the sources have of the metrics that are wanted, in the order of storage, and the positions behind it.
pub(crate) fn gather(
    run: &RunPaths,
    sources: Sources,
    is_wanted: impl Fn(&str) -> bool,
) -> (Rows, Positions) {
    let Sources { parts, mut positions, warnings, .. } = sources;
    let mut rows = Rows { metrics: BTreeMap::new(), warnings };
    for (name, part, from) in parts {
        // Metric after metric, as they lie in the part: it is read forwards.
        let mut reader = PartReader::new(Arc::clone(&part), true);
        for metric in part.metrics().filter(|metric| is_wanted(metric)) {
            let series = rows.metrics.entry(metric.to_owned()).or_default();
            match part.rows_by(&mut reader, metric, &(0..=u64::MAX)) {
                Ok(more) if from > name.first => {
                    series.extend(more.into_iter().filter(|row| row.seq >= from));
                }
                Ok(mut more) => series.append(&mut more),
                Err(error) => rows.warnings.push(Warning::new(
                    Loss::Points,
                    format!(
                        "failed to read {metric} from {}: {error}; points are missing here",
                        named(&run.part(name))
                    ),
                )),
            }
        }
    }
    for (writer, position) in &mut positions {
        let mut by_key: BTreeMap<u32, Option<Vec<Row>>> = BTreeMap::new();
        for (seq, slot) in position.take_points() {
            let is_wanted = || is_wanted(&position.stream.name(slot.key)).then(Vec::new);
            if let Some(of_key) = by_key.entry(slot.key).or_insert_with(is_wanted) {
                of_key.push(Row::new(*writer, seq, &slot));
            }
        }
        for (key, mut more) in by_key.into_iter().filter_map(|(key, rows)| Some((key, rows?))) {
            rows.metrics.entry(position.stream.name(key)).or_default().append(&mut more);
        }
    }
    (rows, positions)
}
