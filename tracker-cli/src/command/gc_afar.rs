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
    command::gc::to_text,
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
    let answer = answer(&goes, args.dry_run);
    if args.json {
        printer::json(&Versioned::new(answer))?;
    } else {
        let objects = plural(goes.iter().map(|garbage| garbage.objects).sum(), "object");
        let command = format!("tracker gc --store {}", clean(place));
        printer::text(&to_text(&answer, &objects, &command))?;
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

fn answer<'a>(garbage: &[&'a Garbage], dry_run: bool) -> Collected<'a> {
    let items = garbage.iter().map(|item| GarbageAnswer {
        path: Cow::Borrowed(&*item.name),
        bytes: item.bytes,
        reason: &item.reason,
    });
    Collected::new(items.collect(), dry_run)
}
