//! `tracker compare`: runs side by side.
//!
//! Each run gets a letter, which stands for it in every table and on its curves.

mod answer;
mod code;
mod groups;
mod text;

use std::{collections::BTreeMap, io::Write, sync::Arc};

use anyhow::{Result, bail};
use serde_json::{Map, Value};
use tracker_core::{
    Definition, Summary,
    read::{ComparedPackages, ComparedSetting, RunReader, Snapshot, Store, compared_settings},
};

use self::code::RunCode;
use crate::{
    answers::versioned::Versioned,
    args::Compare,
    terminal::{
        plot::{Curve, Plot},
        printer,
    },
    view::{metric_order, short_id::ShortIds},
};

/// The metrics whose curves are drawn, unless `--metric` names others.
const MAX_PLOTS: usize = 3;

/// Runs `tracker compare`.
pub(crate) fn run(store: &Store, args: &Compare) -> Result<()> {
    let compared = Compared::read(store, args)?;
    compared.packages.warnings().iter().for_each(printer::left_out);
    compared.code_warnings.iter().for_each(printer::left_out);
    let groups = compared.grouped(args)?;
    let width = printer::width();
    if args.json {
        printer::json(&Versioned::new(compared.answer(args, groups.as_ref())))?;
    } else if args.code {
        printer::text(&compared.code_text(width))?;
    } else if let (Some(groups), Some(format)) = (&groups, args.table) {
        let mut out = printer::data();
        out.write_all(groups.table(format).as_bytes())?;
        out.flush()?;
    } else {
        let page = compared.to_text(&compared.plots()?, args.diff, width);
        let verdict = groups.map(|groups| groups.to_text(width)).unwrap_or_default();
        printer::text(&(page + &verdict))?;
    }
    compared.sides.iter().for_each(|side| printer::left_out_by(&side.run));
    Ok(())
}

/// One of the runs.
struct Side {
    letter: String,
    short_id: String,
    run: RunReader,
    summaries: Arc<BTreeMap<String, Summary>>,
}

/// The runs, and what is compared of them.
struct Compared {
    sides: Vec<Side>,
    definitions: BTreeMap<String, Definition>,
    /// The metrics to compare, those that tell most first.
    metrics: Vec<String>,
    /// Whether nobody named them.
    is_own_choice: bool,
    packages: ComparedPackages,
    /// Each run's code.
    codes: Vec<RunCode>,
    code_warnings: Vec<String>,
}

impl Compared {
    fn read(store: &Store, args: &Compare) -> Result<Self> {
        let sides = sides(store, &args.runs)?;
        let definitions = definitions(&sides);
        let metrics = chosen_metrics(&sides, &definitions, &args.metrics)?;
        let runs: Vec<RunReader> = sides.iter().map(|side| side.run.clone()).collect();
        let mut code_warnings = Vec::new();
        let codes = sides.iter().map(|side| RunCode::of(side, &mut code_warnings)).collect();
        let packages = ComparedPackages::of(&runs);
        let is_own_choice = args.metrics.is_empty();
        Ok(Self { sides, definitions, metrics, is_own_choice, packages, codes, code_warnings })
    }

    fn definition(&self, metric: &str) -> Definition {
        self.definitions.get(metric).cloned().unwrap_or_default()
    }

    fn settings(&self) -> Vec<ComparedSetting<'_>> {
        let configs: Vec<&Map<String, Value>> =
            self.sides.iter().map(|side| &side.run.info().config).collect();
        compared_settings(&configs)
    }

    /// One number of a metric for each run; `None` where a run has none.
    fn values(&self, metric: &str, number: impl Fn(&Summary) -> Option<f64>) -> Vec<Option<f64>> {
        self.sides.iter().map(|side| side.summaries.get(metric).and_then(&number)).collect()
    }

    /// The curves of the metrics that tell most; counters, values per batch and of the machine
    /// only if they are named.
    fn plots(&self) -> Result<Vec<Plot>> {
        let has_curve = |metric: &&String| {
            let mut sums = self.sides.iter().filter_map(|side| side.summaries.get(*metric));
            let is_told =
                !(metric_order::is_background(metric) || metric_order::is_counter(metric));
            (is_told || !self.is_own_choice) && sums.any(|summary| summary.count > 1)
        };
        let most = if self.is_own_choice { MAX_PLOTS } else { usize::MAX };
        let metrics = self.metrics.iter().filter(has_curve).take(most);
        let now: Vec<Snapshot> =
            self.sides.iter().map(|side| side.run.snapshot()).collect::<Result<_, _>>()?;
        metrics.map(|metric| self.plot(&now, metric)).collect()
    }

    fn plot(&self, now: &[Snapshot], metric: &str) -> Result<Plot> {
        let mut curves = Vec::new();
        for (color, (side, now)) in self.sides.iter().zip(now).enumerate() {
            if side.summaries.contains_key(metric) {
                curves.push(Curve::read(now, metric, side.letter.as_str(), color)?);
            }
        }
        Ok(Plot { metric: metric.to_owned(), definition: self.definition(metric), curves })
    }
}

/// The runs that were named, one by one or as groups, each once.
fn sides(store: &Store, references: &[String]) -> Result<Vec<Side>> {
    let short_ids = ShortIds::of(&store.runs()?.runs);
    let mut sides: Vec<Side> = Vec::new();
    for reference in references {
        for run in store.find_all(reference)? {
            if sides.iter().any(|side| side.run.info().id == run.info().id) {
                continue;
            }
            let short_id = short_ids.short(&run.info().id).to_owned();
            run.check()?;
            let summaries = run.summary()?;
            sides.push(Side { letter: letter(sides.len()), short_id, run, summaries });
        }
    }
    if let [only] = sides.as_slice() {
        let Side { short_id, run, .. } = only;
        let name = &run.info().name;
        if let [reference] = references {
            bail!(
                "`{reference}` is one run, {name} ({short_id})\nhint: name another one to compare it with"
            );
        }
        bail!(
            "all of these name one run, {name} ({short_id})\nhint: of several runs with one name the latest is \
             meant; name the others by the ids that `tracker ls` shows"
        );
    }
    Ok(sides)
}

/// `A` to `Z`, then `A1`, `B1` and so on.
fn letter(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    match index / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

/// What each metric means: what the first run that defines it says.
fn definitions(sides: &[Side]) -> BTreeMap<String, Definition> {
    let mut definitions: BTreeMap<String, Definition> = BTreeMap::new();
    for (metric, definition) in sides.iter().flat_map(|side| &side.run.info().definitions) {
        definitions.entry(metric.clone()).or_insert_with(|| definition.clone());
    }
    definitions
}

/// The metrics of all runs that fit one of the patterns, or all of them without a pattern.
fn chosen_metrics(
    sides: &[Side],
    definitions: &BTreeMap<String, Definition>,
    patterns: &[String],
) -> Result<Vec<String>> {
    let all = sides.iter().flat_map(|side| side.summaries.iter());
    let known: BTreeMap<String, Summary> =
        all.map(|(name, summary)| (name.clone(), *summary)).collect();
    metric_order::chosen("none of the runs has a", &known, definitions, patterns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 53].map(letter), ["A", "Z", "A1", "B2"]);
    }
}
