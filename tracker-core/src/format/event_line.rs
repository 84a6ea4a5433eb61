//! One line of `events-<writer>.jsonl`.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Visitor},
};

use crate::{
    Alert, Artifact, Histogram, KnobChange, Level, Step, Timestamp, Used,
    format::media_item::MediaItem, value::number,
};

/// An event as it is stored, with the time at which it was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// When it was recorded.
    pub time: Timestamp,
    /// What it is.
    #[serde(flatten)]
    pub kind: StoredEventKind,
}

/// What a stored event is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StoredEventKind {
    /// A named text at a step.
    Text {
        /// The text's name.
        name: String,
        /// Where in training.
        step: Step,
        /// The text.
        text: String,
    },
    /// A line for people.
    Message {
        /// How much it matters.
        level: Level,
        /// The line.
        text: String,
    },
    /// Something that a person should look at.
    Alert(Alert),
    /// How the values of a tensor are spread at a step.
    Histogram {
        /// The histogram's name.
        name: String,
        /// Where in training.
        step: Step,
        /// The counts.
        #[serde(flatten)]
        histogram: Histogram,
    },
    /// Pictures, tables, plots or files at a step.
    Media {
        /// Their name.
        name: String,
        /// Where in training.
        step: Step,
        /// What is known of each, in their order.
        items: Vec<MediaItem>,
    },
    /// A version of an artifact was written.
    Artifact(Artifact),
    /// A version of an artifact is gone.
    ArtifactDeleted {
        /// The artifact's name.
        name: String,
        /// Which of its versions.
        version: String,
    },
    /// The run made use of something.
    Used(Used),
    /// A knob has another value from a step on.
    Knob(KnobChange),
}

/// What kind of thing an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A named text at a step.
    Text,
    /// A line for people.
    Message,
    /// Something that a person should look at.
    Alert,
    /// How the values of a tensor are spread at a step.
    Histogram,
    /// Pictures, tables, plots or files at a step.
    Media,
    /// A version of an artifact was written.
    Artifact,
    /// A version of an artifact is gone.
    ArtifactDeleted,
    /// The run made use of something.
    Used,
    /// A knob has another value from a step on.
    Knob,
}

/// What an event is about, without what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventHead<'a> {
    /// When it was recorded.
    pub time: Timestamp,
    /// What kind of thing it is.
    pub kind: EventKind,
    /// The name of the text, histogram, media, artifact, knob or what was used, and the metric of an alert
    /// that has one; messages have none.
    pub name: Option<&'a str>,
    /// Where in training; messages and what was deleted have none, artifacts may have none.
    pub step: Option<Step>,
}

impl EventHead<'_> {
    /// Whether it is of this kind, and has this name.
    pub(crate) fn is_of(&self, kind: EventKind, name: &str) -> bool {
        self.kind == kind && self.name == Some(name)
    }
}

impl StoredEvent {
    /// What it is about.
    pub fn head(&self) -> EventHead<'_> {
        let (kind, name, step) = match &self.kind {
            StoredEventKind::Text { name, step, .. } => (EventKind::Text, Some(name), Some(*step)),
            StoredEventKind::Message { .. } => (EventKind::Message, None, None),
            StoredEventKind::Alert(alert) => (EventKind::Alert, alert.metric.as_ref(), alert.step),
            StoredEventKind::Histogram { name, step, .. } => {
                (EventKind::Histogram, Some(name), Some(*step))
            }
            StoredEventKind::Media { name, step, .. } => {
                (EventKind::Media, Some(name), Some(*step))
            }
            StoredEventKind::Artifact(artifact) => {
                (EventKind::Artifact, Some(&artifact.name), artifact.step)
            }
            StoredEventKind::ArtifactDeleted { name, .. } => {
                (EventKind::ArtifactDeleted, Some(name), None)
            }
            StoredEventKind::Used(used) => (EventKind::Used, Some(&used.name), None),
            StoredEventKind::Knob(change) => {
                (EventKind::Knob, Some(&change.name), Some(change.from_step))
            }
        };
        EventHead { time: self.time, kind, name: name.map(String::as_str), step }
    }

    /// The event of a line; `None` if it cannot be read.
    pub(crate) fn of_line(line: &[u8]) -> Option<Self> {
        #[cfg(test)]
        read_whole::count();
        match HistogramLine::<Vec<u64>>::of(line) {
            Some(read) => Some(read.into_event()),
            None => serde_json::from_slice(line).ok(),
        }
    }
}

/// A line of which as little was read as tells what it is about, and that it is whole: of the bins of
/// a histogram, that they are numbers.
#[derive(Debug)]
pub(crate) enum EventLine<'a> {
    Histogram(HistogramLine<'a, Skipped>),
    Other(StoredEvent),
}

impl<'a> EventLine<'a> {
    /// `None` if the line cannot be read: never for one that [`StoredEvent::of_line`] can.
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        match HistogramLine::of(line) {
            Some(read) => Some(Self::Histogram(read)),
            None => StoredEvent::of_line(line).map(Self::Other),
        }
    }

    pub(crate) fn head(&self) -> EventHead<'_> {
        match self {
            Self::Histogram(read) => read.head(),
            Self::Other(event) => event.head(),
        }
    }

    /// The event of this line, which was read of these bytes.
    pub(crate) fn event(self, line: &[u8]) -> Option<StoredEvent> {
        match self {
            Self::Histogram(_) => StoredEvent::of_line(line),
            Self::Other(event) => Some(event),
        }
    }
}

