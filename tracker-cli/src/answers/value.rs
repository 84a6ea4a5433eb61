//! A metric's value.

use serde::{Serialize, Serializer};
use tracker_core::text::number_to_json;

/// A number, or the word of one that JSON has no literal for.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = r#"number | "NaN" | "Infinity" | "-Infinity""#))]
pub(crate) struct Value(pub(crate) f64);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number_to_json(self.0).serialize(serializer)
    }
}
