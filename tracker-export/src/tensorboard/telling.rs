//! Tells a sink what events say.

use std::{collections::HashMap, io::Read, path::Path};

use tracker_core::{Step, Timestamp};

use crate::{
    Account, Result, Sink,
    framing::tf_record::{Damage, Records},
    tensorboard::{
        event::{Content, Event, Plugin, Value},
        histograms, packed,
        tensor::Tensor,
        told::sounds_of,
        wire,
    },
};

/// The most names whose plugins are remembered. Writers name the plugin with each value, or with the first of a name.
const MOST_NAMES: usize = 1 << 16;

/// Longer names are read like others, and nothing is remembered of them.
const LONGEST_NAME: usize = 512;

/// The most plugins that the account names; the others are `others`.
const MOST_PLUGINS: usize = 16;

/// Tells a sink all points, texts, histograms, pictures and sounds of one event file, which is not packed.
///
/// ```
/// use tracker_core::{Event, Step, Timestamp};
/// use tracker_export::{Account, Result, Sink, read_events};
///
/// #[derive(Default)]
/// struct Points(Vec<(String, u64, f64)>);
///
/// impl Sink for Points {
///     fn point(&mut self, metric: &str, step: Step, _: Timestamp, value: f64) -> Result<()> {
///         self.0.push((metric.to_owned(), step.0, value));
///         Ok(())
///     }
///
///     fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
///         Ok(())
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let (mut points, mut account) = (Points::default(), Account::default());
/// read_events(&b"no event file"[..], &mut points, &mut account)?;
/// assert_eq!(account.left_out().len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the bytes cannot be read, or the sink cannot be written. Damaged records are counted.
pub fn read_events(reader: impl Read, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
    let mut telling = Telling::new(sink, account);
    let told = telling.file(&mut Records::new(reader, false), Path::new("event file"));
    telling.done();
    told
}

/// A moment of so many seconds since 1970, to the microsecond.
pub(crate) fn time_of(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1e6).round() as i64)
}

/// Tells a sink the events of one run's files.
pub(crate) struct Telling<'a> {
    pub(super) sink: &'a mut dyn Sink,
    pub(super) account: &'a mut Account,
    /// The plugin of each name that is no scalar of the older form.
    plugins: HashMap<String, Option<Plugin>>,
    others: Vec<String>,
    points: u64,
    malformed: u64,
    damage: Damage,
}

/// Where and when a value was logged.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) name: &'a str,
    pub(super) step: Step,
    pub(super) time: Timestamp,
}

impl<'a> Telling<'a> {
    pub(crate) fn new(sink: &'a mut dyn Sink, account: &'a mut Account) -> Self {
        let (plugins, others, damage) = (HashMap::new(), Vec::new(), Damage::default());
        Self { sink, account, plugins, others, points: 0, malformed: 0, damage }
    }

    pub(crate) fn file<R: Read>(&mut self, records: &mut Records<R>, path: &Path) -> Result<()> {
        while let Some(record) = packed::next(records, path)? {
            self.record(record)?;
        }
        let damage = records.damage();
        self.damage.places += damage.places;
        self.damage.bytes += damage.bytes;
        self.damage.too_long += damage.too_long;
        Ok(())
    }

    /// Brings the account up to date.
    pub(crate) fn done(&mut self) {
        self.account.keep("points", std::mem::take(&mut self.points));
        let Damage { places, bytes, too_long } = std::mem::take(&mut self.damage);
        let why = format!("{bytes} bytes there are no whole records");
        self.account.leave_out("damaged places", why, places);
        self.account.leave_out("events", "they have more than 64 MiB", too_long);
        let malformed = std::mem::take(&mut self.malformed);
        self.account.leave_out("events", "they are not what TensorBoard writes", malformed);
    }

    fn record(&mut self, record: &[u8]) -> Result<()> {
        let Ok(event) = Event::read(record) else {
            self.malformed += 1;
            return Ok(());
        };
        if let Some(other) = event.other {
            self.account.leave_out(other, "a run has no place for them", 1);
        }
        let time = time_of(event.wall_time);
        for value in event.summary.into_iter().flat_map(Value::all) {
            match value {
                Ok(value) => self.value(event.step, time, &value)?,
                Err(_) => self.malformed += 1,
            }
        }
        Ok(())
    }

