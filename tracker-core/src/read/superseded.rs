//! What resumed trainings took back of earlier attempts.

use std::collections::BTreeMap;

use crate::{Step, Writer, format::run_file::Resume};

/// The section whose metrics are never taken back: a machine was as hot as it was.
const KEPT_SECTION: &str = "system/";

/// For each writer of whom something was taken back, the last step that still counts; and for what a fork
/// has of its parent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Superseded {
    writers: BTreeMap<Writer, Step>,
    /// A training that goes on after a step takes back all that was before it, of the parent too.
    inherited: Option<Step>,
}

impl Superseded {
    pub(crate) fn of(resumes: &[Resume]) -> Self {
        let mut last = BTreeMap::new();
        for resume in resumes {
            for writer in &resume.supersedes {
                let step = last.entry(*writer).or_insert(resume.after_step);
                *step = resume.after_step.min(*step);
            }
        }
        Self { writers: last, inherited: resumes.iter().map(|resume| resume.after_step).min() }
    }

    /// The last step of a parent that still counts, of a run that was forked after `step`.
    pub(crate) fn inherited_up_to(&self, step: Step) -> Step {
        self.inherited.map_or(step, |last| last.min(step))
    }

    /// The last step of a writer's metric that counts; `None` if all do.
    pub(crate) fn last_step(&self, writer: Writer, metric: &str) -> Option<Step> {
        let last = self.writers.get(&writer)?;
        (!is_of_the_machine(metric)).then_some(*last)
    }

    /// Whether a point still counts.
    pub(crate) fn keeps(&self, writer: Writer, metric: &str, step: Step) -> bool {
        self.last_step(writer, metric).is_none_or(|last| step <= last)
    }
}

/// Whether a metric tells of the machine and not of the training.
pub(crate) fn is_of_the_machine(metric: &str) -> bool {
    metric.starts_with(KEPT_SECTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Writer = Writer { rank: 0, attempt: 1 };
    const SECOND: Writer = Writer { rank: 0, attempt: 2 };
    const THIRD: Writer = Writer { rank: 0, attempt: 3 };

    #[test]
    fn the_earliest_resume_of_several_counts() {
        let resume =
            |writer, supersedes, step| Resume { writer, supersedes, after_step: Step(step) };
        let superseded = Superseded::of(&[
            resume(SECOND, vec![FIRST], 50),
            resume(THIRD, vec![FIRST, SECOND], 70),
        ]);
        assert!(superseded.keeps(FIRST, "loss", Step(50)));
        assert!(!superseded.keeps(FIRST, "loss", Step(51)));
        assert!(superseded.keeps(FIRST, "system/gpu", Step(51)));
        assert!(superseded.keeps(SECOND, "loss", Step(70)));
        assert!(!superseded.keeps(SECOND, "loss", Step(71)));
        assert!(superseded.keeps(THIRD, "loss", Step(1_000)));
    }
}
