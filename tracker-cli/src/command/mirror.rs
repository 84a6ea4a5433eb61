//! `tracker mirror`: runs in the form of another tool, while they train.

use std::{thread, time::Duration};

use anyhow::{Result, bail};
use tracker_core::read::Store;
use tracker_export::Mirror as Mirrored;

use crate::{
    answers::{
        command::brought_over::{All, BroughtOver},
        versioned::Versioned,
    },
    args::Mirror,
    command::{chosen::chosen, parting::Parting},
    terminal::{printer, text::clean},
    view::brought_over,
};

/// The longest time between two looks at all runs.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A run that is mirrored.
struct Followed {
    mirror: Mirrored,
    /// Why it does not go on, if it does not.
    failed: Option<String>,
    is_caught_up: bool,
}

/// Runs `tracker mirror`.
pub(crate) fn run(store: &Store, args: &Mirror) -> Result<()> {
    let mut followed = begin(store, args)?;
    let parting = Parting::begin()?;
    while let Some(wait) = turn(&mut followed, args) {
        if parting.is_due() {
            followed.iter_mut().for_each(Followed::part);
            break;
        }
        thread::sleep(wait);
    }
    tell(&followed, args)?;
    let failed: Vec<String> = followed.iter().filter_map(|run| run.failed.clone()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "{} of {} not mirrored to the end\n{}",
        failed.len(),
        brought_over::runs(followed.len()),
        failed.join("\n")
    )
}

fn begin(store: &Store, args: &Mirror) -> Result<Vec<Followed>> {
    let mut followed = Vec::new();
    for run in chosen(store, &args.runs, args.filter.as_deref())? {
        let name = clean(&run.info().name);
        let Some(mut mirror) = Mirrored::open(run, &args.to)? else {
            printer::note(&format!("{name} is mirrored there by another process, which goes on"));
            continue;
        };
        if args.again {
            mirror.begin_again()?;
        }
        if !args.once && !args.json {
            printer::note(&format!(
                "mirroring {name} to {} in {} until it has ended; {}",
                args.to.neighbour.title(),
                args.to.place,
                brought_over::next_step(&args.to)
            ));
        }
        followed.push(Followed { mirror, failed: None, is_caught_up: false });
    }
    Ok(followed)
}

/// A turn of each run that goes on. How long to wait for the next one; `None` if none goes on.
fn turn(followed: &mut [Followed], args: &Mirror) -> Option<Duration> {
    let mut wait = None;
    for run in followed.iter_mut().filter(|run| run.goes_on()) {
        let run_waits = run.turn(args.once);
        if run.goes_on() {
            wait = Some(wait.unwrap_or(LOOK_EVERY).min(run_waits));
        }
    }
    wait
}

impl Followed {
    fn goes_on(&self) -> bool {
        self.failed.is_none() && !self.is_caught_up && !self.mirror.is_done()
    }

    fn turn(&mut self, once: bool) -> Duration {
        let turn = match self.mirror.turn() {
            Ok(turn) => turn,
            Err(error) => {
                self.fail(&error.to_string());
                return Duration::ZERO;
            }
        };
        match &turn.trouble {
            Some(error) if once => self.fail(&error.to_string()),
            Some(error) => {
                printer::warning(error);
                printer::note(
                    "it is tried again until it works; the training does not wait for it",
                );
            }
            None => self.is_caught_up = once && turn.is_idle(),
        }
        turn.wait
    }

    /// It is time to end before the run has.
    fn part(&mut self) {
        if self.goes_on() {
            self.fail("it was told to end; the same command goes on from there");
        }
    }

    fn fail(&mut self, why: &str) {
        self.failed = Some(format!("{}: {why}", clean(&self.mirror.run().info().name)));
    }
}

fn tell(followed: &[Followed], args: &Mirror) -> Result<()> {
    let tallies: Vec<_> = followed.iter().map(|run| run.mirror.tally()).collect();
    for run in followed {
        printer::left_out_by(run.mirror.run());
    }
    let all = followed.iter().zip(&tallies);
    if args.json {
        let mut runs = Vec::new();
        for (run, tally) in all {
            runs.push(BroughtOver::new(run.mirror.run(), tally, Some(run.mirror.is_done())));
        }
        printer::json(&Versioned::new(All::new(&args.to, runs)))?;
        return Ok(());
    }
    for (run, tally) in all {
        printer::text(&brought_over::text(run.mirror.run(), &args.to, tally))?;
    }
    Ok(())
}
