//! Saves what dead processes left.

use std::path::PathBuf;

use crate::{
    Error, Result, Writer,
    read::{RunReader, WriterState},
    store::{Force, leftover_rings, seal_dead as seal_writer},
};

/// What was saved of a writer whose process is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The writer.
    pub writer: Writer,
    /// How many points are sealed that were not before.
    pub points: u64,
    /// How many of them were only in memory.
    pub from_memory: u64,
    /// How many points were about to be stored when the process died. The calls that logged them
    /// never returned.
    pub unfinished: u64,
    /// How many records could not be read.
    pub damaged: u64,
}

/// Seals what the run's dead processes left: their points become Parquet, and nothing of them
/// stays in memory. A run whose processes live is left alone.
///
/// # Errors
/// For each writer that could not be sealed, at its place: if only a person can know whether it is
/// dead, or a file cannot be read or written.
pub fn seal_dead(run: &RunReader) -> Result<Vec<Result<Saved>>> {
    seal_all(run, &[WriterState::Crashed], Force::No)
}

/// As [`seal_dead`], also of processes on machines of which nothing has been heard, and where the
/// last points may be in memory that this process does not see. They are given up. For people who
/// know that the machine or container is gone.
///
/// # Errors
/// As [`seal_dead`].
pub fn seal_lost(run: &RunReader) -> Result<Vec<Result<Saved>>> {
    seal_all(run, &[WriterState::Crashed, WriterState::Lost], Force::Yes)
}

fn seal_all(run: &RunReader, states: &[WriterState], force: Force) -> Result<Vec<Result<Saved>>> {
    let writers = run.writers()?.into_iter().filter(|writer| states.contains(&writer.state));
    let saved = |writer: Writer| {
        let recovered = seal_writer(run.paths(), writer, force)?;
        Ok(Saved {
            writer,
            points: recovered.points,
            from_memory: recovered.from_ring,
            unfinished: recovered.unfinished,
            damaged: recovered.damaged,
        })
    };
    Ok(writers.map(|writer| saved(writer.writer)).collect())
}

/// Seals what dead processes of this user left in memory, of all stores that can be seen from
/// here, and gives the memory back. Returns the folders of the runs of which something was sealed,
/// and what went wrong.
pub fn seal_leftovers() -> (Vec<PathBuf>, Vec<Error>) {
    let cleared = leftover_rings();
    (cleared.sealed, cleared.errors)
}
