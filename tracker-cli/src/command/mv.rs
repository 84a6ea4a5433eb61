//! `tracker mv`: moves runs to another project, or gives a project another name.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use tracker_core::{
    read::Store,
    replica::RunFolder,
    text::plural,
    upkeep::{self, Changed},
};

use crate::{
    answers::{command::changes::Moved, versioned::Versioned},
    args::Mv,
    command::chosen::{chosen, refuse_live, refuse_rest},
    terminal::{
        printer,
        text::{bold, clean},
    },
};

/// Runs `tracker mv`.
pub(crate) fn run(store: &Store, args: &Mv) -> Result<()> {
    let Some((to, runs)) = args.words.split_last() else { bail!("no project is named") };
    if let Some(from) = &args.project {
        if let [first, ..] = runs {
            bail!(
                "a project has one name, and `{first}` and `{to}` were given\nhint: type `tracker mv --project \
                 OLD NEW`; quote a name that has spaces"
            );
        }
        return rename(store, from, to, args);
    }
    if runs.is_empty() && args.filter.is_none() {
        bail!(
            "no run is named that is to be moved to `{to}`\nhint: type `tracker mv RUN… PROJECT`, or \
             `tracker mv --project OLD NEW` to rename a project"
        );
    }
    let runs = chosen(store, runs, args.filter.as_deref())?;
    refuse_live(&runs, "moved")?;
    let changed = upkeep::move_runs(store, &runs, to)?;
    let count = plural(changed.done.len() as u64, "run");
    tell(args, to, &changed, &format!("moved {count} to {}", bold(&clean(to))))?;
    tell_sent(store, to, &changed);
    refuse_rest(&changed.refused, runs.len(), "moved")
}

fn rename(store: &Store, from: &str, to: &str, args: &Mv) -> Result<()> {
    let changed = upkeep::rename_project(store, from, to)?;
    let count = plural(changed.done.len() as u64, "run");
    tell(
        args,
        to,
        &changed,
        &format!("renamed {} to {}, with {count}", clean(from), bold(&clean(to))),
    )?;
    tell_sent(store, to, &changed);
    Ok(())
}

/// Runs that were sent lie under their old project there, and sent again they would lie there twice.
fn tell_sent(store: &Store, to: &str, changed: &Changed) {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for id in &changed.done {
        let Ok(folder) = RunFolder::open(store.root().join(to).join(id.as_str())) else { continue };
        for place in tracker_remote::places_of(&folder) {
            *places.entry(place).or_default() += 1;
        }
    }
    for (place, count) in places {
        printer::note(&format!(
            "{} lie at {place} under the old project; `tracker rm RUN --store` removes them there before they are sent \
             again",
            plural(count as u64, "run")
        ));
    }
}

fn tell(args: &Mv, to: &str, changed: &Changed, text: &str) -> Result<()> {
    if args.json {
        let runs = changed.done.iter().map(tracker_core::RunId::as_str).collect();
        let change = changed.change.as_ref().map(|change| change.id.as_str());
        printer::json(&Versioned::new(Moved { project: to, runs, change }))?;
    } else if changed.change.is_some() {
        printer::text(&format!("{text}; `tracker undo` takes it back\n"))?;
    } else if changed.refused.is_empty() {
        printer::text(&format!(
            "nothing was to be moved: all is in {} already\n",
            bold(&clean(to))
        ))?;
    }
    Ok(())
}
