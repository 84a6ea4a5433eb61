//! What is drawn of a training with Burn's learner.

use burn::{
    lr_scheduler::{
        cosine::CosineAnnealingLrSchedulerConfig,
        exponential::ExponentialLrSchedulerConfig,
        linear::LinearLrSchedulerConfig,
        module_lr_scheduler::{ModuleLrScheduler, ModuleLrSchedulerConfig},
        noam::NoamLrSchedulerConfig,
        step::StepLrSchedulerConfig,
    },
    module::ParamGroup,
    train::SupervisedTraining,
};

use super::deciding::{Criterion, Keeps, Stops};
use crate::{
    burn_model::{Classifier, Interrupt, Settings},
    draw::Draw,
    odd_metric::{FILE_NAMES, OddMetric},
    trackers::Kind,
};

/// All that makes a training.
#[derive(Debug)]
pub(crate) struct LearnerTraining {
    pub(super) model: Settings,
    pub(super) epochs: usize,
    /// How many epochs it is trained on from its last checkpoint.
    pub(super) goes_on_for: usize,
    rate: f64,
    rates: Rates,
    pub(super) accumulation: Option<usize>,
    pub(super) has_loss: bool,
    pub(super) has_others: bool,
    pub(super) odd: Vec<Odd>,
    pub(super) loggers: Loggers,
    pub(super) stops: Option<Stops>,
    pub(super) keeps: Keeps,
    pub(super) interrupted: Option<(usize, Interrupt)>,
    pub(super) tracking: TrackingOptions,
}

#[derive(Debug, Clone, Copy)]
enum Rates {
    Constant,
    Linear,
    Cosine,
    Exponential,
    Steps,
    WarmUp,
    Groups,
}

/// Which metric loggers the builder has but for tracker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loggers {
    /// Burn's own, which writes files.
    Burns,
    /// Burn's for tests.
    InMemory,
    /// One that makes answers up.
    Users,
}

/// A metric and where it is registered.
#[derive(Debug)]
pub(super) struct Odd {
    metric: OddMetric,
    trains: bool,
    validates: bool,
    is_text: bool,
}

impl Odd {
    pub(super) fn register<M: Classifier>(
        &self,
        mut training: SupervisedTraining<M>,
    ) -> SupervisedTraining<M> {
        let metric = || self.metric.clone();
        if self.trains {
            training = if self.is_text {
                training.metric_train(metric())
            } else {
                training.metric_train_numeric(metric())
            };
        }
        if self.validates {
            training = if self.is_text {
                training.metric_valid(metric())
            } else {
                training.metric_valid_numeric(metric())
            };
        }
        training
    }
}

/// How a training is tracked.
#[derive(Debug)]
pub(super) struct TrackingOptions {
    pub(super) tracker: Kind,
    pub(super) entry: Entry,
    pub(super) in_runs_folder: bool,
    /// Whether early stopping and the like are given to the options, in place of the builder.
    pub(super) gives_parts: bool,
    pub(super) tells_accumulation: bool,
    pub(super) is_quiet: bool,
    pub(super) watches_every: Option<u64>,
    pub(super) also_disabled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Track,
    LaunchTracked,
    Resume,
    Twice,
}

