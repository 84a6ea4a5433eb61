//! `tracker gc`: removes what nobody needs any more.

use serde_json::{Value, json};
use tracker_core::{
    read::Store,
    text::plural,
    upkeep::{self, Garbage},
};

use crate::{
    args::Gc,
    terminal::{
        printer,
        text::{clean, size},
    },
    view::run_json,
};

/// Runs `tracker gc`.
pub(crate) fn run(store: &Store, args: &Gc) -> anyhow::Result<()> {
    let mut garbage = upkeep::garbage(store)?;
    if !args.dry_run {
        garbage.retain(|garbage| match garbage.remove() {
            Ok(()) => true,
            Err(error) => {
                printer::warning(&error);
                false
            }
        });
    }
    if args.json {
        printer::json(&to_json(&garbage, args.dry_run))?;
    } else {
        printer::text(&to_text(&garbage, args.dry_run))?;
    }
    Ok(())
}

fn bytes(garbage: &[Garbage]) -> u64 {
    garbage.iter().map(Garbage::bytes).sum()
}

fn to_json(garbage: &[Garbage], dry_run: bool) -> Value {
    let item = |garbage: &Garbage| {
        json!({
            "path": garbage.path().to_string_lossy(),
            "bytes": garbage.bytes(),
            "reason": garbage.reason(),
        })
    };
    json!({
        "version": run_json::VERSION,
        "removed": !dry_run,
        "bytes": bytes(garbage),
        "garbage": garbage.iter().map(item).collect::<Vec<_>>(),
    })
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
