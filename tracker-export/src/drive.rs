//! A whole run, piece by piece.

use tracker_core::read::RunReader;

use crate::{Account, Order, Result, Target, by_step};

/// Writes all that is stored of a run to a target. Says what came over and what did not.
///
/// # Errors
/// If the run cannot be read or the target cannot be written. What cannot be read of a damaged run is left out and counted.
pub fn export(run: &RunReader, target: &mut dyn Target) -> Result<Account> {
    let mut account = Account::default();
    target.begin(run, &mut account)?;
    match target.order() {
        Order::ByMetric => by_metric(run, target, &mut account)?,
        Order::ByStep => by_step::write(run, target, &mut account)?,
    }
    target.end(run, &mut account)?;
    target.flush()?;
    Ok(account)
}

fn by_metric(run: &RunReader, target: &mut dyn Target, account: &mut Account) -> Result<()> {
    let mut stream = run.stream()?;
    for some in stream.by_ref() {
        target.points(&some.metric, &some.rows, account)?;
    }
    for damage in stream.warnings() {
        account.leave_out("damaged parts of the run", damage.to_string(), 1);
    }
    for event in run.events()? {
        target.event(run, &event, account)?;
    }
    Ok(())
}
