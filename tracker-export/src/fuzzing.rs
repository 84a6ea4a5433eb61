//! Any bytes where another tool's file is expected. For the fuzz targets in `fuzz/`.

use tracker_core::{Event, Step, Timestamp};

use crate::{Account, Result, Sink, WandbSource};

struct Nowhere;

impl Sink for Nowhere {
    fn point(&mut self, _: &str, _: Step, _: Timestamp, _: f64) -> Result<()> {
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

/// Any bytes as a `.wandb` file.
///
/// # Errors
/// Never, whatever the bytes.
pub fn wandb(bytes: &[u8]) -> Result<()> {
    WandbSource::read_bytes(bytes, &mut Nowhere, &mut Account::default())
}
