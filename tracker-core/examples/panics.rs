//! A training that panics. Its tests compile it such that a panic aborts the process.

use tracker_core::{Error, init};

fn main() -> Result<(), Error> {
    let run = init("panics").start()?;
    run.log([("loss", f64::NAN)]);
    panic!("the loss is not finite");
}
