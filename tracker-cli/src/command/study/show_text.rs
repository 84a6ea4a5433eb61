//! What people read of a study.

use serde_json::Value;
use tracker_core::{
    Definition, Timestamp,
    studies::StudyFolder,
    text::{plural, shown_value},
};
use tracker_study::{Metric, Plan, StudyState, Trial, TrialState, Which};

use crate::{
    answers::{
        importance::{ImportanceShare, StudyImportance},
        trial_counts::TrialCounts,
    },
    command::study::ls::states,
    terminal::{
        table::{Align, Grid, MISSING},
        text::{bold, clean, more, shorten},
    },
    view::study::{
        conditions, domain, elapsed, front, ordered, result, results, shown_values, state_word,
    },
};

/// How many trials are listed.
const MOST: usize = 50;

/// How many parameters a result is said to hang on.
const MOST_SHARES: usize = 5;

/// How many of the front are named.
const MOST_BEST: usize = 10;

pub(super) fn to_text(folder: &StudyFolder, study: &StudyState, width: u16) -> String {
    let plan = &study.plan;
    let mut page =
        format!("{} of {}\n{}\n", bold(&clean(&plan.name)), clean(&plan.project), does(plan));
    page.push_str(&so_far(study));
    page.push_str(&parameters(plan, width));
    page.push_str(&best(study, width));
    page.push_str(&hangs_on(study, width));
    page.push_str(&trials(study, width));
    let failed = study.trials.iter().rev().find(|trial| trial.state == TrialState::Failed);
    let last = failed.map_or_else(
        || clean(&folder.path().display().to_string()),
        |failed| {
            format!(
                "next: `tracker study show {} --log {}` shows what the last one printed that failed",
                clean(&plan.name),
                failed.number
            )
        },
    );
    page.extend(["\n", &last, "\n"]);
    page
}

/// What a study does: `auto, at most 50 trials, seed 7; maximizes the best valid/accuracy; asha ends trials early`.
fn does(plan: &Plan) -> String {
    let known = plan.to_json();
    let word =
        |path: &str| known.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let cap = plan
        .run_cap
        .map_or("without an end".to_owned(), |cap| format!("at most {}", plural(cap, "trial")));
    let metrics: Vec<String> = plan.metrics.iter().map(aim).collect();
    let early = word("/early_terminate/type");
    let early = if early.is_empty() { early } else { format!("; {early} ends trials early") };
    format!("{}, {cap}, seed {}; {}{early}", word("/method"), plan.seed, metrics.join(", "))
}

fn aim(metric: &Metric) -> String {
    let goal = if metric.goal == tracker_study::Goal::Minimize { "minimizes" } else { "maximizes" };
    let which = if metric.value == Which::Best { "best" } else { "last" };
    format!("{goal} the {which} {}", clean(&metric.name))
}

fn so_far(study: &StudyState) -> String {
    let counts = TrialCounts::of(&study.trials);
    let states = states(&counts, study.asked_to_stop);
    let states = if states.is_empty() { states } else { format!(": {states}") };
    // The first one is what it began with.
    let changed = match study.revision.saturating_sub(1) {
        0 => String::new(),
        1 => ", changed once".to_owned(),
        times => format!(", changed {times} times"),
    };
    format!("{} so far{states}{changed}\n", plural(counts.all as u64, "trial"))
}

fn parameters(plan: &Plan, width: u16) -> String {
    let mut grid = Grid::new([Align::Left], width);
    for parameter in plan.space.parameters() {
        let when = conditions(parameter, &plan.space);
        grid.row([clean(&parameter.name), domain(&parameter.domain), when]);
    }
    grid.section("parameters")
}

fn best(study: &StudyState, width: u16) -> String {
    let plan = &study.plan;
    let front = front(&study.trials, &plan.metrics);
    let mut grid = Grid::new([Align::Left], width);
    for trial in front.iter().take(MOST_BEST) {
        let values = shown_values(&plan.space.values(&trial.params));
        grid.row([format!("trial {}", trial.number), results(trial, &plan.metrics), values]);
    }
    let title =
        if plan.metrics.len() == 1 { "best" } else { "best: no other trial is better in all" };
    let mut page = grid.section(title);
    if let Some(more) = more(front.len(), MOST_BEST, "`--json` has all") {
        page.extend(["  ", &more, "\n"]);
    }
    page
}

/// How much of being among the best hangs on which parameter.
fn hangs_on(study: &StudyState, width: u16) -> String {
    let mut grid = Grid::new([Align::Left], width);
    for told in StudyImportance::of_study(&study.plan, &study.trials) {
        let share =
            |of: &ImportanceShare| format!("{} {:.0} %", clean(&of.parameter), of.share * 100.0);
        let shares: Vec<String> = told.shares.iter().take(MOST_SHARES).map(share).collect();
        if !shares.is_empty() {
            grid.row([clean(&told.metric), shares.join(", ")]);
        }
    }
    grid.section("hangs on")
}

fn trials(study: &StudyState, width: u16) -> String {
    let plan = &study.plan;
    let mut aligns = vec![Align::Right, Align::Left];
    aligns.extend(plan.metrics.iter().map(|_| Align::Right));
    aligns.extend([Align::Right, Align::Left]);
    let mut grid = Grid::new(aligns, width);
    let metrics = plan.metrics.iter().map(|metric| shorten(&clean(&metric.name), 24));
    let titles = ["#".to_owned(), "state".to_owned()].into_iter().chain(metrics);
    grid.header(titles.chain(["time", "values"].map(str::to_owned)));
    let now = Timestamp::now();
    let all = ordered(&study.trials, &plan.metrics);
    for trial in all.iter().take(MOST) {
        grid.row(row(trial, plan, now));
    }
    let mut page = grid.section("trials");
    if let Some(more) = more(all.len(), MOST, "`--json` has all") {
        page.extend(["  ", &more, "\n"]);
    }
    page
}

fn row(trial: &Trial, plan: &Plan, now: Timestamp) -> Vec<String> {
    let results = (0..plan.metrics.len()).map(|place| {
        let value = result(trial, place);
        value.map_or(MISSING.to_owned(), |value| shown_value(value, &Definition::new()))
    });
    let mut cells = vec![trial.number.to_string(), state_word(trial.state).to_owned()];
    cells.extend(results);
    let waits = trial.state == TrialState::Waiting && trial.params.is_empty();
    let values = if waits { trial.fixed.clone() } else { plan.space.values(&trial.params) };
    cells
        .extend([elapsed(trial, now).unwrap_or_else(|| MISSING.to_owned()), shown_values(&values)]);
    cells
}
