//! The rules of one run, and what each of them has seen.
//!
//! Points pass here on the writer thread, millions of them, so what is asked of each is little: whether its
//! metric has a rule that looks at every value, and whether it is finite. Names are compared once a metric.

use std::time::Instant;

use wildmatch::WildMatch;

use crate::{
    Definition, Stop,
    alert::{
        detect::{Plateau, Spikes, Standstill},
        rule::{Rule, Watch},
    },
};

/// Alerts of one rule for one metric.
const MOST_OF_A_METRIC: u32 = 3;
/// Alerts of one rule: where one weight is NaN, soon all are, and the first metrics say it.
const MOST_OF_A_RULE: u32 = 16;

/// What a rule saw, in numbers. [`words`](crate::alert::words) makes an alert of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sighting {
    pub(crate) rule: usize,
    pub(crate) what: Seen,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seen {
    /// A value of a metric that is none of those that the rule's limit, or what is `usual`, allows.
    Value { key: usize, step: u64, value: f64, usual: f64 },
    /// Nothing.
    Silence { seconds: u64, longest: u64 },
}

/// One point, and how many its metric has with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passing {
    pub(crate) step: u64,
    pub(crate) value: f64,
    pub(crate) count: u64,
}

/// The rules of a run.
#[derive(Debug)]
pub(crate) struct Rules {
    all: Vec<Watched>,
    of_key: Vec<OfKey>,
    standstills: Vec<(usize, Standstill, bool)>,
    sightings: Vec<Sighting>,
    /// Whether something other than the machine was logged since the last turn.
    moved: bool,
    /// Whether somebody logs rewards.
    has_rewards: bool,
}

#[derive(Debug)]
struct Watched {
    rule: Rule,
    /// How many alerts it has raised.
    raised: u32,
    has_looked: bool,
}

/// The rules that look at one metric.
#[derive(Debug, Default)]
struct OfKey {
    /// Whether finite values interest nobody, as for most metrics.
    is_calm: bool,
    is_of_the_machine: bool,
    looking: Vec<Looking>,
}

/// A rule that looks at a metric.
#[derive(Debug)]
struct Looking {
    rule: usize,
    detector: Detector,
    raised: u32,
    /// The number of the last point at which there was something to see.
    last: Option<u64>,
}

#[derive(Debug)]
enum Detector {
    NotFinite,
    Spikes(Box<Spikes>),
    Plateau(Plateau),
    Above(f64),
    Below(f64),
}

