//! What a program has said, for people.

use serde_json::Value;
use tracker_core::{Level, read::StoredMessage};

use crate::terminal::text::{clean, clean_lines, date};

/// A level in a word.
pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Warning => "warning",
        Level::Error => "error",
        _ => "info",
    }
}

/// When, what and by whom, with the fields behind the text; those of several lines stand below it.
pub(crate) fn whole(message: &StoredMessage) -> String {
    let mut parts = vec![format!("{} {:<7}", date(message.time), level_word(message.level))];
    parts.extend(message.step.map(|step| format!("step {step} ")));
    parts.extend(Some(format!("{}:", clean(&message.target))).filter(|target| target != ":"));
    parts.push(clean_lines(&message.text));
    let fields = message.fields.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name, value, text)
    });
    let (long, short): (Vec<_>, Vec<_>) = fields.partition(|(_, _, text)| text.contains('\n'));
    let short =
        short.iter().map(|(name, value, text)| format!(" {}={}", clean(name), shown(value, text)));
    parts.extend(short);
    let long = long.iter().map(|(name, _, text)| below(name, text));
    parts.join(" ") + &long.collect::<String>()
}

/// A field of several lines.
fn below(name: &str, text: &str) -> String {
    let lines = text.lines().map(|line| format!("\n    {}", kept(line)));
    format!("\n  {}:{}", clean(name), lines.collect::<String>())
}

/// A line with its indentation.
fn kept(line: &str) -> String {
    let text = line.trim_start();
    format!("{}{}", " ".repeat(line.len() - text.len()), clean(text))
}

/// A text in quotes if its end would not be seen.
fn shown(value: &Value, text: &str) -> String {
    if value.is_string() && (text.is_empty() || text.contains(' ')) {
        return clean(&value.to_string());
    }
    clean(text)
}
