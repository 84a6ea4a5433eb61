//! `tracker stop`: asks a training to end by itself.

use tracker_core::{
    Stop as Urgency,
    control::StopRequest,
    read::{RunReader, Store},
};

use crate::{
    answers::{command::edits::StopAsked, versioned::Versioned},
    args::Stop,
    terminal::{
        printer,
        text::{bold, clean, clean_lines},
    },
};

/// Runs `tracker stop`.
pub(crate) fn run(store: &Store, args: &Stop) -> anyhow::Result<()> {
    let run = store.find(&args.run)?;
    let request = request(args);
    request.send(&run)?;
    if args.json {
        printer::json(&Versioned::new(answer(&run, &request)))?;
    } else {
        printer::text(&to_text(&run, &request))?;
    }
    Ok(())
}

fn request(args: &Stop) -> StopRequest {
    let request = if args.now { StopRequest::now() } else { StopRequest::after_epoch() };
    match &args.why {
        Some(why) => request.why(why),
        None => request,
    }
}

fn answer<'a>(run: &'a RunReader, request: &StopRequest) -> StopAsked<'a> {
    StopAsked {
        run: run.info().id.as_str(),
        when: if request.stop() == Urgency::Now { "now" } else { "after_epoch" },
        reason: request.to_string(),
    }
}

/// What will happen, and what to do if it does not.
fn to_text(run: &RunReader, request: &StopRequest) -> String {
    let info = run.info();
    let (name, host, pid) = (clean(&info.name), clean(&info.provenance.host), info.provenance.pid);
    let when = if request.stop() == Urgency::Now { "within a batch" } else { "after this epoch" };
    format!(
        "run {} will stop {when} and be saved: {}\n\
         next: `tracker show {name}` says when it has stopped\n\
         if it trains on, its loop does not look at `run.requests()`: type `kill {pid}` on \
         {host}, which saves it too\n",
        bold(&name),
        clean_lines(&request.to_string())
    )
}
