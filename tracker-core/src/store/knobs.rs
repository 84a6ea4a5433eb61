//! The knobs of a run: what is asked of them, what is planned, and what comes into force where a step
//! begins.

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    ops::RangeInclusive,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    Knob, KnobChange, Problem, Step,
    format::{control_line::KnobValues, run_knob::RunKnob},
    store::knob_problem::{
        MOST_KNOBS, declared_twice, in_vain, late, refused, short, too_many, undeclared,
        without_default,
    },
    tracker::knob::KnobSteps,
};

/// The changes that may wait for their steps, beside those that are repeated of another run.
const MOST_PLANNED: usize = 1_024;

/// The lines that are said from one look to the next: a run that is repeated may change with each step.
const MOST_NEWS: usize = 16;

/// Over how long the pace of the steps is measured.
const PACE_OVER: Duration = Duration::from_secs(1);

/// What remains of a greater pace from one measure to the next: a pause is over at some moment.
const PACE_KEPT: f64 = 0.9;

/// Requests that wait until the pace is known.
const MOST_UNANSWERED: usize = 64;

/// How long a change waits for a step before it is told that none begins.
const LONGEST_STEP: Duration = Duration::from_mins(1);

/// All knobs of a run.
#[derive(Debug, Default)]
pub(crate) struct Knobs {
    pub(crate) steps: Arc<KnobSteps>,
    board: Mutex<Board>,
}

#[derive(Debug, Default)]
struct Board {
    declared: BTreeMap<String, Declared>,
    /// What comes into force with the next step, by knob: the last word counts.
    asked: BTreeMap<String, Asked>,
    /// What comes into force at a step of its own, by knob and in the order of steps: a step looks at no
    /// more of it than begins there.
    planned: BTreeMap<String, VecDeque<Planned>>,
    /// How many of these are no repetition.
    planned_anew: usize,
    /// What several ranks are still to be told of.
    unanswered: Vec<KnobValues>,
    /// How earlier attempts of the run changed its knobs, in the order of steps; `None` while nobody has
    /// looked.
    earlier: Option<Vec<KnobChange>>,
    /// Up to which step the earlier attempts count; `None` where all of it does.
    resumed_after: Option<Step>,
    /// What is to be said to people.
    news: Vec<String>,
    /// Whether a line found no place there.
    has_more_news: bool,
    pace: Option<Pace>,
}

#[derive(Debug)]
struct Declared {
    knob: Knob,
    known: RunKnob,
    /// The bounds that were asked for, fit or not.
    bounds: Option<(u64, u64)>,
    /// Whether its first value is among the points.
    is_shown: bool,
}

#[derive(Debug)]
struct Asked {
    value: f64,
    by: String,
    since: Instant,
    is_told: bool,
}

#[derive(Debug)]
struct Planned {
    change: KnobChange,
    /// Whether it repeats another run, so that what this run did itself counts first.
    is_replay: bool,
}

/// How fast steps go.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Where they stood when it was measured last.
    measured: (Instant, u64),
    steps_a_second: Option<f64>,
}

/// What becomes of a declaration.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) knob: Knob,
    /// What `run.json` should say, if it does not.
    pub(crate) known: Option<RunKnob>,
    pub(crate) problem: Option<Problem>,
}

/// What a step came to.
#[derive(Debug, Default)]
pub(crate) struct Latched {
    /// A value of each knob that has another one, or whose first one this is.
    pub(crate) values: Vec<(String, f64)>,
    pub(crate) changes: Vec<KnobChange>,
    pub(crate) problems: Vec<Problem>,
}

impl Knobs {
    /// The knob of this name, made by `make` of its value if there is none.
    pub(crate) fn declare(
        &self,
        name: &str,
        default: f64,
        make: impl FnOnce(f64) -> Knob,
    ) -> Declaration {
        let mut board = self.board.lock();
        if let Some(declared) = board.declared.get(name) {
            let is_same = declared.known.default.to_bits() == default.to_bits();
            let problem =
                (!is_same).then(|| declared_twice(name, "default", declared.known.default));
            return Declaration { knob: declared.knob.clone(), known: None, problem };
        }
        if board.declared.len() >= MOST_KNOBS {
            let knob = Knob::fixed(name, default);
            return Declaration { knob, known: None, problem: Some(too_many(name)) };
        }
        let mut known = RunKnob::new(default);
        board.set_to_earlier(name, &mut known);
        let knob = make(known.value);
        let declared =
            Declared { knob: knob.clone(), known: known.clone(), bounds: None, is_shown: false };
        board.declared.insert(name.to_owned(), declared);
        self.steps.set_due(board.due());
        Declaration { knob, known: Some(known), problem: None }
    }

