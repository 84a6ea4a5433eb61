//! What a run has recorded beside its metrics, for people: facts, files, histograms, messages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use tracker_core::{
    Step, Timestamp,
    read::{
        ArtifactVersion, MediaItem, Messages, StoredEvent, StoredEventKind, settings_by_path,
        shown_setting,
    },
    text::plural,
};

use crate::{
    terminal::{
        table::{Align, Grid, MISSING, pairs},
        text::{bold, clean, clean_lines, size},
    },
    view::message_text::level_word,
};

/// Messages that are shown, the latest ones.
pub(crate) const MAX_MESSAGES: usize = 20;

/// Alerts that are shown, the latest ones.
const MAX_ALERTS: usize = 20;

/// Files that are shown, the latest ones.
const MAX_ARTIFACTS: usize = 10;

/// Names of media that are shown.
const MAX_MEDIA: usize = 20;

/// Names of histograms that are shown.
const MAX_HISTOGRAMS: usize = 20;

/// The facts of each topic on a line.
pub(crate) fn about(topics: &BTreeMap<String, Map<String, Value>>, width: u16) -> String {
    let fact = |(path, value): (String, &Value)| {
        format!("{} {}", clean(&path), clean(&shown_setting(Some(value))))
    };
    let line = |facts| settings_by_path(facts).into_iter().map(fact).collect::<Vec<_>>().join(", ");
    let rows = topics.iter().map(|(topic, facts)| (clean(topic), line(facts)));
    pairs(rows, width).section("About")
}

/// The files that are there; those that are deleted are counted.
pub(crate) fn artifacts(versions: &[ArtifactVersion], width: u16) -> String {
    let there: Vec<&ArtifactVersion> = versions.iter().filter(|known| !known.deleted).collect();
    let skipped = there.len().saturating_sub(MAX_ARTIFACTS);
    let title = artifacts_title(skipped, versions.len() - there.len());
    if there.is_empty() {
        let none = format!("\n{}\n", bold(&title));
        return if versions.is_empty() { String::new() } else { none };
    }
    let mut grid = Grid::new([Align::Left, Align::Left, Align::Right, Align::Left], width);
    grid.header(["", "version", "size", "aliases"]);
    for known in there.into_iter().skip(skipped) {
        let artifact = &known.artifact;
        grid.row([
            clean(&artifact.name),
            clean(&artifact.version),
            artifact.bytes.map_or_else(|| MISSING.to_owned(), size),
            clean(&artifact.aliases.join(", ")),
        ]);
    }
    grid.section(&title)
}

fn artifacts_title(skipped: usize, deleted: usize) -> String {
    let last =
        (skipped > 0).then(|| format!("the last {MAX_ARTIFACTS}; --json has {skipped} more"));
    let deleted = (deleted > 0).then(|| format!("{deleted} deleted"));
    let notes: Vec<String> = last.into_iter().chain(deleted).collect();
    if notes.is_empty() {
        "Artifacts".to_owned()
    } else {
        format!("Artifacts ({})", notes.join("; "))
    }
}

/// How many histograms there are of each name, and the last step that has one.
pub(crate) fn histograms(events: &[StoredEvent], width: u16) -> String {
    let mut names: BTreeMap<&str, (u64, Step)> = BTreeMap::new();
    for event in events {
        if let StoredEventKind::Histogram { name, step, .. } = &event.kind {
            let (count, last) = names.entry(name).or_insert((0, *step));
            (*count, *last) = (*count + 1, (*last).max(*step));
        }
    }
    let row = |(name, (count, last)): (&str, (u64, Step))| {
        (clean(name), format!("{}, the last at step {last}", plural(count, "histogram")))
    };
    let title = match names.len().saturating_sub(MAX_HISTOGRAMS) {
        0 => "Histograms".to_owned(),
        more => format!("Histograms (the first {MAX_HISTOGRAMS}; --json has {more} more)"),
    };
    pairs(names.into_iter().take(MAX_HISTOGRAMS).map(row), width).section(&title)
}

