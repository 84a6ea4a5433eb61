//! The members of an object of a plan.

use serde_json::{Map, Value};

use super::{
    problems::Problems,
    words::{excerpt, nearest},
};

/// The members of an object, asked for one at a time; what is wrong with them is noted.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    /// Where they stand, as part of a sentence: `parameter lr`.
    pub(super) place: String,
    all: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The members of a value, which must be an object with no other than the known ones.
    pub(super) fn of(
        value: &'a Value,
        place: &str,
        known: &[&str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let Some(all) = value.as_object() else {
            let what = format!("{place} is {}", kind(value));
            problems.add(what, format!("give it members: {}", known.join(", ")));
            return None;
        };
        for name in all.keys().filter(|name| !known.contains(&name.as_str())) {
            let hint = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", known.join(", ")),
            };
            problems.add(format!("{place} has the unknown key `{}`", excerpt(name)), hint);
        }
        Some(Self { place: place.to_owned(), all })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.all.get(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all.contains_key(name)
    }

    pub(super) fn wrong(&self, name: &str, value: &Value, hint: &str, problems: &mut Problems) {
        let shown = excerpt(&value.to_string());
        problems.add(format!("`{name}` of {} is {shown}", self.place), hint);
    }

    /// A text, if there is one of this name.
    pub(super) fn text(&self, name: &str, problems: &mut Problems) -> Option<&'a str> {
        let value = self.get(name)?;
        if let Some(text) = value.as_str() {
            return Some(text);
        }
        self.wrong(name, value, "write a text in quotes", problems);
        None
    }

    /// One of several words, by its place among them.
    pub(super) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let text = self.text(name, problems)?;
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meant);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = match nearest(text, &known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known are {}", known.join(", ")),
        };
        self.wrong(name, &text.into(), &hint, problems);
        None
    }

    /// A finite number, if there is one of this name.
    pub(super) fn number(&self, name: &str, problems: &mut Problems) -> Option<f64> {
        let value = self.get(name)?;
        let number = value.as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            self.wrong(name, value, "write a finite number", problems);
        }
        number
    }

    /// A whole number of a range, if there is one of this name.
    pub(super) fn whole(
        &self,
        name: &str,
        (least, most): (u64, u64),
        problems: &mut Problems,
    ) -> Option<u64> {
        let value = self.get(name)?;
        let number = value.as_u64().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let hint = format!("write a whole number from {least} to {most}");
            self.wrong(name, value, &hint, problems);
        }
        number
    }

    /// A truth; not one if it is not said.
    pub(super) fn truth(&self, name: &str, problems: &mut Problems) -> bool {
        let Some(value) = self.get(name) else { return false };
        if let Some(truth) = value.as_bool() {
            return truth;
        }
        self.wrong(name, value, "write true or false", problems);
        false
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