    fn value(&mut self, step: i64, time: Timestamp, value: &Value<'_>) -> Result<()> {
        let Ok(step) = u64::try_from(step) else {
            self.account.leave_out("values", "their steps are below zero", 1);
            return Ok(());
        };
        let at = At { name: value.tag, step: Step(step), time };
        match value.content {
            Content::Scalar(number) => self.point(at, number.into()),
            Content::Tensor(tensor) => {
                if let Ok(tensor) = Tensor::read(tensor) {
                    return self.tensor(at, value, &tensor);
                }
                self.malformed += 1;
                Ok(())
            }
            Content::Image(image) => self.pictures(at, wire::bytes_of(image, 4).into_iter()),
            Content::Histogram(histogram) => self.histogram(at, histograms::of_message(histogram)),
            Content::Audio(audio) => {
                let sound = wire::bytes_of(audio, 4).map(|sound| (sound, ""));
                self.sounds(at, sound.into_iter())
            }
            // That is how some writers say what the HParams tab reads.
            Content::Nothing if value.plugin().is_some_and(|(name, _)| name == "hparams") => Ok(()),
            Content::Nothing => {
                self.account.leave_out("values", "they are of a kind that is not known", 1);
                Ok(())
            }
        }
    }

    #[inline]
    fn point(&mut self, at: At<'_>, number: f64) -> Result<()> {
        self.points += 1;
        self.sink.point(at.name, at.step, at.time, number)
    }

    fn tensor(&mut self, at: At<'_>, value: &Value<'_>, tensor: &Tensor<'_>) -> Result<()> {
        match self.plugin(value, tensor) {
            Some(Plugin::Scalars) => {
                if let Some(number) = tensor.scalar() {
                    return self.point(at, number);
                }
                self.account.leave_out("points", "they are no single numbers", 1);
                Ok(())
            }
            Some(Plugin::Histograms) => self.histogram(at, histograms::of_tensor(tensor)),
            // The size comes first, as two texts.
            Some(Plugin::Images) => self.pictures(at, tensor.texts().skip(2)),
            Some(Plugin::Audio) => self.sounds(at, sounds_of(tensor)),
            Some(Plugin::Text) => self.text(at, tensor),
            // The session has read it.
            Some(Plugin::HParams) => Ok(()),
            None => {
                let plugin = value.plugin().map_or("none", |(name, _)| name);
                let why = format!(
                    "a run has no place for those of TensorBoard's plugin `{}`",
                    self.other(plugin)
                );
                self.account.leave_out("values", why, 1);
                Ok(())
            }
        }
    }

    /// What shows a value: as it says, or as one of its name before said, or as what it must be.
    fn plugin(&mut self, value: &Value<'_>, tensor: &Tensor<'_>) -> Option<Plugin> {
        if let Some((name, _)) = value.plugin().filter(|(name, _)| !name.is_empty()) {
            let plugin = Plugin::of(name);
            if self.is_remembered(value.tag) {
                self.plugins.entry(value.tag.to_owned()).or_insert(plugin);
            }
            return plugin;
        }
        if let Some(plugin) = self.plugins.get(value.tag) {
            return *plugin;
        }
        tensor.scalar().map(|_| Plugin::Scalars)
    }

    /// Whether there is room for what is known of a name: a file may have any number of them.
    pub(super) fn is_remembered(&self, name: &str) -> bool {
        name.len() <= LONGEST_NAME && self.plugins.len() < MOST_NAMES
    }

    /// The name of a plugin for the account, which names a few.
    fn other(&mut self, plugin: &str) -> String {
        let plugin: String =
            plugin.chars().filter(|letter| !letter.is_control()).take(64).collect();
        if self.others.contains(&plugin) {
            return plugin;
        }
        if self.others.len() >= MOST_PLUGINS {
            return "others".to_owned();
        }
        self.others.push(plugin.clone());
        plugin
    }
}
