//! `tracker diverge`: the first step at which two runs differ, and what of their settings, code and machines does.

mod answer;
mod text;

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use tracker_core::{
    Definition,
    read::{Divergence, RunReader, Store, diverge, is_timing},
};

use crate::{
    answers::versioned::Versioned,
    args::Diverge,
    terminal::printer,
    view::{beside::Beside, metric_order, short_id::ShortIds},
};

/// How far apart two values may lie that differ by rounding alone, as a share of the greater one.
const TOLERANCE: f64 = 1e-6;

/// Runs `tracker diverge`.
pub(crate) fn run(store: &Store, args: &Diverge) -> Result<ExitCode> {
    let compared = Compared::read(store, args)?;
    compared.beside.warnings().for_each(printer::left_out);
    if args.json {
        printer::json(&Versioned::new(compared.answer()))?;
    } else {
        printer::text(&compared.to_text(printer::width()))?;
    }
    compared.runs.iter().for_each(printer::left_out_by);
    let fails = args.check && compared.differ(args.tolerance.is_some());
    Ok(if fails { ExitCode::FAILURE } else { printer::exit_code() })
}

/// Two runs, and where they differ.
struct Compared {
    runs: [RunReader; 2],
    short_ids: [String; 2],
    tolerance: f64,
    /// Whether times and speeds were compared too.
    with_timings: bool,
    found: Divergence,
    beside: Beside,
}

impl Compared {
    fn read(store: &Store, args: &Diverge) -> Result<Self> {
        let runs = [store.find(&args.first)?, store.find(&args.second)?];
        let short_ids = ShortIds::of(&store.runs()?.runs);
        let short_ids = runs.each_ref().map(|run| short_ids.short(&run.info().id).to_owned());
        let [first, second] = &runs;
        if first.info().id == second.info().id {
            let (name, id) = (&first.info().name, &short_ids[0]);
            bail!(
                "both of these name one run, {name} ({id})\nhint: name another one by its id, as `tracker ls` shows it"
            );
        }
        for run in &runs {
            run.check()?;
        }
        check_patterns(&runs, &args.metrics)?;
        let tolerance = args.tolerance.unwrap_or(TOLERANCE);
        let found = diverge(first, second, |metric| is_wanted(&runs, metric, args), tolerance)?;
        let beside = Beside::of(&runs);
        let with_timings = args.all || !args.metrics.is_empty();
        Ok(Self { runs, short_ids, tolerance, with_timings, found, beside })
    }

    /// Whether `--check` fails. Where nothing could be compared, nobody can say that nothing differs.
    fn differ(&self, has_tolerance: bool) -> bool {
        let points = if has_tolerance { &self.found.beyond } else { &self.found.bitwise };
        !points.is_empty() || self.found.compared == 0
    }

    fn definition(&self, metric: &str) -> Definition {
        definition(&self.runs, metric).cloned().unwrap_or_default()
    }
}

fn definition<'a>(runs: &'a [RunReader; 2], metric: &str) -> Option<&'a Definition> {
    runs.iter().find_map(|run| run.info().definitions.get(metric))
}

/// Times and speeds are wanted if they are named in full, or all are.
fn is_wanted(runs: &[RunReader; 2], metric: &str, args: &Diverge) -> bool {
    let mut fitting = args.metrics.iter().filter(|pattern| fits(pattern, metric));
    if args.all || !is_timing(metric, definition(runs, metric)) {
        args.metrics.is_empty() || fitting.next().is_some()
    } else {
        fitting.any(|pattern| pattern == metric)
    }
}

fn fits(pattern: &str, metric: &str) -> bool {
    pattern == metric || metric_order::fits(pattern, metric)
}

fn check_patterns(runs: &[RunReader; 2], patterns: &[String]) -> Result<()> {
    if patterns.is_empty() {
        return Ok(());
    }
    let known = [runs[0].metrics()?, runs[1].metrics()?].concat();
    for pattern in patterns {
        if !known.iter().any(|metric| fits(pattern, metric)) {
            let mut names = known.clone();
            names.sort_unstable();
            names.dedup();
            let some = metric_order::some_of(names.iter(), pattern);
            return Err(anyhow!(
                "none of the runs has a metric `{pattern}`\nhint: known are {some}"
            ));
        }
    }
    Ok(())
}
