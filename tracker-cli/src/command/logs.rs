//! `tracker logs`: what the program of a run has said.

use std::{io::Write, thread::sleep, time::Duration};

use anyhow::Result;
use tracker_core::{
    State,
    read::{MessageCursor, MessageFilter, Messages, RunReader, Store, StoredMessage},
};

use crate::{
    answers::{command::logs::Said, versioned::Versioned},
    args::Logs,
    terminal::{printer, unseen::json_text},
    view::message_text,
};

/// How often a run is looked at that is followed.
const PAUSE: Duration = Duration::from_millis(200);

/// How many messages are in memory at a time.
const PAGE: usize = 1_000;

/// Runs `tracker logs`.
pub(crate) fn run(store: &Store, args: &Logs) -> Result<()> {
    let run = store.find(&args.run)?;
    let filter = filter(args);
    let mut place = match args.last {
        Some(count) => print_last(&run, &filter, count, args.json)?,
        None => MessageCursor::default(),
    };
    loop {
        // Looked at before the messages: what is said last is then read too.
        let has_ended = run.state() != State::Running;
        place = print_after(&run, &filter, place, args.json)?;
        if !args.follow || has_ended {
            break;
        }
        sleep(PAUSE);
    }
    printer::left_out_by(&run);
    Ok(())
}

fn filter(args: &Logs) -> MessageFilter {
    let source = args.source.clone().unwrap_or_default();
    let filter = MessageFilter::new().level(args.level.level()).source(source).count(PAGE);
    args.grep.as_ref().map_or(filter.clone(), |text| filter.search(text))
}

/// Prints the last messages, and says where they end.
fn print_last(
    run: &RunReader,
    filter: &MessageFilter,
    count: usize,
    as_json: bool,
) -> Result<MessageCursor> {
    let last = run.messages(&filter.clone().count(count))?;
    print(run, &last.messages, as_json)?;
    Ok(last.end)
}

/// Prints all that stands behind a place, and says where it ends.
fn print_after(
    run: &RunReader,
    filter: &MessageFilter,
    mut place: MessageCursor,
    as_json: bool,
) -> Result<MessageCursor> {
    loop {
        let Messages { messages, end, has_more, .. } =
            run.messages(&filter.clone().after(place))?;
        print(run, &messages, as_json)?;
        place = end;
        if !has_more {
            return Ok(place);
        }
    }
}

fn print(run: &RunReader, messages: &[StoredMessage], as_json: bool) -> Result<()> {
    let mut out = printer::data();
    for message in messages {
        if as_json {
            let said = Said { run: run.info().id.as_str(), message };
            writeln!(out, "{}", json_text(&Versioned::new(said)))?;
        } else {
            writeln!(out, "{}", message_text::whole(message))?;
        }
    }
    Ok(out.flush()?)
}
