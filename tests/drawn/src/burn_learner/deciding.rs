//! When a training stops and what it keeps, with notes of all that was decided and on what.

use std::{
    mem,
    sync::{Arc, Mutex},
};

use burn::train::{
    EarlyStoppingStrategy, MetricEarlyStoppingStrategy, StoppingCondition,
    checkpoint::{
        CheckpointingAction, CheckpointingStrategy, ComposedCheckpointingStrategy,
        KeepLastNCheckpoints, MetricCheckpointingStrategy,
    },
    logger::MetricLogger,
    metric::{
        MetricDefinition, NumericEntry,
        store::{Aggregate, Direction, EpochSummary, EventStoreClient, MetricsUpdate, Split},
    },
};

use crate::{draw::Draw, ending::Ending, odd_metric::OddMetric};

/// What strategies note down, in their order.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lines: Vec<String>,
    last_epoch: usize,
    stopped: bool,
    deleted: bool,
    odd: bool,
}

impl Notes {
    fn note(&self, epoch: usize, line: &str) {
        let mut state = self.0.lock().unwrap();
        state.last_epoch = epoch;
        state.lines.push(format!("epoch {epoch}: {line}"));
    }

    /// The last epoch that a strategy saw.
    pub(super) fn last_epoch(&self) -> usize {
        self.0.lock().unwrap().last_epoch
    }

    pub(super) fn tell(&self, ending: &mut Ending) {
        let state = mem::take(&mut *self.0.lock().unwrap());
        if state.stopped {
            ending.marks.insert("stopped early");
        }
        if state.deleted {
            ending.marks.insert("deleted a checkpoint");
        }
        if state.odd {
            ending.marks.insert("decided on values that are no numbers");
        }
        ending.decisions.extend(state.lines);
    }
}

/// A metric that something is decided by.
#[derive(Debug, Clone)]
pub(super) struct Criterion {
    name: &'static str,
    trains: bool,
    highest: bool,
}

