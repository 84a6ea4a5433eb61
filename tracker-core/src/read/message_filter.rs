//! Which messages of a run are wanted.

use std::ops::RangeInclusive;

use crate::{Level, format::message_line::StoredMessage, read::MessageCursor};

/// How many messages are given at a time, unless somebody says.
const USUAL: usize = 100;

/// The most that are given at a time.
const MOST: usize = 10_000;

/// Which messages of a run are wanted, and from which end: the last 100, unless told otherwise.
///
/// ```
/// use tracker_core::{Level, read::MessageFilter};
///
/// let filter = MessageFilter::new().level(Level::Warning).search("checkpoint").count(20);
/// ```
#[derive(Debug, Clone)]
pub struct MessageFilter {
    least: Level,
    /// By what way they came; by any if empty.
    source: String,
    search: String,
    steps: Option<RangeInclusive<u64>>,
    pub(super) count: usize,
    pub(super) from: From,
}

/// Where a page of messages begins.
#[derive(Debug, Clone)]
pub(super) enum From {
    Last,
    Before(MessageCursor),
    After(MessageCursor),
}

impl Default for MessageFilter {
    fn default() -> Self {
        Self::new()
    }
}

impl MessageFilter {
    /// All messages.
    pub fn new() -> Self {
        let (source, search) = (String::new(), String::new());
        Self { least: Level::Trace, source, search, steps: None, count: USUAL, from: From::Last }
    }

    /// Only those of this level or more.
    #[must_use]
    pub fn level(mut self, least: Level) -> Self {
        self.least = least;
        self
    }

    /// Only those that came by this way, as [`StoredMessage::source`] has it: `output`, `log`, `tracing`,
    /// `panic` or `run`; by any, if it is empty.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Only those whose text, target or fields contain this, in capitals or not.
    #[must_use]
    pub fn search(mut self, text: impl AsRef<str>) -> Self {
        self.search = text.as_ref().to_lowercase();
        self
    }

    /// Only those that were said at these steps.
    #[must_use]
    pub fn steps(mut self, steps: RangeInclusive<u64>) -> Self {
        self.steps = Some(steps);
        self
    }

    /// At most so many at a time, and at most 10,000.
    #[must_use]
    pub fn count(mut self, count: usize) -> Self {
        self.count = count.min(MOST);
        self
    }

    /// The first ones.
    #[must_use]
    pub fn first(self) -> Self {
        self.after(MessageCursor::default())
    }

    /// The last ones before a place.
    #[must_use]
    pub fn before(mut self, place: MessageCursor) -> Self {
        self.from = From::Before(place);
        self
    }

    /// The first ones after a place.
    #[must_use]
    pub fn after(mut self, place: MessageCursor) -> Self {
        self.from = From::After(place);
        self
    }

    pub(super) fn wants(&self, message: &StoredMessage) -> bool {
        let has_source = self.source.is_empty() || message.source == self.source;
        message.level >= self.least && has_source && self.has_step(message) && self.finds(message)
    }

    fn has_step(&self, message: &StoredMessage) -> bool {
        let Some(steps) = &self.steps else { return true };
        message.step.is_some_and(|step| steps.contains(&step.0))
    }

    fn finds(&self, message: &StoredMessage) -> bool {
        let is_in = |text: &str| text.to_lowercase().contains(&self.search);
        self.search.is_empty()
            || is_in(&message.text)
            || is_in(&message.target)
            || message.fields.iter().any(|(name, value)| match value.as_str() {
                Some(text) => is_in(name) || is_in(text),
                None => is_in(name) || is_in(&value.to_string()),
            })
    }
}