    /// Gives a knob its bounds: what `run.json` should say then, and what is wrong with them.
    pub(crate) fn bound(
        &self,
        name: &str,
        bounds: &RangeInclusive<f64>,
    ) -> (Option<RunKnob>, Option<Problem>) {
        let mut board = self.board.lock();
        let Some(declared) = board.declared.get_mut(name) else { return (None, None) };
        let known = &mut declared.known;
        let asked = (bounds.start().to_bits(), bounds.end().to_bits());
        if let Some(before) = declared.bounds {
            let differs = before != asked;
            return (None, differs.then(|| declared_twice(name, "bounds", known.default)));
        }
        declared.bounds = Some(asked);
        let mut problem = None;
        if bounds.contains(&known.default) {
            let finite = |bound: f64| Some(bound).filter(|bound| bound.is_finite());
            (known.least, known.most) = (finite(*bounds.start()), finite(*bounds.end()));
        } else {
            (known.least, known.most) = (Some(known.default), Some(known.default));
            problem = Some(without_default(name, bounds, known.default));
        }
        if let Err(reason) = known.check(known.value) {
            problem
                .get_or_insert_with(|| refused("an earlier attempt", name, known.value, &reason));
            (known.value, known.since) = (known.default, None);
            declared.knob.set(known.default);
        }
        (Some(known.clone()), problem)
    }

    /// Whether what earlier attempts did has to be given first.
    pub(crate) fn awaits_earlier(&self) -> bool {
        self.board.lock().earlier.is_none()
    }

    /// How earlier attempts of the run changed its knobs, in the order of steps.
    pub(crate) fn set_earlier(&self, changes: Vec<KnobChange>) {
        let mut board = self.board.lock();
        let after = board.resumed_after;
        let counts = |change: &KnobChange| after.is_none_or(|after| change.from_step <= after);
        let changes: Vec<KnobChange> = changes.into_iter().filter(counts).collect();
        let last = changes.last().map_or(0, |last| last.from_step.0.saturating_add(1));
        if self.steps.next().0 < last {
            self.steps.go_on_at(Step(last));
        }
        board.earlier.get_or_insert(changes);
    }

    /// What is to be repeated of another run.
    pub(crate) fn set_replay(&self, changes: Vec<KnobChange>) {
        let mut board = self.board.lock();
        for change in changes {
            board.insert(Planned { change, is_replay: true });
        }
    }

    /// The training goes on after this step: knobs have the values of then. Gives what `run.json` should
    /// say of those that get another one.
    pub(crate) fn resume_after(&self, step: Step) -> Vec<(String, RunKnob)> {
        let mut board = self.board.lock();
        self.steps.go_on_at(Step(step.0.wrapping_add(1)));
        board.resumed_after = Some(step);
        if let Some(earlier) = &mut board.earlier {
            earlier.retain(|change| change.from_step <= step);
        }
        let names: Vec<String> = board.declared.keys().cloned().collect();
        let mut other = Vec::new();
        for name in names {
            let Some(mut declared) = board.declared.remove(&name) else { continue };
            // What this attempt changed itself stays.
            if !declared.is_shown {
                let before = declared.known.clone();
                (declared.known.value, declared.known.since) = (declared.known.default, None);
                board.set_to_earlier(&name, &mut declared.known);
                declared.knob.set(declared.known.value);
                if declared.known != before {
                    other.push((name.clone(), declared.known.clone()));
                }
            }
            board.declared.insert(name, declared);
        }
        other
    }

    /// Somebody asks for values: with the next step, or at a step of their own.
    pub(crate) fn ask(
        &self,
        values: &BTreeMap<String, f64>,
        by: &str,
        from_step: Option<Step>,
    ) -> Vec<Problem> {
        let mut board = self.board.lock();
        let mut problems = Vec::new();
        let is_late = from_step.is_some_and(|from_step| from_step < self.steps.next());
        for (name, value) in values {
            if let Err(reason) = board.check(name, *value) {
                problems.push(refused(by, name, *value, &reason));
                continue;
            }
            if let Some(from_step) = from_step.filter(|_| !is_late) {
                problems.extend(board.plan(name, *value, by, from_step));
            } else {
                let (value, by, since) = (*value, by.to_owned(), Instant::now());
                board.asked.insert(name.clone(), Asked { value, by, since, is_told: false });
            }
        }
        problems.extend(from_step.filter(|_| is_late).map(late));
        self.steps.set_due(board.due());
        problems
    }

