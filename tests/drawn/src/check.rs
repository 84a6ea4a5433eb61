//! Trains what a seed draws, and compares how it ends.

use std::{
    any::Any,
    collections::BTreeSet,
    env,
    io::{Write as _, stderr},
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::training::{Training, of_seed};

/// The seeds to go over: `TRACKER_DRAWN_SEED` alone, or as many as `TRACKER_DRAWN` says.
pub fn seeds() -> Vec<u64> {
    let number = |variable: &str| -> Option<u64> { env::var(variable).ok()?.parse().ok() };
    match number("TRACKER_DRAWN_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("TRACKER_DRAWN").unwrap_or(200)).collect(),
    }
}

/// Trains what a seed draws, without tracking and with it. Gives which loop it was and what happened in
/// it.
///
/// # Errors
/// If they end otherwise, in words that say which training it is.
pub fn check(seed: u64) -> Result<BTreeSet<&'static str>, String> {
    tell_where_it_panics(seed);
    let training = of_seed(seed);
    let found = catch_unwind(AssertUnwindSafe(|| compare(&*training)));
    let found = found.unwrap_or_else(|panic| Err(format!("it panicked: {}", words(&*panic))));
    found.map_err(|difference| format!("TRACKER_DRAWN_SEED={seed}: {difference}\n{training:#?}"))
}

/// Says, at a panic, which training it is of: one within another ends the process, and no test says more.
fn tell_where_it_panics(seed: u64) {
    static SEED: AtomicU64 = AtomicU64::new(0);
    static ONCE: Once = Once::new();
    SEED.store(seed, Ordering::Relaxed);
    ONCE.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let seed = SEED.load(Ordering::Relaxed);
            let _ = writeln!(stderr(), "in the training of TRACKER_DRAWN_SEED={seed}: {info}");
            earlier(info);
        }));
    });
}

fn compare(training: &dyn Training) -> Result<BTreeSet<&'static str>, String> {
    let bare = training.bare();
    for (way, tracked) in training.tracked() {
        if let Some(difference) = tracked.difference(&bare) {
            let again = training.bare().difference(&bare);
            let again =
                again.map(|again| format!("\nbut untracked it differs from itself: {again}"));
            return Err(format!("{way}, {difference}{}", again.unwrap_or_default()));
        }
    }
    let mut marks = bare.marks;
    marks.insert(training.loop_name());
    Ok(marks)
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}
