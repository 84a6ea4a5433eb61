//! `tracker gc`: removes what nobody needs any more.

use std::time::Duration;

use tracker_core::{
    import,
    read::Store,
    replica,
    text::plural,
    upkeep::{self, Garbage},
};

use crate::{
    answers::{
        command::removal::{Collected, Garbage as GarbageAnswer},
        versioned::Versioned,
    },
    args::Gc,
    terminal::{
        printer,
        text::{clean, size},
    },
};

/// Less than this in the trash is nobody's trouble: a change of tags takes some bytes too.
const WORTH_TELLING: u64 = 1 << 20;

/// Runs `tracker gc`.
pub(crate) fn run(store: &Store, args: &Gc) -> anyhow::Result<()> {
    let mut garbage = upkeep::garbage(store)?;
    let kept = Duration::from_hours(24 * u64::from(args.older_than));
    garbage.extend(upkeep::trash(store, kept)?);
    garbage.extend(import::leftovers(store)?);
    garbage.extend(replica::leftovers(store)?);
    if !args.dry_run {
        garbage.retain(|garbage| match garbage.remove() {
            Ok(()) => true,
            Err(error) => {
                printer::warning(&error);
                false
            }
        });
    }
    let young = upkeep::trash(store, Duration::ZERO)?;
    let younger =
        young.iter().filter(|item| garbage.iter().all(|known| known.path() != item.path()));
    let in_trash: u64 = younger.map(Garbage::bytes).sum();
    let found = answer(&garbage, args.dry_run);
    if args.json {
        printer::json(&Versioned::new(found))?;
    } else {
        let items = plural(garbage.len() as u64, "item");
        printer::text(&to_text(&found, &items, "tracker gc"))?;
        if in_trash >= WORTH_TELLING {
            printer::note(&format!(
                "the trash keeps {} of what was deleted lately; `tracker gc --older-than 0` empties it",
                size(in_trash)
            ));
        }
    }
    Ok(())
}

fn answer(garbage: &[Garbage], dry_run: bool) -> Collected<'_> {
    let items = garbage.iter().map(|item| GarbageAnswer {
        path: item.path().to_string_lossy(),
        bytes: item.bytes(),
        reason: item.reason(),
    });
    Collected::new(items.collect(), dry_run)
}

/// What was found, a line each, and how many `objects` of them there are in words. `command` removes them after a dry run.
pub(super) fn to_text(found: &Collected<'_>, objects: &str, command: &str) -> String {
    if found.garbage.is_empty() {
        return "there is nothing to remove\n".to_owned();
    }
    let line = |item: &GarbageAnswer<'_>| {
        format!("{}  {}  {}", clean(&item.path), size(item.bytes), clean(item.reason))
    };
    let mut lines: Vec<String> = found.garbage.iter().map(line).collect();
    let size = size(found.bytes);
    lines.push(if found.removed {
        format!("removed {objects} of {size}")
    } else {
        format!("{objects} of {size} would be removed; type `{command}` to remove them")
    });
    lines.join("\n") + "\n"
}
