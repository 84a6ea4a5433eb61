//! A curve as lines on a grid of dots: at most four corners a column of dots, however many points
//! the curve has, and every spike kept.

use tracker_core::read::Bucket;

/// A place on the grid: dots from the left and from below.
pub(crate) type Dot = (f64, f64);

/// The steps and values that a plot spans, and the dots that it has for them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    steps: (u64, u64),
    values: Option<(f64, f64)>,
    columns: f64,
    rows: f64,
}

impl Frame {
    /// The frame around all points of `curves` on a grid of `columns` by `rows` dots.
    pub(crate) fn around<'a>(
        curves: impl IntoIterator<Item = &'a [Bucket]>,
        columns: u16,
        rows: u16,
    ) -> Self {
        let mut steps: Option<(u64, u64)> = None;
        let mut values: Option<(f64, f64)> = None;
        let wider = |(a, b): (f64, f64), (low, high): (f64, f64)| (a.min(low), b.max(high));
        for bucket in curves.into_iter().flatten() {
            let (first, last) = (bucket.first_step.0, bucket.last_step.0);
            steps = Some(steps.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
            if let Some(extremes) = bucket.min.zip(bucket.max) {
                values = Some(values.map_or(extremes, |known| wider(known, extremes)));
            }
        }
        Self {
            steps: steps.unwrap_or((0, 0)),
            values: values.map(with_some_height),
            columns: f64::from(columns.saturating_sub(1)),
            rows: f64::from(rows.saturating_sub(1)),
        }
    }

    /// The first and the last step.
    pub(crate) fn steps(&self) -> (u64, u64) {
        self.steps
    }

    /// The value at a share of the height, 0 at the bottom; `None` if no value is finite.
    pub(crate) fn value_at(&self, share: f64) -> Option<f64> {
        let (low, high) = self.values?;
        let value = low * (1.0 - share) + high * share;
        // A zero in the middle stays one, where rounding would leave 2.7e-11.
        let is_rounding = value.abs() < (high / 2.0 - low / 2.0) * 1e-6;
        Some(if is_rounding { 0.0 } else { value })
    }

    /// The column of dots of a step.
    pub(crate) fn x(&self, step: u64) -> f64 {
        let (first, last) = self.steps;
        let share = step.saturating_sub(first) as f64 / (last.saturating_sub(first).max(1)) as f64;
        (share * self.columns).round()
    }

    /// The row of dots of a finite value, counted from below.
    fn y(&self, value: f64) -> f64 {
        let (low, high) = self.values.unwrap_or((0.0, 1.0));
        // Halves, because the distance of two finite numbers may be infinite.
        let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        share.clamp(0.0, 1.0) * self.rows
    }
}

/// Room above and below a curve that is flat.
pub(crate) fn with_some_height((low, high): (f64, f64)) -> (f64, f64) {
    if low < high {
        return (low, high);
    }
    let room = if low == 0.0 { 1.0 } else { (low.abs() / 10.0).max(f64::MIN_POSITIVE) };
    ((low - room).max(f64::MIN), (high + room).min(f64::MAX))
}

/// How many points of a bucket are not finite.
pub(crate) fn gaps(bucket: &Bucket) -> u64 {
    bucket.nan + bucket.pos_infinite + bucket.neg_infinite
}