/// The latest alerts, and what to do about each.
pub(crate) fn alerts(events: &[StoredEvent], width: u16) -> String {
    let alerts: Vec<(String, String)> = events.iter().filter_map(alert).collect();
    let skipped = alerts.len().saturating_sub(MAX_ALERTS);
    let title = match skipped {
        0 => "Alerts".to_owned(),
        _ => format!("Alerts (the last {MAX_ALERTS}; --json has {skipped} more)"),
    };
    pairs(alerts.into_iter().skip(skipped), width).section(&title)
}

fn alert(event: &StoredEvent) -> Option<(String, String)> {
    let StoredEventKind::Alert(alert) = &event.kind else { return None };
    let hint = alert.hint.as_deref().map(|hint| format!("\nhint: {}", clean_lines(hint)));
    let text = format!("{}{}", clean_lines(&alert.text), hint.unwrap_or_default());
    Some((format!("{} {}", time_of_day(event.time), level_word(alert.level)), text))
}

/// What there is of each name of media, how often, and at which steps.
pub(crate) fn media(events: &[StoredEvent], width: u16) -> String {
    let mut names: BTreeMap<&str, OfName> = BTreeMap::new();
    for event in events {
        if let StoredEventKind::Media { name, step, items, .. } = &event.kind {
            let of_name =
                names.entry(name).or_insert(OfName { kind: "", count: 0, steps: BTreeSet::new() });
            of_name.steps.insert(*step);
            of_name.count += items.len() as u64;
            of_name.kind = items.last().map_or("", MediaItem::kind);
        }
    }
    let title = match names.len().saturating_sub(MAX_MEDIA) {
        0 => "Media".to_owned(),
        more => format!("Media (the first {MAX_MEDIA}; --json has {more} more)"),
    };
    let row = |(name, of_name): (&str, OfName<'_>)| (clean(name), of_name.told());
    pairs(names.into_iter().take(MAX_MEDIA).map(row), width).section(&title)
}

/// The media of one name.
struct OfName<'a> {
    /// What the last one is.
    kind: &'a str,
    count: u64,
    steps: BTreeSet<Step>,
}

impl OfName<'_> {
    fn told(&self) -> String {
        let kind = if self.count == 1 { self.kind.to_owned() } else { plural_of(self.kind) };
        let count = format!("{} {kind}", self.count);
        match (self.steps.first(), self.steps.last()) {
            (Some(first), Some(last)) if first != last => {
                let steps = plural(self.steps.len() as u64, "step");
                format!("{count} at {steps}, from {first} to {last}")
            }
            (Some(step), _) => format!("{count} at step {step}"),
            _ => count,
        }
    }
}

fn plural_of(kind: &str) -> String {
    match kind.strip_suffix('x') {
        Some(stem) => format!("{stem}ces"),
        None => format!("{kind}s"),
    }
}

/// The latest texts, and what the program has said.
pub(crate) fn messages(events: &[StoredEvent], said: &Messages, width: u16) -> String {
    let texts = events.iter().filter_map(text);
    let said_lines = said.messages.iter().map(|message| {
        let what = level_word(message.level).to_owned();
        (message.time, [time_of_day(message.time), what, clean_lines(&message.text)])
    });
    let mut lines: Vec<(Timestamp, [String; 3])> = texts.chain(said_lines).collect();
    lines.sort_by_key(|(time, _)| *time);
    let skipped = lines.len().saturating_sub(MAX_MESSAGES);
    let mut grid = Grid::new([Align::Left], width);
    for (_, line) in lines.into_iter().skip(skipped) {
        grid.row(line);
    }
    if skipped == 0 && !said.has_more {
        return grid.section("Messages");
    }
    grid.section(&format!(
        "Messages (the last {MAX_MESSAGES}; `tracker logs` has all, --json all texts)"
    ))
}

/// When a text was logged, and how it is shown; `None` for what is shown elsewhere.
fn text(event: &StoredEvent) -> Option<(Timestamp, [String; 3])> {
    let StoredEventKind::Text { name, step: Step(step), text } = &event.kind else { return None };
    let text = format!("{} at step {step}: {}", clean(name), clean_lines(text));
    Some((event.time, [time_of_day(event.time), "text".to_owned(), text]))
}

fn time_of_day(time: Timestamp) -> String {
    time.to_string().get(11..19).unwrap_or_default().to_owned()
}
