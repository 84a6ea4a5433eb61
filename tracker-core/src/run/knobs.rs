//! The numbers of a run that people may change, from the program's side.

use std::{path::Path, sync::Arc};

use crate::{
    Error, Knob, KnobChange, MetricName, Problem, Result,
    error::excerpt,
    platform::is_forked_child,
    read::{RunReader, Store, ancestors},
    store::Session,
};

/// The knob of this name, with the value that earlier attempts of the run gave it, or the run that it was
/// forked from.
pub(super) fn declare(session: &Arc<Session>, run: &Path, name: &str, default: f64) -> Knob {
    if is_forked_child() {
        return Knob::fixed(name, default);
    }
    let name = MetricName::new(name);
    if name.was_repaired() {
        session.problem(Problem::repaired_name(name.as_str()));
    }
    if !default.is_finite() {
        session.problem(no_number(name.as_str(), default));
        return Knob::fixed(name.as_str(), default);
    }
    if session.goes_on() && session.knobs.awaits_earlier() {
        session.knobs.set_earlier(earlier(session, run));
    }
    session.declare_knob(name.as_str(), default)
}

fn earlier(session: &Session, run: &Path) -> Vec<KnobChange> {
    match RunReader::open(run).and_then(|run| changes_with_inherited(&run)) {
        Ok(changes) => changes,
        Err(error) => {
            session.problem(Problem::new(
                "earlier-knobs-not-read",
                format!("what the knobs were before could not be read: {error}"),
                "they begin with their defaults; set them again with `tracker set`",
            ));
            Vec::new()
        }
    }
}

/// How the knobs of a run were changed, and before that those of the runs from which it was forked, as long as
/// their steps are its own too.
fn changes_with_inherited(run: &RunReader) -> Result<Vec<KnobChange>> {
    let mut all = Vec::new();
    for ancestor in ancestors(run).into_iter().rev() {
        let changes = ancestor.run.knob_changes()?.into_iter().map(|(_, change)| change);
        all.extend(changes.filter(|change| change.from_step <= ancestor.up_to));
    }
    all.extend(run.knob_changes()?.into_iter().map(|(_, change)| change));
    all.sort_by_key(|change| change.from_step);
    Ok(all)
}

/// What another run did with its knobs, to be done again.
///
/// # Errors
/// If there is no such run, it cannot be read, or it has no knobs.
pub(super) fn to_repeat(root: &Path, reference: &str) -> Result<Vec<KnobChange>> {
    let run = Store::open(root)?.find(reference)?;
    let changes = run.knob_changes()?;
    if changes.is_empty() && run.info().knobs.is_empty() {
        return Err(Error::InvalidName {
            what: "run whose knobs are to be repeated",
            name: excerpt(reference),
            reason: "it has no knobs".into(),
            hint: "name a run that calls `run.knob(..)`; `tracker show RUN` lists its knobs".into(),
        });
    }
    let by = format!("replay of {}", run.info().name);
    Ok(changes.into_iter().map(|(_, change)| KnobChange { by: by.clone(), ..change }).collect())
}

fn no_number(name: &str, default: f64) -> Problem {
    Problem::new(
        "knob-default",
        format!("the default of the knob `{}` is {default}", excerpt(name)),
        "it stays so and cannot be set; give a finite number",
    )
}
