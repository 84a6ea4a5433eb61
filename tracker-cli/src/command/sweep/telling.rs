//! What people see of a sweep: a line for each trial that ends, and one that says how far it is.

use std::{collections::BTreeSet, io};

use tracker_core::Timestamp;
use tracker_study::{Plan, StudyState, Trial, WHY};

use crate::{
    answers::trial_counts::TrialCounts,
    terminal::{
        printer,
        text::{bold, clean, shorten},
    },
    view::study::{elapsed, front, results, shown_values, state_word},
};

/// The columns of the values in a line of a trial.
const VALUES: usize = 60;

/// Which trials were told of.
#[derive(Debug, Default)]
pub(crate) struct Telling(BTreeSet<usize>);

impl Telling {
    /// Trials that had ended before are told of no more.
    pub(crate) fn behind(trials: &[Trial]) -> Self {
        Self(trials.iter().filter(|trial| trial.has_ended()).map(|trial| trial.number).collect())
    }

    /// Tells of what has ended since, and how far all is.
    pub(crate) fn tell(&mut self, study: &StudyState) -> io::Result<()> {
        let ended: Vec<&Trial> = study
            .trials
            .iter()
            .filter(|trial| trial.has_ended() && !self.0.contains(&trial.number))
            .collect();
        if !ended.is_empty() {
            printer::progress("");
        }
        for trial in ended {
            printer::text(&line(trial, &study.plan))?;
            self.0.insert(trial.number);
        }
        printer::progress(&so_far(study));
        Ok(())
    }
}

/// `trial 12  lr=0.003 hidden=64  valid/accuracy 0.942  complete  38 s`.
fn line(trial: &Trial, plan: &Plan) -> String {
    let values = shorten(&shown_values(&plan.space.values(&trial.params)), VALUES);
    let time = elapsed(trial, Timestamp::now()).unwrap_or_default();
    let state = state_word(trial.state);
    let why = why(trial).map(|why| format!(": {why}")).unwrap_or_default();
    let results = results(trial, &plan.metrics);
    format!(
        "{}  {values}  {results}  {state}{why}  {time}\n",
        bold(&format!("trial {}", trial.number))
    )
}

/// Why it ended as it did, if anybody wrote it down.
fn why(trial: &Trial) -> Option<String> {
    let why = trial.attributes.get(WHY)?.as_str()?;
    Some(shorten(&clean(why), 100))
}

/// `12 of 50 trials, 3 running, 1 failed; best valid/accuracy 0.951 (trial 7)`.
fn so_far(study: &StudyState) -> String {
    let plan = &study.plan;
    let counts = TrialCounts::of(&study.trials);
    let of = plan.run_cap.map(|cap| format!(" of {cap}")).unwrap_or_default();
    let ended = counts.complete + counts.pruned + counts.failed;
    let some = [(counts.running, "running"), (counts.pruned, "pruned"), (counts.failed, "failed")];
    let some = some.iter().filter(|(count, _)| *count > 0);
    let some: Vec<String> = some.map(|(count, word)| format!(", {count} {word}")).collect();
    let some = some.concat();
    let best = front(&study.trials, &plan.metrics);
    let best = best
        .first()
        .map(|best| format!("; best {} (trial {})", results(best, &plan.metrics), best.number));
    format!("{ended}{of} trials{some}{}", best.unwrap_or_default())
}

/// What a sweep has found, and what to type next; `typed` is the command that trains with a trial's values.
pub(crate) fn found(study: &StudyState, typed: impl Fn(&Trial) -> String) -> String {
    let plan = &study.plan;
    let front = front(&study.trials, &plan.metrics);
    let mut lines = Vec::new();
    if let [best, others @ ..] = front.as_slice() {
        let results = results(best, &plan.metrics);
        lines.push(format!("\n{}: trial {}, {results}", bold("best"), best.number));
        for (name, value) in &plan.space.values(&best.params) {
            lines.push(format!("  {} = {}", clean(name), clean(&value.to_string())));
        }
        lines.push(format!("{} {}", bold("train with them:"), clean(&typed(best))));
        if !others.is_empty() {
            lines.push(format!("{} more are better in another metric", others.len()));
        }
    } else {
        lines.push("no trial has a result yet".to_owned());
    }
    lines.push(format!("next: `tracker study show {}`\n", clean(&plan.name)));
    lines.join("\n")
}
