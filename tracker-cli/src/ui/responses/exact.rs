//! Numbers that JavaScript would change: it has no integers beyond 2^53, and 1.0 is 1 to it.

use serde_json::{Map, Number, Value};
use tracker_core::read::settings_by_path;

use crate::answers::{page::run::Exact, step::GREATEST_EXACT};

/// The settings that JavaScript would show as something else, by their paths, as JSON has them.
pub(crate) fn exact_settings(settings: &Map<String, Value>) -> Exact {
    let exact = |(path, value): (String, &Value)| Some((path, exact_text(value)?));
    if !settings.values().any(is_changed) {
        return Exact::default();
    }
    settings_by_path(settings).into_iter().filter_map(exact).collect()
}

/// The JSON of a value, where JavaScript would show it as something else.
pub(crate) fn exact_text(value: &Value) -> Option<String> {
    is_changed(value).then(|| value.to_string())
}

fn is_changed(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_changed_number(number),
        Value::Array(list) => list.iter().any(is_changed),
        Value::Object(map) => map.values().any(is_changed),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn is_changed_number(number: &Number) -> bool {
    if let Some(positive) = number.as_u64() {
        positive > GREATEST_EXACT
    } else if let Some(negative) = number.as_i64() {
        negative.unsigned_abs() > GREATEST_EXACT
    } else {
        number.as_f64().is_some_and(|float| float.fract() == 0.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_javascript_rounds_or_renames_is_told_as_text() {
        let settings = json!({
            "seed": u64::MAX, "negative": i64::MIN, "edge": GREATEST_EXACT, "small": 4_294_967_295_u32,
            "a": { "one": 1.0, "half": 0.5 }, "a.one": 2.0, "list": [1, 9_007_199_254_740_993_u64],
            "text": "18446744073709551615", "large": 1e22, "none": null,
        });
        let Value::Object(settings) = settings else { panic!("not a map") };
        let wanted = json!({
            "seed": "18446744073709551615", "negative": "-9223372036854775808", "a.one": "1.0",
            "\"a.one\"": "2.0", "list": "[1,9007199254740993]", "large": "1e+22",
        });
        assert_eq!(json!(exact_settings(&settings)), wanted);
    }
}
