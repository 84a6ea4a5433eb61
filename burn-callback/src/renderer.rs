//! The renderer: what a person sees of a training, and the way to the values of evaluations.

use std::sync::Arc;

use burn::train::{
    Interrupter, LearnerSummary,
    metric::MetricDefinition,
    renderer::{
        EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
        MetricsRendererTraining,
    },
};
use tracker_core::{Run, adapter::recorder::Section};

use crate::{
    bars::Bars, dashboard::Dashboard, evaluation::Evaluation, progress::RunProgress,
    session::Session, step_metric::StepMetric, terminal, trainings,
};

/// Renderers that log evaluations.
///
/// Burn's evaluator tells its values to its renderer alone. A training that was tracked has one of
/// these in its result; an evaluation without a training gets one here:
///
/// ```no_run
/// use burn_callback::prelude::*;
/// # use burn_callback::{burn, tracker_core};
/// use burn::train::{EvaluatorBuilder, metric::{AccuracyMetric, LossMetric}};
/// # use burn::{module::Module, train::{ClassificationOutput, InferenceStep}};
/// # use std::sync::Arc;
/// # fn evaluate<M, I: Send + 'static>(
/// #     model: M,
/// #     digits: Arc<dyn burn::data::dataloader::DataLoader<I>>,
/// # ) -> Result<(), tracker_core::Error>
/// # where
/// #     M: Module + InferenceStep<Input = I, Output = ClassificationOutput>
/// #         + std::fmt::Display + 'static,
/// # {
///
/// let run = init("mnist").start()?;
/// EvaluatorBuilder::new(run.dir())
///     .renderer(run.renderer())
///     .metrics((AccuracyMetric::new(), LossMetric::new()))
///     .build(model)
///     .eval("digits", digits);
/// println!("{}", run.finish()?); // test/digits/accuracy, test/digits/loss
/// # Ok(())
/// # }
/// ```
pub trait RunRenderers {
    /// A renderer that logs evaluations to this run and shows tracker's bars, or Burn's dashboard
    /// where Burn would show it.
    fn renderer(&self) -> Box<dyn MetricsRenderer>;

    /// A renderer that logs evaluations to this run and leaves the showing to `renderer`.
    fn renderer_beside(&self, renderer: Box<dyn MetricsRenderer>) -> Box<dyn MetricsRenderer>;
}

impl RunRenderers for Run {
    fn renderer(&self) -> Box<dyn MetricsRenderer> {
        boxed(self, None)
    }

    fn renderer_beside(&self, renderer: Box<dyn MetricsRenderer>) -> Box<dyn MetricsRenderer> {
        boxed(self, Some(renderer))
    }
}

fn boxed(run: &Run, users: Option<Box<dyn MetricsRenderer>>) -> Box<dyn MetricsRenderer> {
    let session = Arc::new(Session::new(run.into(), Interrupter::new()));
    session.has_no_training();
    trainings::add(&session);
    let progress = RunProgress::new(Arc::clone(&session), Arc::default(), None);
    Box::new(RunRenderer::new(session, progress, users))
}

/// Shows training as `shown` does, follows it, and logs the values of evaluations.
///
/// Burn's builder has one place for a renderer and one for a progress logger, and tells both how
/// far training has come. This one follows it for both, so that the other place is the user's.
///
/// Burn calls it from its train worker, and later from its evaluation worker.
pub(crate) struct RunRenderer {
    shown: Shown,
    pub(crate) progress: RunProgress,
    evaluation: Evaluation,
    session: Arc<Session>,
}

/// What a renderer of Burn's kind returns when it has shown a summary.
type SummaryResult = Result<(), Box<dyn std::error::Error>>;

/// Who shows.
enum Shown {
    /// Burn's dashboard takes the terminal when it is made, so it is made with the first call.
    Undecided,
    Bars(Box<Bars>),
    Dashboard(Arc<Dashboard>),
    Users(Box<dyn MetricsRenderer>),
}

impl Shown {
    fn decide(session: &Session) -> Self {
        if terminal::belongs_to_burn() {
            Self::Dashboard(Dashboard::open(session))
        } else {
            Self::bars()
        }
    }

    fn bars() -> Self {
        Self::Bars(Box::new(Bars::new()))
    }
}

impl RunRenderer {
    pub(crate) fn new(
        session: Arc<Session>,
        progress: RunProgress,
        users: Option<Box<dyn MetricsRenderer>>,
    ) -> Self {
        let shown = users.map_or(Shown::Undecided, Shown::Users);
        Self { shown, progress, evaluation: Evaluation::new(Arc::clone(&session)), session }
    }

