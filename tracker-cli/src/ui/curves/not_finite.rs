//! Where a curve is not finite: stretches of neighbouring points, however many points they have.

/// The most stretches that are listed: the first ones, and always the last.
const MOST: usize = 100;

/// Neighbouring points whose values are not finite, or some of whose values where points share buckets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    /// Of the first such point; where only its bucket is known, of the bucket's last.
    pub(crate) step: u64,
    pub(crate) x: f64,
    /// Of the last point of the stretch.
    pub(crate) last_x: f64,
    pub(crate) value: f64,
    pub(crate) count: u64,
}

/// What is not finite in one point of the curve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) step: u64,
    pub(crate) x: f64,
    pub(crate) value: f64,
    pub(crate) count: u64,
}

/// Where a curve is not finite.
#[derive(Debug, Default)]
pub(crate) struct NotFinite {
    pub(crate) stretches: Vec<Stretch>,
    /// Where it left the finite values, if it never came back.
    pub(crate) diverged: Option<Found>,
}

/// What is not finite of a curve while its points come.
#[derive(Debug, Default)]
pub(crate) struct Stretches {
    found: NotFinite,
    /// Whether the point before belongs to the last stretch, and whether its own last value is finite.
    before: Option<Before>,
}

#[derive(Debug, Clone, Copy)]
struct Before {
    is_last_finite: bool,
}

impl Stretches {
    /// The next point of the curve, with the last value of its bucket.
    ///
    /// A stretch begins anew where the last value of a bucket is the first that is not finite: a training
    /// may diverge there.
    pub(crate) fn add(&mut self, found: Option<Found>, last: f64) {
        if last.is_finite() {
            self.found.diverged = None;
        } else if self.found.diverged.is_none() {
            self.found.diverged = found;
        }
        let before = self.before.take();
        let Some(found) = found else { return };
        self.before = Some(Before { is_last_finite: last.is_finite() });
        let goes_on = before.is_some_and(|before| !before.is_last_finite || last.is_finite());
        match self.found.stretches.last_mut() {
            Some(stretch) if goes_on && is_same(stretch.value, found.value) => {
                stretch.last_x = found.x;
                stretch.count += found.count;
            }
            _ => self.begin(found),
        }
    }

    fn begin(&mut self, Found { step, x, value, count }: Found) {
        let list = &mut self.found.stretches;
        list.truncate(MOST - 1);
        list.push(Stretch { step, x, last_x: x, value, count });
    }

    pub(crate) fn finish(self) -> NotFinite {
        self.found
    }
}

/// NaN is the same as NaN here.
fn is_same(left: f64, right: f64) -> bool {
    left == right || (left.is_nan() && right.is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_finite(values: &[f64]) -> NotFinite {
        let mut stretches = Stretches::default();
        for (step, value) in (0_u64..).zip(values) {
            let x = step as f64;
            let found = Found { step, x, value: *value, count: 1 };
            stretches.add((!value.is_finite()).then_some(found), *value);
        }
        stretches.finish()
    }

    fn stretches(values: &[f64]) -> Vec<(u64, f64, u64)> {
        let list = not_finite(values).stretches;
        list.iter().map(|each| (each.step, each.last_x, each.count)).collect()
    }

    #[test]
    fn a_curve_that_comes_back_has_not_diverged() {
        let diverged = |values: &[f64]| not_finite(values).diverged.map(|found| found.step);
        let (nan, infinite) = (f64::NAN, f64::INFINITY);
        assert_eq!(diverged(&[1.0, infinite, 2.0, nan, infinite, nan]), Some(3));
        assert_eq!(diverged(&[nan, nan]), Some(0));
        assert_eq!(diverged(&[nan, infinite, 1.0]), None);
    }

    #[test]
    fn neighbours_of_one_kind_are_one_stretch() {
        let nan = f64::NAN;
        let values = [1.0, nan, nan, 2.0, f64::INFINITY, nan, nan];
        assert_eq!(stretches(&values), [(1, 2.0, 2), (4, 4.0, 1), (5, 6.0, 2)]);
    }

    #[test]
    fn of_too_many_stretches_the_first_ones_and_the_last_are_listed() {
        let values: Vec<f64> = (0..1000).flat_map(|_| [1.0, f64::NAN]).collect();
        let listed = stretches(&values);
        assert_eq!(listed.len(), MOST);
        assert_eq!((listed[0].0, listed[MOST - 2].0, listed[MOST - 1].0), (1, 197, 1999));
    }

    #[test]
    fn buckets_with_some_numbers_do_not_hide_where_a_curve_leaves_them_for_good() {
        let mut stretches = Stretches::default();
        for (step, last) in [(9, 0.5), (19, 0.4), (29, f64::NAN), (39, f64::NAN)] {
            let found = Found { step, x: step as f64, value: f64::NAN, count: 3 };
            stretches.add(Some(found), last);
        }
        let NotFinite { stretches: listed, diverged } = stretches.finish();
        assert_eq!(diverged.map(|found| found.step), Some(29));
        let begin: Vec<u64> = listed.iter().map(|stretch| stretch.step).collect();
        assert_eq!((begin, listed[0].count), (vec![9, 29], 6));
    }
}
