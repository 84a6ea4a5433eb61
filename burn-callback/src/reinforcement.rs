//! Reinforcement learning with Burn's `RLTraining`: what its renderer is told, as rows.
//!
//! Burn's builder for it has no place for a progress logger, and its metric logger is told neither what an
//! update belongs to nor when an evaluation ends. Its renderer is: first the values of an event, and then
//! which event it was. So one renderer sees all, on Burn's worker thread. Burn's own files stay as they
//! are, and what is decided by them.

use std::sync::Arc;

use burn::train::{
    EpisodeSummary, Interrupter, LearnerSummary, RLComponentsTypes, RLTraining,
    metric::{Adaptor, CumulativeRewardMetric, EpisodeLengthMetric, Metric, MetricDefinition},
    renderer::{
        EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
        MetricsRendererTraining, default_renderer,
    },
};
use tracker_core::{
    Stop, Tracker,
    adapter::{
        HeldNotices,
        recorder::{LoopHandle as _, Measured, OpenEvaluation, Recorder},
    },
};

use crate::{Loop, custom_loop::Readings, series::Catalog, terminal};

/// Tracks a reinforcement learning that Burn runs.
pub trait TrackRl {
    /// Logs this training to a run, in one call before `.launch(..)`.
    ///
    /// ```no_run
    /// # use burn_callback::burn;
    /// use burn_callback::prelude::*;
    /// # use burn::train::{RLComponentsTypes, RLTraining};
    ///
    /// # fn track<C: RLComponentsTypes + 'static>(run: &Run, training: RLTraining<C>) -> RLTraining<C> {
    /// training.num_steps(40_000).track(run)
    /// # }
    /// ```
    ///
    /// | metric | when | what |
    /// |---|---|---|
    /// | `episode`, `episode/reward`, `episode/length` | each episode | at the last step |
    /// | `batch/train/<metric>` | each update of the agent, which is a step | your metrics of training steps, and the mean of those of actions since the last one |
    /// | `valid/reward`, `valid/episode_length`, `valid/<metric>` | each evaluation | means over its episodes, and over their actions |
    ///
    /// It registers Burn's [`CumulativeRewardMetric`] and [`EpisodeLengthMetric`], and takes the place of
    /// the renderer: Burn's dashboard where Burn would show it, else tracker's bar. Somebody who asks the
    /// run to stop ends it after the next event.
    #[must_use]
    fn track(self, run: impl Into<Arc<dyn Tracker>>) -> Self;
}

impl<C: RLComponentsTypes + 'static> TrackRl for RLTraining<C> {
    fn track(self, run: impl Into<Arc<dyn Tracker>>) -> Self {
        let tracker = run.into();
        if !tracker.enabled() {
            return self;
        }
        let renderer = RlRenderer::new(tracker, self.interrupter());
        with_episodes(self).renderer(Box::new(renderer))
    }
}

fn with_episodes<C: RLComponentsTypes + 'static>(training: RLTraining<C>) -> RLTraining<C>
where
    EpisodeSummary: Adaptor<<CumulativeRewardMetric as Metric>::Input>,
{
    training
        .metric_episode(CumulativeRewardMetric::new())
        .metric_episode(EpisodeLengthMetric::new())
}

/// Burn's names of the metrics of an episode.
const REWARD: &str = "Cum. Reward";
const LENGTH: &str = "Episode length";

/// What came before the event that it belongs to.
#[derive(Debug, Default)]
struct Values {
    reward: Option<f64>,
    length: Option<f64>,
    /// The names and values of the user's metrics.
    others: Vec<(String, f64)>,
}

/// Follows a training for its run, and shows it as Burn would.
pub(crate) struct RlRenderer {
    hooks: Loop,
    tracker: Arc<dyn Tracker>,
    interrupter: Interrupter,
    catalog: Catalog,
    values: Values,
    evaluation: Option<OpenEvaluation>,
    /// Burn's dashboard, where Burn would show it.
    shown: Option<Box<dyn MetricsRenderer>>,
    /// After the dashboard: lines in between would be gone with its picture.
    _held: Option<HeldNotices>,
}

