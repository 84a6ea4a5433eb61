//! `tracker sync`: sends runs to a place beyond this machine, or compares them with what is there.

use std::{
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, bail};
use tracker_core::{
    read::{RunReader, Store},
    text::plural,
};
use tracker_remote::{
    Artifacts, Check, FollowOptions, Place, Progress, StudyUplink, Uplink, parse_limit, send_left,
};

use crate::{
    args::{How, Sync, Which},
    command::{chosen::chosen, parting::Parting},
    terminal::{
        printer,
        text::{clean, size},
    },
};

/// How long it is waited for what a study says of a trial, after the run of that trial has ended.
const VERDICT: Duration = Duration::from_secs(5);

/// How often it is looked whether it has said so.
const LOOK: Duration = Duration::from_secs(1);

/// How many findings of a run are named.
const MOST_NAMED: usize = 20;

/// Runs `tracker sync`. Succeeds if all of the runs is there.
pub(crate) fn run(store: &Store, args: &Sync) -> Result<ExitCode> {
    let place = place(args)?;
    let runs = if args.all {
        let listing = store.runs()?;
        listing.warnings.iter().for_each(printer::left_out);
        listing.runs
    } else {
        chosen(store, &args.runs, None)?
    };
    let is_all_there = match args.check {
        Some(how) => check(&runs, &place, args, how)?,
        None => send(store, runs, &place, args)?,
    };
    Ok(if is_all_there { printer::exit_code() } else { ExitCode::FAILURE })
}

fn place(args: &Sync) -> Result<Place> {
    let named = args.to.clone().or_else(|| std::env::var("TRACKER_SYNC").ok());
    let Some(named) = named.filter(|named| !named.trim().is_empty()) else {
        bail!(
            "no place is named\nhint: give --to s3://bucket/prefix or a folder, or set TRACKER_SYNC"
        )
    };
    Ok(Place::parse_or_make(&named)?)
}

fn uplink(run: &RunReader, place: &Place, args: &Sync) -> Result<Uplink> {
    let uplink = Uplink::new(place, run.path()).map_err(|error| of_run(run, &error))?;
    Ok(uplink.artifacts(artifacts(args)).limit(limit_of(args)?))
}

/// Which files go along.
pub(super) fn artifacts(args: &Sync) -> Artifacts {
    match args.artifacts {
        Which::All => Artifacts::All,
        Which::Media => Artifacts::Media,
        Which::None => Artifacts::None,
    }
}

/// How many bytes may pass a second.
pub(super) fn limit_of(args: &Sync) -> Result<Option<u64>> {
    args.limit.as_deref().map(limit).transpose()
}

fn limit(text: &str) -> Result<u64> {
    let no_rate = || anyhow!("`{text}` is no rate\nhint: write it as 10MB/s, 500kB/s or 2MiB/s");
    parse_limit(text).ok_or_else(no_rate)
}

pub(super) fn of_run(run: &RunReader, error: &tracker_remote::Error) -> anyhow::Error {
    anyhow!("{}: {error}", name(run))
}

fn name(run: &RunReader) -> String {
    clean(&run.info().name)
}

/// Whether all of all runs is there.
fn send(store: &Store, runs: Vec<RunReader>, place: &Place, args: &Sync) -> Result<bool> {
    let (mut is_all_there, mut following) = (true, Vec::new());
    let parting = args.follow.then(Parting::begin).transpose()?;
    let until = move || parting.as_ref().is_some_and(Parting::is_due);
    // Runs that train do not wait for older ones.
    let left = args.left.then(|| {
        let (place, store, until) = (place.clone(), store.root().to_owned(), until.clone());
        thread::spawn(move || send_left(&place, &store, until))
    });
    let studies = StudyUplink::of_runs(place, &runs)?;
    for run in runs {
        let mut uplink = uplink(&run, place, args)?;
        // Those that train take as long as they train: each has a thread of its own then.
        if args.follow {
            let until = until.clone();
            following.push(thread::spawn(move || {
                let name = name(&run);
                let tell = name.clone();
                let options = FollowOptions {
                    tell: Box::new(move |text| {
                        printer::warning(&format!("{tell}: {text}"));
                        printer::note("the training does not wait for it, and nothing is lost");
                    }),
                    ..FollowOptions::new()
                };
                let sent = uplink.follow(&options, until);
                (name, sent)
            }));
        } else {
            let sent = uplink.send();
            is_all_there &= sent.as_ref().is_ok_and(|progress| progress.behind == 0);
            tell(&name(&run), sent, place)?;
        }
    }
    for thread in following {
        let Ok((name, sent)) = thread.join() else { bail!("a thread that sends ended in a panic") };
        // One that was told to end before the run has leaves a rest.
        is_all_there &= sent.as_ref().is_ok_and(|progress| progress.all);
        tell(&name, sent, place)?;
    }
    let longest = if args.follow { VERDICT } else { Duration::ZERO };
    for study in studies {
        is_all_there &= send_study(study, place, longest)?;
    }
    if let Some(left) = left {
        let Ok(sent) = left.join() else { bail!("a thread that sends ended in a panic") };
        let (sent, place) = (sent?, clean(&place.to_string()));
        printer::text(&format!(
            "{} that had been left on the way to {place}\n",
            plural(sent as u64, "run")
        ))?;
    }
    Ok(is_all_there)
}

