//! A metric's points, all of them or some from everywhere.

use std::ops::RangeInclusive;

use crate::{
    Result,
    read::{Bucket, Snapshot},
};

/// So many points are read one by one.
const WHOLE: u64 = 1 << 14;

/// About so many points a bucket: as much as two blocks, so that the parts tell of them without being decoded.
const A_BUCKET: u64 = 2_048;

const MOST_BUCKETS: u64 = 4_096;

/// Of how many places in a long curve points are read.
const PLACES: usize = 16;

/// A step and the value there.
pub(super) type Point = (u64, f64);

/// A metric's points.
#[derive(Debug, Clone, Default)]
pub(super) struct Curve {
    pub(super) metric: String,
    /// Points in the order of steps: all, or those of some places from beginning to end.
    pub(super) points: Vec<Point>,
    /// All points in short; empty if `points` has all.
    pub(super) buckets: Vec<Bucket>,
}

impl Curve {
    /// # Errors
    /// If there is no such metric.
    pub(super) fn read(now: &Snapshot, metric: &str) -> Result<Self> {
        let all = 0..=u64::MAX;
        let whole = now.overview(metric, all.clone(), 1)?;
        let count: u64 = whole.iter().map(|bucket| bucket.count).sum();
        let metric = metric.to_owned();
        if count <= WHOLE {
            return Ok(Self { points: rows(now, &metric, all)?, metric, buckets: Vec::new() });
        }
        let buckets = (count / A_BUCKET).clamp(1, MOST_BUCKETS) as usize;
        let buckets = now.overview(&metric, all, buckets)?;
        let mut points = Vec::new();
        for place in places(buckets.len()) {
            if let Some(bucket) = buckets.get(place) {
                points.extend(points_of(now, &metric, bucket, bucket)?);
            }
        }
        Ok(Self { metric, points, buckets })
    }

    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|(_, value)| *value)
    }

    pub(super) fn finite(&self) -> Vec<Point> {
        self.points.iter().filter(|(_, value)| value.is_finite()).copied().collect()
    }
}

/// The points from one bucket to another. Of more than are read one by one, as where a store has millions at one step,
/// the ends of the buckets.
///
/// # Errors
/// If there is no such metric.
pub(super) fn points_of(
    now: &Snapshot,
    metric: &str,
    from: &Bucket,
    to: &Bucket,
) -> Result<Vec<Point>> {
    if from.count.saturating_add(to.count) > 2 * WHOLE {
        let ends = |bucket: &Bucket| {
            [(bucket.first_step.0, bucket.first), (bucket.last_step.0, bucket.last)]
        };
        return Ok([ends(from), ends(to)].concat());
    }
    rows(now, metric, from.first_step.0..=to.last_step.0)
}

/// # Errors
/// If there is no such metric.
pub(super) fn rows(now: &Snapshot, metric: &str, steps: RangeInclusive<u64>) -> Result<Vec<Point>> {
    Ok(now.series_in(metric, steps)?.iter().map(|row| (row.step.0, row.value)).collect())
}

/// Places from the first to the last, evenly.
fn places(buckets: usize) -> impl Iterator<Item = usize> {
    let (last, most) = (buckets.saturating_sub(1), buckets.min(PLACES));
    (0..most).map(move |place| place * last / most.saturating_sub(1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_reach_from_the_first_to_the_last() {
        assert_eq!(places(0).count(), 0);
        assert_eq!(places(1).collect::<Vec<_>>(), [0]);
        assert_eq!(places(3).collect::<Vec<_>>(), [0, 1, 2]);
        let many: Vec<usize> = places(1_000).collect();
        assert_eq!((many.len(), many[0], many[PLACES - 1]), (PLACES, 0, 999));
        assert!(many.is_sorted());
    }
}
