//! `tracker doctor`: what is the matter with a store, and what to type about it.

use std::{collections::BTreeSet, process::ExitCode};

use tracker_core::{
    State,
    read::{RunReader, Store},
    text::plural,
    upkeep::{self, Examination, Finding, Saved},
};

use crate::{
    answers::{command::examination as answers, versioned::Versioned},
    args::Doctor,
    terminal::{
        printer,
        text::{bold, clean, clean_lines},
    },
    view::short_id::ShortIds,
};

/// Runs that are named of those that went wrong in one way.
const NAMED: usize = 3;

/// Runs `tracker doctor`. Succeeds if nothing is the matter.
pub(crate) fn run(store: &Store, args: &Doctor) -> anyhow::Result<ExitCode> {
    let mut sealed = Vec::new();
    if args.seal {
        sealed = seal(&runs(store, args)?, args.force)?;
    }
    let examination = match &args.run {
        Some(run) => upkeep::examine_run(&store.find(run)?),
        None => upkeep::examine(store)?,
    };
    let went_wrong = WentWrong::of(&runs(store, args)?);
    if args.json {
        printer::json(&Versioned::new(answer(&examination, &sealed, &went_wrong)))?;
    } else {
        printer::text(&to_text(store, &examination, &sealed, &went_wrong)?)?;
    }
    Ok(if examination.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The run that was named, or all.
fn runs(store: &Store, args: &Doctor) -> anyhow::Result<Vec<RunReader>> {
    Ok(match &args.run {
        Some(run) => vec![store.find(run)?],
        None => store.runs()?.runs,
    })
}

/// Runs whose training went wrong. Their files are as they should be, so they are no findings.
#[derive(Debug, Default)]
struct WentWrong {
    crashed: Vec<RunReader>,
    lost: Vec<RunReader>,
    failed: Vec<RunReader>,
    /// Some metric ended in NaN or an infinity.
    diverged: Vec<RunReader>,
}

impl WentWrong {
    fn of(runs: &[RunReader]) -> Self {
        let mut wrong = Self::default();
        for run in runs {
            match run.state() {
                State::Crashed => wrong.crashed.push(run.clone()),
                State::Lost => wrong.lost.push(run.clone()),
                State::Failed => wrong.failed.push(run.clone()),
                _ => {}
            }
            let summaries = run.summary().unwrap_or_default();
            if summaries.values().any(|summary| !summary.last.is_finite()) {
                wrong.diverged.push(run.clone());
            }
        }
        wrong
    }

    fn kinds(&self) -> [(&'static str, &[RunReader]); 4] {
        [
            ("crashed", &self.crashed),
            ("lost", &self.lost),
            ("failed", &self.failed),
            ("diverged", &self.diverged),
        ]
    }

    fn answer(&self) -> answers::WentWrong<'_> {
        answers::WentWrong {
            crashed: ids(&self.crashed),
            lost: ids(&self.lost),
            failed: ids(&self.failed),
            diverged: ids(&self.diverged),
        }
    }

    /// Such as `2 crashed (calm-otter, bold-finch)`.
    fn told(&self) -> Vec<String> {
        let of_kind = |(kind, runs): (&str, &[RunReader])| {
            let names = runs.iter().take(NAMED).map(|run| clean(&run.info().name));
            let more = runs.len().saturating_sub(NAMED);
            let more = (more > 0).then(|| format!("and {more} more"));
            let names: Vec<String> = names.chain(more).collect();
            (!runs.is_empty()).then(|| format!("{} {kind} ({})", runs.len(), names.join(", ")))
        };
        self.kinds().into_iter().filter_map(of_kind).collect()
    }
}

/// A run of which something was sealed.
struct Sealed {
    run: RunReader,
    saved: Saved,
}

/// Seals what dead processes left. What cannot be sealed is told, and found again afterwards.
fn seal(runs: &[RunReader], force: bool) -> anyhow::Result<Vec<Sealed>> {
    let mut sealed = Vec::new();
    for run in runs {
        let saved = if force { upkeep::seal_lost(run)? } else { upkeep::seal_dead(run)? };
        for saved in saved {
            match saved {
                Ok(saved) => sealed.push(Sealed { run: run.clone(), saved }),
                Err(error) => printer::warning(&error),
            }
        }
    }
    Ok(sealed)
}

fn answer<'a>(
    examination: &'a Examination,
    sealed: &'a [Sealed],
    went_wrong: &'a WentWrong,
) -> answers::Examination<'a> {
    answers::Examination {
        runs: examination.runs,
        live: examination.live,
        sealed: sealed.iter().map(Sealed::answer).collect(),
        findings: examination.findings.iter().map(of_finding).collect(),
        went_wrong: went_wrong.answer(),
    }
}