    /// Whether a knob takes a value; if not, why.
    ///
    /// # Errors
    /// If there is no such knob, or it does not.
    pub(crate) fn check(&self, name: &str, value: f64) -> Result<(), String> {
        self.board.lock().check(name, value)
    }

    /// Does what is due at a step. One that is not new has begun before, so that values stay.
    pub(crate) fn latch(&self, step: Step, is_new: bool) -> Latched {
        let mut board = self.board.lock();
        let mut latched = Latched::default();
        let wanted = if is_new { board.take_wanted(step) } else { BTreeMap::new() };
        for (name, (value, by)) in wanted {
            board.turn(&name, value, by, step, &mut latched);
        }
        for (name, declared) in &mut board.declared {
            if !mem::replace(&mut declared.is_shown, true) {
                latched.values.push((name.clone(), declared.known.value));
            }
        }
        self.steps.set_due(board.due());
        latched
    }

    /// What `run.json` should say of a knob.
    pub(crate) fn known(&self, name: &str) -> Option<RunKnob> {
        self.board.lock().declared.get(name).map(|declared| declared.known.clone())
    }

    /// Looks how fast steps go, and what waits in vain. Gives what is to be said.
    pub(crate) fn look(&self, now: Instant) -> (Vec<String>, Option<Problem>) {
        let mut board = self.board.lock();
        if board.declared.is_empty() {
            return (Vec::new(), None);
        }
        let step = self.steps.next().0;
        let pace = board.pace.get_or_insert(Pace { measured: (now, step), steps_a_second: None });
        pace.look(now, step);
        let waits =
            |asked: &Asked| !asked.is_told && now.duration_since(asked.since) > LONGEST_STEP;
        let waiting = board.asked.iter_mut().find(|(_, asked)| waits(asked));
        let problem = waiting.map(|(name, asked)| {
            asked.is_told = true;
            in_vain(name, asked.value)
        });
        (board.take_news(), problem)
    }

    /// Keeps a request until it can be told from which step on it counts.
    pub(crate) fn wait_for_answer(&self, values: KnobValues) -> Option<Problem> {
        let mut board = self.board.lock();
        if values.knobs.is_empty() {
            return None;
        }
        if board.unanswered.len() >= MOST_UNANSWERED {
            let (name, value) = values.knobs.first_key_value()?;
            return Some(refused(&values.by, name, *value, "too many requests wait for a step"));
        }
        board.unanswered.push(values);
        None
    }

    /// Requests that wait, and the step that will begin after this time, at the pace of the last seconds:
    /// at least the second from now, as another rank may be a step ahead. `None` while the pace is not
    /// known.
    pub(crate) fn to_answer(&self, time: Duration) -> Option<(Vec<KnobValues>, Step)> {
        let mut board = self.board.lock();
        let next = Some(self.steps.next().0).filter(|next| *next > 0)?;
        let pace = board.pace?.steps_a_second?;
        #[expect(clippy::cast_sign_loss, reason = "a pace is not negative")]
        let steps = (pace * time.as_secs_f64()).ceil() as u64;
        let step = Step(next.saturating_add(1).saturating_add(steps));
        Some((mem::take(&mut board.unanswered), step))
    }

    /// What of another run could not be repeated, because nobody declared the knob.
    pub(crate) fn not_repeated(&self) -> Option<Problem> {
        let board = self.board.lock();
        let mut unknown =
            board.planned.iter().filter(|(name, _)| !board.declared.contains_key(*name));
        let is_repeated = |planned: &VecDeque<Planned>| planned.iter().any(|of| of.is_replay);
        unknown.find(|(_, planned)| is_repeated(planned)).map(|(name, _)| undeclared(name))
    }
}

impl Pace {
    fn look(&mut self, now: Instant, step: u64) {
        let passed = now.duration_since(self.measured.0);
        if passed >= PACE_OVER {
            let pace = step.saturating_sub(self.measured.1) as f64 / passed.as_secs_f64();
            let known = self.steps_a_second.unwrap_or(0.0);
            self.steps_a_second = Some(pace.max(known * PACE_KEPT));
            self.measured = (now, step);
        }
    }
}

