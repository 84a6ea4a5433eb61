//! The thread that passes on what the process writes.

use std::{
    io::{ErrorKind, PipeReader, Read},
    mem,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use super::{Rounds, screen::Screen, tell};
use crate::{
    caught::catch,
    platform::output::{self, Ready, Source},
};

/// How much is read at a time.
const CHUNK: usize = 64 << 10;

/// How often to look at a terminal's size and at lines that may change, without news.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// After how long without news a terminal has given all that was written.
const LATENESS: Duration = Duration::from_millis(20);

/// For how long to read what there is, while somebody writes all the time.
const LONGEST_ROUND: Duration = Duration::from_millis(500);

/// What it passes on.
pub(super) struct Pump {
    sources: Vec<Source>,
    /// What the lines of each source say of where they were written, and how it looks there.
    screens: Vec<(&'static str, Screen)>,
    /// None once nobody rings any more.
    woken_by: Option<PipeReader>,
    rounds: Arc<Rounds>,
    records: bool,
    chunk: Vec<u8>,
}

/// What came of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// There may be more.
    More,
    End,
}

impl Pump {
    pub(super) fn new(
        sources: impl Iterator<Item = (Source, &'static str)>,
        woken_by: PipeReader,
        rounds: Arc<Rounds>,
    ) -> Self {
        let (sources, names): (Vec<_>, Vec<_>) = sources.unzip();
        let screens = names.into_iter().map(|name| (name, Screen::default())).collect();
        let woken_by = Some(woken_by);
        Self { sources, screens, woken_by, rounds, records: true, chunk: vec![0; CHUNK] }
    }

    /// Until nobody holds the other ends any more.
    pub(super) fn run(mut self) {
        while !self.sources.is_empty() || self.records {
            let ready = output::wait(&self.sources, self.woken_by.as_ref(), LOOK_EVERY);
            self.pass_on_all(&ready);
            self.sources.iter().for_each(Source::follow_size);
            self.record_all(|screen| screen.look(Instant::now()));
            if ready.is_woken {
                self.round();
            }
        }
    }

    fn pass_on_all(&mut self, ready: &Ready) {
        // From the last one: one that has ended is taken out.
        for place in (0..ready.sources.len()).rev().filter(|place| ready.sources[*place]) {
            if self.pass_on(place) == Came::End {
                self.take_out(place);
            }
        }
    }

    /// Passes on and records what one source has, a chunk at most.
    fn pass_on(&mut self, place: usize) -> Came {
        let mut chunk = mem::take(&mut self.chunk);
        let came = match self.sources[place].read(&mut chunk) {
            Ok(0) => Came::End,
            Ok(read) => {
                self.record(place, |screen| screen.write(&chunk[..read], Instant::now()));
                self.sources[place].pass_on(&chunk[..read]);
                Came::More
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::Interrupted => Came::More,
                _ => Came::End,
            },
        };
        self.chunk = chunk;
        came
    }

    /// Records lines of a source. A mistake of ours costs the lines, and not the program its output.
    fn record(&mut self, place: usize, lines: impl FnOnce(&mut Screen) -> Vec<String>) {
        let (name, screen) = &mut self.screens[place];
        if self.records && catch(|| tell(name, lines(screen))).is_none() {
            self.records = false;
            self.rounds.is_broken.store(true, Ordering::Release);
        }
    }

    fn record_all(&mut self, lines: impl Fn(&mut Screen) -> Vec<String>) {
        (0..self.screens.len()).for_each(|place| self.record(place, &lines));
    }

    fn take_out(&mut self, place: usize) {
        self.record(place, Screen::end);
        self.sources.remove(place);
        self.screens.remove(place);
    }

    /// Passes on all that was written before somebody asked, and says so.
    fn round(&mut self) {
        let mut rings = [0; 64];
        if !matches!(self.woken_by.as_ref().map(|mut bell| bell.read(&mut rings)), Some(Ok(1..))) {
            self.woken_by = None;
        }
        let asked = self.rounds.asked.load(Ordering::Acquire);
        self.drain();
        let last = self.rounds.last.load(Ordering::Acquire);
        if self.records && last > 0 && asked >= last {
            self.record_all(Screen::end);
            self.records = false;
        }
        self.rounds.done.store(asked, Ordering::Release);
    }

    fn drain(&mut self) {
        let end = Instant::now() + LONGEST_ROUND;
        while Instant::now() < end && !self.sources.is_empty() {
            let is_late = self.sources.iter().any(Source::is_late);
            let patience = if is_late { LATENESS } else { Duration::ZERO };
            let ready = output::wait(&self.sources, None, patience);
            if !ready.sources.contains(&true) {
                return;
            }
            self.pass_on_all(&ready);
        }
    }
}
