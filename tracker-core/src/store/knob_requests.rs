//! What a run does for its knobs: it obeys those who ask, and tells what came into force.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use crate::{
    Knob, KnobChange, Point, Problem, Step,
    console::notice,
    format::{
        control_line::{ControlLine, KnobValues, Request},
        event_line::StoredEventKind,
        run_knob::RunKnob,
    },
    platform,
    store::{create::has_other_ranks, session::Session, wake},
    tracker::knob::KnobKeeper,
};

/// How far ahead of themselves several ranks are told of a change: each looks for it twice a second.
const AHEAD: Duration = Duration::from_secs(3);

/// The longest name of somebody who asks that is kept.
const LONGEST_BY: usize = 200;

impl KnobKeeper for Session {
    fn latch(&self, step: Step, is_new: bool) {
        if platform::is_forked_child() || self.ring.is_closed() {
            return;
        }
        let latched = self.knobs.latch(step, is_new);
        for change in latched.changes {
            self.tell_change(change);
        }
        for (name, value) in latched.values {
            self.log_knob(&name, step, value);
        }
        for problem in latched.problems {
            self.problem(problem);
        }
    }

    fn bound(&self, knob: &str, bounds: RangeInclusive<f64>) {
        if platform::is_forked_child() {
            return;
        }
        let (known, problem) = self.knobs.bound(knob, &bounds);
        if let Some(known) = known {
            self.say_in_file(knob, known);
        }
        if let Some(problem) = problem {
            self.problem(problem);
        }
    }
}

impl Session {
    /// The knob of this name; a new one begins with `default`, or as the run had it before.
    pub(crate) fn declare_knob(self: &Arc<Self>, name: &str, default: f64) -> Knob {
        let keeper = || -> Weak<dyn KnobKeeper> {
            let session: Weak<Self> = Arc::downgrade(self);
            session
        };
        let make = |value| Knob::of_run(name, value, Arc::clone(&self.knobs.steps), keeper());
        let declaration = self.knobs.declare(name, default, make);
        if let Some(known) = declaration.known {
            self.say_in_file(name, known);
        }
        if let Some(problem) = declaration.problem {
            self.problem(problem);
        }
        declaration.knob
    }

    /// A step begins, as an adapter or a log call tells it.
    pub(crate) fn begin_step(&self, step: Step) {
        if let Some(is_new) = self.knobs.steps.begin(step) {
            self.latch(step, is_new);
        }
    }

    /// Something is logged at a step that has begun: its knobs are told, if they were not.
    pub(crate) fn tell_knobs_of(&self, step: Step) {
        if self.knobs.steps.is_due(step) {
            self.latch(step, false);
        }
    }

    /// The training goes on after this step.
    pub(crate) fn resume_knobs_after(&self, step: Step) {
        for (name, known) in self.knobs.resume_after(step) {
            self.say_in_file(&name, known);
        }
    }

    /// Does what somebody asks of the knobs. Of several ranks, the first says when: the others would
    /// see the line a little earlier or later.
    pub(crate) fn obey_set(&self, mut asked: KnobValues) {
        if self.writer.rank > 0 {
            return;
        }
        cut(&mut asked.by);
        if !has_other_ranks(&self.paths(), self.writer) {
            return self.obey_apply(&asked, None);
        }
        // What cannot be is refused here, and not by each rank.
        let fits = |(name, value): &(String, f64)| self.knobs.check(name, *value).is_ok();
        let (knobs, others) = asked.knobs.into_iter().partition(fits);
        self.obey_apply(&KnobValues { knobs: others, by: asked.by.clone() }, None);
        if let Some(problem) = self.knobs.wait_for_answer(KnobValues { knobs, by: asked.by }) {
            self.problem(problem);
        }
        self.answer();
    }

    /// Tells all ranks, this one too, from which step on values count, once it is known how fast steps
    /// go.
    fn answer(&self) {
        let Some((all, from_step)) = self.knobs.to_answer(AHEAD) else { return };
        let path = self.paths().control();
        for values in all {
            let request = Request::Apply { from_step, values: values.clone() };
            if let Err(error) = path.append_line(&ControlLine::new(self.clock.now(), request)) {
                self.problem(Problem::io(&path, &error));
                self.obey_apply(&values, Some(from_step));
            }
        }
    }

    /// Values count from a step on, or from the next one.
    pub(crate) fn obey_apply(&self, values: &KnobValues, from_step: Option<Step>) {
        let mut by = values.by.clone();
        cut(&mut by);
        for problem in self.knobs.ask(&values.knobs, &by, from_step) {
            self.problem(problem);
        }
    }

    /// Says what has happened, and what has not, since the last look.
    pub(crate) fn look_at_knobs(&self) {
        let (news, problem) = self.knobs.look(Instant::now());
        for line in news {
            notice::tell(line);
        }
        if let Some(problem) = problem {
            self.problem(problem);
        }
        self.answer();
    }

    fn tell_change(&self, change: KnobChange) {
        if let Some(known) = self.knobs.known(&change.name) {
            self.say_in_file(&change.name, known);
        }
        self.event(StoredEventKind::Knob(change));
        // A kill takes what waits, and a training that goes on must know of it.
        wake::wake();
    }

    /// The curve of a knob. All ranks have the same: the first tells it.
    fn log_knob(&self, name: &str, step: Step, value: f64) {
        if self.writer.rank == 0 {
            let metric = self.metric_id(&format!("knobs/{name}"));
            self.write(&[Point::new(metric, step, value)]);
        }
    }

    fn say_in_file(&self, name: &str, known: RunKnob) {
        self.change_file(|file| {
            file.knobs.insert(name.to_owned(), known);
            true
        });
    }
}

/// A stranger may have written it.
fn cut(by: &mut String) {
    by.truncate(by.floor_char_boundary(LONGEST_BY));
}
