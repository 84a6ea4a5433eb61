//! What tells whether a run that is imported again has changed.

use sha2::{Digest, Sha256};

use crate::{
    Result,
    error::IoContext,
    format::{layout::RunPaths, run_file::RunFile},
    value::content_hash::hexadecimal,
};

/// Changes when imports keep something that they did not keep before, so that earlier ones are replaced.
const VERSION: &[u8] = b"1";

/// So many hexadecimal digits tell two versions of a run apart.
const DIGITS: usize = 32;

/// The hash of all that was told of a run: its points, the lines of its events, and what is said of the run itself. Not when and
/// from which place it was imported, nor by which version.
pub(crate) fn hash(
    points: Sha256,
    events: Sha256,
    file: &RunFile,
    paths: &RunPaths,
) -> Result<String> {
    let facts = (
        (&file.name, &file.group, &file.notes, &file.tags, &file.config),
        (&file.definitions, &file.about, file.state, &file.message, &file.conclusion),
        (file.started_at, file.finished_at),
    );
    let facts = serde_json::to_vec(&facts).map_err(std::io::Error::from);
    let facts =
        facts.io_context("write", &paths.run_file(), "report this: a run's facts are no JSON")?;
    let whole = Sha256::new()
        .chain_update(VERSION)
        .chain_update(points.finalize())
        .chain_update(events.finalize())
        .chain_update(facts);
    let mut digits = hexadecimal(&whole.finalize());
    digits.truncate(DIGITS);
    Ok(digits)
}
