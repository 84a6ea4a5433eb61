//! Each metric's summary, from what costs least: files that hold it, then the footers of parts,
//! then the points themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    Result, Writer,
    format::{
        layout::{self, PartName, RunPaths},
        run_file::{self, WriterSummary},
    },
    mounts::named,
    read::{
        Loss, Row, Warning,
        part::Part,
        part_cache::PartCache,
        part_reader::PartReader,
        sources::{Covered, Positions, Sources, list_parts},
        superseded::Superseded,
    },
    value::summary::Accumulator,
};

type Sums = BTreeMap<String, Accumulator>;

/// Each metric's summary, and what could not be read.
#[derive(Debug, Default)]
pub(crate) struct Summaries {
    pub(crate) metrics: Sums,
    pub(crate) warnings: Vec<Warning>,
}

/// Sums up a run whose `run.json` has no summary of all of `writers`.
pub(crate) fn summaries(
    run: &RunPaths,
    cache: &PartCache,
    superseded: &Superseded,
    writers: &[Writer],
) -> Result<Summaries> {
    let mut sums = Summaries::default();
    let mut summed = BTreeSet::new();
    for writer in writers {
        if let Some(metrics) = complete_summary(run, *writer, superseded) {
            merge(&mut sums.metrics, metrics);
            summed.insert(*writer);
        }
    }
    if !writers.is_empty() && summed.len() == writers.len() {
        return Ok(sums);
    }
    let sources = Sources::find(run, cache, &Positions::new())?;
    sums.warnings.extend(sources.warnings);
    for (name, part, _) in
        sources.parts.into_iter().filter(|(name, ..)| !summed.contains(&name.writer))
    {
        match of_part(name, &part, superseded) {
            Ok(metrics) => merge(&mut sums.metrics, metrics),
            Err(error) => sums.warnings.push(Warning::new(
                Loss::Points,
                format!(
                    "failed to read {}: {error}; its points are missing here",
                    named(&run.part(name))
                ),
            )),
        }
    }
    for (writer, position) in
        sources.positions.into_iter().filter(|(writer, _)| !summed.contains(writer))
    {
        let mut by_key: BTreeMap<u32, (String, Option<Accumulator>)> = BTreeMap::new();
        for (seq, slot) in &position.stream.points {
            let row = Row::new(writer, *seq, slot);
            let (metric, sum) =
                by_key.entry(slot.key).or_insert_with(|| (position.stream.name(slot.key), None));
            if superseded.keeps(writer, metric, row.step) {
                add(sum, of_row(&row));
            }
        }
        let named = by_key.into_values().filter_map(|(metric, sum)| Some((metric, sum?)));
        merge(&mut sums.metrics, named);
    }
    Ok(sums)
}

/// What the parts of one writer hold, before anything is taken back. `None` if one of them cannot
/// be read.
pub(crate) fn sealed_sums(run: &RunPaths, writer: Writer) -> Result<Option<Sums>> {
    let mut sums = Sums::new();
    let mut covered = Covered::default();
    for name in list_parts(run)?.into_iter().filter(|name| name.writer == writer) {
        if covered.has(name) {
            continue;
        }
        let Ok(part) = Part::open(&run.part(name)) else { return Ok(None) };
        covered.add(name);
        merge(&mut sums, part.summaries().map(|(metric, sum)| (metric.to_owned(), sum)));
    }
    Ok(Some(sums))
}

/// What a writer has said of its part of a run. `None` if it has said nothing, or not so that it
/// can be read: all that it says can be had from the points.
pub(crate) fn of_writer(files: &RunPaths, writer: Writer) -> Option<WriterSummary> {
    let (text, _) = files.read(&layout::summary(writer), run_file::MOST_BYTES).ok()?;
    WriterSummary::of(&text)
}

/// What a writer that is done has left of its metrics, if every point of them counts.
fn complete_summary(run: &RunPaths, writer: Writer, superseded: &Superseded) -> Option<Sums> {
    let summary = of_writer(run, writer).filter(|summary| summary.complete)?;
    let counts = |(metric, sum): (&String, &Accumulator)| {
        superseded.keeps(writer, metric, sum.greatest_step())
    };
    summary.metrics.iter().all(counts).then_some(summary.metrics)
}

/// A part's summary: its footer's, where every point of the metric counts, else of the rows that
/// do.
pub(crate) fn of_part(
    name: PartName,
    part: &Arc<Part>,
    superseded: &Superseded,
) -> parquet::errors::Result<Sums> {
    let mut sums = Sums::new();
    let mut reader = PartReader::new(Arc::clone(part), true);
    for (metric, sum) in part.summaries() {
        match superseded.last_step(name.writer, metric) {
            Some(last) if sum.greatest_step() > last => {
                let counting = part.rows_by(&mut reader, metric, &(0..=last.0))?;
                let left = counting.iter().map(of_row).reduce(|mut sum, row| {
                    sum.merge(&row);
                    sum
                });
                sums.extend(left.map(|left| (metric.to_owned(), left)));
            }
            _ => {
                sums.insert(metric.to_owned(), sum);
            }
        }
    }
    Ok(sums)
}

pub(crate) fn of_row(row: &Row) -> Accumulator {
    Accumulator::of(row.value, row.step.0, row.writer, row.seq)
}

fn add(sum: &mut Option<Accumulator>, more: Accumulator) {
    match sum {
        Some(sum) => sum.merge(&more),
        None => *sum = Some(more),
    }
}

pub(crate) fn merge(sums: &mut Sums, more: impl IntoIterator<Item = (String, Accumulator)>) {
    for (metric, more) in more {
        match sums.entry(metric) {
            std::collections::btree_map::Entry::Occupied(mut sum) => sum.get_mut().merge(&more),
            std::collections::btree_map::Entry::Vacant(new) => {
                new.insert(more);
            }
        }
    }
}
