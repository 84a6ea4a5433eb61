//! What Ctrl-C does to a sweep: once, no more trials begin and trainings are asked to stop; twice, they get a signal;
//! then they are killed.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tracker_core::text::plural;

use crate::{command::sweep::training::Training, platform, terminal::printer};

/// How often people have asked a sweep to end.
#[derive(Debug)]
pub(crate) struct Interrupts {
    asked: Arc<AtomicUsize>,
    obeyed: usize,
}

impl Interrupts {
    /// Counts from now on.
    pub(crate) fn count() -> io::Result<Self> {
        Ok(Self { asked: platform::count_interrupts()?, obeyed: 0 })
    }

    /// Whether there were any.
    pub(crate) fn any(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 0
    }

    /// Whether people will wait for nothing more.
    pub(crate) fn are_many(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 2
    }

    /// Whether there are any that were not obeyed yet.
    pub(crate) fn are_new(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > self.obeyed
    }

    /// Does what was asked for since.
    pub(crate) fn obey(&mut self, trainings: &mut [Training]) {
        let asked = self.asked.load(Ordering::Relaxed);
        while self.obeyed < asked {
            self.obeyed += 1;
            printer::progress("");
            let all = plural(trainings.len() as u64, "training");
            match self.obeyed {
                1 => {
                    printer::note(&format!(
                        "no more trials begin; {all} asked to stop, to be tried again when the sweep goes on (Ctrl-C \
                         again ends them at once)"
                    ));
                    trainings.iter_mut().for_each(Training::is_asked_to_stop);
                }
                2 => {
                    printer::note(&format!("{all} told to end (Ctrl-C again kills)"));
                    trainings.iter_mut().for_each(Training::end);
                }
                _ => trainings.iter_mut().for_each(Training::kill),
            }
        }
    }
}
