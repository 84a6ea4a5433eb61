//! One run, written to one place for as long as it trains.

use std::{
    collections::BTreeSet,
    fmt, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tracker_core::{
    State as RunState,
    read::{Cursor, EventCursor, Follower, RunReader},
};

use super::{
    feed::News,
    state::{End, State},
    trouble::Trouble,
};
use crate::{Account, Destination, Error, Result, Tally, Target, failed::failed};

/// How often to look for something new.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many sealed points are read at a time, or little more.
const POINTS_AT_A_TIME: u64 = 1 << 18;

/// How long another mirror to the same place may take to leave: it does when its run has ended, which may just go on.
const LEAVES_WITHIN: Duration = Duration::from_secs(3);

/// How long a run on another machine that is silent is waited for.
const LOST_FOR_GOOD: Duration = Duration::from_mins(10);

/// How often a run's folder may be missing in a row before it counts as removed.
const MOST_TIMES_GONE: u32 = 4;

/// How much of what could not be read of a run is told apart.
const MOST_DAMAGE: usize = 100;

/// Opens what a run is written to: from the beginning, or from a place that [`Target::flush`] told.
pub type Open = Box<dyn Fn(&RunReader, Option<&Value>) -> Result<Box<dyn Target>> + Send>;

/// Writes a run to another tool's place while it trains, piece by piece, and goes on after its process was killed as if
/// it had not been: nothing is missing there and nothing is there twice.
///
/// How far it is stands in a small file in the run's folder. It changes only after the other side has what it says, and
/// the other side forgets on reopening what is beyond. At most one process mirrors a run to a place.
///
/// ```no_run
/// use tracker_export::{Destination, Mirror};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let run = tracker_core::read::Store::discover()?.find("@latest")?;
/// let destination: Destination = "tensorboard:runs".parse()?;
/// if let Some(mut mirror) = Mirror::open(run, &destination)? {
///     while !mirror.is_done() {
///         let turn = mirror.turn()?;
///         std::thread::sleep(turn.wait);
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Mirror {
    run: RunReader,
    open: Open,
    follower: Follower,
    /// What is on the other side for sure.
    kept: State,
    cursor: Cursor,
    /// Open once there was something to write.
    target: Option<Box<dyn Target>>,
    /// Whether the target was asked to show all since it got something: some hold a step open until nothing more comes
    /// for it.
    is_settled: bool,
    trouble: Trouble,
    lost_since: Option<Instant>,
    /// What could not be read of the run.
    damage: BTreeSet<String>,
    is_done: bool,
}

impl fmt::Debug for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, kept, is_done, .. } = self;
        let mut shown = f.debug_struct("Mirror");
        shown.field("run", run.info()).field("kept", kept).field("is_done", is_done);
        shown.finish_non_exhaustive()
    }
}

/// What one turn of a [`Mirror`] did.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Turn {
    /// How many points are on the other side now that were not.
    pub points: u64,
    /// The same of what is no scalar.
    pub events: u64,
    /// Why nothing could be written, if that is the first time for such a reason. It is tried again.
    pub trouble: Option<Error>,
    /// When the next turn is worth it. Nothing is lost where it comes later.
    pub wait: Duration,
}

impl Turn {
    /// Whether all that the run had was on the other side already.
    pub fn is_idle(&self) -> bool {
        self.points == 0 && self.events == 0
    }
}

impl Mirror {
    /// Begins to mirror a run, or goes on. `None` if another process does: there is nothing to do then.
    ///
    /// # Errors
    /// If the run's folder cannot be written, or what an earlier process has kept there cannot be used.
    pub fn open(run: RunReader, destination: &Destination) -> Result<Option<Self>> {
        let place = destination.clone();
        Self::with(
            run,
            &identity(destination)?,
            Box::new(move |run: &RunReader, from: Option<&Value>| place.open(run, from)),
        )
    }

