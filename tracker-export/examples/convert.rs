//! Writes a stored run in the form of another tool: `convert STORE RUN wandb:DIR`.

use tracker_core::read::Store;
use tracker_export::{Destination, export};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, run, to] = arguments.as_slice() else {
        return Err("usage: convert STORE RUN TOOL:PLACE".into());
    };
    let run = Store::open(store)?.find(run)?;
    let mut target = to.parse::<Destination>()?.open(&run, None)?;
    let account = export(&run, &mut *target)?;
    println!("{account:#?}");
    Ok(())
}
