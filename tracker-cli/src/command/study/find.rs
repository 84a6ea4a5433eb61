//! The study that a person names.

use anyhow::{Result, bail};
use tracker_core::{read::Store, studies::StudyFolder};

use crate::{terminal::text::clean, view::metric_order::some_of};

/// The study of this name, perhaps behind its project and a slash.
pub(crate) fn find(store: &Store, reference: &str) -> Result<StudyFolder> {
    let (project, name) = match reference.split_once('/') {
        Some((project, name)) => (Some(project), name),
        None => (None, reference),
    };
    let all = store.studies()?;
    let is_meant = |study: &&StudyFolder| {
        study.name() == name && project.is_none_or(|project| study.project() == project)
    };
    let found: Vec<&StudyFolder> = all.iter().filter(is_meant).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let known: Vec<String> = all.iter().map(|study| study.name().to_owned()).collect();
            let known = nearest(&known, name);
            let hint = if known.is_empty() {
                "a study begins with `tracker sweep study.toml -- COMMAND`".to_owned()
            } else {
                format!("there are {}; `tracker study ls` shows all", clean(&known))
            };
            bail!("there is no study `{}`\nhint: {hint}", clean(reference))
        }
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|study| format!("{}/{}", study.project(), study.name()))
                .collect();
            bail!(
                "{} projects have a study `{}`\nhint: name one of {}",
                several.len(),
                clean(name),
                clean(&some_of(names.iter(), ""))
            )
        }
    }
}

/// A few of these names, the most alike first.
pub(crate) fn nearest(names: &[String], wanted: &str) -> String {
    let mut ordered: Vec<&String> = names.iter().collect();
    ordered.sort_by_cached_key(|name| (distance(name, wanted), (*name).clone()));
    some_of(ordered.into_iter(), wanted)
}

/// The longest beginning of a name that is compared.
const LONGEST: usize = 64;

/// How many characters make one text the other (Levenshtein 1966), of their beginnings.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(LONGEST).collect();
    let other: Vec<char> = other.chars().take(LONGEST).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.iter().enumerate() {
        let mut before = std::mem::replace(&mut row[0], at + 1);
        for (place, d) in other.iter().enumerate() {
            let changed = before + usize::from(c != d);
            before = row[place + 1];
            row[place + 1] = changed.min(before + 1).min(row[place] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_nearly_what_was_typed_come_first() {
        assert_eq!(distance("kitten", "sitting"), 3);
        let names = ["wide", "mnist-lr", "lr"].map(str::to_owned);
        assert_eq!(nearest(&names, "mnsit-lr"), "lr, mnist-lr, wide");
        assert_eq!(nearest(&names, "wid"), "wide, lr, mnist-lr");
    }
}
