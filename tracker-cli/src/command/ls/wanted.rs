//! Which runs are listed, and in which order.

use anyhow::Result;
use tracker_core::read::{Field, KnownFields, Query};

use crate::{args::Ls, command::ls::Listed, terminal::printer};

/// The runs that are asked for, in the order that is asked for.
pub(super) fn wanted<'a>(
    mut runs: Vec<Listed<'a>>,
    known: &KnownFields,
    args: &Ls,
) -> Result<Vec<Listed<'a>>> {
    if let Some(text) = &args.filter {
        let query = Query::parse(text, known)?;
        query.notes().iter().for_each(|note| printer::note(note));
        let of = runs.len();
        runs.retain(|run| query.finds(run.fields()));
        if runs.is_empty() && of > 0 {
            printer::note(&format!("none of {of} runs fits `{text}`"));
        }
    }
    if let Some(name) = &args.sort {
        let field = Field::named(name, known)?;
        runs.sort_by(|a, b| a.fields().compare(b.fields(), &field, args.reverse));
    } else if args.reverse {
        runs.reverse();
    }
    runs.truncate(args.count.unwrap_or(usize::MAX));
    Ok(runs)
}

/// The fields that the runs have, if any is asked for by name.
pub(super) fn known(runs: &[Listed<'_>], args: &Ls) -> KnownFields {
    if args.filter.is_none() && args.sort.is_none() && args.columns.is_empty() {
        return KnownFields::default();
    }
    KnownFields::of(runs.iter().map(Listed::fields))
}
