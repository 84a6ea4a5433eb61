//! Metrics of a user's own that write what a script says.

use std::{fmt::Write as _, sync::Arc};

use burn::{
    tensor::TensorReadError,
    train::metric::{
        Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes,
        NumericEntry, SerializedEntry,
    },
};

use crate::draw::Draw;

/// Names that hooks may be given.
pub(crate) const NAMES: [&str; 9] =
    ["odd", "Odd Text", "größe", "a/b", "loss", "", "100 %", "train/loss", "learning_rate"];

/// Names that Burn's files may have, each of a file of its own.
pub(crate) const FILE_NAMES: [&str; 10] = [
    "Odd",
    "Odd Text",
    "größe",
    "loss",
    "",
    "100 %",
    "Learning Rate",
    "Epoch",
    ".. ",
    "Top 5 (@ 0.5)",
];

/// A metric that writes what a script says, beside a number that may say something else.
#[derive(Clone, Debug)]
pub(crate) struct OddMetric {
    pub(crate) name: &'static str,
    /// Whether Burn can read it back: it panics where it is asked to and cannot.
    pub(crate) is_readable: bool,
    higher_is_better: bool,
    unit: Option<&'static str>,
    has_numbers: bool,
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

impl OddMetric {
    /// With a script for so many epochs.
    pub(crate) fn draw(draw: &mut Draw, name: &'static str, epochs: usize) -> Self {
        let is_readable = !draw.once_in(6);
        Self {
            name,
            is_readable,
            higher_is_better: draw.once_in(2),
            unit: draw.one(&[None, None, Some("%"), Some("s")]),
            has_numbers: !draw.once_in(4),
            epochs: Arc::new(draw.several(epochs, |draw| Script::draw(draw, is_readable))),
            epoch: 0,
            batch: 0,
        }
    }

    /// A metric by which another one is looked up.
    pub(crate) fn named(name: &'static str) -> Self {
        Self::draw(&mut Draw::new(0), name, 1)
    }

    fn script(&self) -> &Script {
        &self.epochs[self.epoch.min(self.epochs.len() - 1)]
    }

    fn number(&self) -> f64 {
        -1.0 - self.epoch as f64
    }
}

impl Script {
    fn draw(draw: &mut Draw, is_readable: bool) -> Self {
        if !is_readable {
            let words = ["words", "1, 2, 3", "0.5 of 1\nand more", "N/A", "1,"];
            return Self {
                batches: draw.several(3, |draw| draw.one(&words).to_owned()),
                last: "…".into(),
            };
        }
        match draw.within(0..=9) {
            // Nothing in this epoch.
            0 => Self { batches: vec!["N/A".into(), String::new()], last: "N/A".into() },
            // Burn takes the last line for the epoch's value, and panics where others follow it.
            1..=4 => {
                let batches = draw.within(1..=5);
                let batches = draw.several(batches, batch);
                Self { batches, last: format!("{},final", written(draw)) }
            }
            _ => {
                let batches = draw.within(1..=5);
                Self { batches: draw.several(batches, batch), last: batch(draw) }
            }
        }
    }
}

/// A number as people write numbers.
fn written(draw: &mut Draw) -> String {
    let number = draw.number();
    match draw.within(0..=5) {
        0 => format!("{number:.2}"),
        1 => format!("{number:.1e}"),
        2 => format!("{number:+.0}"),
        3 => format!("{}", number as f32),
        4 => format!("{number:?}"),
        _ => number.to_string(),
    }
}

fn batch(draw: &mut Draw) -> String {
    let mut text = written(draw);
    match draw.within(0..=7) {
        0 => return "N/A".to_owned(),
        1 => return String::new(),
        2 => write!(text, "\n\n{}", written(draw)).unwrap(),
        3..=5 => write!(text, ",{}", draw.within(0..=70)).unwrap(),
        _ => {}
    }
    text
}

fn entry(text: &str) -> SerializedEntry {
    SerializedEntry::new("shown".to_owned(), text.to_owned())
}

impl Metric for OddMetric {
    type Input = ();

    fn name(&self) -> MetricName {
        MetricName::new(self.name.to_owned())
    }

    fn attributes(&self) -> MetricAttributes {
        let unit = self.unit.map(ToOwned::to_owned);
        NumericAttributes { unit, higher_is_better: self.higher_is_better }.into()
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        let batches = &self.script().batches;
        let entry = entry(&batches[self.batch % batches.len()]);
        self.batch += 1;
        Ok(entry)
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(entry(&self.script().last))
    }

    fn clear(&mut self) {
        (self.epoch, self.batch) = (self.epoch + 1, 0);
    }
}

impl Numeric for OddMetric {
    fn value(&self) -> Option<NumericEntry> {
        self.has_numbers.then(|| NumericEntry::Value(self.number()))
    }

    fn running_value(&self) -> Option<NumericEntry> {
        self.value()
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(self.number())
    }
}
