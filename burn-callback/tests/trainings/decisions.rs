//! Whatever a metric writes, Burn decides on it as without tracking.

use std::{
    panic::catch_unwind,
    sync::{Arc, Mutex},
};

use crate::common::{Mlp, learner, memory, training};
use burn::{
    tensor::TensorReadError,
    train::{
        EarlyStoppingStrategy, MetricEarlyStoppingStrategy, StoppingCondition, SupervisedTraining,
        metric::{
            LearningRateMetric, LossMetric, Metric, MetricAttributes, MetricMetadata, MetricName,
            Numeric, NumericAttributes, NumericEntry, SerializedEntry,
            store::{Aggregate, Direction, EventStoreClient, Split},
        },
    },
};
use burn_callback::prelude::*;
use proptest::prelude::*;

const EPOCHS: usize = 3;

/// A metric that writes what a script says, beside a number that says something else.
#[derive(Clone, Debug)]
struct Scripted {
    name: &'static str,
    epochs: Arc<Vec<Script>>,
    epoch: usize,
    batch: usize,
}

/// What is written in one epoch: in its batches, again and again, and at its end.
#[derive(Clone, Debug)]
struct Script {
    batches: Vec<String>,
    last: String,
}

impl Scripted {
    fn new(name: &'static str, epochs: Vec<Script>) -> Self {
        Self { name, epochs: Arc::new(epochs), epoch: 0, batch: 0 }
    }

    fn script(&self) -> &Script {
        &self.epochs[self.epoch.min(self.epochs.len() - 1)]
    }
}

fn written(text: &str) -> SerializedEntry {
    SerializedEntry::new("shown".to_owned(), text.to_owned())
}

impl Metric for Scripted {
    type Input = ();

    fn name(&self) -> MetricName {
        MetricName::new(self.name.to_owned())
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes::default().into()
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        let batches = &self.script().batches;
        let entry = written(&batches[self.batch % batches.len()]);
        self.batch += 1;
        Ok(entry)
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(written(&self.script().last))
    }

    fn clear(&mut self) {
        (self.epoch, self.batch) = (self.epoch + 1, 0);
    }
}

impl Numeric for Scripted {
    fn value(&self) -> Option<NumericEntry> {
        Some(NumericEntry::Value(-1.0 - self.epoch as f64))
    }

    fn running_value(&self) -> Option<NumericEntry> {
        self.value()
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(-1.0 - self.epoch as f64)
    }
}

/// Asks, after each epoch, for all that Burn's strategies ask for, and writes down the answers.
#[derive(Clone, Default)]
struct Asks(Arc<Mutex<Vec<Answer>>>);

type Answer = (String, usize, Option<u64>);

/// One is spelled as its file is.
const NAMES: [&str; 6] = ["Odd", "Odd Text", "Odd_Text", "Loss", "Learning Rate", "Nobody"];

impl EarlyStoppingStrategy for Asks {
    fn should_stop(&mut self, epoch: usize, store: &EventStoreClient) -> bool {
        let mut answers = self.0.lock().unwrap();
        for (name, split) in
            NAMES.iter().flat_map(|name| [Split::Train, Split::Valid].map(|split| (name, split)))
        {
            let value = store.find_metric(name, epoch, Aggregate::Mean, &split);
            answers.push((format!("{name} {split}"), epoch, value.map(f64::to_bits)));
            for direction in [Direction::Lowest, Direction::Highest] {
                let best = store.find_epoch(name, Aggregate::Mean, direction, &split);
                answers.push((format!("best {name} {split}"), epoch, best.map(|of| of as u64)));
            }
        }
        false
    }
}

fn answers(
    odd: &[Scripted; 2],
    track: impl FnOnce(SupervisedTraining<Mlp>, &tempfile::TempDir) -> SupervisedTraining<Mlp>,
) -> Vec<Answer> {
    let directory = tempfile::tempdir().unwrap();
    let asks = Asks::default();
    let [number, text] = odd.clone();
    let training = training(&directory, EPOCHS)
        .metric_train_numeric(LearningRateMetric::new())
        .metric_train_numeric(number.clone())
        .metric_valid_numeric(number)
        .metric_train(text.clone())
        .metric_valid(text)
        .early_stopping(asks.clone());
    track(training, &directory).launch(learner(0.01));
    let answers = asks.0.lock().unwrap().clone();
    assert_eq!(answers.len(), EPOCHS * NAMES.len() * 6);
    answers
}

/// A number as people write numbers.
fn number() -> impl Strategy<Value = String> {
    let float = prop_oneof![any::<f64>(), -10.0..10.0_f64, Just(0.0), Just(-0.0)];
    (float, 0..5).prop_map(|(value, format)| match format {
        0 => format!("{value:.2}"),
        1 => format!("{value:.1e}"),
        2 => format!("{value:+.0}"),
        3 => format!("{}", value as f32),
        _ => value.to_string(),
    })
}

