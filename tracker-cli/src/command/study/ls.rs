//! `tracker study ls`: how far studies are.

use anyhow::{Result, bail};
use tracker_core::{
    Definition,
    read::Store,
    studies::StudyFolder,
    text::{plural, shown_value},
};
use tracker_study::{Journal, StudyState};

use crate::{
    answers::{
        command::study::{Studies, Study},
        trial_counts::TrialCounts,
        versioned::Versioned,
    },
    args::study::StudyLs,
    command::study::find::nearest,
    terminal::{
        printer,
        table::{Align, Grid, MISSING},
        text::clean,
    },
    view::study::front,
};

/// Runs `tracker study ls`.
pub(crate) fn run(store: &Store, args: &StudyLs) -> Result<()> {
    let journals = journals(store, args.project.as_deref())?;
    if args.json {
        let studies = journals.iter().map(Journal::study);
        let studies = studies
            .map(|study| Study::of(&study.plan, &study.trials, study.asked_to_stop))
            .collect();
        printer::json(&Versioned::new(Studies { studies }))?;
    } else {
        printer::text(&to_text(&journals))?;
    }
    Ok(())
}

/// The studies of the store or of one project; what cannot be read is told and left out.
fn journals(store: &Store, project: Option<&str>) -> Result<Vec<Journal>> {
    let all = store.studies()?;
    let is_asked = |study: &&StudyFolder| project.is_none_or(|project| study.project() == project);
    let asked: Vec<&StudyFolder> = all.iter().filter(is_asked).collect();
    if let Some(project) = project
        && asked.is_empty()
    {
        let projects: Vec<String> =
            store.projects()?.iter().map(|known| known.name().to_owned()).collect();
        if !projects.iter().any(|known| known == project) {
            bail!(
                "there is no project `{}`\nhint: there are {}",
                clean(project),
                clean(&nearest(&projects, project))
            );
        }
    }
    let mut journals = Vec::new();
    for folder in asked {
        match Journal::open(folder) {
            Ok(journal) => journals.push(journal),
            Err(error) => {
                let name = clean(folder.name());
                printer::left_out(&format!("left out the study {name}: {error}"));
            }
        }
    }
    Ok(journals)
}

fn to_text(journals: &[Journal]) -> String {
    if journals.is_empty() {
        return "there are no studies yet; `tracker sweep study.toml -- COMMAND` begins one\n"
            .to_owned();
    }
    let aligns = [
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Left,
        Align::Right,
        Align::Left,
    ];
    let mut grid = Grid::new(aligns, printer::width());
    grid.header(["study", "project", "method", "trials", "", "best", ""]);
    for journal in journals {
        grid.row(row(journal.study()));
    }
    let mut page = grid.lines().join("\n");
    page.push('\n');
    page
}

fn row(study: &StudyState) -> [String; 7] {
    let plan = &study.plan;
    let counts = TrialCounts::of(&study.trials);
    let of = plan.run_cap.map(|cap| format!(" of {cap}")).unwrap_or_default();
    let method = plan.to_json().get("method").and_then(|method| method.as_str().map(str::to_owned));
    let front = front(&study.trials, &plan.metrics);
    let (best, name) = match (front.as_slice(), plan.metrics.as_slice()) {
        ([best], [metric]) => {
            let value = best.values.first().map(|value| shown_value(*value, &Definition::new()));
            (value.unwrap_or_default(), clean(&metric.name))
        }
        ([], _) => (
            MISSING.to_owned(),
            plan.metrics.first().map(|metric| clean(&metric.name)).unwrap_or_default(),
        ),
        (front, metrics) => {
            let names: Vec<String> = metrics.iter().map(|metric| clean(&metric.name)).collect();
            (plural(front.len() as u64, "trial"), names.join(", "))
        }
    };
    [
        clean(&plan.name),
        clean(&plan.project),
        method.unwrap_or_default(),
        format!("{}{of}", counts.all),
        states(&counts, study.asked_to_stop),
        best,
        name,
    ]
}

/// What is not simply done: `2 running, 1 failed`.
pub(super) fn states(counts: &TrialCounts, is_stopped: bool) -> String {
    let all = [
        (counts.running, "running"),
        (counts.waiting, "waiting"),
        (counts.pruned, "pruned"),
        (counts.failed, "failed"),
    ];
    let mut words: Vec<String> = all
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    words.extend(is_stopped.then(|| "stopped".to_owned()));
    words.join(", ")
}