impl Rules {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        let standstill = |(index, rule): (usize, &Rule)| match rule.watch {
            Watch::Stall(patience) => Some((index, Standstill::new(patience), false)),
            _ => None,
        };
        Self {
            standstills: rules.iter().enumerate().filter_map(standstill).collect(),
            all: rules
                .into_iter()
                .map(|rule| Watched { rule, raised: 0, has_looked: false })
                .collect(),
            of_key: Vec::new(),
            sightings: Vec::new(),
            moved: false,
            has_rewards: false,
        }
    }

    /// How many metrics it knows.
    pub(crate) fn known(&self) -> usize {
        self.of_key.len()
    }

    /// Finds the rules for the next metric.
    pub(crate) fn learn(&mut self, name: &str) {
        if name.ends_with("reward") {
            self.leave_losses_alone();
        }
        let mut looking = Vec::new();
        for (index, watched) in self.all.iter_mut().enumerate() {
            let Some(detector) = Detector::of(&watched.rule) else { continue };
            let is_left_alone =
                self.has_rewards && !watched.rule.is_own && matches!(detector, Detector::Spikes(_));
            if !is_left_alone && WildMatch::new(&watched.rule.metric).matches(name) {
                watched.has_looked = true;
                looking.push(Looking { rule: index, detector, raised: 0, last: None });
            }
        }
        let is_calm = looking.iter().all(|one| matches!(one.detector, Detector::NotFinite));
        let is_of_the_machine = name.starts_with("system/");
        self.of_key.push(OfKey { is_calm, is_of_the_machine, looking });
    }

    /// In reinforcement learning, losses jump, and say little of how a training does.
    fn leave_losses_alone(&mut self) {
        self.has_rewards = true;
        let Self { all, of_key, .. } = self;
        let is_left = |looking: &Looking| {
            let is_own = all.get(looking.rule).is_some_and(|watched| watched.rule.is_own);
            is_own || !matches!(looking.detector, Detector::Spikes(_))
        };
        for of_key in of_key {
            of_key.looking.retain(is_left);
        }
    }

    /// A point is on its way to the disk.
    #[inline]
    pub(crate) fn pass(&mut self, key: usize, point: Passing) {
        let Some(of_key) = self.of_key.get_mut(key) else { return };
        self.moved |= !of_key.is_of_the_machine;
        if !(of_key.is_calm && point.value.is_finite()) {
            self.look(key, point);
        }
    }

    fn look(&mut self, key: usize, point: Passing) {
        let Self { all, of_key, sightings, .. } = self;
        for looking in of_key.get_mut(key).into_iter().flat_map(|of| &mut of.looking) {
            let Some(usual) = looking.detector.look(point) else { continue };
            let Some(watched) = all.get_mut(looking.rule) else { continue };
            if looking.is_raised(point.count, watched) {
                let Passing { step, value, .. } = point;
                let what = Seen::Value { key, step, value, usual };
                sightings.push(Sighting { rule: looking.rule, what });
            }
        }
    }

    /// A turn of the writer thread is over.
    pub(crate) fn end_turn(&mut self, now: Instant) {
        if std::mem::take(&mut self.moved) {
            for (_, standstill, is_told) in &mut self.standstills {
                standstill.moved(now);
                *is_told = false;
            }
        }
    }

    /// Looks whether the run stands still.
    pub(crate) fn look_for_silence(&mut self, now: Instant) {
        for (rule, standstill, is_told) in &mut self.standstills {
            let Some(silent) = standstill.look(now).filter(|_| !*is_told) else { continue };
            *is_told = true;
            let Some(watched) = self.all.get_mut(*rule) else { continue };
            if watched.raised < MOST_OF_A_METRIC {
                watched.raised += 1;
                let (seconds, longest) = (silent.as_secs(), standstill.longest().as_secs());
                self.sightings
                    .push(Sighting { rule: *rule, what: Seen::Silence { seconds, longest } });
            }
        }
    }

    /// What was seen since the last call.
    pub(crate) fn take(&mut self) -> Vec<Sighting> {
        std::mem::take(&mut self.sightings)
    }

    /// The rule behind a sighting.
    pub(crate) fn rule(&self, index: usize) -> Option<&Rule> {
        self.all.get(index).map(|watched| &watched.rule)
    }

    /// The rules of the program's own that were for metrics which never came.
    pub(crate) fn without_metric(&self) -> impl Iterator<Item = &Rule> {
        let never = |watched: &&Watched| {
            let is_for_metrics = Detector::of(&watched.rule).is_some();
            watched.rule.is_own && is_for_metrics && !watched.has_looked
        };
        self.all.iter().filter(never).map(|watched| &watched.rule)
    }
}

impl Looking {
    /// Whether what is seen at this point is new and not too much.
    fn is_raised(&mut self, count: u64, watched: &mut Watched) -> bool {
        let window = watched.rule.window as u64;
        let is_new = self.last.is_none_or(|last| count.saturating_sub(last) > window);
        self.last = Some(count);
        let is_raised = is_new && self.raised < MOST_OF_A_METRIC && watched.raised < MOST_OF_A_RULE;
        if is_raised {
            self.raised += 1;
            watched.raised += 1;
        }
        is_raised
    }
}

impl Detector {
    /// `None` for a rule that looks at no metric.
    fn of(rule: &Rule) -> Option<Self> {
        Some(match rule.watch {
            Watch::NotFinite => Self::NotFinite,
            Watch::Spike { deviations } => {
                Self::Spikes(Box::new(Spikes::new(rule.window, deviations)))
            }
            Watch::Plateau => Self::Plateau(Plateau::new(rule.window)),
            Watch::Above(limit) => Self::Above(limit),
            Watch::Below(limit) => Self::Below(limit),
            Watch::Stall(_) => return None,
        })
    }

    /// What would have been usual, if there is something to see.
    fn look(&mut self, point: Passing) -> Option<f64> {
        let value = point.value;
        if !value.is_finite() {
            return matches!(self, Self::NotFinite).then_some(f64::NAN);
        }
        match self {
            Self::NotFinite => None,
            Self::Spikes(spikes) => {
                let spike = spikes.look(value);
                spikes.add(value, point.count);
                spike.map(|spike| spike.usual)
            }
            Self::Plateau(plateau) => plateau.look(value),
            Self::Above(limit) => (value > *limit).then_some(*limit),
            Self::Below(limit) => (value < *limit).then_some(*limit),
        }
    }
}

/// What somebody needs to know of a metric to speak of it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) definition: Definition,
}