impl RlRenderer {
    fn new(tracker: Arc<dyn Tracker>, interrupter: Interrupter) -> Self {
        let hooks = Loop::new(Arc::clone(&tracker)).counts_steps();
        let is_dashboard = terminal::belongs_to_burn();
        Self {
            hooks,
            tracker,
            shown: is_dashboard.then(|| default_renderer(interrupter.clone(), None)),
            _held: is_dashboard.then(HeldNotices::hold),
            interrupter,
            catalog: Catalog::new(),
            values: Values::default(),
            evaluation: None,
        }
    }

    pub(crate) fn show(&mut self, tell: impl FnOnce(&mut dyn MetricsRenderer)) {
        if let Some(shown) = &mut self.shown {
            tell(&mut **shown);
        }
    }

    fn take(&mut self, state: &MetricState) {
        let MetricState::Numeric(metric, Some(entry)) = state else { return };
        let index = self.catalog.index(&metric.metric_id);
        let Some(series) = index.and_then(|index| self.catalog.get(index)) else { return };
        let value = series.stored(entry.current());
        match series.burn_name.as_str() {
            REWARD => self.values.reward = Some(value),
            LENGTH => self.values.length = Some(value),
            _ => self.values.others.push((series.name().to_owned(), value)),
        }
    }

    /// The values that came before belong to an event of this kind.
    pub(crate) fn event(&mut self, kind: &str) {
        let values = std::mem::take(&mut self.values);
        let evaluation = &mut self.evaluation;
        self.hooks.record(|recorder| match evaluation {
            Some(open) => evaluated(recorder, open, &values),
            None => trained(recorder, kind, &values),
        });
        let asked = self.tracker.requests().stop > Stop::No;
        if asked && !self.interrupter.should_stop() {
            self.interrupter.stop(Some("somebody asked the run to stop"));
        }
    }

    pub(crate) fn begin_evaluation(&mut self, name: &str) {
        self.evaluation = self.hooks.record(|recorder| recorder.begin_evaluation(name));
    }

    pub(crate) fn end_evaluation(&mut self, complete: bool) {
        if let Some(open) = self.evaluation.take() {
            self.hooks.record(|recorder| recorder.end_evaluation(open, complete));
        }
    }

    pub(crate) fn training_ended(&mut self) {
        self.evaluation = None;
        self.hooks.flush();
    }
}

fn trained(recorder: &mut Recorder<Readings>, kind: &str, values: &Values) {
    for (name, value) in &values.others {
        recorder.metric(name, Measured::Number(*value));
    }
    #[expect(clippy::cast_sign_loss, reason = "a length is a count")]
    let episode = values.reward.zip(values.length.map(|length| length as u64));
    if let Some((reward, length)) = episode {
        recorder.episode(reward, length);
    }
    if kind == "TrainStep" {
        recorder.step_by_hand();
    }
}

fn evaluated(recorder: &mut Recorder<Readings>, open: &mut OpenEvaluation, values: &Values) {
    let episode = [("reward", values.reward), ("episode_length", values.length)];
    let episode = episode.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let others = values.others.iter().map(|(name, value)| (name.as_str(), *value));
    for (name, value) in episode.chain(others) {
        recorder.evaluation_metric(open, name, Measured::Number(value));
    }
}

impl MetricsRendererTraining for RlRenderer {
    fn update_train(&mut self, state: MetricState) {
        self.take(&state);
        self.show(|shown| shown.update_train(state));
    }

    fn update_valid(&mut self, state: MetricState) {
        self.take(&state);
        self.show(|shown| shown.update_valid(state));
    }

    fn on_train_end(
        &mut self,
        summary: Option<LearnerSummary>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        self.training_ended();
        if let Some(shown) = &mut self.shown {
            return shown.on_train_end(summary);
        }
        if let Some(summary) = summary {
            println!("{summary}");
        }
        Ok(())
    }
}

impl MetricsRendererEvaluation for RlRenderer {
    fn update_test(&mut self, name: EvaluationName, state: MetricState) {
        self.show(|shown| shown.update_test(name, state));
    }
}

impl MetricsRenderer for RlRenderer {
    fn manual_close(&mut self) {
        self.show(|shown| shown.manual_close());
    }

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.catalog.define(&definition);
        self.show(|shown| shown.register_metric(definition));
    }
}
