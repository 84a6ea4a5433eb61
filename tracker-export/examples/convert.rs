//! Writes a run in the form of another tool: `convert STORE RUN tensorboard:runs`.
#![expect(clippy::print_stdout, reason = "it tells what came over")]

use tracker_core::read::Store;
use tracker_export::{Destination, export};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [_, store, run, to] = <[String; 4]>::try_from(std::env::args().collect::<Vec<_>>())
        .map_err(|_| "usage: convert STORE RUN TOOL:PLACE")?;
    let run = Store::open(store)?.find(&run)?;
    let account = export(&run, &mut *to.parse::<Destination>()?.open(&run, None)?)?;
    println!("{account:#?}");
    Ok(())
}
