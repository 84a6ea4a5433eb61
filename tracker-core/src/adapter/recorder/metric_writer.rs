//! Turns what was measured into points: one row a step, one an evaluation, one an epoch.

use std::{borrow::Cow, sync::Arc};

use crate::{
    Event, MetricId, Problem, Step, Tracker,
    adapter::plan::plan,
    adapter::recorder::{
        epoch_times::{EpochTimeSeries, EpochTimes},
        learning_rate::LearningRate,
        loop_state::{SavedSums, SavedValue},
        mean::Mean,
        naming::{self, Naming, Unit},
        points::Points,
        problem,
        row::{OptimizerIndex, Row, StepTime},
        series::{
            self, EpisodeSeries, LossSeries, OptimizerSeries, OtherSeries, ScopeSeries, Series,
            Shown, TrainingSeries,
        },
        step_values::{Means, OtherIndex, StepValues},
    },
    progress::{Progress, ProgressMode},
};

/// Writes points, and keeps the sums of the epoch. All values that it gets have arrived.
#[derive(Debug)]
pub(crate) struct MetricWriter {
    tracker: Arc<dyn Tracker>,
    progress: Progress,
    naming: Naming,
    /// Whether a perplexity is logged beside each loss.
    perplexity: bool,
    training: TrainingSeries,
    times: EpochTimeSeries,
    optimizers: Vec<OptimizerMetrics>,
    others: Vec<OtherSeries>,
    scopes: Vec<ScopeSeries>,
    /// Evaluations at a step at which more may follow.
    held: Vec<Evaluation>,
    epoch: Option<EpochSums>,
    episodes: Option<EpisodeSeries>,
    /// What evaluations gave since somebody last asked.
    evaluated: Vec<Shown>,
    /// The step of the last evaluation.
    evaluated_at: u64,
    /// Metrics that have their points of a step already.
    left_out: Option<(Step, Vec<MetricId>)>,
    /// The first epoch and how many there are to be, as it was told last.
    planned: Option<(f64, u64)>,
}

/// An iterator without an end may claim as many as it can count.
const MOST_EPOCHS: u64 = 1 << 32;

#[derive(Debug)]
struct OptimizerMetrics {
    name: Option<String>,
    series: OptimizerSeries,
    /// The loss of the epoch.
    loss: Mean,
    learning_rate: LearningRate,
}

#[derive(Debug, Default)]
struct EpochSums {
    means: Means,
    episodes: Episodes,
    /// What evaluations at the epoch's end gave, to show.
    evaluated: Vec<Shown>,
}

/// The means over the episodes of an epoch.
#[derive(Debug, Default)]
struct Episodes {
    reward: Mean,
    length: Mean,
}

#[derive(Debug)]
struct Evaluation {
    scope: usize,
    at: StepTime,
    means: Means,
}

/// How an epoch went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EpochEnd {
    pub(crate) number: f64,
    pub(crate) at: StepTime,
    /// How long it took; the writer knows the items itself.
    pub(crate) times: EpochTimes,
}

impl OptimizerMetrics {
    fn new(naming: &Naming, name: Option<String>) -> Self {
        let (series, learning_rate) = match &name {
            Some(name) => (
                OptimizerSeries::named(naming, name),
                Series::new(naming, &format!("train/{name}/learning_rate")),
            ),
            None => (OptimizerSeries::owner(naming), Series::new(naming, "learning_rate")),
        };
        let learning_rate = LearningRate::new(learning_rate);
        Self { name, series, loss: Mean::default(), learning_rate }
    }
}

/// Setting up, and names.
impl MetricWriter {
    pub(crate) fn new(tracker: Arc<dyn Tracker>) -> Self {
        let naming = Naming::of(&*tracker);
        Self {
            tracker,
            progress: Progress::from_env(),
            perplexity: false,
            training: TrainingSeries::new(&naming),
            times: EpochTimeSeries::named(&naming),
            optimizers: vec![OptimizerMetrics::new(&naming, None)],
            others: Vec::new(),
            scopes: Vec::new(),
            held: Vec::new(),
            epoch: None,
            episodes: None,
            evaluated: Vec::new(),
            evaluated_at: 0,
            left_out: None,
            planned: None,
            naming,
        }
    }

