//! The points of a curve that is drawn from thresholds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point of a curve, and the lowest score that counts as a yes there.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CurvePoint {
    /// From left to right: the recall, or the share of false alarms.
    pub x: f32,
    /// Upwards: the precision, or the share of what is found.
    pub y: f32,
    /// The lowest score that counts as a yes; infinite where none does.
    pub threshold: f32,
}

/// As three numbers: a curve has hundreds of them, in one line of a file.
impl Serialize for CurvePoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // JSON has no infinity.
        let threshold = self.threshold.is_finite().then_some(self.threshold);
        (self.x, self.y, threshold).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CurvePoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (x, y, threshold) = <(f32, f32, Option<f32>)>::deserialize(deserializer)?;
        Ok(Self { x, y, threshold: threshold.unwrap_or(f32::INFINITY) })
    }
}
