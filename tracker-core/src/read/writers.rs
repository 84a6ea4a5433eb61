//! The processes that write to a run, and whether they live.

use std::fmt;

use crate::{
    Result, State, Writer,
    format::{
        layout::RunPaths,
        liveness::{Life, is_being_born, life},
    },
    read::unsealed::live_writers,
};

/// A process that writes or wrote to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriterInfo {
    /// Its rank and attempt.
    pub writer: Writer,
    /// Whether it lives.
    pub state: WriterState,
}

/// Whether a process that writes to a run lives, and what became of what it wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WriterState {
    /// It lives.
    Live,
    /// It is gone and left no word. Its points are read from its logs and its ring until
    /// [`upkeep`](crate::upkeep) seals them.
    Crashed,
    /// It ran on another machine, from which nothing has been heard for a minute.
    Lost,
    /// It is done and all its points are sealed.
    Sealed,
}

impl WriterState {
    /// The state's name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Crashed => "crashed",
            Self::Lost => "lost",
            Self::Sealed => "sealed",
        }
    }
}

impl fmt::Display for WriterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<Life> for WriterState {
    fn from(life: Life) -> Self {
        match life {
            Life::Alive => Self::Live,
            Life::Dead => Self::Crashed,
            Life::Silent => Self::Lost,
        }
    }
}

pub(crate) fn writers(run: &RunPaths) -> Result<Vec<WriterInfo>> {
    // The live folders first: a writer that is sealed in between is listed as it was.
    let live = live_writers(&run.live_all())?;
    let state = |writer| {
        if live.contains(&writer) {
            WriterState::from(life(&run.live(writer)))
        } else if is_being_born(run, writer) {
            WriterState::Live
        } else {
            WriterState::Sealed
        }
    };
    let mut writers = run.claimed_writers()?;
    writers.extend(&live);
    writers.sort_unstable();
    writers.dedup();
    Ok(writers.into_iter().map(|writer| WriterInfo { writer, state: state(writer) }).collect())
}

/// The state of a run whose `run.json` says that it runs.
pub(crate) fn state_of_running(run: &RunPaths) -> State {
    let writers = live_writers(&run.live_all()).unwrap_or_default();
    let lives: Vec<Life> = writers.into_iter().map(|writer| life(&run.live(writer))).collect();
    let claimed = run.claimed_writers().unwrap_or_default();
    let is_beginning = || claimed.iter().any(|writer| is_being_born(run, *writer));
    if lives.contains(&Life::Alive) || is_beginning() {
        State::Running
    } else if lives.contains(&Life::Silent) {
        State::Lost
    } else {
        State::Crashed
    }
}
