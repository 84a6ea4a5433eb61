//! Which metrics people want to see first, and which a pattern means.

use std::{cmp::Ordering, collections::BTreeMap};

use anyhow::{Result, anyhow};
use tracker_core::{Definition, Direction, MetricName, Summary};
use wildmatch::WildMatch;

/// Metrics of a kind that people read last: per batch, and of the machine.
const BACKGROUND: [&str; 2] = ["batch", "system"];

/// How the metrics are seen that a table leaves out.
pub(crate) const METRIC_HINT: &str =
    "`--metric NAME` shows one, `--metric 'layer1/*'` those that fit";

/// Metrics that only count, so that their curves tell nothing.
const COUNTERS: [&str; 2] = ["epoch", "step"];

/// The sections of epoch values in the order in which people read them.
const SECTIONS: [&str; 3] = ["valid", "test", "train"];

/// The quantities that nearly every training has.
const QUANTITIES: [&str; 3] = ["accuracy", "loss", "perplexity"];

/// Compares two metrics by how much they tell.
pub(crate) fn order(a: (&str, Option<&Definition>), b: (&str, Option<&Definition>)) -> Ordering {
    rank(a).cmp(&rank(b))
}

/// How little a metric tells: epoch values come first, of them those with a direction, then by
/// section, by quantity and by name. Counters, values per batch and of the machine come last.
pub(crate) fn rank<'a>(
    (name, definition): (&'a str, Option<&Definition>),
) -> (bool, bool, bool, usize, usize, &'a str) {
    let section = MetricName::new(name).section().map(str::to_owned).unwrap_or_default();
    let quantity = name.rsplit('/').next().unwrap_or(name);
    let place = |known: &[&str], word: &str| {
        known.iter().position(|known| *known == word).unwrap_or(known.len())
    };
    (
        is_background(name),
        is_counter(name),
        definition.is_none_or(|definition| definition.direction.is_none()),
        place(&SECTIONS, &section),
        place(&QUANTITIES, quantity),
        name,
    )
}

/// What a metric measures in training, validation or test: `loss` of `valid/loss`.
pub(crate) fn quantity_of_epoch(name: &str) -> Option<&str> {
    let (section, quantity) = name.split_once('/')?;
    SECTIONS.contains(&section).then_some(quantity)
}

/// Whether a metric is one that people read last.
pub(crate) fn is_background(name: &str) -> bool {
    name.split_once('/').is_some_and(|(section, _)| BACKGROUND.contains(&section))
}

/// Whether a metric only counts.
pub(crate) fn is_counter(name: &str) -> bool {
    COUNTERS.contains(&name)
}

/// The metrics of a run, those that tell most first.
pub(crate) fn ordered<'a>(
    summaries: &'a BTreeMap<String, Summary>,
    definitions: &BTreeMap<String, Definition>,
) -> Vec<&'a str> {
    let mut names: Vec<&str> = summaries.keys().map(String::as_str).collect();
    names.sort_by_cached_key(|name| rank((name, definitions.get(*name))));
    names
}

/// The metrics that fit one of the patterns, or all of them without a pattern, those that tell most
/// first. What is hidden is there only if it is named in full. `owner` begins the sentence that
/// there is no such metric.
pub(crate) fn chosen(
    owner: &str,
    summaries: &BTreeMap<String, Summary>,
    definitions: &BTreeMap<String, Definition>,
    patterns: &[String],
) -> Result<Vec<String>> {
    let fits_it = |pattern: &String, name: &str| pattern == name || fits(pattern, name);
    for pattern in patterns {
        if !summaries.keys().any(|name| fits_it(pattern, name)) {
            return Err(unknown(owner, pattern, summaries));
        }
    }
    let is_chosen = |name: &str| {
        let mut named = patterns.iter().filter(|pattern| fits_it(pattern, name));
        if is_hidden(definitions.get(name)) {
            named.any(|pattern| pattern == name)
        } else {
            patterns.is_empty() || named.next().is_some()
        }
    };
    let ordered = ordered(summaries, definitions).into_iter();
    Ok(ordered.filter(|name| is_chosen(name)).map(str::to_owned).collect())
}

fn unknown(owner: &str, pattern: &str, known: &BTreeMap<String, Summary>) -> anyhow::Error {
    let hint = if known.is_empty() {
        "there are no metrics yet".to_owned()
    } else {
        format!("known are {}", some_of(known.keys(), pattern))
    };
    anyhow!("{owner} metric `{pattern}`\nhint: {hint}")
}

/// A few names for a hint, those first that are like the one that was asked for.
pub(crate) fn some_of<'a>(names: impl Iterator<Item = &'a String>, wanted: &str) -> String {
    const SHOWN: usize = 8;
    let (like, other): (Vec<&str>, Vec<&str>) = names
        .map(String::as_str)
        .partition(|name| !wanted.is_empty() && (name.contains(wanted) || wanted.contains(name)));
    let count = like.len() + other.len();
    let shown: Vec<&str> = like.into_iter().chain(other).take(SHOWN).collect();
    let more = if count > SHOWN { format!(" and {} more", count - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

/// Which value stands for a metric in a table of runs, in a word; see
/// [`Summary::telling`](tracker_core::Summary::telling).
pub(crate) fn which(direction: Option<Direction>) -> &'static str {
    if direction.is_some() { "best" } else { "last" }
}

/// The metric by which groups are judged: of these, the first for which it is known which values are better and that
/// people read early, else the first.
pub(crate) fn telling<'a>(
    metrics: &'a [String],
    definitions: &BTreeMap<String, Definition>,
) -> Option<&'a str> {
    let has_direction = |metric: &&String| {
        definitions.get(*metric).is_some_and(|known| known.direction.is_some())
            && !is_background(metric)
    };
    metrics.iter().find(has_direction).or(metrics.first()).map(String::as_str)
}

/// Whether a metric is for programs only.
pub(crate) fn is_hidden(definition: Option<&Definition>) -> bool {
    definition.is_some_and(|definition| definition.hidden)
}

/// Whether `name` fits a pattern in which `*` stands for any text and `?` for one character.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    WildMatch::new(pattern).matches(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_values_with_a_direction_come_first() {
        let loss = Definition::new().lower_is_better();
        let mut metrics = [
            ("batch/train/loss", Some(&loss)),
            ("epoch", None),
            ("train/loss", Some(&loss)),
            ("system/cpu", None),
            ("valid/loss", Some(&loss)),
            ("loss", None),
        ];
        metrics.sort_by(|a, b| order(*a, *b));
        let names = metrics.map(|(name, _)| name);
        let wanted =
            ["valid/loss", "train/loss", "loss", "epoch", "batch/train/loss", "system/cpu"];
        assert_eq!(names, wanted);
    }

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, name, fit) in [
            ("valid/*", "valid/loss", true),
            ("*loss", "batch/train/loss", true),
            ("*/l?ss", "train/loss", true),
            ("*a*b*", "xxaxxbxx", true),
            ("loss", "loss", true),
            ("loss", "train/loss", false),
            ("valid/*", "train/loss", false),
            ("**", "", true),
            ("?", "", false),
            ("é*", "élan", true),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }
}
