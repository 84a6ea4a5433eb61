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
    if args.json {
        printer::json(&Versioned::new(answer(&garbage, args.dry_run)))?;
    } else {
        printer::text(&to_text(&garbage, args.dry_run))?;
        if in_trash >= WORTH_TELLING {
            printer::note(&format!(
                "the trash keeps {} of what was deleted lately; `tracker gc --older-than 0` empties it",
                size(in_trash)
            ));
        }
    }
    Ok(())
}

fn bytes(garbage: &[Garbage]) -> u64 {
    garbage.iter().map(Garbage::bytes).sum()
}

fn answer(garbage: &[Garbage], dry_run: bool) -> Collected<'_> {
    let items = garbage.iter().map(|item| GarbageAnswer {
        path: item.path().to_string_lossy(),
        bytes: item.bytes(),
        reason: item.reason(),
    });
    Collected { removed: !dry_run, bytes: bytes(garbage), garbage: items.collect() }
}

fn to_text(garbage: &[Garbage], dry_run: bool) -> String {
    if garbage.is_empty() {
        return "there is nothing to remove\n".to_owned();
    }
    let line = |garbage: &Garbage| {
        let path = clean(&garbage.path().to_string_lossy());
        format!("{path}  {}  {}", size(garbage.bytes()), garbage.reason())
    };
    let mut lines: Vec<String> = garbage.iter().map(line).collect();
    let count = plural(garbage.len() as u64, "item");
    let size = size(bytes(garbage));
    lines.push(if dry_run {
        format!("{count} of {size} would be removed; type `tracker gc` to remove them")
    } else {
        format!("removed {count} of {size}")
    });
    lines.join("\n") + "\n"
}
