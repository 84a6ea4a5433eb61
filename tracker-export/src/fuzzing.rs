//! Any bytes where another tool's file is expected. For the fuzz targets in `fuzz/`.

use std::path::Path;

use tracker_core::{Event, Step, Timestamp};

use crate::{
    Account, Error, Result, Sink, WandbSource, failed::failed, framing::wandb_log::LogWriter,
};

struct Nowhere;

impl Sink for Nowhere {
    fn point(&mut self, _: &str, _: Step, _: Timestamp, _: f64) -> Result<()> {
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

/// Any bytes as a `.wandb` file, and as the records within one: no noise has the checks of a frame.
///
/// # Errors
/// Never, whatever the bytes.
pub fn wandb(bytes: &[u8]) -> Result<()> {
    WandbSource::read_bytes(bytes, &mut Nowhere, &mut Account::default())?;
    let mut framed = LogWriter::begin(Vec::new()).map_err(in_memory)?;
    for record in bytes.split(|byte| *byte == b'\n') {
        framed.append(record).map_err(in_memory)?;
    }
    WandbSource::read_bytes(framed.inner(), &mut Nowhere, &mut Account::default())
}

fn in_memory(source: std::io::Error) -> Error {
    failed("write", Path::new("-"), "this is in memory")(source)
}
