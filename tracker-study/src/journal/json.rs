//! JSON as Python reads and writes it: NaN and the infinities stand bare, and texts are ASCII.

use std::fmt::Write as _;

use serde_json::Value;

/// What NaN and the infinities become where numbers are read: texts, since JSON has no such numbers.
const BARE: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// What stands before such a name in a text that is to be written without quotes.
const MARK: char = '\0';

/// A number as a value, be it NaN or infinite: one that [`write`] writes bare.
pub(super) fn bare(number: f64) -> Value {
    if number.is_finite() { number.into() } else { format!("{MARK}{}", number_text(number)).into() }
}

/// The name of a number that stands bare, if a text is one.
fn bare_name(text: &str) -> Option<&str> {
    text.strip_prefix(MARK).filter(|name| BARE.contains(name))
}

/// Reads a line. NaN and the infinities become texts of their names; [`float`] makes numbers of these.
pub(super) fn read(line: &[u8]) -> Result<Value, String> {
    let read = serde_json::from_slice(line);
    let read = match read {
        Err(_) if has_bare(line) => serde_json::from_slice(&quoted(line)),
        read => read,
    };
    read.map_err(|error| error.to_string())
}

/// The number that a value is, be it NaN or infinite.
pub(super) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text == BARE[0] => Some(f64::NAN),
        Value::String(text) if text == BARE[1] => Some(f64::NEG_INFINITY),
        Value::String(text) if text == BARE[2] => Some(f64::INFINITY),
        _ => None,
    }
}

fn has_bare(line: &[u8]) -> bool {
    line.windows(3).any(|three| three == b"NaN" || three == b"Inf")
}

/// The line with each bare word that Python takes for a number in quotes.
fn quoted(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len() + 16);
    let mut rest = line;
    while let Some(first) = rest.first() {
        if *first == b'"' {
            let (text, behind) = rest.split_at(text_length(rest));
            out.extend_from_slice(text);
            rest = behind;
        } else if let Some(word) = BARE.iter().find(|word| rest.starts_with(word.as_bytes())) {
            out.push(b'"');
            out.extend_from_slice(word.as_bytes());
            out.push(b'"');
            rest = &rest[word.len()..];
        } else {
            out.push(*first);
            rest = &rest[1..];
        }
    }
    out
}

/// How many bytes the text has that these begin with, its quotes included; all if it has no end.
fn text_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// What stands between the parts of lists and objects.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    /// As in a journal's lines.
    Compact,
    /// As Python does where nothing else is said: in the texts of distributions.
    Spaced,
}

impl Style {
    fn comma(self) -> &'static str {
        match self {
            Self::Compact => ",",
            Self::Spaced => ", ",
        }
    }

    fn colon(self) -> &'static str {
        match self {
            Self::Compact => ":",
            Self::Spaced => ": ",
        }
    }
}

/// Writes a value as Python would.
pub(super) fn write(out: &mut String, value: &Value, style: Style) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => match (number.is_f64(), number.as_f64()) {
            (true, Some(float)) => out.push_str(&number_text(float)),
            _ => out.push_str(&number.to_string()),
        },
        Value::String(text) => match bare_name(text) {
            Some(name) => out.push_str(name),
            None => write_text(out, text),
        },
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place > 0 { style.comma() } else { "" });
                write(out, item, style);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (place, (key, member)) in members.iter().enumerate() {
                out.push_str(if place > 0 { style.comma() } else { "" });
                write_text(out, key);
                out.push_str(style.colon());
                write(out, member, style);
            }
            out.push('}');
        }
    }
}

/// Writes a text in quotes, as ASCII.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='\u{7f}' => out.push(letter),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a text cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// A number as Python prints it: `1e-05`, `0.1`, `32.0`, `NaN`.
pub(super) fn number_text(number: f64) -> String {
    if number.is_nan() {
        return BARE[0].to_owned();
    }
    if number.is_infinite() {
        return BARE[if number < 0.0 { 1 } else { 2 }].to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = number.to_string();
    if plain.contains('.') { plain } else { plain + ".0" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value, style: Style) -> String {
        let mut out = String::new();
        write(&mut out, value, style);
        out
    }

    #[test]
    fn numbers_are_written_as_python_prints_them() {
        let known = [
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e-4, "0.0001"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (32.0, "32.0"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e300, "1.25e+300"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (number, text) in known {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn texts_are_ascii_and_lists_have_the_spaces_of_their_style() {
        let value = json!({"a": ["\"ü\n\u{1f600}\u{7f}", null, true, 3, 0.5]});
        let text = r#"["\"\u00fc\n\ud83d\ude00"#.to_owned() + "\u{7f}\"";
        let compact = format!(r#"{{"a":{text},null,true,3,0.5]}}"#);
        assert_eq!(written(&value, Style::Compact), compact);
        assert_eq!(
            written(&value, Style::Spaced),
            compact.replace(',', ", ").replace("\"a\":", "\"a\": ")
        );
        assert_eq!(read(compact.as_bytes()).unwrap(), value);
    }

    #[test]
    fn numbers_that_are_none_stand_bare_and_not_in_texts() {
        let line = br#"{"a":[NaN,-Infinity,Infinity,1],"b":"NaN \" Infinity","c\\":NaN}"#;
        let value = read(line).unwrap();
        let floats: Vec<f64> = value["a"].as_array().unwrap().iter().filter_map(float).collect();
        assert!(floats[0].is_nan());
        assert_eq!(floats[1..], [f64::NEG_INFINITY, f64::INFINITY, 1.0]);
        assert_eq!(value["b"], "NaN \" Infinity");
        assert_eq!(value["c\\"], "NaN");
    }

    #[test]
    fn numbers_that_are_none_are_written_bare() {
        let value = json!([bare(f64::NAN), bare(f64::INFINITY), bare(0.5), "NaN", "\0x"]);
        assert_eq!(written(&value, Style::Compact), r#"[NaN,Infinity,0.5,"NaN","\u0000x"]"#);
    }

    #[test]
    fn what_is_no_json_is_told() {
        for line in [&b""[..], b"{", b"NaN NaN", b"{\"a\":Inf}", b"\"\\", b"\xff", b"{\"a\":\"NaN"]
        {
            assert!(read(line).is_err(), "{line:?}");
        }
    }
}
