//! The flat YAML of `meta.yaml`: one `key: value` a line, as Python writes texts and numbers.

use std::collections::HashMap;

/// The values by their keys. What is nested, or no such line, is passed over.
pub(super) fn read(text: &str) -> HashMap<String, String> {
    let mut values = HashMap::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((key, first)) = line.split_once(':') else { continue };
        if key.is_empty() || key.starts_with([' ', '#', '-', '\'', '"']) {
            continue;
        }
        let mut value = first.trim().to_owned();
        let mut blanks = 0;
        // Long texts go on in lines that are set in; an empty line in between is an end of a line in the text.
        while let Some(next) = lines.peek() {
            let goes_on = next.starts_with("  ") || (next.is_empty() && is_open(&value));
            if !goes_on {
                break;
            }
            let next = next.trim();
            match (next.is_empty(), blanks) {
                (true, _) => blanks += 1,
                (false, 0) => join(&mut value, next),
                (false, _) => {
                    value.extend(std::iter::repeat_n('\n', blanks));
                    value.push_str(next);
                    blanks = 0;
                }
            }
            lines.next();
        }
        values.insert(key.to_owned(), scalar(&value));
    }
    values
}

fn join(value: &mut String, next: &str) {
    if value.starts_with('"') && value.ends_with('\\') {
        value.pop();
        // A space at the beginning is written `\ `.
        value.push_str(next.strip_prefix('\\').unwrap_or(next));
    } else {
        value.push(' ');
        value.push_str(next);
    }
}

/// Whether a quoted text has no end yet.
fn is_open(value: &str) -> bool {
    let quote = value.chars().next().filter(|first| matches!(first, '\'' | '"'));
    quote.is_some_and(|quote| value.len() < 2 || !value.ends_with(quote))
}

fn scalar(value: &str) -> String {
    let within = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(text) = within('\'') {
        return text.replace("''", "'");
    }
    if let Some(text) = within('"') {
        return unescape(text);
    }
    match value {
        "null" | "~" => String::new(),
        value => value.to_owned(),
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let digits = match characters.next() {
            Some('n') => push(&mut plain, '\n'),
            Some('t') => push(&mut plain, '\t'),
            Some('r') => push(&mut plain, '\r'),
            Some('0') => push(&mut plain, '\0'),
            Some('e') => push(&mut plain, '\u{1b}'),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(other) => push(&mut plain, other),
            None => 0,
        };
        if digits > 0 {
            let code: String = characters.by_ref().take(digits).collect();
            let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
            plain.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    plain
}

fn push(text: &mut String, c: char) -> usize {
    text.push(c);
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_were() {
        let text = "artifact_uri: file:///a/b\nend_time: null\nname: 'it''s: a'\nrun_name: \"a\\tb \\u263A\"\n\
                    tags: []\nlong: one\n  two\nfolded: \"one\\\n  \\ two\"\nlines: 'one\n\n  two'\nstart_time: 17\nnested:\n- a\n";
        let values = read(text);
        let value = |key: &str| values.get(key).map(String::as_str);
        assert_eq!(value("artifact_uri"), Some("file:///a/b"));
        assert_eq!(value("end_time"), Some(""));
        assert_eq!(value("name"), Some("it's: a"));
        assert_eq!(value("run_name"), Some("a\tb \u{263a}"));
        assert_eq!(value("long"), Some("one two"));
        assert_eq!(value("folded"), Some("one two"));
        assert_eq!(value("lines"), Some("one\ntwo"));
        assert_eq!(value("start_time"), Some("17"));
    }

    #[test]
    fn what_is_no_yaml_does_no_harm() {
        for text in
            ["", ":", "'", "a: '", "a: \"\\", "a: \"\\u12", "\u{0}", "a:\n  b", "a: \"\n\n\n"]
        {
            read(text);
        }
    }
}
