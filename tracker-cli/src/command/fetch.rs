//! `tracker sync --from`: brings runs from a place into the store here.

use std::{ffi::OsStr, path::Path, process::ExitCode};

use anyhow::{Result, bail};
use tracker_core::{
    read::{RunReader, Store},
    replica,
    text::plural,
};
use tracker_remote::{Error, Fetch, Fetched, Place};

use crate::{
    args::Sync,
    command::{
        chosen::chosen,
        sync::{artifacts, limit_of, of_run},
    },
    terminal::{
        printer,
        text::{clean, size},
    },
};

/// Runs `tracker sync --from`. Succeeds if all of the runs that is there is here.
pub(crate) fn run(dir: Option<&Path>, from: &str, args: &Sync) -> Result<ExitCode> {
    if args.check.is_some() {
        bail!(
            "`--check` compares what is here with a place, and brings nothing\n\
             hint: `tracker sync --check --to PLACE` compares runs that were brought, too"
        );
    }
    let place = Place::parse(from)?;
    let limit = limit_of(args)?;
    let there = tracker_remote::open(&place)?;
    let runs = if args.all {
        let listing = there.runs()?;
        listing.warnings.iter().for_each(printer::left_out);
        listing.runs
    } else {
        let chosen = chosen(&there, &args.runs, None);
        chosen.map_err(|error| super::rm_afar::if_deleted(Some(from), error))?
    };
    let root = match dir {
        Some(dir) => dir.to_owned(),
        None => Store::discovered_root()?,
    };
    let store = replica::open_or_make(root)?;
    let fetch = Fetch::new(&place, &store)?.artifacts(artifacts(args)).limit(limit);
    let mut is_all_here = true;
    for run in &runs {
        let brought = fetch.bring(project(run), &run.info().id);
        is_all_here &= tell(run, brought, &place)?;
    }
    if runs.is_empty() {
        printer::text(&format!("there are no runs in {}\n", clean(from)))?;
    }
    Ok(if is_all_here { printer::exit_code() } else { ExitCode::FAILURE })
}

/// The project in whose folder the run lies.
pub(super) fn project(run: &RunReader) -> &str {
    let project = run.path().parent().and_then(Path::file_name);
    project.and_then(OsStr::to_str).unwrap_or_default()
}

/// Tells what became of a run. Whether all of it is here that is there.
fn tell(run: &RunReader, brought: tracker_remote::Result<Fetched>, place: &Place) -> Result<bool> {
    let name = clean(&run.info().name);
    let fetched = match brought {
        Ok(fetched) => fetched,
        // The next ones may be no trouble.
        Err(error @ (Error::Here { .. } | Error::Damaged { .. } | Error::Store(_))) => {
            printer::warning(&format!("{name}: {error}"));
            return Ok(false);
        }
        Err(error) => return Err(of_run(run, &error)),
    };
    for told in &fetched.told {
        printer::note(&format!("{name}: {told}"));
    }
    for missing in &fetched.missing {
        printer::warning(&format!("{name}: {missing}"));
    }
    let (bytes, objects) = fetched.got;
    let what = match objects {
        0 => "nothing was missing".to_owned(),
        _ => format!("brought {} in {}", size(bytes), plural(objects, "object")),
    };
    let rest = match (fetched.missing.is_empty(), fetched.is_whole) {
        (true, true) => "all of it is here",
        (true, false) => "it has not ended, and what is there is here",
        (false, _) => "what is there is here, and something is missing there",
    };
    let place = clean(&place.to_string());
    printer::text(&format!("{name}: {what} from {place}; {rest}\n"))?;
    Ok(fetched.missing.is_empty())
}
