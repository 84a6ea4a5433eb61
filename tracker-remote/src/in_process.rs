//! Sends runs by a thread of the process that trains, in place of the program `tracker sync`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use parking_lot::Mutex;
use tracker_core::{
    RunBuilder,
    sender::{self, Assignment},
};

use crate::{FollowOptions, Place, Result, Uplink, send_left};

/// The stores and places of this process for which it was looked what earlier ones have left.
static LOOKED: Mutex<BTreeSet<(PathBuf, String)>> = Mutex::new(BTreeSet::new());

/// The places on whose way a run of this process was left.
static LEFT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// As [`tracker_core::init`], in a process that [sends runs itself](send_in_process).
///
/// ```no_run
/// use tracker_core::metrics;
///
/// # fn main() -> tracker_core::Result<()> {
/// let run = tracker_remote::init("mnist").sync("s3://bucket/runs").start()?;
/// run.log(metrics! { "loss" => 0.5 });
/// println!("{}", run.finish()?); // waits until all is there, ten seconds at most
/// # Ok(())
/// # }
/// ```
pub fn init(project: impl Into<String>) -> RunBuilder {
    send_in_process();
    tracker_core::init(project)
}

/// Has the runs that this process starts from now on sent by threads of it, wherever `TRACKER_SYNC` or
/// [`RunBuilder::sync`] names a place: the program `tracker` need not be on the machine.
///
/// Such a thread ends with the process, also by `kill -9`, and no end of a process waits for it beyond what
/// [`Run::finish`](tracker_core::Run::finish) waits. What was not sent by then is in the run's folder, and the next process
/// that sends a run of the same store to the same place sends it too, as `tracker sync --left` does.
pub fn send_in_process() {
    sender::send_by(send);
}

fn send(assignment: &Assignment) -> std::result::Result<(), String> {
    follow(assignment).map_err(|error| error.to_string())
}

fn follow(assignment: &Assignment) -> Result<()> {
    let place = Place::parse_or_make(assignment.place())?;
    let store = assignment.folder().ancestors().nth(2).unwrap_or(assignment.folder()).to_owned();
    let mut uplink = Uplink::new(&place, assignment.folder())?;
    if LOOKED.lock().insert((store.clone(), place.identity().to_owned())) {
        send_left_apart(&place, &store);
    }
    let told = assignment.clone();
    let options =
        FollowOptions { tell: Box::new(move |why| told.tell(why, false)), ..FollowOptions::new() };
    let progress = uplink.follow(&options, || assignment.is_called_off())?;
    if !progress.all {
        LEFT.lock().insert(place.identity().to_owned());
    } else if LEFT.lock().remove(place.identity()) {
        // The place is there again. This run is sent, whatever becomes of older ones.
        let _ = send_left(&place, &store, || false);
    }
    Ok(())
}

/// The run that has just begun does not wait for older ones.
fn send_left_apart(place: &Place, store: &Path) {
    let (place, store) = (place.clone(), store.to_owned());
    // What cannot be sent so is left to the next process.
    sender::beside(move || drop(send_left(&place, &store, || false)));
}
