//! Curves as columns of little-endian floats behind a JSON header.

use std::collections::BTreeSet;

use tracker_core::Step as CoreStep;

use crate::{
    answers::{
        page::curves::{AlertMark, CurvesHeader, Diverged, SeriesHeader, Stretch},
        step::Step,
        value::Value,
        versioned::VERSION,
    },
    ui::curves::{
        curve::{Curve, Drawn},
        not_finite::{self, Found},
    },
};

const MAGIC: &[u8; 4] = b"TRKC";

/// Where values differ by less than this part of their size, single precision shows stairs.
const FINEST: f64 = 1.0 / 4096.0;

/// The answer while curves are added, of which it keeps the bytes alone.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    series: Vec<SeriesHeader>,
    columns: Vec<u8>,
}

impl Encoder {
    pub(crate) fn add(&mut self, metric: &str, run: &str, curve: &Curve, alerts: Vec<AlertMark>) {
        let offset = self.columns.len();
        let Columns { x, y, names } = add_columns(curve, &mut self.columns);
        self.series.push(SeriesHeader {
            points: curve.points.len(),
            total: curve.total,
            exact: curve.exact,
            x: x.name(),
            y: y.name(),
            offset,
            columns: names,
            first_step: step(curve.first_step),
            last_step: step(curve.points.last().map_or(0, |point| point.step)),
            not_finite: curve.not_finite.stretches.iter().map(Into::into).collect(),
            diverged: curve.not_finite.diverged.map(Into::into),
            alerts,
            metric: metric.to_owned(),
            run: run.to_owned(),
        });
    }

    /// The head and the columns, which follow it.
    pub(crate) fn finish(self, warnings: &BTreeSet<String>) -> serde_json::Result<[Vec<u8>; 2]> {
        let mut header = serde_json::to_vec(&CurvesHeader { series: &self.series, warnings })?;
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut head = Vec::with_capacity(16 + header.len());
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&VERSION.to_le_bytes());
        head.extend_from_slice(&(header.len() as u32).to_le_bytes());
        head.extend_from_slice(&[0; 4]);
        head.append(&mut header);
        Ok([head, self.columns])
    }
}

/// What stands in a column.
type Picked = fn(&Drawn) -> f64;

/// What the columns of a curve are.
struct Columns {
    x: Width,
    y: Width,
    names: Vec<&'static str>,
}

/// Adds one curve's columns, and says what they are.
fn add_columns(curve: &Curve, columns: &mut Vec<u8>) -> Columns {
    let x = Width::of_places(curve.points.iter().map(|point| point.x));
    let y = Width::of_values(curve);
    let mut named: Vec<(&'static str, Width, Picked)> =
        vec![("x", x, |point| point.x), ("last", y, |point| point.last)];
    if !curve.exact {
        named.push(("min", y, |point| point.min));
        named.push(("max", y, |point| point.max));
    }
    if curve.is_smooth {
        named.push(("smooth", y, |point| point.smooth));
    }
    for (_, width, value) in &named {
        width.write(curve.points.iter().map(value), columns);
    }
    Columns { x, y, names: named.iter().map(|(name, ..)| *name).collect() }
}

fn step(step: u64) -> Step {
    Step(CoreStep(step))
}

impl From<&not_finite::Stretch> for Stretch {
    fn from(found: &not_finite::Stretch) -> Self {
        Self {
            step: step(found.step),
            x: Value(found.x),
            last_x: Value(found.last_x),
            value: Value(found.value),
            count: found.count,
        }
    }
}

impl From<Found> for Diverged {
    fn from(found: Found) -> Self {
        Self { step: step(found.step), x: Value(found.x), value: Value(found.value) }
    }
}

/// How many bytes a number of a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Single,
    Double,
}

impl Width {
    /// Places are exact: steps below 2^24 and most epochs are so in half the bytes.
    fn of_places(mut places: impl Iterator<Item = f64>) -> Self {
        let is_single = |place: f64| f64::from(place as f32).to_bits() == place.to_bits();
        if places.all(is_single) { Self::Single } else { Self::Double }
    }

    /// Single where it holds all values, and shows how they differ.
    fn of_values(curve: &Curve) -> Self {
        let values = curve.points.iter().flat_map(|point| [point.last, point.min, point.max]);
        let values = values.filter(|value| value.is_finite());
        let (mut least, mut greatest, mut fits) = (f64::INFINITY, f64::NEG_INFINITY, true);
        for value in values {
            least = least.min(value);
            greatest = greatest.max(value);
            let size = value.abs();
            fits &=
                size == 0.0 || (f64::from(f32::MIN_POSITIVE)..=f64::from(f32::MAX)).contains(&size);
        }
        let size = least.abs().max(greatest.abs());
        let shows = least >= greatest || greatest - least >= size * FINEST;
        if fits && shows { Self::Single } else { Self::Double }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Single => "f32",
            Self::Double => "f64",
        }
    }

    /// Writes a column up to the next multiple of 8 bytes.
    fn write(self, values: impl Iterator<Item = f64>, columns: &mut Vec<u8>) {
        match self {
            Self::Single => columns.extend(values.flat_map(|value| (value as f32).to_le_bytes())),
            Self::Double => columns.extend(values.flat_map(f64::to_le_bytes)),
        }
        columns.resize(columns.len().next_multiple_of(8), 0);
    }
}