fn batch() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => number(),
        4 => (number(), 0..70_usize).prop_map(|(value, count)| format!("{value},{count}")),
        1 => Just("N/A".to_owned()),
        1 => Just(String::new()),
        1 => (number(), number()).prop_map(|(first, second)| format!("{first}\n\n{second}")),
    ]
}

fn script() -> impl Strategy<Value = Script> {
    let last = prop_oneof![2 => number().prop_map(|value| format!("{value},final")), 3 => batch()];
    (prop::collection::vec(batch(), 1..6), last)
        .prop_map(|(batches, last)| Script { batches, last })
}

fn odd() -> impl Strategy<Value = [Scripted; 2]> {
    let epochs = || prop::collection::vec(script(), EPOCHS);
    (epochs(), epochs())
        .prop_map(|(number, text)| [Scripted::new(NAMES[0], number), Scripted::new(NAMES[1], text)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() })]

    #[test]
    fn burn_reads_the_same_values_of_any_metric(odd in odd()) {
        let tracked = answers(&odd, |training, directory| training.track_in(memory().1, directory));
        prop_assert_eq!(tracked, answers(&odd, |training, _| training));
    }
}

/// A metric whose text is rounded, and whose number gets better in each epoch.
fn rounded() -> Scripted {
    let script = |epoch: usize| {
        let value = 1.0 - epoch as f64 * 1e-3;
        Script { batches: vec![format!("{value:.2}")], last: format!("{value:.2},final") }
    };
    Scripted::new("Odd", (0..8).map(script).collect())
}

/// How many epochs a training takes that ends when the metric gets no lower.
fn epochs_until_no_lower(
    metric: &impl Metric,
    training: SupervisedTraining<Mlp>,
    track: impl FnOnce(SupervisedTraining<Mlp>) -> SupervisedTraining<Mlp>,
) -> usize {
    let ended = Ended::default();
    let strategy = MetricEarlyStoppingStrategy::new(
        metric,
        Aggregate::Mean,
        Direction::Lowest,
        Split::Train,
        StoppingCondition::NoImprovementSince { n_epochs: 2 },
    );
    let training = training.num_epochs(8).early_stopping(ended.after(strategy));
    track(training).launch(learner(0.01));
    *ended.0.lock().unwrap()
}

/// Counts the epochs that a strategy is asked about.
#[derive(Clone, Default)]
struct Ended(Arc<Mutex<usize>>);

impl Ended {
    fn after(&self, strategy: MetricEarlyStoppingStrategy) -> Counted {
        Counted(Arc::clone(&self.0), strategy)
    }
}

#[derive(Clone)]
struct Counted(Arc<Mutex<usize>>, MetricEarlyStoppingStrategy);

impl EarlyStoppingStrategy for Counted {
    fn should_stop(&mut self, epoch: usize, store: &EventStoreClient) -> bool {
        *self.0.lock().unwrap() = epoch;
        self.1.should_stop(epoch, store)
    }
}

#[test]
fn a_training_that_stops_early_on_a_rounded_metric_takes_as_many_epochs() {
    let epochs = |tracked: bool| {
        let directory = tempfile::tempdir().unwrap();
        let training = training(&directory, 8).metric_train_numeric(rounded());
        epochs_until_no_lower(&rounded(), training, |training| {
            if tracked { training.track_in(memory().1, &directory) } else { training }
        })
    };
    assert_eq!(epochs(false), 3);
    assert_eq!(epochs(true), 3);
}

#[test]
fn a_training_that_stops_early_on_a_metric_of_words_takes_as_many_epochs() {
    let epochs = |tracked: bool| {
        let directory = tempfile::tempdir().unwrap();
        let training = training(&directory, 8).metric_train(rounded());
        epochs_until_no_lower(&rounded(), training, |training| {
            if tracked { training.track_in(memory().1, &directory) } else { training }
        })
    };
    assert_eq!(epochs(false), 3);
    assert_eq!(epochs(true), 3);
}

/// Catches a panic of its own, on the thread that trains, before it asks the other one.
#[derive(Clone)]
struct Shaken(Counted);

impl EarlyStoppingStrategy for Shaken {
    fn should_stop(&mut self, epoch: usize, store: &EventStoreClient) -> bool {
        assert!(catch_unwind(|| panic!("the strategy's own")).is_err());
        self.0.should_stop(epoch, store)
    }
}

#[test]
fn a_training_whose_tracking_has_ended_decides_the_same() {
    let epochs = |tracked: bool| {
        let directory = tempfile::tempdir().unwrap();
        let ended = Ended::default();
        let strategy = Shaken(ended.after(MetricEarlyStoppingStrategy::new(
            &LossMetric::new(),
            Aggregate::Mean,
            Direction::Lowest,
            Split::Valid,
            StoppingCondition::NoImprovementSince { n_epochs: 2 },
        )));
        let training = training(&directory, 30).early_stopping(strategy);
        let training = if tracked { training.track_in(memory().1, &directory) } else { training };
        training.launch(learner(1.5));
        *ended.0.lock().unwrap()
    };
    assert!((3..30).contains(&epochs(false)), "{}", epochs(false));
    assert_eq!(epochs(true), epochs(false));
}
