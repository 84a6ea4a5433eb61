//! When a sweep gives up, because its command does not work at all.

/// So many trainings in a row that come to nothing are the command's fault.
const TOO_MANY: usize = 3;

/// The trainings of this sweep that came to nothing, one after another.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    in_a_row: usize,
    last: Option<Failed>,
}

/// A training that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) trial: usize,
    pub(crate) why: String,
}

impl Failures {
    /// A training has ended: if it came to nothing, why; else the command works.
    pub(crate) fn count(&mut self, trial: usize, why: Option<&str>) {
        let Some(why) = why else {
            self.in_a_row = 0;
            return;
        };
        self.in_a_row += 1;
        self.last = Some(Failed { trial, why: why.to_owned() });
    }

    /// The last failure, if there were too many.
    pub(crate) fn too_many(&self) -> Option<&Failed> {
        self.last.as_ref().filter(|_| self.in_a_row >= TOO_MANY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_are_too_many_and_one_that_works_begins_anew() {
        let mut failures = Failures::default();
        for trial in 0..2 {
            failures.count(trial, Some("no such file"));
            assert_eq!(failures.too_many(), None);
        }
        failures.count(2, None);
        for trial in 2..5 {
            assert_eq!(failures.too_many(), None);
            failures.count(trial, Some("no such file"));
        }
        assert_eq!(failures.too_many().map(|failed| failed.trial), Some(4));
    }
}
