//! Which classes a model takes for which.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, media::limits::MAX_CLASSES};

/// How often a model took each class for each: rows are what is true, columns what was guessed.
///
/// ```
/// use tracker_core::ConfusionMatrix;
///
/// let mut matrix = ConfusionMatrix::new(["cat", "dog"]).add(0, 0).add(0, 1);
/// matrix.extend([(1, 1), (1, 1)]);
/// assert_eq!(matrix.count(0, 1), 1);
/// assert_eq!(matrix.count(1, 1), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConfusionMatrix {
    /// The names of the classes.
    pub names: Vec<String>,
    /// How often, row by row: a row for each true class, with a number for each guess.
    pub counts: Vec<u64>,
    /// How many samples had a class that has no name; they are in no place of the matrix.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outside: u64,
}

impl ConfusionMatrix {
    /// A matrix of classes with these names, which has counted nothing yet. 256 classes are the most
    /// that is kept.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        // One more is enough to know that there are too many.
        let names: Vec<String> = names.into_iter().take(MAX_CLASSES + 1).map(Into::into).collect();
        Self { counts: vec![0; names.len() * names.len()], names, outside: 0 }
    }

    /// Counts a sample of the class `truth` that was taken for `guess`, both counted from 0. One that
    /// has no name is counted as [`outside`](Self::outside).
    #[must_use]
    pub fn add(mut self, truth: usize, guess: usize) -> Self {
        self.extend([(truth, guess)]);
        self
    }

    /// How often the class `truth` was taken for `guess`.
    pub fn count(&self, truth: usize, guess: usize) -> u64 {
        self.place(truth, guess).and_then(|place| self.counts.get(place)).copied().unwrap_or(0)
    }

    fn place(&self, truth: usize, guess: usize) -> Option<usize> {
        let classes = self.names.len();
        (truth < classes && guess < classes).then(|| truth * classes + guess)
    }

    /// Whether it can be kept.
    ///
    /// # Errors
    /// If there are no classes, or more than 256.
    pub(crate) fn check(&self) -> Result<()> {
        let classes = self.names.len();
        let reason = match classes {
            0 => "it has no classes".to_owned(),
            classes if classes > MAX_CLASSES => format!("it has more than {MAX_CLASSES} classes"),
            classes if classes * classes != self.counts.len() => "it is no square".to_owned(),
            _ => return Ok(()),
        };
        let hint = "group the classes, or log those that are mistaken most".to_owned();
        Err(Error::Media { what: "confusion matrix", reason, hint })
    }
}

/// Counts samples as pairs of what is true and what was guessed.
impl Extend<(usize, usize)> for ConfusionMatrix {
    fn extend<I: IntoIterator<Item = (usize, usize)>>(&mut self, samples: I) {
        for (truth, guess) in samples {
            let place = self.place(truth, guess);
            match place.and_then(|place| self.counts.get_mut(place)) {
                Some(count) => *count += 1,
                None => self.outside += 1,
            }
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_counted_once_wherever_it_belongs() {
        let matrix = ConfusionMatrix::new(["a", "b", "c"]).add(2, 0).add(3, 0).add(0, 9);
        assert_eq!((matrix.count(2, 0), matrix.count(0, 2), matrix.count(9, 9)), (1, 0, 0));
        assert_eq!(matrix.outside + matrix.counts.iter().sum::<u64>(), 3);
        matrix.check().unwrap();
    }

    #[test]
    fn a_matrix_without_classes_or_with_too_many_is_refused() {
        let none: [&str; 0] = [];
        ConfusionMatrix::new(none).check().unwrap_err();
        let many = ConfusionMatrix::new((0..100_000).map(|n| n.to_string()));
        many.check().unwrap_err();
    }
}
