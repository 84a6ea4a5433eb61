//! The bounds of an answer, whatever the store holds: texts that steer nobody, and not too many of them.
//!
//! An agent reads names, notes and messages that anybody may have written. They reach it as values of JSON, short and
//! without characters that are not seen; their keys are those of our own types.

use serde_json::Value;
use tracker_core::text::is_unseen;

use crate::{mcp::arguments::refused, ui::failure::Answer};

/// An answer that asks nobody's patience, in bytes.
pub(crate) const USUAL: usize = 8 << 10;

/// The longest answer, in bytes.
pub(crate) const MOST: usize = 40_000;

/// The longest text of anybody, in characters.
const LONGEST_TEXT: usize = 200;

/// The longest sentence of ours, which may name several things.
const LONGEST_SENTENCE: usize = 600;

/// The keys of sentences of ours, and those below which all texts are such. The notes of a run are a text of people; those
/// of a comparison are a list.
const SENTENCES: [&str; 2] = ["done", "undo"];
const OF_SENTENCES: [&str; 3] = ["findings", "notes", "verdict"];

/// The answer as text, if possible of no more bytes than `wanted`: its lists give up their ends for it. Each still
/// says how many there are, and where it goes on.
///
/// # Errors
/// If it is too long without all of its lists.
pub(crate) fn text_of(mut answer: Value, wanted: usize) -> Answer<String> {
    clean(&mut answer, LONGEST_TEXT);
    let mut most = wanted;
    for fewest in [1, 0] {
        while length(&answer) > most {
            let Some(place) = heaviest_list(&answer, fewest) else { break };
            if let Some(list) = answer.pointer_mut(&place) {
                shorten(list);
            }
        }
        if length(&answer) <= MOST {
            return Ok(answer.to_string());
        }
        most = MOST;
    }
    let hint = "ask for fewer runs or metrics, or for one list by `list`";
    Err(refused(format!("the answer is longer than {MOST} bytes"), hint))
}

/// What an answer takes, cleaned.
pub(crate) fn length_of(mut answer: Value) -> usize {
    clean(&mut answer, LONGEST_TEXT);
    length(&answer)
}

/// What goes wrong, under the same bounds.
pub(crate) fn failure(error: &str, hint: &str) -> String {
    let [error, hint] = [error, hint].map(|text| shown(text, LONGEST_SENTENCE));
    serde_json::json!({ "error": error, "hint": hint }).to_string()
}

fn clean(value: &mut Value, longest: usize) {
    match value {
        Value::String(text) => *text = shown(text, longest),
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, longest)),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                let is_of_ours = OF_SENTENCES.contains(&key.as_str()) && value.is_object();
                let is_sentence = SENTENCES.contains(&key.as_str()) || is_of_ours;
                clean(value, if is_sentence { LONGEST_SENTENCE } else { longest });
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text on one line, without what nobody sees, and cut.
fn shown(text: &str, longest: usize) -> String {
    let plain = |c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    let mut seen = text.chars().map(plain).filter(|c| !is_hidden(*c));
    let kept: String = seen.by_ref().take(longest).collect();
    if seen.next().is_none() {
        return kept;
    }
    let shorter = kept.chars().take(longest - 1);
    shorter.chain(['…']).collect()
}

/// Models read what people do not see: marks that choose a variant carry hidden text as well as tags do, and fillers
/// look like nothing.
fn is_hidden(c: char) -> bool {
    is_unseen(c)
        || matches!(c,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| length(item) + 1).sum::<usize>() + 2,
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| key.len() + length(value) + 4;
            fields.iter().map(field).sum::<usize>() + 2
        }
        plain => plain.to_string().len(),
    }
}

/// Where the list lies that takes most by itself, of those that can lose something.
fn heaviest_list(answer: &Value, fewest: usize) -> Option<String> {
    let mut lists = Vec::new();
    weigh(answer, String::new(), fewest, &mut lists);
    lists.into_iter().max_by_key(|(weight, _)| *weight).map(|(_, place)| place)
}

