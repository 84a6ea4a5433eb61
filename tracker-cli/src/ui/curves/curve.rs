//! One run's curve of a metric, as few points as a screen can show.

use std::ops::RangeInclusive;

use tracker_core::{
    Result,
    read::{Bucket, Row, Snapshot},
};

use crate::ui::curves::{
    not_finite::{Found, NotFinite, Stretch, Stretches},
    smooth::Smooth,
    step_windows::windows,
};

/// What is on the horizontal axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Axis {
    Step,
    /// Seconds since the run's start.
    Relative,
    /// Seconds since 1970.
    Wall,
    /// The value of this metric at the same step, or the last before it.
    Metric(String),
}

impl Axis {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "step" => Some(Self::Step),
            "relative" => Some(Self::Relative),
            "wall" => Some(Self::Wall),
            "epoch" => Some(Self::Metric("epoch".to_owned())),
            other => other.strip_prefix("metric:").map(|name| Self::Metric(name.to_owned())),
        }
    }
}

/// What is asked of each run and metric.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) axis: Axis,
    pub(crate) steps: RangeInclusive<u64>,
    pub(crate) buckets: usize,
    /// The weight of the moving average.
    pub(crate) smooth: Option<f64>,
    /// How many points are given one by one.
    pub(crate) exact_up_to: u64,
}

impl Wanted {
    /// An average needs all points before, and only points have times.
    pub(crate) fn needs_every_point(&self) -> bool {
        self.axis != Axis::Step || self.smooth.is_some()
    }
}

/// One point of a curve: a logged one, or the last of a bucket with the extremes of all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    pub(crate) step: u64,
    pub(crate) x: f64,
    pub(crate) last: f64,
    /// Of the finite values; NaN if there is none.
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) smooth: f64,
}

/// A curve.
#[derive(Debug, Default)]
pub(crate) struct Curve {
    pub(crate) points: Vec<Drawn>,
    /// How many points the metric has in all.
    pub(crate) total: u64,
    pub(crate) exact: bool,
    pub(crate) is_smooth: bool,
    pub(crate) first_step: u64,
    pub(crate) not_finite: NotFinite,
}

impl Curve {
    /// What the parts say of whole blocks of points, or the points where they are few.
    pub(crate) fn overview(
        run: &Snapshot,
        metric: &str,
        wanted: &Wanted,
        total: u64,
    ) -> Result<Self> {
        let buckets = run.overview(metric, wanted.steps.clone(), wanted.buckets)?;
        if count(&buckets) <= wanted.exact_up_to {
            let mut curve = Gathered::new(wanted, None, total);
            for row in run.series_in(metric, wanted.steps.clone())? {
                curve.add(&row, row.step.0 as f64);
            }
            return Ok(curve.finish());
        }
        let mut curve = Self {
            total,
            first_step: buckets.first().map_or(0, |bucket| bucket.first_step.0),
            ..Self::default()
        };
        let mut stretches = Stretches::default();
        for bucket in &buckets {
            curve.points.push(drawn(bucket));
            stretches.add(not_finite_of(bucket), bucket.last);
        }
        curve.not_finite = stretches.finish();
        Ok(curve)
    }

    /// The same from all points, which are read in windows: never are all in memory.
    pub(crate) fn of_every_point(
        run: &Snapshot,
        metric: &str,
        wanted: &Wanted,
        total: u64,
    ) -> Result<Self> {
        let shown = run.overview(metric, wanted.steps.clone(), wanted.buckets)?;
        let is_exact = count(&shown) <= wanted.exact_up_to;
        let ends = shown.iter().fold(None, |ends: Option<(u64, u64)>, bucket| {
            let (first, last) = (bucket.first_step.0, bucket.last_step.0);
            Some(ends.map_or((first, last), |ends| (ends.0.min(first), ends.1.max(last))))
        });
        let (Some(ends), false) = (ends, shown.is_empty()) else {
            return Ok(Self { total, ..Self::default() });
        };
        let mut curve = Gathered::new(wanted, (!is_exact).then_some(ends), total);
        let mut axis = Position::new(run, &wanted.axis);
        // An average remembers what was before the first wanted step; times do not.
        let from = if wanted.smooth.is_some() { 0 } else { *wanted.steps.start() };
        for steps in windows(run, metric, from..=*wanted.steps.end())? {
            axis.enter(run, &steps)?;
            for row in run.series_in(metric, steps)? {
                if let Some(x) = axis.of(&row) {
                    curve.add(&row, x);
                }
            }
        }
        Ok(curve.finish())
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.points.capacity() * size_of::<Drawn>()
            + self.not_finite.stretches.capacity() * size_of::<Stretch>()
    }

    #[cfg(test)]
    pub(crate) fn of_size(bytes: usize) -> Self {
        let points = Vec::with_capacity((bytes - size_of::<Self>()) / size_of::<Drawn>());
        Self { points, ..Self::default() }
    }
}

fn drawn(bucket: &Bucket) -> Drawn {
    let step = bucket.last_step.0;
    let (min, max) = (bucket.min.unwrap_or(f64::NAN), bucket.max.unwrap_or(f64::NAN));
    Drawn { step, x: step as f64, last: bucket.last, min, max, smooth: f64::NAN }
}