impl Board {
    /// The first step at which something is to be done.
    fn due(&self) -> u64 {
        if !self.asked.is_empty() || self.declared.values().any(|declared| !declared.is_shown) {
            return 0;
        }
        let next = |name| self.planned.get(name)?.front();
        let steps = self.declared.keys().filter_map(next).map(|planned| planned.change.from_step.0);
        steps.min().unwrap_or(u64::MAX)
    }

    fn check(&self, name: &str, value: f64) -> Result<(), String> {
        match self.declared.get(name) {
            Some(declared) => declared.known.check(value),
            None => Err("the training has no such knob".to_owned()),
        }
    }

    fn plan(&mut self, name: &str, value: f64, by: &str, from_step: Step) -> Option<Problem> {
        if self.planned_anew >= MOST_PLANNED {
            return Some(refused(by, name, value, "too many changes wait for their steps"));
        }
        let change = KnobChange { name: name.to_owned(), from_step, value, by: by.to_owned() };
        self.planned_anew += 1;
        self.insert(Planned { change, is_replay: false });
        None
    }

    /// Puts a change behind all of its knob that begin no later.
    fn insert(&mut self, planned: Planned) {
        let of_knob = self.planned.entry(planned.change.name.clone()).or_default();
        let step = planned.change.from_step;
        let place = of_knob.partition_point(|other| other.change.from_step <= step);
        of_knob.insert(place, planned);
    }

    /// The last change of earlier attempts that counts.
    fn earlier_of(&self, name: &str) -> Option<&KnobChange> {
        let mut earlier = self.earlier.iter().flatten();
        earlier.rfind(|change| change.name == name)
    }

    /// Gives a knob the value that it had where the training goes on: what this run did itself, or what
    /// is to be repeated of another one, whichever came last.
    fn set_to_earlier(&self, name: &str, known: &mut RunKnob) {
        let own = self.earlier_of(name);
        let repeated = self.resumed_after.and_then(|after| {
            let mut planned = self.planned.get(name)?.iter().map(|planned| &planned.change);
            planned.rfind(|change| change.from_step <= after)
        });
        let last = match (own, repeated) {
            (Some(own), Some(repeated)) if repeated.from_step > own.from_step => Some(repeated),
            (own, repeated) => own.or(repeated),
        };
        if let Some(change) = last.filter(|change| known.check(change.value).is_ok()) {
            (known.value, known.since) = (change.value, Some(change.from_step));
        }
    }

    /// Takes what comes into force at a step: the last word on each knob.
    fn take_wanted(&mut self, step: Step) -> BTreeMap<String, (f64, String)> {
        let mut wanted = BTreeMap::new();
        for name in self.declared.keys() {
            let Some(planned) = self.planned.get_mut(name) else { continue };
            let mut earlier = self.earlier.iter().flatten();
            let own = earlier.rfind(|change| change.name == *name).map(|own| own.from_step);
            let past = own.max(self.resumed_after);
            while let Some(Planned { change, is_replay }) =
                planned.pop_front_if(|planned| planned.change.from_step <= step)
            {
                self.planned_anew -= usize::from(!is_replay);
                let is_past = past.is_some_and(|past| change.from_step <= past);
                if !(is_replay && is_past) {
                    wanted.insert(change.name, (change.value, change.by));
                }
            }
        }
        let asked = mem::take(&mut self.asked).into_iter();
        wanted.extend(asked.map(|(name, asked)| (name, (asked.value, asked.by))));
        wanted
    }

    fn take_news(&mut self) -> Vec<String> {
        let mut news = mem::take(&mut self.news);
        if mem::take(&mut self.has_more_news) {
            news.push("tracker: knobs changed more often: `tracker show RUN` lists it".to_owned());
        }
        news
    }

