//! Writes a run in the form of another tool: `convert STORE RUN DESTINATION`, such as
//! `convert .tracker @latest mlflow:http://127.0.0.1:5000`. Prints what came over and what did not.

use std::{env, error::Error};

use tracker_core::read::Store;
use tracker_export::{Destination, export};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [store, run, destination] = arguments.as_slice() else {
        return Err("usage: convert STORE RUN DESTINATION".into());
    };
    let run = Store::open(store)?.find(run)?;
    let destination: Destination = destination.parse()?;
    let mut target = destination.open(&run, None).map_err(|error| error.to_string())?;
    let account = export(&run, &mut *target).map_err(|error| error.to_string())?;
    for (what, count) in account.kept() {
        println!("kept {count} {what}");
    }
    for (left_out, count) in account.left_out() {
        println!("left out {count} {}: {}", left_out.what, left_out.why);
    }
    for (from, to) in account.renamed() {
        println!("named {from:?} {to:?}");
    }
    Ok(())
}