/// Sends a study's journal, again when it grows within the time. Whether all of it is there.
fn send_study(mut study: StudyUplink, place: &Place, longest: Duration) -> Result<bool> {
    let end = Instant::now() + longest;
    let mut is_news = false;
    loop {
        match study.send() {
            Ok(sent) => is_news |= sent,
            Err(error) => {
                printer::warning(&error.to_string());
                return Ok(false);
            }
        }
        if Instant::now() >= end {
            break;
        }
        thread::sleep(LOOK);
    }
    let (name, place) = (clean(study.folder().name()), clean(&place.to_string()));
    if is_news {
        printer::text(&format!("study {name}: sent its journal to {place}\n"))?;
    }
    Ok(true)
}

/// Whether all of a study's journal is there.
fn check_study(mut study: StudyUplink) -> Result<bool> {
    let name = clean(study.folder().name());
    let (is_there, text) = match study.is_there() {
        Ok(true) => (true, "all of its journal is there".to_owned()),
        Ok(false) => (false, "not all of its journal is there".to_owned()),
        Err(error) => (false, error.to_string()),
    };
    printer::text(&format!("study {name}: {}\n", clean(&text)))?;
    Ok(is_there)
}

/// Tells what was sent of a run, in one line.
fn tell(name: &str, sent: tracker_remote::Result<Progress>, place: &Place) -> Result<()> {
    let progress = match sent {
        Ok(progress) => progress,
        Err(error) => {
            printer::warning(&format!("{name}: {error}"));
            return Ok(());
        }
    };
    for told in &progress.told {
        printer::note(&format!("{name}: {told}"));
    }
    let (bytes, objects) = progress.sent;
    let what = match objects {
        0 => "nothing was missing".to_owned(),
        _ => format!("sent {} in {}", size(bytes), plural(objects, "object")),
    };
    let rest = match (progress.all, progress.behind) {
        (true, _) => "all of it is there".to_owned(),
        (false, 0) => "it has not ended, and what it has is there".to_owned(),
        (false, behind) => format!("{} are still here", size(behind)),
    };
    let place = clean(&place.to_string());
    printer::text(&format!("{name}: {what} to {place}; {rest}\n"))?;
    Ok(())
}

/// Whether nothing was found.
fn check(runs: &[RunReader], place: &Place, args: &Sync, how: How) -> Result<bool> {
    let how = if how == How::Deep { Check::Deep } else { Check::Names };
    let mut is_all_there = true;
    for run in runs {
        let found = uplink(run, place, args)?.check(how).map_err(|error| of_run(run, &error))?;
        is_all_there &= found.is_empty();
        let mut text = match found.len() {
            0 => format!("{}: all of it is there\n", name(run)),
            count => format!("{}: {} there\n", name(run), plural(count as u64, "difference")),
        };
        for found in found.iter().take(MOST_NAMED) {
            text.push_str(&clean(&format!("  {} {}", found.path, found.what)));
            text.push('\n');
        }
        printer::text(&text)?;
    }
    for study in StudyUplink::of_runs(place, runs)? {
        is_all_there &= check_study(study)?;
    }
    if !is_all_there {
        printer::note("hint: `tracker sync` with the same runs sends what is missing");
    }
    Ok(is_all_there)
}
