//! Steps for JavaScript.

use serde::{Serialize, Serializer};
use tracker_core::Step as Known;

/// Greater integers are not all numbers of JavaScript.
pub(crate) const GREATEST_EXACT: u64 = 1 << 53;

/// A step, as digits where JavaScript has no such integer.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "number | string"))]
pub(crate) struct Step(pub(crate) Known);

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(Known(step)) = *self;
        if step <= GREATEST_EXACT {
            serializer.serialize_u64(step)
        } else {
            serializer.collect_str(&step)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_that_javascript_cannot_hold_are_digits() {
        let step = |step| json!(Step(Known(step)));
        assert_eq!(step(1 << 53), json!(9_007_199_254_740_992_u64));
        assert_eq!(step((1 << 53) + 1), json!("9007199254740993"));
        assert_eq!(step(u64::MAX), json!("18446744073709551615"));
    }
}