impl Rule {
    /// How urgently its alerts ask the training to stop.
    pub(crate) fn asks_to_stop(&self) -> Option<Stop> {
        self.stop.filter(|stop| *stop != Stop::No)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rules(rules: impl IntoIterator<Item = Rule>, names: &[&str]) -> Rules {
        let mut engine = Rules::new(rules.into_iter().collect());
        for name in names {
            engine.learn(name);
        }
        engine
    }

    /// The steps at which something was seen, where the values are those of steps from 0.
    fn seen(engine: &mut Rules, key: usize, values: impl IntoIterator<Item = f64>) -> Vec<u64> {
        for (step, value) in (0..).zip(values) {
            engine.pass(key, Passing { step, value, count: step + 1 });
        }
        let steps = engine.take().into_iter().map(|sighting| match sighting.what {
            Seen::Value { step, .. } => step,
            Seen::Silence { .. } => u64::MAX,
        });
        steps.collect()
    }

    #[test]
    fn a_rule_looks_at_its_own_metrics_and_raises_an_alert_once_until_it_was_quiet() {
        let mut engine = rules([Rule::above("*loss", 1.0).window(3)], &["loss", "accuracy"]);
        assert_eq!(seen(&mut engine, 1, [9.0; 9]), [0; 0]);
        let values = [0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0];
        assert_eq!(seen(&mut engine, 0, values), [1, 6, 14]);
        let later = [0.0, 0.0, 0.0, 0.0, 2.0];
        assert_eq!(seen(&mut engine, 0, later), [0; 0], "three for a metric are enough");
    }

    #[test]
    fn of_a_model_that_is_lost_the_first_metrics_are_told() {
        let names: Vec<String> = (0..100).map(|index| format!("layer/{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut engine = rules([Rule::not_finite("*")], &names);
        let told: usize = (0..100).map(|key| seen(&mut engine, key, [1.0, f64::NAN]).len()).sum();
        assert_eq!(told, MOST_OF_A_RULE as usize);
    }

    #[test]
    fn values_that_are_not_finite_belong_to_the_rule_that_looks_for_them() {
        let mut engine = rules(
            [Rule::spike("loss"), Rule::above("loss", 1.0), Rule::plateau("loss").window(1)],
            &["loss"],
        );
        assert_eq!(seen(&mut engine, 0, [f64::INFINITY, f64::NAN, f64::NEG_INFINITY]), [0; 0]);
    }

    #[test]
    fn a_flood_of_points_is_looked_at_whole() {
        let mut engine = rules([Rule::spike("loss")], &["loss"]);
        let mut values = vec![1.0; 50_000];
        values[40_001] = 9.0;
        assert_eq!(seen(&mut engine, 0, values), [40_001]);
    }

    #[test]
    fn where_rewards_are_logged_losses_may_jump_unless_somebody_asked_for_it() {
        let loss = |step: u64| if step == 200 { 99.0 } else { 1.0 };
        let told = |own: Option<Rule>, names: [&str; 2]| {
            let mut engine = rules(own.into_iter().chain(Rule::usual(None)), &names);
            (0..2).map(|key| seen(&mut engine, key, (0..300).map(loss)).len()).sum::<usize>()
        };
        assert_eq!(told(None, ["loss", "accuracy"]), 1);
        assert_eq!(told(None, ["loss", "valid/reward"]), 0);
        assert_eq!(told(None, ["valid/reward", "loss"]), 0);
        assert_eq!(told(Some(Rule::spike("loss")), ["valid/reward", "loss"]), 1);
    }

    #[test]
    fn silence_is_told_once_until_something_comes_that_is_not_of_the_machine() {
        let patience = Duration::from_mins(1);
        let mut engine = rules([Rule::stall().patience(patience)], &["loss", "system/cpu"]);
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut told = Vec::new();
        for second in 0..400 {
            if matches!(second, 0 | 1 | 300) {
                seen(&mut engine, 0, [1.0]);
            }
            seen(&mut engine, 1, [1.0]);
            engine.end_turn(after(second));
            engine.look_for_silence(after(second));
            if !engine.take().is_empty() {
                told.push(second);
            }
        }
        assert_eq!(told, [62]);
        for second in 400..10_000 {
            engine.look_for_silence(after(second));
            told.extend(engine.take().iter().map(|_| second));
        }
        assert_eq!(told, [62, 3_291], "after ten times its longest pause of 299 s");
    }

    #[test]
    fn rules_for_metrics_that_never_came_are_known() {
        let own = [Rule::above("los", 1.0), Rule::above("loss", 1.0), Rule::stall()];
        let engine = rules(own.into_iter().chain(Rule::usual(Some(1.0))), &["loss"]);
        let never: Vec<_> = engine.without_metric().map(|rule| rule.metric.as_str()).collect();
        assert_eq!(never, ["los"]);
    }
}
