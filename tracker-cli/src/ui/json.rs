//! JSON as the page reads it.

use serde_json::{Map, Value, json};
use tracker_core::Step;

/// Greater integers are not all numbers of JavaScript.
pub(crate) const GREATEST_EXACT: u64 = 1 << 53;

/// A JSON object that grows.
pub(crate) type Object = Map<String, Value>;

/// An object of a literal.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// A step, or another count, as a number where JavaScript can hold it, else as digits.
pub(crate) fn step(step: Step) -> Value {
    if step.0 <= GREATEST_EXACT { json!(step.0) } else { json!(step.0.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_javascript_cannot_hold_are_digits() {
        assert_eq!(step(Step(1 << 53)), json!(9_007_199_254_740_992_u64));
        assert_eq!(step(Step((1 << 53) + 1)), json!("9007199254740993"));
        assert_eq!(step(Step(u64::MAX)), json!("18446744073709551615"));
    }
}