impl Criterion {
    fn draw(draw: &mut Draw, names: &[&'static str]) -> Self {
        Self { name: draw.one(names), trains: draw.once_in(2), highest: draw.once_in(2) }
    }

    /// All ways to go by a metric.
    pub(super) fn all(name: &'static str) -> impl Iterator<Item = Self> {
        let ways = [(true, true), (true, false), (false, true), (false, false)];
        ways.into_iter().map(move |(trains, highest)| Self { name, trains, highest })
    }

    fn split(&self) -> Split {
        if self.trains { Split::Train } else { Split::Valid }
    }

    fn direction(&self) -> Direction {
        if self.highest { Direction::Highest } else { Direction::Lowest }
    }
}

/// When a training stops: as soon as one of these says so.
#[derive(Debug)]
pub(super) struct Stops(Vec<(Criterion, usize, Option<usize>)>);

impl Stops {
    pub(super) fn draw(draw: &mut Draw, names: &[&'static str]) -> Self {
        let count = draw.within(0..=3);
        Self(draw.several(count, |draw| {
            let patience = draw.within(1..=3);
            (Criterion::draw(draw, names), patience, draw.maybe(4, |draw| draw.within(1..=3)))
        }))
    }

    pub(super) fn strategy(&self, asks: Vec<Criterion>, notes: &Notes) -> Stopping {
        let strategy = |(criterion, patience, warm_up): &(Criterion, usize, Option<usize>)| {
            MetricEarlyStoppingStrategy::new(
                &OddMetric::named(criterion.name),
                Aggregate::Mean,
                criterion.direction(),
                criterion.split(),
                StoppingCondition::NoImprovementSince { n_epochs: *patience },
            )
            .with_warmup_epochs(*warm_up)
        };
        Stopping { strategies: self.0.iter().map(strategy).collect(), asks, notes: notes.clone() }
    }
}

/// Asks for all that may be asked for, and then Burn's own strategies.
#[derive(Clone)]
pub(super) struct Stopping {
    strategies: Vec<MetricEarlyStoppingStrategy>,
    asks: Vec<Criterion>,
    notes: Notes,
}

impl EarlyStoppingStrategy for Stopping {
    fn should_stop(&mut self, epoch: usize, store: &EventStoreClient) -> bool {
        for asked in &self.asks {
            let Criterion { name, .. } = asked;
            let split = asked.split();
            let values = [epoch, 1, epoch + 1]
                .map(|epoch| store.find_metric(name, epoch, Aggregate::Mean, &split));
            if values.iter().flatten().any(|value| !value.is_finite()) {
                self.notes.0.lock().unwrap().odd = true;
            }
            let best = store.find_epoch(name, Aggregate::Mean, asked.direction(), &split);
            let bits = values.map(|value| value.map(f64::to_bits));
            self.notes.note(epoch, &format!("{asked:?} is {values:?} ({bits:x?}), best {best:?}"));
        }
        // All of them, as each remembers.
        let says: Vec<bool> =
            self.strategies.iter_mut().map(|of| of.should_stop(epoch, store)).collect();
        self.notes.note(epoch, &format!("stops: {says:?}"));
        let stops = says.contains(&true);
        self.notes.0.lock().unwrap().stopped |= stops;
        stops
    }
}

/// Which checkpoints a training keeps.
#[derive(Debug)]
pub(super) enum Keeps {
    /// There are none.
    Nothing,
    /// As Burn does without a word.
    Default,
    Last(usize),
    Best(Criterion),
    Composed(Vec<Self>),
}

impl Keeps {
    pub(super) fn draw(draw: &mut Draw, names: &[&'static str]) -> Self {
        match draw.within(0..=6) {
            0 => Self::Nothing,
            1 => Self::Default,
            2 | 3 => Self::simple(draw, names),
            _ => {
                let count = draw.within(1..=3);
                Self::Composed(draw.several(count, |draw| Self::simple(draw, names)))
            }
        }
    }

    fn simple(draw: &mut Draw, names: &[&'static str]) -> Self {
        if draw.once_in(3) {
            Self::Last(draw.within(0..=3))
        } else {
            Self::Best(Criterion::draw(draw, names))
        }
    }

    pub(super) fn saves(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// `None` where the builder's is left as it is.
    pub(super) fn strategy(&self, notes: &Notes) -> Option<Keeping> {
        let strategy = self.of_burn()?;
        Some(Keeping { strategy, notes: notes.clone() })
    }

    fn of_burn(&self) -> Option<Box<dyn CheckpointingStrategy>> {
        Some(match self {
            Self::Nothing | Self::Default => return None,
            Self::Last(count) => Box::new(KeepLastNCheckpoints::new(*count)),
            Self::Best(criterion) => Box::new(criterion.keeps_best()),
            Self::Composed(parts) => {
                let mut builder = ComposedCheckpointingStrategy::builder();
                for part in parts {
                    builder = match part {
                        Self::Last(count) => builder.add(KeepLastNCheckpoints::new(*count)),
                        Self::Best(criterion) => builder.add(criterion.keeps_best()),
                        _ => builder,
                    };
                }
                Box::new(builder.build())
            }
        })
    }
}

impl Criterion {
    fn keeps_best(&self) -> MetricCheckpointingStrategy {
        let metric = OddMetric::named(self.name);
        MetricCheckpointingStrategy::new(&metric, Aggregate::Mean, self.direction(), self.split())
    }
}

/// Asks Burn's own strategy, and notes what it says.
pub(super) struct Keeping {
    strategy: Box<dyn CheckpointingStrategy>,
    notes: Notes,
}

impl CheckpointingStrategy for Keeping {
    fn checkpointing(
        &mut self,
        epoch: usize,
        store: &EventStoreClient,
    ) -> Vec<CheckpointingAction> {
        let actions = self.strategy.checkpointing(epoch, store);
        let deletes =
            |action: &CheckpointingAction| matches!(action, CheckpointingAction::Delete(_));
        self.notes.0.lock().unwrap().deleted |= actions.iter().any(deletes);
        self.notes.note(epoch, &format!("{actions:?}"));
        actions
    }
}

/// A metric logger of a user's own, which makes up what it is asked for.
#[derive(Default)]
pub(super) struct Told {
    updates: usize,
}

impl MetricLogger for Told {
    fn log(&mut self, _: MetricsUpdate, _: usize, _: &Split) {
        self.updates += 1;
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        let is_over = epoch > 5 || name == "Nobody";
        let value = (epoch * (name.len() + 1)) % 4;
        let value = if *split == Split::Train { value as f64 } else { -(value as f64) };
        Ok(if is_over { Vec::new() } else { vec![NumericEntry::Value(value); 2] })
    }

    fn log_metric_definition(&mut self, _: MetricDefinition) {}

    fn log_epoch_summary(&mut self, _: EpochSummary) {}
}
