//! Curves as columns of little-endian floats behind a JSON header.

use serde_json::{Value, json};
use tracker_core::{Step, number_to_json};

use super::{
    curve::{Curve, Drawn},
    shapes::step,
};
use crate::run_json::VERSION;

const MAGIC: &[u8; 4] = b"TRKC";

/// Where values differ by less than this part of their size, single precision shows stairs.
const FINEST: f64 = 1.0 / 4096.0;

/// The answer while curves are added, of which it keeps the bytes alone.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    series: Vec<Value>,
    columns: Vec<u8>,
}

impl Encoder {
    pub(super) fn add(&mut self, run: &str, curve: &Curve) {
        let series = add_series(run, curve, &mut self.columns);
        self.series.push(series);
    }

    /// The head and the columns, which follow it.
    pub(super) fn finish(self, warnings: &[String]) -> serde_json::Result<[Vec<u8>; 2]> {
        let mut header =
            serde_json::to_vec(&json!({ "series": self.series, "warnings": warnings }))?;
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

/// Adds one curve's columns, and says in its header what they are.
fn add_series(run: &str, curve: &Curve, columns: &mut Vec<u8>) -> Value {
    let offset = columns.len();
    let is_single = curve.fits_single();
    let mut names = vec!["x", "last"];
    let mut values: Vec<fn(&Drawn) -> f64> = vec![|point| point.last];
    if !curve.exact {
        names.extend(["min", "max"]);
        values.extend([(|point| point.min) as fn(&Drawn) -> f64, |point| point.max]);
    }
    if curve.is_smooth {
        names.push("smooth");
        values.push(|point| point.smooth);
    }
    columns.extend(curve.points.iter().flat_map(|point| point.x.to_le_bytes()));
    for value in values {
        let values = curve.points.iter().map(value);
        if is_single {
            columns.extend(values.flat_map(|value| (value as f32).to_le_bytes()));
        } else {
            columns.extend(values.flat_map(f64::to_le_bytes));
        }
        columns.resize(columns.len().next_multiple_of(8), 0);
    }
    let not_finite: Vec<Value> = curve
        .not_finite
        .iter()
        .map(|found| {
            let value = number_to_json(found.value);
            let (at, x) = (step(Step(found.step)), number_to_json(found.x));
            json!({ "step": at, "x": x, "value": value, "count": found.count })
        })
        .collect();
    json!({
        "run": run,
        "points": curve.points.len(),
        "total": curve.total,
        "exact": curve.exact,
        "y": if is_single { "f32" } else { "f64" },
        "offset": offset,
        "columns": names,
        "first_step": step(Step(curve.first_step)),
        "last_step": step(Step(curve.points.last().map_or(0, |point| point.step))),
        "not_finite": not_finite,
    })
}

impl Curve {
    /// Whether single precision holds all values, and shows how they differ.
    fn fits_single(&self) -> bool {
        let values = self.points.iter().flat_map(|point| [point.last, point.min, point.max]);
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
        fits && (least >= greatest || greatest - least >= size * FINEST)
    }
}
