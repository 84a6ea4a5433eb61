//! `tracker gc --store`: removes what nobody needs any more from a place.

use std::{borrow::Cow, process::ExitCode, time::Duration};

use anyhow::Result;
use tracker_core::text::plural;
use tracker_remote::{Garbage, Place, Tidy};

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

/// Runs `tracker gc --store`.
pub(crate) fn run(place: &str, args: &Gc) -> Result<ExitCode> {
    let grace = Duration::from_hours(24 * u64::from(args.older_than));
    let found = Tidy::new(&Place::parse(place)?)?.garbage(grace, !args.dry_run)?;
    found.told.iter().for_each(printer::warning);
    let (goes, marked): (Vec<&Garbage>, Vec<&Garbage>) =
        found.garbage.iter().partition(|garbage| garbage.goes);
    if args.json {
        printer::json(&Versioned::new(answer(&goes, args.dry_run)))?;
    } else {
        printer::text(&to_text(&goes, place, args.dry_run))?;
    }
    for run in marked {
        let verb = if args.dry_run { "would be" } else { "was" };
        printer::note(&format!(
            "{} of {} {verb} marked as deleted: {}; it goes when that is long ago, and `tracker rm --undo` takes it back",
            clean(&run.name),
            size(run.bytes),
            run.reason
        ));
    }
    Ok(printer::exit_code())
}

fn bytes(garbage: &[&Garbage]) -> u64 {
    garbage.iter().map(|garbage| garbage.bytes).sum()
}

fn answer<'a>(garbage: &[&'a Garbage], dry_run: bool) -> Collected<'a> {
    let items = garbage.iter().map(|item| GarbageAnswer {
        path: Cow::Borrowed(&*item.name),
        bytes: item.bytes,
        reason: &item.reason,
    });
    Collected { removed: !dry_run, bytes: bytes(garbage), garbage: items.collect() }
}

fn to_text(garbage: &[&Garbage], place: &str, dry_run: bool) -> String {
    if garbage.is_empty() {
        return "there is nothing to remove\n".to_owned();
    }
    let line = |garbage: &&Garbage| {
        format!("{}  {}  {}", clean(&garbage.name), size(garbage.bytes), clean(&garbage.reason))
    };
    let mut lines: Vec<String> = garbage.iter().map(line).collect();
    let count = plural(garbage.iter().map(|garbage| garbage.objects).sum(), "object");
    let size = size(bytes(garbage));
    lines.push(if dry_run {
        format!(
            "{count} of {size} would be removed; type `tracker gc --store {}` to remove them",
            clean(place)
        )
    } else {
        format!("removed {count} of {size}")
    });
    lines.join("\n") + "\n"
}