    pub(crate) fn set_progress(&mut self, mode: ProgressMode) {
        self.progress = Progress::new(mode);
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Counts batches in tokens from now on.
    pub(crate) fn count_tokens(&mut self) {
        self.naming.unit = Unit::Tokens;
        self.training = TrainingSeries::new(&self.naming);
        self.times = EpochTimeSeries::named(&self.naming);
    }

    pub(crate) fn unit(&self) -> Unit {
        self.naming.unit
    }

    /// Logs a perplexity beside each loss from now on.
    pub(crate) fn show_perplexity(&mut self) {
        self.perplexity = true;
    }

    /// The full name of a metric.
    pub(crate) fn full_name(&self, metric: &str) -> String {
        self.naming.name(metric)
    }

    /// The index of a named optimizer; the same name gives the same.
    pub(crate) fn optimizer(&mut self, name: &str) -> OptimizerIndex {
        let name = &self.free(name, naming::free_optimizer);
        let found =
            self.optimizers.iter().position(|known| known.name.as_deref() == Some(name.as_ref()));
        OptimizerIndex(found.unwrap_or_else(|| {
            self.optimizers.push(OptimizerMetrics::new(&self.naming, Some(name.to_string())));
            self.optimizers.len() - 1
        }))
    }

    /// The index of an optimizer by the name that a checkpoint has for it: that of the owner is empty.
    pub(crate) fn optimizer_called(&mut self, name: &str) -> OptimizerIndex {
        if name.is_empty() { OptimizerIndex::OWNER } else { self.optimizer(name) }
    }

    /// The index of a metric that the user named; the same name gives the same.
    pub(crate) fn other(&mut self, name: &str, is_share: bool) -> OtherIndex {
        let perplexity = self.perplexity;
        let name = &self.free(name, |name| naming::free_value(name, perplexity));
        let found = self.others.iter().position(|known| known.name == *name);
        OtherIndex(found.unwrap_or_else(|| {
            let definition = is_share.then(series::share);
            self.others.push(OtherSeries::new(&self.naming, name, definition));
            self.others.len() - 1
        }))
    }

    /// The index of an evaluation's name.
    pub(crate) fn scope(&mut self, name: &str) -> usize {
        let name = &self.free(name, naming::free_evaluation);
        self.scopes.iter().position(|known| known.name == *name).unwrap_or_else(|| {
            self.scopes.push(ScopeSeries::new(&self.naming, name));
            self.scopes.len() - 1
        })
    }

    /// A name that nothing else has.
    fn free<'a>(&self, name: &'a str, taken: impl FnOnce(&str) -> Option<String>) -> Cow<'a, str> {
        let Some(free) = taken(name) else { return Cow::Borrowed(name) };
        self.problem(problem::reserved_name(name, &free));
        Cow::Owned(free)
    }

    fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }
}

/// Writing.
impl MetricWriter {
    fn write(&mut self, mut points: Points) {
        match &self.left_out {
            Some((step, known)) if *step == points.at.step => {
                points.points.retain(|point| !known.contains(&point.metric));
            }
            Some((step, _)) if *step < points.at.step => self.left_out = None,
            _ => {}
        }
        points.write(&self.tracker);
    }

    /// Logs nothing of these metrics at this step, where their points are already.
    pub(crate) fn leave_out_at(&mut self, step: Step, names: &[String]) {
        let ids = names.iter().map(|name| self.tracker.metric_id(name)).collect();
        self.left_out = Some((step, ids));
    }
}

