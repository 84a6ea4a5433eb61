//! Numbers in W&B's JSON, which knows NaN and infinities.

/// A value's JSON: the shortest text that reads back as the same float.
pub(super) fn text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    serde_json::to_string(&value).unwrap_or_default()
}

/// The number that a JSON value is. Older versions of W&B write what is not finite as a string.
#[inline]
pub(super) fn of(json: &str) -> Option<f64> {
    match json.as_bytes().first()? {
        b'-' | b'0'..=b'9' | b'N' | b'I' => json.parse().ok(),
        b't' if json == "true" => Some(1.0),
        b'f' if json == "false" => Some(0.0),
        b'"' => match json {
            "\"NaN\"" => Some(f64::NAN),
            "\"Infinity\"" => Some(f64::INFINITY),
            "\"-Infinity\"" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// A time in seconds, to the nearest microsecond.
pub(super) fn micros(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    (micros.abs() < 9e18).then_some(micros as i64)
}

/// A time as W&B writes it: seconds.
pub(super) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_comes_back_bit_for_bit() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(bits);
            let back = of(&text(value)).unwrap();
            assert!(
                value.to_bits() == back.to_bits() || value.is_nan() && back.is_nan(),
                "{value}"
            );
        }
        for value in
            [0.0, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY]
        {
            assert_eq!(of(&text(value)).map(f64::to_bits), Some(value.to_bits()));
        }
    }

    #[test]
    fn a_time_comes_back_to_the_microsecond() {
        for time in [0, 1, -1, 1_700_000_000_123_456, 1_796_150_477_452_983, 4_000_000_000_999_999]
        {
            assert_eq!(of(&text(seconds(time))).and_then(micros), Some(time));
        }
        assert_eq!([micros(f64::NAN), micros(1e300)], [None, None]);
    }
}