/// The lines through a curve, broken where values are not finite. `buckets` are in order of steps.
pub(crate) fn lines(buckets: &[Bucket], frame: &Frame) -> Vec<Vec<Dot>> {
    let mut lines = Vec::new();
    for stretch in buckets.split_inclusive(|bucket| gaps(bucket) > 0) {
        let line = line(stretch, frame);
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// A line through the finite values of buckets, of which only the last may have others, too.
fn line(buckets: &[Bucket], frame: &Frame) -> Vec<Dot> {
    let x = |bucket: &Bucket| frame.x(bucket.first_step.0);
    let mut line: Vec<Dot> = Vec::new();
    for column in buckets.chunk_by(|a, b| x(a).total_cmp(&x(b)).is_eq()) {
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let low = column.iter().filter_map(|bucket| bucket.min).reduce(f64::min);
        let high = column.iter().filter_map(|bucket| bucket.max).reduce(f64::max);
        let first = column.first().and_then(|bucket| finite(bucket.first)).or(low);
        let last = column.last().and_then(|bucket| finite(bucket.last)).or(high);
        let Some(x) = column.first().map(x) else { continue };
        let corners = [first, low, high, last].into_iter().flatten();
        line.extend(corners.map(|value| (x, frame.y(value))));
        line.dedup();
    }
    line
}

/// The height of a curve over the column of dots `x`; `None` where it has no line.
pub(crate) fn height_at(lines: &[Vec<Dot>], x: f64) -> Option<f64> {
    let of_line = |line: &Vec<Dot>| {
        let between = line.windows(2).find_map(|pair| {
            let (&(x0, y0), &(x1, y1)) = (pair.first()?, pair.last()?);
            let inside = x0 <= x && x <= x1 && x0 < x1;
            inside.then(|| y0 + (y1 - y0) * (x - x0) / (x1 - x0))
        });
        between.or_else(|| line.iter().find(|dot| (dot.0 - x).abs() < 0.5).map(|dot| dot.1))
    };
    lines.iter().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use tracker_core::{init, read::RunReader};

    use super::*;

    /// Buckets can only be read from a store, so the tests make one.
    fn buckets(points: &[(u64, f64)]) -> Vec<Bucket> {
        let folder = tempfile::tempdir().unwrap();
        let run = init("test").dir(folder.path()).signals(false).start().unwrap();
        for (step, value) in points {
            run.log_at(*step, [("loss", *value)]);
        }
        run.finish().unwrap();
        let run = RunReader::open(run.path()).unwrap();
        run.overview("loss", 0..=u64::MAX, 1_500).unwrap()
    }

    #[test]
    fn a_spike_among_many_points_keeps_its_height() {
        let points: Vec<(u64, f64)> =
            (0..10_000).map(|step| (step, f64::from(u8::from(step == 5_003)))).collect();
        let buckets = buckets(&points);
        let frame = Frame::around([buckets.as_slice()], 40, 20);
        let lines = lines(&buckets, &frame);
        assert!(lines.iter().flatten().any(|dot| dot.1 > 18.9));
        assert!(lines.iter().map(Vec::len).sum::<usize>() <= 160);
    }

    #[test]
    fn a_value_that_is_not_finite_breaks_the_line() {
        let buckets = buckets(&[(0, 1.0), (1, 2.0), (2, f64::NAN), (3, 3.0)]);
        let frame = Frame::around([buckets.as_slice()], 40, 20);
        let lines = lines(&buckets, &frame);
        assert_eq!(lines.len(), 2);
        assert_eq!(height_at(&lines, frame.x(2)), None);
        assert_eq!(height_at(&lines, frame.x(3)), Some(19.0));
    }

    #[test]
    fn extreme_steps_and_values_stay_on_the_grid() {
        let buckets = buckets(&[(0, f64::MAX), (1, 0.0), (u64::MAX, f64::MIN)]);
        let frame = Frame::around([buckets.as_slice()], 40, 20);
        let dots: Vec<Dot> = lines(&buckets, &frame).into_iter().flatten().collect();
        assert_eq!(dots.first(), Some(&(0.0, 19.0)));
        assert_eq!(dots.last(), Some(&(39.0, 0.0)));
        assert!(dots.iter().all(|dot| dot.1.is_finite()));
    }

    #[test]
    fn a_flat_curve_runs_through_the_middle() {
        for value in [0.0, 3.0, -3.0, 5e-324] {
            let buckets = buckets(&[(0, value), (1, value)]);
            let frame = Frame::around([buckets.as_slice()], 40, 21);
            assert_eq!(
                height_at(&lines(&buckets, &frame), 0.0).map(f64::round),
                Some(10.0),
                "{value}"
            );
        }
    }
}