/// Steps.
impl MetricWriter {
    /// Logs a step.
    pub(crate) fn row(&mut self, row: &Row, at: StepTime) {
        self.release(Some(at.step));
        let unit = self.unit();
        let mut means = row.owner.means(unit);
        let mut points = Points::new(at);
        self.loss(OptimizerIndex::OWNER, &means, &mut points);
        if let Some(accuracy) = means.accuracy.value() {
            points.add(&self.tracker, &mut self.training.batch_accuracy, accuracy);
        }
        for (metric, mean) in &means.others {
            if let (Some(series), Some(value)) = (self.others.get_mut(metric.0), mean.value()) {
                points.add(&self.tracker, &mut series.batch, value);
            }
        }
        for (index, values) in &row.named {
            let of_named = values.means(unit);
            self.loss(*index, &of_named, &mut points);
            // Without an owner, the named ones tell the size of the batch.
            if row.owner.is_empty() {
                means.items = means.items.max(of_named.items);
            }
        }
        if means.items > 0 {
            points.add(&self.tracker, &mut self.training.batch_items, means.items as f64);
        }
        if let Some(seconds) = row.seconds {
            points.add(&self.tracker, &mut self.training.step_seconds, seconds);
        }
        for (index, rate) in &row.learning_rates {
            self.learning_rate(*index, *rate, &mut points);
        }
        for (index, norm) in &row.gradient_norms {
            if let Some(norm) = norm.value() {
                self.gradient_norm(*index, norm, &mut points);
            }
        }
        self.write(points);
        // The value is here anyway, so showing it costs no read.
        if let Some(loss) = means.loss.value() {
            self.progress.loss(loss);
        }
        if let Some(epoch) = &mut self.epoch {
            epoch.means.merge(&means);
        }
    }

    /// Logs the loss of a step and adds it to the epoch's.
    fn loss(&mut self, index: OptimizerIndex, means: &Means, points: &mut Points) {
        let Some(loss) = means.loss.value() else { return };
        let Some(optimizer) = self.optimizers.get_mut(index.0) else { return };
        optimizer.loss.add(loss, means.items as f64);
        points.add_loss(&self.tracker, &mut optimizer.series.batch, loss, self.perplexity);
        if !loss.is_finite() {
            let name = optimizer.series.batch.loss.name();
            let problem = problem::loss_not_finite(name, loss, points.at.step);
            self.problem(problem);
        }
    }

    fn learning_rate(&mut self, index: OptimizerIndex, rate: f64, points: &mut Points) {
        if let Some(optimizer) = self.optimizers.get_mut(index.0) {
            optimizer.learning_rate.take(&self.tracker, rate, points);
        }
    }

    fn gradient_norm(&mut self, index: OptimizerIndex, norm: f64, points: &mut Points) {
        let Some(optimizer) = self.optimizers.get_mut(index.0) else { return };
        points.add(&self.tracker, &mut optimizer.series.gradient_norm, norm);
        if !norm.is_finite() {
            let name = optimizer.series.gradient_norm.name();
            let problem = problem::gradient_not_finite(name, norm, points.at.step);
            self.problem(problem);
        }
    }

    /// The last learning rate of each optimizer that took a step, by its name; that of the owner is
    /// empty.
    pub(crate) fn learning_rates(&self) -> Vec<(String, f64)> {
        let rate = |optimizer: &OptimizerMetrics| {
            Some((optimizer.name.clone().unwrap_or_default(), optimizer.learning_rate.last()?))
        };
        self.optimizers.iter().filter_map(rate).collect()
    }

    /// Takes over the learning rate of a checkpoint, from which it changes or not.
    pub(crate) fn restore_learning_rate(&mut self, index: OptimizerIndex, rate: f64) {
        if let Some(optimizer) = self.optimizers.get_mut(index.0) {
            optimizer.learning_rate.restore(rate);
        }
    }

    /// The names of all optimizers in the order of their indices; that of the owner is empty.
    pub(crate) fn optimizer_names(&self) -> impl Iterator<Item = &str> {
        self.optimizers.iter().map(|optimizer| optimizer.name.as_deref().unwrap_or_default())
    }
}

/// Evaluations.
impl MetricWriter {
    /// Takes an evaluation. Several of one name at one step make one mean.
    pub(crate) fn evaluation(&mut self, scope: usize, at: StepTime, batches: &[StepValues]) {
        let mut means = Means::default();
        for values in batches {
            means.merge(&values.means(self.unit()));
        }
        let same = |held: &&mut Evaluation| held.scope == scope && held.at.step == at.step;
        if let Some(held) = self.held.iter_mut().find(same) {
            held.at.time = at.time;
            held.means.merge(&means);
            return;
        }
        self.release(Some(at.step));
        self.held.push(Evaluation { scope, at, means });
    }

    /// Logs the evaluations that are complete: all, or those of other steps than `current`.
    pub(crate) fn release(&mut self, current: Option<Step>) {
        if self.held.is_empty() {
            return;
        }
        let held = std::mem::take(&mut self.held);
        for evaluation in held {
            if Some(evaluation.at.step) == current {
                self.held.push(evaluation);
            } else {
                self.log(&evaluation);
            }
        }
    }

