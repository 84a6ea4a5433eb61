//! The rows of two runs side by side.

use std::collections::BTreeSet;

use crate::read::Row;

/// Two rows of one rank and step, the first of one run with the first of the other; or one that the other run has not.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Met<'a> {
    Both(&'a Row, &'a Row),
    /// The run is 0 or 1.
    Alone(usize, &'a Row),
}

/// Gives the rows of one metric to `each`, rank by rank, in the order of steps. `each` says whether it wants more of the
/// rank. Both runs' rows are in the order of step, attempt and seq.
pub(crate) fn walk(first: &[Row], second: &[Row], mut each: impl FnMut(Met<'_>) -> bool) {
    let ranks: BTreeSet<u16> = first.iter().chain(second).map(|row| row.writer.rank).collect();
    if ranks.len() < 2 {
        return walk_rank(first, second, &mut each);
    }
    for rank in ranks {
        let of_rank = |rows: &[Row]| -> Vec<Row> {
            rows.iter().filter(|row| row.writer.rank == rank).copied().collect()
        };
        walk_rank(&of_rank(first), &of_rank(second), &mut each);
    }
}

fn walk_rank(first: &[Row], second: &[Row], each: &mut impl FnMut(Met<'_>) -> bool) {
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    loop {
        let met = match (first.peek(), second.peek()) {
            (Some(a), Some(b)) if a.step == b.step => Met::Both(a, b),
            (Some(a), Some(b)) if a.step < b.step => Met::Alone(0, a),
            (Some(a), None) => Met::Alone(0, a),
            (_, Some(b)) => Met::Alone(1, b),
            (None, None) => return,
        };
        if !each(met) {
            return;
        }
        if !matches!(met, Met::Alone(1, _)) {
            first.next();
        }
        if !matches!(met, Met::Alone(0, _)) {
            second.next();
        }
    }
}