fn of_finding(finding: &Finding) -> answers::Finding<'_> {
    answers::Finding {
        kind: finding.kind.as_str(),
        run: finding.run.as_ref().map(|run| run.info().id.as_str()),
        path: finding.path.to_string_lossy(),
        message: &finding.message,
        hint: &finding.hint,
    }
}

fn ids(runs: &[RunReader]) -> Vec<&str> {
    runs.iter().map(|run| run.info().id.as_str()).collect()
}

impl Sealed {
    fn answer(&self) -> answers::Sealed<'_> {
        let Saved { writer, points, from_memory, unfinished, damaged, .. } = self.saved;
        answers::Sealed {
            run: self.run.info().id.as_str(),
            writer: writer.to_string(),
            points,
            from_memory,
            unfinished,
            damaged,
        }
    }

    fn to_text(&self) -> String {
        let saved = &self.saved;
        let from_memory = match saved.from_memory {
            0 => String::new(),
            count => format!(", {count} of them from memory"),
        };
        format!("sealed {}{from_memory}", plural(saved.points, "point"))
    }
}

/// The findings run by run, then those of no run.
fn to_text(
    store: &Store,
    examination: &Examination,
    sealed: &[Sealed],
    went_wrong: &WentWrong,
) -> anyhow::Result<String> {
    let listing = store.runs()?;
    let short_ids = ShortIds::of(&listing.runs);
    let title = |run: &RunReader| {
        let name = bold(&clean(&run.info().name));
        format!("{name} ({}, {})", short_ids.short(&run.info().id), run.state())
    };
    let mut lines = Vec::new();
    for sealed in sealed {
        lines.extend([title(&sealed.run), format!("  {}", sealed.to_text())]);
    }
    let mut told = BTreeSet::new();
    for finding in &examination.findings {
        if let Some(run) = &finding.run
            && told.insert(run.info().id.clone())
        {
            lines.push(title(run));
        }
        lines.extend(finding_lines(finding));
    }
    lines.push(conclusion(examination, &went_wrong.told()));
    Ok(lines.join("\n") + "\n")
}

/// A finding under its run's title; of no run, under the place where it was found.
fn finding_lines(finding: &Finding) -> Vec<String> {
    let text = clean_lines(&format!("{}\nhint: {}", finding.message, finding.hint));
    if finding.run.is_some() {
        return text.lines().map(|line| format!("  {line}")).collect();
    }
    let path = finding.path.to_string_lossy();
    let place = (!finding.message.contains(&*path)).then(|| clean(&path));
    place.into_iter().chain(text.lines().map(str::to_owned)).collect()
}

fn conclusion(examination: &Examination, went_wrong: &[String]) -> String {
    let runs = plural(examination.runs as u64, "run");
    let live = match examination.live {
        0 => String::new(),
        live => format!(", {live} of them live"),
    };
    let wrong = went_wrong.join("; ");
    let wrong = if wrong.is_empty() { wrong } else { format!("; {wrong}") };
    match examination.findings.len() {
        0 if wrong.is_empty() => format!("all is well with {runs}{live}"),
        0 => format!("nothing is to be mended in {runs}{live}{wrong}"),
        count => format!("\n{} in {runs}{live}{wrong}", plural(count as u64, "finding")),
    }
}