    fn log(&mut self, evaluation: &Evaluation) {
        let Some(scope) = self.scopes.get_mut(evaluation.scope) else { return };
        let mut points = Points::new(evaluation.at);
        let mut shown = Vec::with_capacity(4);
        if let Some(loss) = evaluation.means.loss.value() {
            points.add_loss(&self.tracker, &mut scope.loss, loss, self.perplexity);
            shown.extend(shown_loss(&scope.loss, loss, self.perplexity));
        }
        let accuracy = evaluation.means.accuracy.value().map(|value| (&mut scope.accuracy, value));
        let mut values: Vec<_> = accuracy.into_iter().collect();
        let of_scope = (evaluation.scope, scope.name.as_str());
        for (index, other) in self.others.iter_mut().enumerate() {
            let found = evaluation.means.others.iter().find(|(metric, _)| metric.0 == index);
            if let Some(value) = found.and_then(|(_, mean)| mean.value()) {
                values.push((other.in_scope(of_scope.0, of_scope.1), value));
            }
        }
        for (series, value) in values {
            points.add(&self.tracker, series, value);
            shown.push(series.shown(value));
        }
        self.write(points);
        if let Some(epoch) = &mut self.epoch {
            epoch.evaluated.retain(|(name, ..)| shown.iter().all(|(new, ..)| new != name));
            epoch.evaluated.extend(shown.iter().cloned());
        }
        self.evaluated_at = evaluation.at.step.0;
        self.evaluated.extend(shown);
    }

    /// Whether an evaluation waits for its step to end.
    pub(crate) fn holds_evaluation(&self) -> bool {
        !self.held.is_empty()
    }

    /// The step of the last evaluation that was logged.
    pub(crate) fn evaluated_at(&self) -> u64 {
        self.evaluated_at
    }

    /// What evaluations gave in the epoch that is open.
    pub(crate) fn evaluated_in_epoch(&self) -> Option<&[Shown]> {
        self.epoch.as_ref().map(|epoch| &*epoch.evaluated)
    }

    /// What evaluations gave since the last call.
    pub(crate) fn take_evaluated(&mut self) -> Vec<Shown> {
        std::mem::take(&mut self.evaluated)
    }
}

/// Episodes.
impl MetricWriter {
    /// Logs an episode of reinforcement learning, the `number`th from 1.
    pub(crate) fn episode(&mut self, at: StepTime, number: u64, reward: f64, length: u64) {
        let series = self.episodes.get_or_insert_with(|| EpisodeSeries::new(&self.naming));
        let mut points = Points::new(at);
        points.add(&self.tracker, &mut series.number, number as f64);
        points.add(&self.tracker, &mut series.reward, reward);
        points.add(&self.tracker, &mut series.length, length as f64);
        self.write(points);
        if let Some(epoch) = &mut self.epoch {
            epoch.episodes.reward.add(reward, 1.0);
            epoch.episodes.length.add(length as f64, 1.0);
        }
    }
}

/// Going on within an epoch.
impl MetricWriter {
    /// What the means of the epoch are made of so far; `None` without one.
    pub(crate) fn sums(&self) -> Option<SavedSums> {
        let EpochSums { means, episodes, evaluated } = self.epoch.as_ref()?;
        let other = |(index, mean): &(OtherIndex, Mean)| {
            let other = self.others.get(index.0)?;
            Some((other.name.clone(), other.is_share(), *mean))
        };
        let of_optimizer = |optimizer: &OptimizerMetrics| {
            (optimizer.name.clone().unwrap_or_default(), optimizer.loss)
        };
        let value = |(metric, value, definition): &Shown| SavedValue {
            metric: metric.clone(),
            value: *value,
            definition: definition.clone(),
        };
        Some(SavedSums {
            loss: means.loss,
            accuracy: means.accuracy,
            items: means.items,
            others: means.others.iter().filter_map(other).collect(),
            optimizers: self.optimizers.iter().map(of_optimizer).collect(),
            reward: episodes.reward,
            length: episodes.length,
            evaluated: evaluated.iter().map(value).collect(),
        })
    }

