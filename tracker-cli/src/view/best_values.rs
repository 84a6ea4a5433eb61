//! Which of some values are the best.

use tracker_core::Direction;

/// Which of the values are the best. None is where there is no direction, or nothing to choose
/// from: one value, or all the same.
pub(crate) fn best_of(values: &[Option<f64>], direction: Option<Direction>) -> Vec<bool> {
    let finite = || values.iter().copied().flatten().filter(|value| value.is_finite());
    let best = match direction {
        Some(Direction::Higher) => finite().reduce(f64::max),
        Some(Direction::Lower) => finite().reduce(f64::min),
        _ => None,
    };
    let is_choice = finite().any(|value| Some(value) != best)
        || (best.is_some() && values.iter().flatten().any(|value| !value.is_finite()));
    values.iter().map(|value| is_choice && value.is_some() && *value == best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_value_depends_on_the_direction() {
        let values = [Some(1.0), Some(f64::NAN), None, Some(3.0), Some(3.0)];
        let best = |direction| best_of(&values, direction);
        assert_eq!(best(Some(Direction::Higher)), [false, false, false, true, true]);
        assert_eq!(best(Some(Direction::Lower)), [true, false, false, false, false]);
        assert_eq!(best(None), [false; 5]);
    }

    #[test]
    fn nothing_is_best_among_equals_but_a_number_is_better_than_none() {
        let best = |values: &[Option<f64>]| best_of(values, Some(Direction::Lower));
        assert_eq!(best(&[Some(1.0), Some(1.0)]), [false, false]);
        assert_eq!(best(&[Some(1.0), None]), [false, false]);
        assert_eq!(best(&[Some(1.0), Some(f64::NAN)]), [true, false]);
    }
}
