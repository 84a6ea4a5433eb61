//! Plots as tables: TensorBoard draws none of them without the scores that they are made of.

use tracker_core::{ConfusionMatrix, PrCurve, RocCurve};

use crate::tensorboard::tables::{MOST_COLUMNS, MOST_ROWS, Markdown};

/// Which classes were taken for which: truths downwards, guesses to the right.
pub(crate) fn confusion(matrix: &ConfusionMatrix) -> String {
    let guesses = matrix.names.iter().take(MOST_COLUMNS - 1).map(String::as_str);
    let mut table = Markdown::new(std::iter::once("truth \\ guess").chain(guesses));
    for (truth, name) in matrix.names.iter().enumerate().take(MOST_ROWS) {
        let guesses = 0..matrix.names.len().min(MOST_COLUMNS - 1);
        let counts = guesses.map(|guess| matrix.count(truth, guess).to_string());
        table.row(std::iter::once(name.clone()).chain(counts));
    }
    table.into_text()
}

/// Precision over recall.
pub(crate) fn pr(curve: &PrCurve) -> String {
    let points = curve.points.iter().map(|point| [point.x, point.y, point.threshold]);
    points_table(["recall", "precision", "threshold"], points)
}

/// What is found over false alarms.
pub(crate) fn roc(curve: &RocCurve) -> String {
    let points = curve.points.iter().map(|point| [point.x, point.y, point.threshold]);
    points_table(["false alarms", "found", "threshold"], points)
}

fn points_table(columns: [&str; 3], points: impl ExactSizeIterator<Item = [f32; 3]>) -> String {
    let mut table = Markdown::new(columns.into_iter());
    // Of many points some, from one end to the other.
    let every = points.len().div_ceil(MOST_ROWS).max(1);
    for point in points.step_by(every) {
        table.row(point.map(|number| number.to_string()));
    }
    table.into_text()
}