fn not_finite_of(bucket: &Bucket) -> Option<Found> {
    let count = bucket.nan + bucket.pos_infinite + bucket.neg_infinite;
    let value = match bucket {
        Bucket { nan: 1.., .. } => f64::NAN,
        Bucket { pos_infinite: 1.., .. } => f64::INFINITY,
        _ => f64::NEG_INFINITY,
    };
    let step = bucket.last_step.0;
    (count > 0).then_some(Found { step, x: step as f64, value, count })
}

fn count(buckets: &[Bucket]) -> u64 {
    buckets.iter().map(|bucket| bucket.count).sum()
}

/// A curve while points come, in the order of steps.
struct Gathered<'a> {
    wanted: &'a Wanted,
    /// The least and greatest step, where points share buckets of equal width in steps.
    ends: Option<(u64, u64)>,
    bucket: Option<u64>,
    /// What is not finite in the last point so far.
    found: Option<Found>,
    stretches: Stretches,
    smooth: Option<Smooth>,
    curve: Curve,
}

impl<'a> Gathered<'a> {
    fn new(wanted: &'a Wanted, ends: Option<(u64, u64)>, total: u64) -> Self {
        let smooth = wanted.smooth.map(Smooth::new);
        let (exact, is_smooth) = (ends.is_none(), smooth.is_some());
        let curve = Curve { total, exact, is_smooth, ..Curve::default() };
        let stretches = Stretches::default();
        Self { wanted, ends, bucket: None, found: None, stretches, smooth, curve }
    }

    fn add(&mut self, row: &Row, x: f64) {
        let value = row.value;
        let smooth = self.smooth.as_mut().map_or(f64::NAN, |smooth| smooth.add(value));
        let step = row.step.0;
        if !self.wanted.steps.contains(&step) {
            return;
        }
        let bucket = self.ends.map(|ends| bucket_of(step, ends, self.wanted.buckets));
        let is_same = bucket.is_some() && bucket == self.bucket;
        if !is_same {
            self.end_point();
        }
        let finite = if value.is_finite() { value } else { f64::NAN };
        let mut point = Drawn { step, x, last: value, min: finite, max: finite, smooth };
        if let Some(before) = self.curve.points.pop_if(|_| is_same) {
            // `min` and `max` of floats take the number where one of both is NaN.
            point.min = before.min.min(finite);
            point.max = before.max.max(finite);
        } else if self.curve.points.is_empty() {
            self.curve.first_step = step;
        }
        self.curve.points.push(point);
        self.bucket = bucket;
        if !value.is_finite() {
            let found = self.found.get_or_insert(Found { step, x, value, count: 0 });
            found.count += 1;
        }
    }

    /// The last point has all its values.
    fn end_point(&mut self) {
        if let Some(point) = self.curve.points.last() {
            self.stretches.add(self.found.take(), point.last);
        }
    }

    fn finish(mut self) -> Curve {
        self.end_point();
        self.curve.not_finite = self.stretches.finish();
        self.curve
    }
}

fn bucket_of(step: u64, (least, greatest): (u64, u64), buckets: usize) -> u64 {
    let width = u128::from(greatest - least) + 1;
    let place = u128::from(step.saturating_sub(least)) * buckets as u128 / width;
    place as u64
}

/// Where a point is on the horizontal axis.
struct Position {
    axis: Axis,
    /// In microseconds.
    started_at: i64,
    is_fork: bool,
    /// The points of the axis' metric in the current window, and the value of the last one before.
    rows: std::iter::Peekable<std::vec::IntoIter<Row>>,
    last: f64,
    next_step: u64,
}

impl Position {
    fn new(run: &Snapshot, axis: &Axis) -> Self {
        let info = run.run().info();
        let (started_at, is_fork) = (info.started_at.as_micros(), info.parent.is_some());
        let rows = Vec::new().into_iter().peekable();
        Self { axis: axis.clone(), started_at, is_fork, rows, last: f64::NAN, next_step: 0 }
    }

    /// Goes on to the next window of steps.
    fn enter(&mut self, run: &Snapshot, steps: &RangeInclusive<u64>) -> Result<()> {
        let Axis::Metric(name) = &self.axis else { return Ok(()) };
        if let Some(left) = self.rows.by_ref().last() {
            self.last = left.value;
        }
        if run.summary().contains_key(name) {
            let rows = run.series_in(name, self.next_step..=*steps.end())?;
            self.rows = rows.into_iter().peekable();
        }
        self.next_step = steps.end().saturating_add(1);
        Ok(())
    }

    /// `None` for what a fork has of its parent on the axis of its own time.
    fn of(&mut self, row: &Row) -> Option<f64> {
        let time = row.time.as_micros();
        Some(match self.axis {
            Axis::Step => row.step.0 as f64,
            Axis::Wall => time as f64 / 1e6,
            Axis::Relative if self.is_fork && time < self.started_at => return None,
            Axis::Relative => (time - self.started_at) as f64 / 1e6,
            Axis::Metric(_) => {
                while let Some(reached) = self.rows.next_if(|next| next.step <= row.step) {
                    self.last = reached.value;
                }
                self.last
            }
        })
    }
}