    /// Tells either tracker's bars or a renderer of Burn's kind. Only ours is guarded: Burn's
    /// dashboard panics on purpose when a person kills the training in it.
    pub(crate) fn show(
        &mut self,
        bars: impl FnOnce(&mut Bars),
        burns: impl FnOnce(&mut dyn MetricsRenderer),
    ) {
        match self.shown() {
            Shown::Users(renderer) => burns(&mut **renderer),
            Shown::Dashboard(dashboard) => dashboard.show(burns).unwrap_or_default(),
            Shown::Bars(shown) => shown.guarded(bars),
            Shown::Undecided => {}
        }
    }

    /// Shows a new value as [`show`](Self::show) does; `tell` gives it to a renderer of Burn's kind.
    fn update(
        &mut self,
        section: Section,
        state: MetricState,
        tell: impl FnOnce(&mut dyn MetricsRenderer, MetricState),
    ) {
        match self.shown() {
            Shown::Users(renderer) => tell(&mut **renderer, state),
            Shown::Dashboard(dashboard) => {
                dashboard.show(|burns| tell(burns, state)).unwrap_or_default();
            }
            Shown::Bars(bars) => bars.guarded(|bars| bars.update(section, &state)),
            Shown::Undecided => {}
        }
    }

    /// Shows the summary; `tell` gives it to a renderer of Burn's kind.
    fn end(
        &mut self,
        summary: Option<LearnerSummary>,
        tell: impl FnOnce(&mut dyn MetricsRenderer, Option<LearnerSummary>) -> SummaryResult,
    ) -> SummaryResult {
        match self.shown() {
            Shown::Users(renderer) => return tell(&mut **renderer, summary),
            Shown::Dashboard(dashboard) => {
                return dashboard.show(|burns| tell(burns, summary)).unwrap_or(Ok(()));
            }
            _ => print(summary),
        }
        Ok(())
    }

    fn shown(&mut self) -> &mut Shown {
        match &self.shown {
            Shown::Undecided => self.shown = Shown::decide(&self.session),
            // The run is finished; what comes now, such as an evaluation, is shown all the same.
            Shown::Dashboard(dashboard) if dashboard.is_closed() => self.shown = Shown::bars(),
            _ => {}
        }
        &mut self.shown
    }

    pub(crate) fn begin_test(&mut self, name: &str, total_items: usize) {
        self.evaluation.begin(name, total_items);
    }

    pub(crate) fn test_batch(&mut self, processed: usize) {
        self.evaluation.batch(processed);
    }

    pub(crate) fn end_test_split(&mut self, cut_short: bool) {
        let values = self.evaluation.end(cut_short);
        if let Shown::Bars(bars) = &mut self.shown {
            bars.guarded(|bars| {
                bars.end_test(
                    values.iter().map(|(name, value, of)| (name.as_str(), *value, of.clone())),
                );
            });
        }
    }
}

impl MetricsRendererTraining for RunRenderer {
    fn update_train(&mut self, state: MetricState) {
        self.update(Section::Train, state, |burns, state| burns.update_train(state));
    }

    fn update_valid(&mut self, state: MetricState) {
        self.update(Section::Valid, state, |burns, state| burns.update_valid(state));
    }

    fn on_train_end(&mut self, summary: Option<LearnerSummary>) -> SummaryResult {
        self.end(summary, |burns, summary| burns.on_train_end(summary))
    }
}

impl MetricsRendererEvaluation for RunRenderer {
    fn update_test(&mut self, name: EvaluationName, state: MetricState) {
        self.evaluation.update(&state);
        self.show(|_| (), |burns| burns.update_test(name, state));
    }

    fn on_test_end(&mut self, summary: Option<LearnerSummary>) -> SummaryResult {
        self.end(summary, |burns, summary| burns.on_test_end(summary))
    }
}

/// The table of `.summary()`, as Burn's own line renderer prints it.
fn print(summary: Option<LearnerSummary>) {
    if let Some(summary) = summary {
        println!("{summary}");
    }
}

impl MetricsRenderer for RunRenderer {
    fn manual_close(&mut self) {
        match &mut self.shown {
            Shown::Users(renderer) => renderer.manual_close(),
            Shown::Dashboard(dashboard) => dashboard.close_by_hand(),
            Shown::Bars(_) | Shown::Undecided => {}
        }
    }

    fn register_metric(&mut self, definition: MetricDefinition) {
        if definition.metric_id == StepMetric::id() {
            self.show(|_| (), |burns| burns.register_metric(definition));
            return;
        }
        self.evaluation.define(&definition);
        let copy = definition.clone();
        self.show(|bars| bars.define(&copy), |burns| burns.register_metric(definition));
    }
}
