//! The command of a study: which of its words hold which values of a trial.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::{Map, Value};
use tracker_core::studies::StudyFolder;
use tracker_study::Space;

use crate::{terminal::text::clean, view::metric_order::some_of};

/// The words of a command, some of which have places for values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template(Vec<Word>);

/// A word of the command line.
#[derive(Debug, Clone, PartialEq)]
enum Word {
    /// `{args}`: all values, as many words as they need.
    Args,
    /// One word, put together.
    Pieces(Vec<Piece>),
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Value(String),
    Config,
}

impl Template {
    /// Reads the words. No shell sees them: what is between braces and looks like a name is a place, `{{lr}}` is the
    /// text `{lr}`, and everything else is as it was typed.
    pub(crate) fn parse(words: &[String], space: &Space) -> Result<Self> {
        let template = Self(words.iter().map(|word| parse_word(word)).collect::<Result<_>>()?);
        template.check(space)?;
        Ok(template)
    }

    /// Whether a JSON file of the values is asked for.
    fn needs_config(&self) -> bool {
        self.pieces().any(|piece| *piece == Piece::Config)
    }

    /// The words for a trial's values. Where a parameter is not there in this trial, the word with its place is left out,
    /// and so is an option of its own before it: `--alpha {alpha}`.
    fn fill(&self, values: &Map<String, Value>, config: Option<&Path>) -> Vec<String> {
        let mut filled: Vec<String> = Vec::new();
        let mut before_is_option = false;
        for word in &self.0 {
            match word {
                Word::Args => {
                    filled.extend(all_as_options(values));
                    before_is_option = false;
                }
                Word::Pieces(pieces) => {
                    if let Some(text) = fill_word(pieces, values, config) {
                        let is_plain = pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
                        before_is_option = is_plain && text.starts_with('-') && text != "--";
                        filled.push(text);
                    } else {
                        if before_is_option {
                            filled.pop();
                        }
                        before_is_option = false;
                    }
                }
            }
        }
        filled
    }

    /// The words that train a trial, whose JSON file is written if they name it.
    pub(crate) fn words_for(
        &self,
        folder: &StudyFolder,
        trial: usize,
        values: &Map<String, Value>,
    ) -> Result<Vec<String>> {
        let config = if self.needs_config() {
            let text = serde_json::to_string_pretty(&nested(values))?;
            Some(folder.write_trial_settings(trial, &text)?)
        } else {
            None
        };
        Ok(self.fill(values, config.as_deref()))
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.0.iter().flat_map(|word| match word {
            Word::Args => &[][..],
            Word::Pieces(pieces) => pieces.as_slice(),
        })
    }

    fn named(&self) -> impl Iterator<Item = &String> {
        self.pieces().filter_map(|piece| match piece {
            Piece::Value(name) => Some(name),
            _ => None,
        })
    }

    /// Each place is one of a parameter, and each parameter has a place.
    fn check(&self, space: &Space) -> Result<()> {
        let names: Vec<String> =
            space.parameters().iter().map(|parameter| parameter.name.clone()).collect();
        if let Some(unknown) = self.named().find(|name| !names.contains(name)) {
            bail!(
                "`{{{unknown}}}` of the command is no parameter of the study\nhint: it has {}; `{{args}}` is all of \
                 them, `{{config}}` a JSON file, and the text itself is written `{{{{{unknown}}}}}`",
                some_of(names.iter(), unknown)
            );
        }
        let takes_all = self.needs_config() || self.0.contains(&Word::Args);
        if takes_all {
            return Ok(());
        }
        let first = names.first().map_or("lr", String::as_str);
        if self.named().next().is_none() {
            bail!(
                "the command has no place for a value: all trials would be the same\nhint: write \
                 `--{0} {{{0}}}` where its value goes, or `{{args}}` for all of them",
                clean(first)
            );
        }
        if let Some(unused) = names.iter().find(|name| !self.named().any(|used| used == *name)) {
            bail!(
                "no place of the command takes the value of {0}\nhint: write `--{0} {{{0}}}`, or `{{args}}` for all \
                 of them; or take it out of the study",
                clean(unused)
            );
        }
        Ok(())
    }
}

/// Whether a word has a place for a value.
pub(crate) fn has_place(word: &str) -> bool {
    parse_word(word).is_ok_and(|word| match word {
        Word::Args => true,
        Word::Pieces(pieces) => pieces.iter().any(|piece| !matches!(piece, Piece::Text(_))),
    })
}

fn parse_word(word: &str) -> Result<Word> {
    if word == "{args}" {
        return Ok(Word::Args);
    }
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = word;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            text.push_str(&rest[..1]);
            rest = behind;
            continue;
        }
        match place_at_start(rest) {
            Some("args") => bail!(
                "`{{args}}` stands within another word\nhint: it is several words, so give it one of its own"
            ),
            Some(name) => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                let is_config = name == "config";
                pieces.push(if is_config { Piece::Config } else { Piece::Value(name.into()) });
                rest = &rest[name.len() + 2..];
            }
            None => {
                text.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(Word::Pieces(pieces))
}

/// The name of the place that a text begins with, if it does.
fn place_at_start(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.split_once('}')?.0;
    let is_part = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    (!name.is_empty() && name.chars().all(is_part)).then_some(name)
}

fn fill_word(
    pieces: &[Piece],
    values: &Map<String, Value>,
    config: Option<&Path>,
) -> Option<String> {
    let mut word = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => word.push_str(text),
            Piece::Value(name) => word.push_str(&spelled(values.get(name)?)),
            Piece::Config => word.push_str(&config?.to_string_lossy()),
        }
    }
    Some(word)
}

/// All values as options. One that would look like an option itself is joined to its name.
fn all_as_options(values: &Map<String, Value>) -> Vec<String> {
    let mut words = Vec::new();
    for (name, value) in values {
        let value = spelled(value);
        if value.starts_with('-') {
            words.push(format!("--{name}={value}"));
        } else {
            words.extend([format!("--{name}"), value]);
        }
    }
    words
}

/// A value as a program reads it from its command line: texts without quotes.
fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The values laid out by the paths that their names are: `optimizer.lr` becomes `{"optimizer": {"lr": …}}`. A name
/// that is a value and a path at once stays as it is.
fn nested(values: &Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, value) in values {
        if !insert(&mut all, name, value) {
            all.insert(name.clone(), value.clone());
        }
    }
    all
}

fn insert(into: &mut Map<String, Value>, path: &str, value: &Value) -> bool {
    let Some((first, rest)) = path
        .split_once('.')
        .filter(|(first, rest)| !first.is_empty() && !rest.is_empty() && !rest.starts_with('.'))
    else {
        if into.contains_key(path) {
            return false;
        }
        into.insert(path.to_owned(), value.clone());
        return true;
    };
    let below = into.entry(first).or_insert_with(|| Value::Object(Map::new()));
    below.as_object_mut().is_some_and(|below| insert(below, rest, value))
}

/// The words as one would type them into a shell.
pub(crate) fn typed(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let is_plain = |c: char| c.is_alphanumeric() || "_-./=:,+@%".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
