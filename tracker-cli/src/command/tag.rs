//! `tracker tag`: adds tags to a run and takes tags away.

use anyhow::{Result, anyhow};
use tracker_core::read::{Edit, RunInfo, Store};

use crate::{
    answers::{command::edits::Tagged, versioned::Versioned},
    args::Tag,
    terminal::{
        printer,
        text::{bold, clean},
    },
};

/// Runs `tracker tag`.
pub(crate) fn run(store: &Store, args: &Tag) -> Result<()> {
    let run = store.find(&args.run)?;
    let info = run.info();
    let tags = changed(info, &args.tags)?;
    if tags != info.tags {
        run.edit(&Edit::new().tags(tags.as_slice()))?;
    }
    if args.json {
        printer::json(&Versioned::new(Tagged { run: info.id.as_str(), tags: &tags }))?;
    } else {
        printer::text(&format!("run {} {}\n", bold(&clean(&info.name)), said(&tags)))?;
    }
    Ok(())
}

/// The run's tags after all changes, in their order; none is made if one cannot be.
fn changed(info: &RunInfo, changes: &[String]) -> Result<Vec<String>> {
    let mut tags = info.tags.clone();
    for change in changes {
        if let Some(tag) = change.strip_prefix('-') {
            let place = tags.iter().position(|known| known == tag);
            tags.remove(place.ok_or_else(|| unknown(info, tag))?);
        } else {
            let tag = change.strip_prefix('+').unwrap_or(change);
            if tags.iter().all(|known| known != tag) {
                tags.push(tag.to_owned());
            }
        }
    }
    Ok(tags)
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
