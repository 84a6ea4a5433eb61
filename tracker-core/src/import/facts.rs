//! What another tool says of a run, in the form that the store can keep.

use serde_json::{Map, Value};

use crate::{
    Problem, Timestamp, error::excerpt, event::problems::Problems, format::run_file::RunFile,
    value::settings,
};

/// The longest notes, in bytes: as many as people may write. Every list of runs reads them.
const LONGEST_NOTES: usize = 1 << 16;

/// The longest name, group or tag, in bytes.
const LONGEST_WORD: usize = 256;

/// The most tags.
const MOST_TAGS: usize = 256;

/// The first and the last moment that a text of RFC 3339 can tell, in microseconds.
const TOLD: std::ops::RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_300_799_999_999;

/// A moment as a line of text can tell it. Times of points are no text, and stay as they are.
pub(crate) fn told(time: Timestamp) -> Timestamp {
    Timestamp(time.0.clamp(*TOLD.start(), *TOLD.end()))
}

/// A text as one line of bounded length; `None` if nothing is left of it.
pub(crate) fn word(text: &str) -> Option<String> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.trim();
    let kept = line.get(..line.floor_char_boundary(LONGEST_WORD)).unwrap_or_default().trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// Gives what is said of a run a form that lists and `run.json` can hold.
pub(crate) fn bound(file: &mut RunFile, problems: &Problems) {
    file.group = file.group.take().and_then(|group| word(&group));
    if let Some(notes) = &mut file.notes
        && notes.len() > LONGEST_NOTES
    {
        notes.truncate(notes.floor_char_boundary(LONGEST_NOTES));
        let message = "the notes are cut: they are longer than 64 KiB";
        problems.add(Problem::new("notes-cut", message, "log the rest as a text"));
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in file.tags.iter().filter_map(|tag| word(tag)) {
        if !tags.contains(&tag) && tags.len() < MOST_TAGS {
            tags.push(tag);
        }
    }
    file.tags = tags;
    file.config = kept(std::mem::take(&mut file.config), "setting", problems);
}

/// Settings or facts without those that no reader could read again.
pub(crate) fn kept(all: Map<String, Value>, what: &str, problems: &Problems) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in all {
        match settings::of_facts(&Map::from_iter([(name.clone(), value)])) {
            Ok(read) => kept.extend(read),
            Err(unkept) => {
                let message =
                    format!("the {what} `{}` was left out: {}", excerpt(&name), unkept.reason);
                problems.add(Problem::new(format!("{what}-not-kept"), message, unkept.hint));
            }
        }
    }
    kept
}
