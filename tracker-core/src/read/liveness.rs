//! Whether a run's process lives, seen from another process.

use std::{
    fs::{File, TryLockError},
    time::{Duration, SystemTime},
};

use crate::{
    State, Writer,
    format::{
        layout::{LivePaths, RunPaths, file_names},
        owner::Owner,
    },
};

/// After this silence, a writer on another machine counts as lost. Its heart beats every 10 s.
const LOST_AFTER: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Alive,
    Dead,
    /// On another machine, and silent for too long.
    Silent,
}

/// The state of a run whose `run.json` says that it runs.
pub(crate) fn state_of_running(paths: &RunPaths) -> State {
    let live = file_names(&paths.live_all()).unwrap_or_default();
    let writers = live.iter().filter_map(|name| name.parse::<Writer>().ok());
    let lives: Vec<Life> = writers.map(|writer| life(&paths.live(writer))).collect();
    if lives.contains(&Life::Alive) {
        State::Running
    } else if lives.contains(&Life::Silent) {
        State::Lost
    } else {
        State::Crashed
    }
}

/// The lock decides where it can: the writer holds it as long as it lives. Where locks do not
/// work or do not reach, the process number and then the heartbeat do.
fn life(live: &LivePaths) -> Life {
    let Ok(lock) = File::open(live.lock()) else { return Life::Dead };
    let locked = match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => return Life::Alive,
        Ok(()) => Some(false),
        Err(TryLockError::Error(_)) => None,
    };
    let owner = std::fs::read(live.lock()).ok();
    let owner: Option<Owner> = owner.and_then(|text| serde_json::from_slice(&text).ok());
    match owner {
        None => Life::Dead,
        Some(owner) if owner.is_of_this_host() => {
            let gone = owner.is_gone() || !owner.is_of_this_boot();
            if locked == Some(false) || gone { Life::Dead } else { Life::Alive }
        }
        Some(_) if heartbeat_is_silent(live) => Life::Silent,
        Some(_) => Life::Alive,
    }
}

fn heartbeat_is_silent(live: &LivePaths) -> bool {
    let beat = std::fs::metadata(live.heartbeat()).and_then(|meta| meta.modified());
    let Ok(beat) = beat else { return true };
    // A beat in the future comes from a clock that is ahead: the heart beats.
    SystemTime::now().duration_since(beat).is_ok_and(|age| age > LOST_AFTER)
}
