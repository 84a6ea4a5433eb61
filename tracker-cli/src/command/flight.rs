//! `tracker flight`: asks a training for its last steps.

use std::{
    thread,
    time::{Duration, Instant},
};

use tracker_core::{
    State, control,
    read::{Flight, RunReader, Store},
};

use crate::{
    args::Flight as Args,
    terminal::{
        printer,
        text::{bold, clean},
    },
};

/// How long it waits for them: a training looks for requests each second, and takes some more steps.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Runs `tracker flight`.
pub(crate) fn run(store: &Store, args: &Args) -> anyhow::Result<()> {
    let run = store.find(&args.run)?;
    let before = run.flights()?;
    control::ask_for_flight(&run)?;
    let name = clean(&run.info().name);
    let text = match wait(store, &run, &before)? {
        Waited::Stored(text) => text,
        Waited::Ended(state) => format!(
            "run {} was asked, and is {state} now; it has stored no steps since\n\
             next: `tracker show {name} --flight` shows what it has stored before\n",
            bold(&name),
        ),
        Waited::InVain => format!(
            "run {} was asked, and has stored nothing within {} s\n\
             next: `tracker show {name} --flight` shows its last steps when they are there\n\
             if none come, the training does not watch its model: `hooks.watch(..)` for Candle, \
             `run.watch(model)` for Burn; five records are stored of a run\n",
            bold(&name),
            PATIENCE.as_secs(),
        ),
    };
    printer::text(&text)?;
    Ok(())
}

/// What came of it.
enum Waited {
    Stored(String),
    Ended(State),
    InVain,
}

fn wait(store: &Store, run: &RunReader, before: &[Flight]) -> anyhow::Result<Waited> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        thread::sleep(LOOK_EVERY);
        let run = store.find(run.info().id.as_str())?;
        // Before its records: it stores the last one before it ends.
        let state = run.state();
        let flights = run.flights()?;
        if let Some(flight) = new(&flights, before) {
            return Ok(Waited::Stored(text(&run, flight)?));
        }
        if state != State::Running {
            return Ok(Waited::Ended(state));
        }
    }
    Ok(Waited::InVain)
}

/// The first record that was not there before. It need not be the last one: a training that began anew is at an
/// earlier step.
fn new<'a>(flights: &'a [Flight], before: &[Flight]) -> Option<&'a Flight> {
    let known = flights.iter().zip(before).take_while(|(now, before)| now == before).count();
    flights.get(known).filter(|_| flights.len() > before.len())
}

fn text(run: &RunReader, flight: &Flight) -> tracker_core::Result<String> {
    let record = run.flight(flight)?;
    let name = clean(&run.info().name);
    let verdict = record.verdict(&record.findings());
    let verdict = verdict.unwrap_or_else(|| "nothing left what was usual".to_owned());
    Ok(format!(
        "run {} has stored its last {} steps, to step {}\n{}\n\
         next: `tracker show {name} --flight` shows them layer by layer\n",
        bold(&name),
        record.steps.len(),
        flight.step,
        clean(&verdict),
    ))
}