/// What a value takes. The lists in it are noted, each with what it takes beside those in it.
fn weigh(value: &Value, place: String, fewest: usize, lists: &mut Vec<(usize, String)>) -> usize {
    match value {
        Value::Array(items) => {
            let item = |(index, item)| weigh(item, format!("{place}/{index}"), fewest, lists);
            items.iter().enumerate().map(item).sum()
        }
        Value::Object(fields) => {
            let before = lists.len();
            let mut weight = 0;
            for (key, value) in fields {
                weight += key.len() + weigh(value, format!("{place}/{key}"), fewest, lists);
            }
            let inner: usize = lists[before..].iter().map(|(weight, _)| weight).sum();
            if items_of(value).is_some_and(|items| items.len() > fewest) {
                lists.push((weight - inner, place));
            }
            weight
        }
        plain => plain.to_string().len(),
    }
}

/// The items of a list that says how it goes on.
fn items_of(value: &Value) -> Option<&Vec<Value>> {
    value.get("of")?;
    value.get("items")?.as_array()
}

/// Takes the last quarter of a list's items away.
fn shorten(list: &mut Value) {
    let Some(count) = items_of(list).map(Vec::len) else { return };
    let end = list["next"].as_u64().or_else(|| list["of"].as_u64()).unwrap_or(0);
    let kept = (count * 3 / 4).min(count.saturating_sub(1));
    if let Some(items) = list["items"].as_array_mut() {
        items.truncate(kept);
    }
    list["next"] = (end - (count - kept) as u64).into();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_short_and_on_one_line_and_have_nothing_that_is_not_seen() {
        let evil = "a\u{1b}[2J\u{202e}b\nc\u{e0041}\u{fe01}\u{e0101}\u{3164}d\t\u{200b}\0e";
        assert_eq!(shown(evil, 200), "a[2Jb cd e");
        let long = shown(&"ü".repeat(1 << 20), 200);
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with("ü…"));
        let long = "x".repeat(1000);
        let mut answer = json!({
            "text": long, "notes": long, "done": long, "verdict": { "text": long },
        });
        clean(&mut answer, LONGEST_TEXT);
        let length = |place: &str| answer.pointer(place).unwrap().as_str().unwrap().chars().count();
        assert_eq!(["/text", "/notes"].map(length), [LONGEST_TEXT; 2]);
        assert_eq!(["/done", "/verdict/text"].map(length), [LONGEST_SENTENCE; 2]);
    }

    #[test]
    fn the_heaviest_list_gives_up_its_end_and_says_where_it_goes_on() {
        let item = |number: u64| json!({ "name": "x".repeat(100), "number": number });
        let items: Vec<Value> = (0..200).map(item).collect();
        let answer = json!({
            "id": "a",
            "runs": { "items": items, "of": 1000, "next": 200 },
            "notes": { "items": ["short"], "of": 1 },
        });
        let text = text_of(answer, USUAL).unwrap();
        assert!(text.len() <= USUAL && text.len() > USUAL / 4, "{}", text.len());
        let told: Value = serde_json::from_str(&text).unwrap();
        let count = told["runs"]["items"].as_array().unwrap().len();
        assert_eq!(told["runs"]["next"], count);
        assert_eq!(told["runs"]["of"], 1000);
        assert_eq!(told["notes"], json!({ "items": ["short"], "of": 1 }));
    }

    #[test]
    fn a_list_within_another_is_cut_before_it() {
        let inner = json!({ "items": vec!["x".repeat(150); 100], "of": 100 });
        let answer =
            json!({ "groups": { "items": [{ "values": inner }, { "values": inner }], "of": 2 } });
        let told: Value = serde_json::from_str(&text_of(answer, USUAL).unwrap()).unwrap();
        assert_eq!(told["groups"]["items"].as_array().unwrap().len(), 2);
        assert!(told["groups"]["items"][1]["values"]["next"].as_u64().unwrap() < 100);
    }

    #[test]
    fn what_cannot_be_cut_is_told_up_to_the_most_and_refused_beyond_it() {
        let columns = |count: usize| json!({ "rows": vec![1.5; count] });
        assert!(text_of(columns(5_000), USUAL).unwrap().len() > USUAL);
        assert!(text_of(columns(50_000), USUAL).is_err());
    }
}
