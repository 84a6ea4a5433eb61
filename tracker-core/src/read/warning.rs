//! What could not be read, while the rest was.

use std::fmt;

/// Something that could not be read, while the rest was. Displayed as one text for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    loss: Loss,
    /// As errors have it: what happened, and behind `hint:` the way out.
    text: String,
}

/// What a reader goes without because of a [`Warning`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// A run or a project is not in the list, or is there twice.
    Runs,
    /// What is told of a run beside its points and events: its config, its state, its name.
    Facts,
    /// Points of metrics, or some of them.
    Points,
    /// Texts, messages, histograms or artifacts.
    Events,
}

impl Warning {
    pub(crate) fn new(loss: Loss, text: impl Into<String>) -> Self {
        Self { loss, text: text.into() }
    }

    /// What is missing.
    ///
    /// ```no_run
    /// use tracker_core::read::{Loss, Store};
    ///
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let listing = Store::discover()?.runs()?;
    /// for warning in listing.warnings.iter().filter(|warning| warning.loss() == Loss::Runs) {
    ///     eprintln!("{}: {:?}", warning.message(), warning.hint());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// What happened, with the file that it is about, without the way out.
    pub fn message(&self) -> &str {
        self.text.split_once(HINT).map_or(&self.text, |(message, _)| message)
    }

    /// The way out, if there is one.
    pub fn hint(&self) -> Option<&str> {
        self.text.split_once(HINT).map(|(_, hint)| hint)
    }
}

/// What stands between a message and its hint, as in errors.
const HINT: &str = "\nhint: ";

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_warning_of_an_error_keeps_its_message_and_its_hint_apart() {
        let error = "yesterday".parse::<Timestamp>().unwrap_err();
        let warning = Warning::new(Loss::Runs, format!("skipped a run: {error}"));
        assert_eq!(warning.loss(), Loss::Runs);
        assert!(warning.message().starts_with("skipped a run: invalid time `yesterday`"));
        assert_eq!(warning.hint(), error.hint());
        assert_eq!(warning.to_string(), format!("skipped a run: {error}"));
        assert_eq!(Warning::new(Loss::Points, "gone").hint(), None);
    }
}