    /// Gives a knob another value from a step on.
    fn turn(&mut self, name: &str, value: f64, by: String, from_step: Step, done: &mut Latched) {
        let Some(declared) = self.declared.get_mut(name) else { return };
        if let Err(reason) = declared.known.check(value) {
            done.problems.push(refused(&by, name, value, &reason));
            return;
        }
        if declared.known.value.to_bits() == value.to_bits() {
            return;
        }
        declared.knob.set(value);
        (declared.known.value, declared.known.since) = (value, Some(from_step));
        declared.is_shown = true;
        if self.news.len() < MOST_NEWS {
            let name = short(name);
            self.news.push(format!("tracker: {name} is {value:?} from step {from_step} on: {by}"));
        } else {
            self.has_more_news = true;
        }
        done.values.push((name.to_owned(), value));
        done.changes.push(KnobChange { name: name.to_owned(), from_step, value, by });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AHEAD: Duration = Duration::from_secs(3);

    fn request() -> KnobValues {
        KnobValues { knobs: [("lr".to_owned(), 0.5)].into(), by: "bob".to_owned() }
    }

    #[test]
    fn ranks_are_told_of_a_step_some_seconds_ahead_once_the_pace_is_known() {
        let knobs = Knobs::default();
        let _ = knobs.declare("lr", 1.0, |value| Knob::fixed("lr", value));
        assert!(knobs.wait_for_answer(request()).is_none());
        let begin = Instant::now();
        let look = |seconds: u64| knobs.look(begin + Duration::from_secs(seconds));
        let _ = look(0);
        assert!(knobs.to_answer(AHEAD).is_none(), "no step has begun");
        let _ = knobs.steps.begin(Step(199));
        assert!(knobs.to_answer(AHEAD).is_none(), "nobody knows how fast they are");
        let _ = look(2);
        assert_eq!(knobs.to_answer(AHEAD), Some((vec![request()], Step(200 + 1 + 300))));
        // A pause, after which steps are as fast as before.
        let _ = look(3);
        assert_eq!(knobs.to_answer(AHEAD), Some((Vec::new(), Step(200 + 1 + 270))));
    }

    #[test]
    fn steps_that_take_minutes_are_told_two_ahead() {
        let knobs = Knobs::default();
        let _ = knobs.declare("lr", 1.0, |value| Knob::fixed("lr", value));
        let _ = knobs.steps.begin(Step(u64::MAX - 1));
        let begin = Instant::now();
        let _ = (knobs.look(begin), knobs.look(begin + PACE_OVER));
        assert_eq!(knobs.to_answer(AHEAD).map(|(_, step)| step), Some(Step(u64::MAX)));
        let _ = knobs.steps.begin(Step(6));
        assert_eq!(knobs.to_answer(AHEAD).map(|(_, step)| step), Some(Step(8)));
    }

    #[test]
    fn who_waits_for_a_step_in_vain_is_told_once() {
        let knobs = Knobs::default();
        let _ = knobs.declare("lr", 1.0, |value| Knob::fixed("lr", value));
        assert_eq!(knobs.ask(&request().knobs, "bob", None), []);
        let now = Instant::now();
        assert_eq!(knobs.look(now).1, None);
        let later = now + LONGEST_STEP + Duration::from_secs(1);
        assert_eq!(knobs.look(later).1, Some(in_vain("lr", 0.5)));
        assert_eq!(knobs.look(later).1, None);
    }

    fn change(step: u64) -> KnobChange {
        let (name, by) = ("lr".to_owned(), "replay of eve".to_owned());
        KnobChange { name, from_step: Step(step), value: step as f64, by }
    }

    #[test]
    fn a_change_with_each_step_is_said_in_a_few_lines() {
        let knobs = Knobs::default();
        knobs.set_replay((1..=10_000).map(change).collect());
        let knob = knobs.declare("lr", 0.0, |value| Knob::fixed("lr", value)).knob;
        for step in 1..=10_000 {
            assert_eq!(knobs.latch(Step(step), true).changes, [change(step)]);
            assert_eq!(knob.get(), step as f64);
        }
        let (news, _) = knobs.look(Instant::now());
        assert_eq!(news.len(), MOST_NEWS + 1, "{news:?}");
        assert_eq!(knobs.look(Instant::now()).0, [""; 0]);
    }

    #[test]
    fn what_is_repeated_takes_no_place_from_who_asks() {
        let knobs = Knobs::default();
        knobs.set_replay((1..=2 * MOST_PLANNED as u64).map(change).collect());
        let _ = knobs.declare("lr", 0.0, |value| Knob::fixed("lr", value));
        assert_eq!(knobs.ask(&request().knobs, "bob", Some(Step(5))), []);
        let latched = knobs.latch(Step(5), true);
        assert_eq!(latched.values, [("lr".to_owned(), 0.5)], "the last word counts");
        for step in 6..6 + MOST_PLANNED as u64 {
            assert_eq!(knobs.ask(&request().knobs, "bob", Some(Step(step))), []);
        }
        assert_eq!(knobs.ask(&request().knobs, "bob", Some(Step(9_000))).len(), 1);
    }

    #[test]
    fn only_so_many_requests_wait_for_an_answer() {
        let knobs = Knobs::default();
        let refusals = (0..100).filter_map(|_| knobs.wait_for_answer(request())).count();
        assert_eq!(refusals, 100 - MOST_UNANSWERED);
    }
}
