//! The runs that a fork goes on from.

use std::collections::BTreeSet;

use crate::{
    Error, Result, Step, Writer,
    read::{
        Loss, RunReader, Store, Warning,
        superseded::{Superseded, is_of_the_machine},
    },
};

/// How many runs are looked at, one behind the other.
const DEPTH: usize = 16;

/// A run whose rows are a fork's too, as it stood when it was forked.
#[derive(Debug, Clone)]
pub(crate) struct Ancestor {
    pub(crate) run: RunReader,
    /// The last step of it that the fork has.
    pub(crate) up_to: Step,
    writers: BTreeSet<Writer>,
    superseded: Superseded,
}

impl Ancestor {
    /// The last step of a writer's metric that the fork has; `None` if it has nothing of it. What tells of
    /// the machine is another machine's.
    pub(crate) fn last_step(&self, writer: Writer, metric: &str) -> Option<Step> {
        if !self.writers.contains(&writer) || is_of_the_machine(metric) {
            return None;
        }
        let last = self.superseded.last_step(writer, metric);
        Some(last.map_or(self.up_to, |last| last.min(self.up_to)))
    }
}

/// The runs from which `run` was forked, its parent first, each with the step up to which its rows are those
/// of `run` too. None for a run that is no fork.
///
/// One that is not there, or cannot be read, ends the line, and is told by the run's warnings. So is a circle,
/// which only a file that somebody has written by hand can make.
pub(crate) fn ancestors(run: &RunReader) -> Vec<Ancestor> {
    let mut found: Vec<Ancestor> = Vec::new();
    if run.info().parent.is_none() {
        return found;
    }
    let mut child = run.clone();
    let mut superseded = run.superseded_now();
    let mut up_to = Step(u64::MAX);
    while let Some(parent) = child.info().parent.clone() {
        up_to = up_to.min(superseded.inherited_up_to(parent.step));
        let is_known = std::iter::once(run)
            .chain(found.iter().map(|known| &known.run))
            .any(|known| known.info().id == parent.run);
        if is_known || found.len() == DEPTH {
            let why =
                if is_known { "it comes from itself" } else { "it is a fork of too many forks" };
            run.tell(&[missing(&parent.name, why)]);
            break;
        }
        match store_of(run).and_then(|store| store.run(&parent.run)) {
            Ok(there) => child = there,
            Err(error) => {
                let why = match error {
                    Error::RunNotFound { .. } => {
                        format!("the run {} is not in this store", parent.run)
                    }
                    error => error.to_string(),
                };
                run.tell(&[missing(&parent.name, &why)]);
                break;
            }
        }
        superseded = Superseded::of(&parent.resumes);
        let (writers, superseded) = (parent.writers.into_iter().collect(), superseded.clone());
        found.push(Ancestor { run: child.clone(), up_to, writers, superseded });
    }
    found
}

fn store_of(run: &RunReader) -> Result<Store> {
    Store::open(run.path().ancestors().nth(2).unwrap_or(run.path()))
}

fn missing(name: &str, why: &str) -> Warning {
    Warning::new(
        Loss::Points,
        format!(
            "what the run has of `{}`, from which it was forked, is missing: {why}",
            crate::error::excerpt(name)
        ),
    )
}
