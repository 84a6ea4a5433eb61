//! Sends what earlier senders have left on its way, because their process or their machine ended.

use std::{path::Path, time::Duration};

use tracker_core::{
    State,
    read::{RunReader, Store},
    replica::RunFolder,
};

use super::{note, sending::Uplink};
use crate::{Place, Result, StudyUplink, objects::Trouble};

/// How long to wait before a place is tried again that does not answer.
const BACK_OFF: Duration = Duration::from_mins(1);

/// How often a run is looked at again of which not all could be sent: another process may just be sealing it.
const LOOKS: u32 = 10;

/// … and how long after the look before.
const MOMENT: Duration = Duration::from_secs(1);

/// Sends the runs of a store that were on their way to a place when nobody sent them any more: those that have ended, by
/// themselves or not, and whose folders say that not all of them is there, and then the journals of their studies. Says how
/// many runs they were. One after the other, and for as long as the place is away; ends where `until` says so.
///
/// # Errors
/// If the store cannot be read. A run that cannot be sent, such as one of which another folder lies there, is passed over:
/// its folder says why.
pub fn send_left(place: &Place, store: &Path, mut until: impl FnMut() -> bool) -> Result<usize> {
    let runs = Store::open(store)?.runs()?.runs;
    let (mut sent, mut tried) = (0, Vec::new());
    for run in runs.iter().filter(|run| is_left(run, place)) {
        let Ok(mut uplink) = Uplink::new(place, run.path()) else { continue };
        match send_all(&mut uplink, &mut until) {
            Some(all) => sent += usize::from(all),
            None => return Ok(sent),
        }
        tried.push(run);
    }
    for mut study in StudyUplink::of_runs(place, tried)? {
        // As with a run: whoever sends a trial of it next tells why.
        let _ = study.send();
    }
    Ok(sent)
}

/// Sends one of them. Whether all of it is there; `None` if it is time to end.
fn send_all(uplink: &mut Uplink, until: &mut impl FnMut() -> bool) -> Option<bool> {
    let mut looks = 0;
    loop {
        let wait = match uplink.send() {
            Ok(progress) if progress.all => return Some(true),
            Ok(_) if looks == LOOKS => return Some(false),
            Ok(_) => {
                looks += 1;
                MOMENT
            }
            Err(error) if !Trouble::of(&error).is_tried_again() => return Some(false),
            Err(_) => BACK_OFF,
        };
        let mut is_over = false;
        uplink.sleep(wait, || {
            is_over = until();
            is_over
        });
        if is_over {
            return None;
        }
    }
}

fn is_left(run: &RunReader, place: &Place) -> bool {
    run.state() != State::Running
        && RunFolder::open(run.path()).is_ok_and(|folder| note::is_on_its_way(&folder, place))
}
