//! `tracker tag`: adds tags to runs and takes tags away.

use anyhow::{Result, anyhow, bail};
use tracker_core::{
    read::{Edit, RunInfo, RunReader, Store},
    text::plural,
    upkeep,
};

use crate::{
    answers::{
        command::edits::{EditedRuns, Tagged},
        versioned::Versioned,
    },
    args::Tag,
    command::chosen::{chosen, refuse_rest},
    terminal::{
        printer,
        text::{bold, clean},
    },
};

/// Runs `tracker tag`.
pub(crate) fn run(store: &Store, args: &Tag) -> Result<()> {
    let (references, tags) = split(&args.words, args.filter.is_some());
    if tags.is_empty() {
        bail!("no tag is named\nhint: type `tracker tag RUN… +TAG`, or `-TAG` to take one away");
    }
    refuse_bare_tags(store, references)?;
    let runs = chosen(store, references, args.filter.as_deref())?;
    match runs.as_slice() {
        [run] if args.filter.is_none() => tag_one(store, run, tags, args),
        runs => tag_all(store, runs, tags, args),
    }
}

/// The runs and the tags among the words. With a query, a word before the first `+TAG` or `-TAG` is a run only if
/// there is one; else the first word is a run, and those behind it are too if a sign follows.
fn split(words: &[String], has_query: bool) -> (&[String], &[String]) {
    let is_signed = |word: &String| word.starts_with(['+', '-']);
    let runs = match words.iter().position(is_signed) {
        Some(first) => first,
        None if has_query => 0,
        None => 1,
    };
    words.split_at(runs.min(words.len()))
}

/// A tag without a sign between the first run and a tag with one would be taken for a run.
fn refuse_bare_tags(store: &Store, references: &[String]) -> Result<()> {
    for word in references.iter().skip(1) {
        if store.find_all(word).is_err() {
            bail!(
                "no run matches `{word}`, nothing was changed\nhint: words before the first +TAG or -TAG are runs; \
                 type `+{word}` for a tag"
            );
        }
    }
    Ok(())
}

fn tag_one(store: &Store, run: &RunReader, words: &[String], args: &Tag) -> Result<()> {
    let info = run.info();
    let tags = changed(info, words)?;
    let one = std::slice::from_ref(run);
    let changed = upkeep::edit(store, one, |_| Edit::new().tags(tags.as_slice()))?;
    if let Some(refusal) = changed.refused.into_iter().next() {
        return Err(refusal.error.into());
    }
    if args.json {
        printer::json(&Versioned::new(Tagged { run: info.id.as_str(), tags: &tags }))?;
    } else {
        printer::text(&format!("run {} {}\n", bold(&clean(&info.name)), said(&tags)))?;
    }
    Ok(())
}

/// Of many runs, one that lacks a tag that is taken away is as it should be.
fn tag_all(store: &Store, runs: &[RunReader], words: &[String], args: &Tag) -> Result<()> {
    for word in words.iter().filter_map(|word| word.strip_prefix('-')) {
        if runs.iter().all(|run| run.info().tags.iter().all(|tag| tag != word)) {
            bail!(
                "none of {} has the tag `{word}`, nothing was changed\nhint: `tracker ls --where 'tag = …'` \
                 finds runs by their tags",
                plural(runs.len() as u64, "run")
            );
        }
    }
    let done = upkeep::edit(store, runs, |info| Edit::new().tags(merged(info, words)))?;
    if args.json {
        let ids = done.done.iter().map(tracker_core::RunId::as_str).collect();
        let change = done.change.as_ref().map(|change| change.id.as_str());
        printer::json(&Versioned::new(EditedRuns { runs: ids, change }))?;
    } else {
        let count = plural(done.done.len() as u64, "run");
        let back = done.change.as_ref().map_or("", |_| "; `tracker undo` takes it back");
        let words = clean(&words.join(" "));
        printer::text(&format!("tagged {count}: {words}{back}\n"))?;
    }
    refuse_rest(&done.refused, runs.len(), "tagged")
}

/// The run's tags after all changes, in their order; none is made if one cannot be.
fn changed(info: &RunInfo, changes: &[String]) -> Result<Vec<String>> {
    let mut after = info.tags.clone();
    for change in changes {
        match change.strip_prefix('-') {
            Some(tag) if !after.iter().any(|known| known == tag) => return Err(unknown(info, tag)),
            _ => apply(&mut after, change),
        }
    }
    Ok(after)
}

fn merged(info: &RunInfo, changes: &[String]) -> Vec<String> {
    let mut after = info.tags.clone();
    for change in changes {
        apply(&mut after, change);
    }
    after
}

fn apply(tags: &mut Vec<String>, change: &str) {
    if let Some(tag) = change.strip_prefix('-') {
        tags.retain(|known| known != tag);
        return;
    }
    let tag = change.strip_prefix('+').unwrap_or(change);
    if tags.iter().all(|known| known != tag) {
        tags.push(tag.to_owned());
    }
}

fn unknown(info: &RunInfo, tag: &str) -> anyhow::Error {
    let RunInfo { name, tags, .. } = info;
    anyhow!("run {name} has no tag `{tag}`, nothing was changed\nhint: it {}", said(tags))
}

fn said(tags: &[String]) -> String {
    if tags.is_empty() {
        return "has no tags".to_owned();
    }
    format!("has the tags {}", clean(&tags.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(words: &[&str], has_query: bool) -> (Vec<String>, Vec<String>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (runs, tags) = split(&words, has_query);
        (runs.to_vec(), tags.to_vec())
    }

    #[test]
    fn words_before_the_first_signed_one_are_runs() {
        let texts =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (words, has_query, runs) in [
            (&["a", "good"][..], false, 1),
            (&["a", "good", "better"], false, 1),
            (&["a", "b", "+good", "better"], false, 2),
            (&["a", "b", "-good"], false, 2),
            (&["good"], true, 0),
            (&["+good"], true, 0),
            (&["a", "+good"], true, 1),
            (&["a"], false, 1),
        ] {
            assert_eq!(parts(words, has_query), (texts(&words[..runs]), texts(&words[runs..])));
        }
    }
}