    /// As [`open`](Self::open), to a target of your own. `to` tells the place from all others.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with(run: RunReader, to: &str, open: Open) -> Result<Option<Self>> {
        let name = format!(
            "mirror-{:08x}{:08x}",
            crc32fast::hash(to.as_bytes()),
            crc32c::crc32c(to.as_bytes())
        );
        let Some(follower) = begin(&run, &name)? else { return Ok(None) };
        let kept = State::of(&follower, to)?;
        let cursor = kept.cursor();
        Ok(Some(Self {
            run,
            open,
            follower,
            kept,
            cursor,
            target: None,
            is_settled: false,
            trouble: Trouble::default(),
            lost_since: None,
            damage: BTreeSet::new(),
            is_done: false,
        }))
    }

    /// Writes what has come since the last turn; of much that waits, a part. Once the run has ended and all is there,
    /// the other side is told of the end.
    ///
    /// Where the other side fails, that is in the answer, and later turns try again, ever more seldom, from what it has
    /// for sure.
    ///
    /// # Errors
    /// If another try is not worth it: the place cannot be used at all, the run is gone, or it has ended and the other
    /// side has failed for ten minutes. Nothing is lost; another mirror goes on from there.
    pub fn turn(&mut self) -> Result<Turn> {
        let wait = self.trouble.wait();
        if self.is_done || !wait.is_zero() {
            return Ok(Turn { wait, ..Turn::default() });
        }
        match self.try_turn() {
            Ok(turn) => {
                self.trouble.is_over();
                Ok(turn)
            }
            Err(error) => self.fail(error),
        }
    }

    /// Forgets what was written before, and begins again.
    ///
    /// # Errors
    /// If that cannot be written down.
    pub fn begin_again(&mut self) -> Result<()> {
        let kept = State::new(&self.kept.to);
        kept.keep(&self.follower)?;
        self.cursor = kept.cursor();
        self.kept = kept;
        (self.target, self.is_settled, self.is_done) = (None, false, false);
        Ok(())
    }

    /// Whether the run has ended and all is on the other side.
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// What came over and what did not, since the mirror's very beginning.
    pub fn tally(&self) -> Tally {
        let tally = self.kept.tally.clone();
        self.kept.end.iter().fold(tally, |tally, end| tally.and(&end.tally))
    }

    /// The run, as it was when it was looked at last.
    pub fn run(&self) -> &RunReader {
        &self.run
    }

    fn try_turn(&mut self) -> Result<Turn> {
        // Before its points are read: what is logged in between is none of an ended run.
        let state = self.state()?;
        let has_ended = state != RunState::Running;
        let (mut cursor, mut events) = (self.cursor.clone(), self.kept.events.clone());
        let news = News {
            tail: self.run.tail_some(&mut cursor, POINTS_AT_A_TIME)?,
            events: self.run.tail_events(&mut events)?,
        };
        if let Some(end) = &self.kept.end {
            if news.is_empty() && (!has_ended || end.is_of(state)) {
                self.is_done = has_ended;
                self.cursor = cursor;
                return Ok(Turn { wait: LOOK_EVERY, ..Turn::default() });
            }
            // It goes on. What the other side was told of the end is forgotten when it is opened again.
            self.kept.end = None;
            (self.target, self.is_settled) = (None, false);
        }
        if !news.is_empty() || !self.is_settled {
            self.write(&news, cursor, events)?;
            self.is_settled = news.is_empty();
        } else {
            self.cursor = cursor;
        }
        if !news.is_empty() {
            let wait = if news.tail.has_more || has_ended { Duration::ZERO } else { LOOK_EVERY };
            return Ok(Turn {
                points: news.points(),
                events: news.events.len() as u64,
                wait,
                ..Turn::default()
            });
        }
        if has_ended {
            self.end(state)?;
        }
        Ok(Turn { wait: LOOK_EVERY, ..Turn::default() })
    }

    /// The run's state now. One that is silent on another machine may come back.
    fn state(&mut self) -> Result<RunState> {
        let mut state = self.run.state();
        if state != RunState::Running {
            // It may have been resumed since this reader was opened.
            self.note_damage();
            self.run = self.run.reopen()?;
            state = self.run.state();
        }
        if state != RunState::Lost {
            self.lost_since = None;
            return Ok(state);
        }
        let since = self.lost_since.get_or_insert_with(Instant::now);
        Ok(if since.elapsed() < LOST_FOR_GOOD { RunState::Running } else { state })
    }

    fn note_damage(&mut self) {
        let told = self.run.warnings().into_iter().map(|damage| damage.to_string());
        self.damage.extend(told.take(MOST_DAMAGE.saturating_sub(self.damage.len())));
    }

    /// Hands what is new to the other side. Returns once it has that for sure, and that is written down.
    fn write(&mut self, news: &News, cursor: Cursor, events: EventCursor) -> Result<()> {
        let mut account = Account::default();
        if self.target.is_none() {
            let mut target = (self.open)(&self.run, self.kept.place.as_ref())?;
            let mut again = Account::default();
            let is_new = self.kept.place.is_none();
            // What has a beginning has been accounted for.
            target.begin(&self.run, if is_new { &mut account } else { &mut again })?;
            self.target = Some(target);
        }
        let Some(target) = &mut self.target else { return Ok(()) };
        news.feed(&self.run, &mut **target, &mut account)?;
        let mut kept = State {
            points: cursor.places(),
            events,
            place: Some(target.flush()?),
            ..self.kept.clone()
        };
        kept.tally.add(&account);
        kept.keep(&self.follower)?;
        (self.kept, self.cursor) = (kept, cursor);
        Ok(())
    }

    /// Tells the other side how the run has ended. The place stays the one before that.
    fn end(&mut self, state: RunState) -> Result<()> {
        self.note_damage();
        let Some(target) = &mut self.target else { return Ok(()) };
        let mut account = Account::default();
        for damage in &self.damage {
            account.leave_out("damaged parts of the run", damage, 1);
        }
        target.end(&self.run, &mut account)?;
        target.flush()?;
        let end = Some(End::new(state, Tally::from(&account)));
        let kept = State { end, ..self.kept.clone() };
        kept.keep(&self.follower)?;
        self.kept = kept;
        // It may have been resumed meanwhile; whoever did that then found this mirror at work.
        self.is_done = self.run.reopen()?.state() == state;
        Ok(())
    }

    /// Goes back to what the other side has for sure, for another try later.
    fn fail(&mut self, error: Error) -> Result<Turn> {
        (self.target, self.is_settled) = (None, false);
        self.cursor = self.kept.cursor();
        let is_new = self.trouble.came(&error);
        let is_gone = is_gone(&self.run) && self.trouble.tries() >= MOST_TIMES_GONE;
        let has_ended = !matches!(self.run.state(), RunState::Running | RunState::Lost);
        let is_wrong_place = !self.trouble.has_worked() && error.is_of_the_place();
        if !error.may_pass()
            || is_wrong_place
            || is_gone
            || (has_ended && self.trouble.is_hopeless())
        {
            return Err(error);
        }
        let trouble = is_new.then_some(error);
        Ok(Turn { trouble, wait: self.trouble.wait(), ..Turn::default() })
    }
}

/// Begins to follow, if need be once another mirror has left.
fn begin(run: &RunReader, name: &str) -> Result<Option<Follower>> {
    let since = Instant::now();
    loop {
        let follower = Follower::begin(run, name)?;
        if follower.is_some() || since.elapsed() >= LEAVES_WITHIN {
            return Ok(follower);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Whether the run's folder is no longer there.
fn is_gone(run: &RunReader) -> bool {
    let is_missing = |source: &io::Error| source.kind() == io::ErrorKind::NotFound;
    matches!(run.reopen(), Err(tracker_core::Error::Io { source, .. }) if is_missing(&source))
}

/// A destination as it is told from all others, wherever its name was typed.
fn identity(destination: &Destination) -> Result<String> {
    let Destination { neighbour, place } = destination;
    if place.contains("://") {
        return Ok(format!("{}:{place}", neighbour.name()));
    }
    let absolute = std::path::absolute(place).map_err(failed(
        "find",
        Path::new(place),
        "change into a folder that exists",
    ))?;
    Ok(format!("{}:{}", neighbour.name(), absolute.display()))
}