/// A histogram's line as tracker writes it. A tagged enum is read by way of a tree, which costs some
/// ten times as much, and histograms are most of what a run records. Whatever is written in another
/// way is left to the enum, so that what is a line and what is none does not depend on this.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistogramLine<'a, C> {
    time: Timestamp,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    step: Step,
    #[serde(with = "number")]
    min: f64,
    #[serde(with = "number")]
    max: f64,
    counts: C,
    #[serde(default)]
    not_finite: u64,
}

impl<'a, C: Deserialize<'a>> HistogramLine<'a, C> {
    const KIND: &'static str = "\"kind\":\"histogram\"";

    /// Where the kind stands at the latest: behind the time.
    const KIND_WITHIN: usize = 64;

    fn of(line: &'a [u8]) -> Option<Self> {
        let beginning = &line[..line.len().min(Self::KIND_WITHIN)];
        let kind = Self::KIND.as_bytes();
        if !beginning.starts_with(b"{") || !beginning.windows(kind.len()).any(|part| part == kind) {
            return None;
        }
        serde_json::from_slice(line).ok().filter(|read: &Self| read.kind == "histogram")
    }
}

impl<C> HistogramLine<'_, C> {
    fn head(&self) -> EventHead<'_> {
        let (name, step) = (Some(&*self.name), Some(self.step));
        EventHead { time: self.time, kind: EventKind::Histogram, name, step }
    }
}

impl HistogramLine<'_, Vec<u64>> {
    fn into_event(self) -> StoredEvent {
        let Self { time, name, step, min, max, counts, not_finite, .. } = self;
        let histogram = Histogram::new(min, max, counts).not_finite(not_finite);
        let kind = StoredEventKind::Histogram { name: name.into_owned(), step, histogram };
        StoredEvent { time, kind }
    }
}

/// Whole numbers that were looked at and not kept.
#[derive(Debug)]
pub(crate) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;

        impl<'de> Visitor<'de> for Numbers {
            type Value = Skipped;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Skipped, A::Error> {
                while numbers.next_element::<u64>()?.is_some() {}
                Ok(Skipped)
            }
        }

        deserializer.deserialize_seq(Numbers)
    }
}

/// How many lines a thread has read whole, for tests that count them.
#[cfg(test)]
pub(crate) mod read_whole {
    use std::cell::Cell;

    thread_local! {
        static LINES: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn count() {
        LINES.set(LINES.get() + 1);
    }

    /// Does some work, and gives how many lines it read whole.
    pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, usize) {
        let before = LINES.get();
        let result = work();
        (result, LINES.get() - before)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram() -> StoredEvent {
        let histogram = Histogram::new(f64::NEG_INFINITY, 0.25, vec![1, 0, u64::MAX]);
        let kind = StoredEventKind::Histogram { name: "a\"b".into(), step: Step(7), histogram };
        StoredEvent { time: Timestamp(1_700_000_000_123_456), kind }
    }

    /// What a line says as the enum alone reads it.
    fn by_the_enum(line: &[u8]) -> Option<StoredEvent> {
        serde_json::from_slice(line).ok()
    }

    fn assert_same(line: &[u8]) {
        let event = by_the_enum(line);
        let text = String::from_utf8_lossy(line);
        assert_eq!(StoredEvent::of_line(line), event, "{text}");
        let read = EventLine::of(line);
        let head = read.as_ref().map(EventLine::head);
        assert_eq!(head, event.as_ref().map(StoredEvent::head), "{text}");
        assert_eq!(read.and_then(|read| read.event(line)), event, "{text}");
    }

    #[test]
    fn a_histogram_is_read_without_a_tree_as_it_was_written() {
        let line = serde_json::to_vec(&histogram()).unwrap();
        assert!(HistogramLine::<Vec<u64>>::of(&line).is_some());
        assert_same(&line);
        assert_eq!(StoredEvent::of_line(&line), Some(histogram()));
    }

    #[test]
    fn a_line_that_is_written_in_another_way_is_read_as_the_enum_reads_it() {
        let line = String::from_utf8(serde_json::to_vec(&histogram()).unwrap()).unwrap();
        for (old, new) in [
            ("\"step\"", "\"more\":{},\"step\""),
            ("\"step\":7", "\"step\":7,\"step\":7"),
            ("\"step\":7", "\"step\":-7"),
            ("\"step\":7", "\"step\":7.0"),
            ("\"step\":7", "\"step\":null"),
            ("\"kind\":\"histogram\"", "\"kind\":\"histogram\",\"kind\":\"text\""),
            ("\"kind\":\"histogram\"", "\"kind\":\"text\",\"text\":\"\""),
            ("\"kind\":\"histogram\"", "\"kind\": \"histogram\""),
            ("[1,0,", "[1,-0,"),
            ("[1,0,", "[1,0.5,"),
            ("[1,0,", "[1,\"x\","),
            ("[1,0,18446744073709551615]", "null"),
            ("[1,0,18446744073709551615]", "{}"),
            ("[1,0,18446744073709551615]", "[]"),
            ("0.25", "1e999"),
            ("0.25", "\"wide\""),
            ("0.25", "7"),
            ("}", ",\"not_finite\":3}"),
            ("}", ",\"not_finite\":null}"),
            ("}", "} "),
            ("}", "}}"),
            ("}", ""),
            ("{", " {"),
            ("{", "["),
        ] {
            assert!(line.contains(old), "{old}");
            assert_same(line.replacen(old, new, 1).as_bytes());
        }
    }

    proptest! {
        #[test]
        fn a_line_with_any_bytes_changed_is_read_as_the_enum_reads_it(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let mut line = serde_json::to_vec(&histogram()).unwrap();
            for (place, byte) in changes {
                let place = place.index(line.len());
                line[place] = byte;
            }
            if let Some(cut) = cut {
                line.truncate(cut.index(line.len()));
            }
            assert_same(&line);
        }
    }
}