impl LearnerTraining {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let (epochs, goes_on_for) = (draw.within(1..=6), draw.one(&[0, 0, 0, 1, 3]));
        let mut names = FILE_NAMES.to_vec();
        let odd = draw.within(0..=3);
        let odd = draw.several(odd, |draw| {
            let name = names.remove(draw.within(0..=names.len() - 1));
            let (trains, validates) = draw.one(&[(true, true), (true, false), (false, true)]);
            let metric = OddMetric::draw(draw, name, epochs + goes_on_for);
            Odd { metric, trains, validates, is_text: draw.once_in(3) }
        });
        let has_others = draw.once_in(2);
        let odd: Vec<Odd> = odd
            .into_iter()
            .filter(|odd| !(has_others && odd.metric.name == "Learning Rate"))
            .collect();
        let readable = odd.iter().filter(|odd| odd.metric.is_readable);
        let mut criteria: Vec<&'static str> = readable.map(|odd| odd.metric.name).collect();
        criteria.extend(["Loss", "Accuracy", "Learning Rate", "Nobody"]);
        criteria.retain(|name| {
            !odd.iter().any(|odd| !odd.metric.is_readable && odd.metric.name == *name)
        });
        let loggers = draw.one(&[
            Loggers::Burns,
            Loggers::Burns,
            Loggers::Burns,
            Loggers::Burns,
            Loggers::InMemory,
            Loggers::Users,
        ]);
        let stops = draw.maybe(2, |draw| Stops::draw(draw, &criteria));
        let keeps = Keeps::draw(draw, &criteria);
        Self {
            model: Settings::draw(draw),
            epochs,
            goes_on_for,
            rate: draw.one(&[1e-3, 1e-2, 0.1, 1.0]),
            rates: Rates::draw(draw),
            accumulation: draw.maybe(2, Draw::accumulation),
            has_loss: !draw.once_in(4),
            has_others,
            odd,
            loggers,
            stops,
            keeps,
            interrupted: draw.maybe(5, |draw| {
                let how = [Interrupt::Stop, Interrupt::StopWithReason, Interrupt::Fail];
                (draw.within(0..=12), draw.one(&how))
            }),
            tracking: TrackingOptions::draw(draw),
        }
    }

    pub(super) fn schedule(&self) -> ModuleLrScheduler {
        let rate = self.rate;
        match self.rates {
            Rates::Constant => rate.into(),
            Rates::Linear => LinearLrSchedulerConfig::new(rate, rate / 10.0, 20).init().unwrap(),
            Rates::Cosine => CosineAnnealingLrSchedulerConfig::new(rate, 7).init().unwrap(),
            Rates::Exponential => ExponentialLrSchedulerConfig::new(rate, 0.9).init().unwrap(),
            Rates::Steps => StepLrSchedulerConfig::new(rate, 3).with_gamma(0.5).init().unwrap(),
            Rates::WarmUp => NoamLrSchedulerConfig::new(rate).with_warmup_steps(5).init().unwrap(),
            Rates::Groups => ModuleLrSchedulerConfig::new(rate.into())
                .with_group(
                    ParamGroup::from_predicate("head"),
                    ExponentialLrSchedulerConfig::new(rate, 0.8),
                )
                .init()
                .unwrap(),
        }
    }

    /// Of which metrics strategies may ask.
    pub(super) fn asked(&self) -> Vec<Criterion> {
        let readable = self.odd.iter().filter(|odd| odd.metric.is_readable);
        let mut names: Vec<&'static str> = readable.map(|odd| odd.metric.name).collect();
        // As Burn's files spell a name with spaces.
        let spelled = [("Odd Text", "Odd_Text"), ("Learning Rate", "Learning_Rate")];
        let spelled = spelled.iter().filter(|(name, _)| names.contains(name));
        names.extend(spelled.map(|(_, spelled)| *spelled).collect::<Vec<_>>());
        names.extend(["Loss", "Accuracy", "Nobody"]);
        names.into_iter().flat_map(Criterion::all).collect()
    }
}

impl Rates {
    fn draw(draw: &mut Draw) -> Self {
        draw.one(&[
            Self::Constant,
            Self::Constant,
            Self::Linear,
            Self::Cosine,
            Self::Exponential,
            Self::Steps,
            Self::WarmUp,
            Self::Groups,
        ])
    }
}

impl TrackingOptions {
    fn draw(draw: &mut Draw) -> Self {
        let entries =
            [Entry::Track, Entry::Track, Entry::LaunchTracked, Entry::Resume, Entry::Twice];
        Self {
            tracker: Kind::draw(draw),
            entry: draw.one(&entries),
            in_runs_folder: !draw.once_in(3),
            gives_parts: draw.once_in(3),
            tells_accumulation: draw.once_in(4),
            is_quiet: draw.once_in(2),
            watches_every: draw.maybe(4, |draw| draw.within(0..=3) as u64),
            also_disabled: draw.once_in(4),
        }
    }
}