    /// Goes on with the means of an epoch that has begun.
    pub(crate) fn restore_sums(&mut self, sums: &SavedSums) {
        let other =
            |(name, is_share, mean): &(String, bool, Mean)| (self.other(name, *is_share), *mean);
        let means = Means {
            loss: sums.loss,
            accuracy: sums.accuracy,
            items: sums.items,
            others: sums.others.iter().map(other).collect(),
        };
        for (name, loss) in &sums.optimizers {
            let index = self.optimizer_called(name);
            if let Some(optimizer) = self.optimizers.get_mut(index.0) {
                optimizer.loss = *loss;
            }
        }
        if sums.reward != Mean::default() {
            self.episodes.get_or_insert_with(|| EpisodeSeries::new(&self.naming));
        }
        let shown =
            |saved: &SavedValue| (saved.metric.clone(), saved.value, saved.definition.clone());
        self.epoch = Some(EpochSums {
            means,
            episodes: Episodes { reward: sums.reward, length: sums.length },
            evaluated: sums.evaluated.iter().map(shown).collect(),
        });
    }
}

/// Epochs.
impl MetricWriter {
    /// Keeps how many epochs the loop has that begins with `first`, so that readers can say how much is left.
    pub(crate) fn plan(&mut self, first: f64, epochs: Option<u64>) {
        let planned = epochs.filter(|epochs| *epochs <= MOST_EPOCHS).map(|epochs| (first, epochs));
        if planned != self.planned {
            self.planned = planned;
            plan(&*self.tracker, planned);
        }
    }

    pub(crate) fn begin_epoch(&mut self) {
        self.epoch = Some(EpochSums::default());
        for optimizer in &mut self.optimizers {
            optimizer.loss = Mean::default();
        }
    }

    /// Logs the epoch's means, and returns them with what evaluations gave at its end.
    pub(crate) fn end_epoch(&mut self, end: EpochEnd) -> Vec<Shown> {
        self.release(None);
        let Some(sums) = self.epoch.take() else { return Vec::new() };
        let EpochSums { means, episodes, evaluated } = sums;
        let mut points = Points::new(end.at);
        let mut shown: Vec<Shown> = Vec::with_capacity(8);
        for optimizer in &mut self.optimizers {
            if let Some(loss) = optimizer.loss.value() {
                let series = &mut optimizer.series.epoch;
                points.add_loss(&self.tracker, series, loss, self.perplexity);
                shown.extend(shown_loss(series, loss, self.perplexity));
            }
            optimizer.learning_rate.end_epoch(&self.tracker, &mut points);
        }
        let training = &mut self.training;
        let accuracy = means.accuracy.value().map(|value| (&mut training.accuracy, value));
        let mut values: Vec<_> = accuracy.into_iter().collect();
        for (index, other) in self.others.iter_mut().enumerate() {
            let found = means.others.iter().find(|(metric, _)| metric.0 == index);
            if let Some(value) = found.and_then(|(_, mean)| mean.value()) {
                values.push((&mut other.epoch, value));
            }
        }
        if let Some(series) = &mut self.episodes {
            values.extend(episodes.reward.value().map(|mean| (&mut series.mean_reward, mean)));
            values.extend(episodes.length.value().map(|mean| (&mut series.mean_length, mean)));
        }
        for (series, value) in values {
            points.add(&self.tracker, series, value);
            shown.push(series.shown(value));
        }
        points.add(&self.tracker, &mut training.epoch, end.number);
        let times = EpochTimes { items: means.items, ..end.times };
        self.times.add(&self.tracker, &times, &mut points);
        self.write(points);
        shown.extend(evaluated);
        let all = shown.iter().map(|(name, value, of)| (name.as_str(), *value, of.clone()));
        self.progress.end_epoch(all);
        shown
    }

    /// Logs what evaluations gave in an epoch that has no means.
    pub(crate) fn discard_epoch(&mut self) {
        self.release(None);
        self.epoch = None;
        self.evaluated.clear();
    }
}

/// A loss and its perplexity, for people.
fn shown_loss(series: &LossSeries, loss: f64, perplexity: bool) -> impl Iterator<Item = Shown> {
    let perplexity = perplexity.then(|| series.perplexity.shown(loss.exp()));
    std::iter::once(series.loss.shown(loss)).chain(perplexity)
}
