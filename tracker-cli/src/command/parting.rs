//! What SIGTERM does to a command that goes along with a training. Who ends a whole job, such as Slurm or a container, tells the
//! training and what runs beside it at once: the last points are yet to be written then.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{platform, terminal::printer};

/// How long the command goes on. Whoever ends jobs kills after 30 seconds or later, unless it is told another time.
const REST: Duration = Duration::from_secs(20);

/// Tells once that it goes on. Since when.
fn tell() -> Instant {
    let seconds = REST.as_secs();
    printer::note(&format!(
        "told to end: what the training still writes is waited for, {seconds} s at most"
    ));
    Instant::now()
}

/// Says when it is time to end: some time after SIGTERM, or at the second one. Ctrl-C ends the command at once, as ever.
#[derive(Debug, Clone)]
pub(crate) struct Parting {
    asked: Arc<AtomicUsize>,
    since: Arc<OnceLock<Instant>>,
}

impl Parting {
    /// Counts from now on.
    pub(crate) fn begin() -> io::Result<Self> {
        Ok(Self { asked: platform::count_terminations()?, since: Arc::default() })
    }

    /// Whether it is time to end.
    pub(crate) fn is_due(&self) -> bool {
        match self.asked.load(Ordering::Relaxed) {
            0 => false,
            1 => self.since.get_or_init(tell).elapsed() >= REST,
            _ => true,
        }
    }
}
