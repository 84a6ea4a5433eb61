//! What runs are found and sorted by.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use super::{near::near, number::Number, token::error};
use crate::{
    Direction, Result, State, Summary, Timestamp,
    read::{Elapsed, RunInfo, RunReader, settings::quoted, settings_by_path},
};

/// The run's own fields, and what they hold.
const OWN: [(&str, Holds); 20] = [
    ("name", Holds::Text),
    ("id", Holds::Text),
    ("project", Holds::Text),
    ("state", Holds::State),
    ("group", Holds::Text),
    ("tag", Holds::Text),
    ("tags", Holds::Text),
    ("notes", Holds::Text),
    ("started", Holds::Time),
    ("finished", Holds::Time),
    ("duration", Holds::Seconds),
    ("seconds", Holds::Seconds),
    ("age", Holds::Seconds),
    ("alerts", Holds::Number),
    ("diverged", Holds::Flag),
    ("host", Holds::Text),
    ("user", Holds::Text),
    ("branch", Holds::Text),
    ("commit", Holds::Text),
    ("message", Holds::Text),
];

/// What a field holds in every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    State,
    Time,
    Seconds,
    Number,
    Flag,
    /// Settings are of any kind, each run's of its own.
    Anything,
    /// A metric; a fraction is shown as a percentage.
    Metric {
        is_fraction: bool,
    },
}

/// Something that a run has: a fact of its own, a setting or a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    name: String,
    place: Place,
    pub(super) holds: Holds,
    direction: Option<Direction>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Own,
    Setting,
    Metric,
}

/// What a run has in a field.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FieldValue {
    /// A text; of a setting, also a list of plain values, as JSON.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A whole number, as a setting has it.
    Whole(i128),
    /// Another number; NaN and ±∞ too.
    Real(f64),
    /// How long something took, in seconds.
    Seconds(f64),
    /// When something was.
    Time(Timestamp),
    /// A setting that is null.
    Null,
}

/// All that a run is found and sorted by.
#[derive(Debug, Clone)]
pub struct RunFields {
    /// By the names of [`OWN`]; `tag` has one for each.
    own: BTreeMap<&'static str, Vec<FieldValue>>,
    settings: BTreeMap<String, FieldValue>,
    metrics: BTreeMap<String, Metric>,
    text: String,
}

#[derive(Debug, Clone, Copy)]
struct Metric {
    value: f64,
    is_fraction: bool,
    direction: Option<Direction>,
}

/// The fields that any of some runs has.
#[derive(Debug, Clone, Default)]
pub struct KnownFields {
    has_runs: bool,
    settings: BTreeSet<String>,
    metrics: BTreeMap<String, (bool, Option<Direction>)>,
}

impl RunFields {
    /// What a run is found by, as it is now.
    ///
    /// # Errors
    /// If its summary cannot be read, or its folder cannot be listed.
    pub fn of(run: &RunReader) -> Result<Self> {
        Ok(Self::with(run.info(), run.state(), run.elapsed()?, &*run.summary()?))
    }

    /// The same, for who has read the run already.
    pub fn with(
        info: &RunInfo,
        state: State,
        elapsed: Option<Elapsed>,
        summary: &BTreeMap<String, Summary>,
    ) -> Self {
        let metric = |(name, summary): (&String, &Summary)| {
            let definition = info.definitions.get(name);
            let direction = definition.and_then(|definition| definition.direction);
            let unit = definition.and_then(|definition| definition.unit.as_deref());
            let value = summary.telling(direction);
            (name.clone(), Metric { value, is_fraction: unit == Some("%"), direction })
        };
        let mut fields = Self {
            own: BTreeMap::new(),
            settings: settings(&info.config),
            metrics: summary.iter().map(metric).collect(),
            text: String::new(),
        };
        let provenance = &info.provenance;
        let group = info.group_or_study().map(str::to_owned);
        let texts = [
            ("name", Some(&info.name)),
            ("project", Some(&info.project)),
            ("group", group.as_ref()),
            ("notes", info.notes.as_ref()),
            ("message", info.message.as_ref()),
            ("host", Some(&provenance.host)),
            ("user", provenance.user.as_ref()),
            ("branch", provenance.git_branch.as_ref()),
            ("commit", provenance.git_commit.as_ref()),
        ];
        for (name, text) in texts {
            fields.set(name, text.filter(|text| !text.is_empty()).cloned().map(FieldValue::Text));
        }
        fields.set("id", [FieldValue::Text(info.id.to_string())]);
        fields.set("state", [FieldValue::Text(state.to_string())]);
        fields.set("tag", info.tags.iter().cloned().map(FieldValue::Text));
        fields.set("started", [FieldValue::Time(info.started_at)]);
        fields.set("finished", info.finished_at.map(FieldValue::Time));
        let seconds = elapsed.map(|elapsed| elapsed.passed.as_secs_f64());
        fields.set("duration", seconds.map(FieldValue::Seconds));
        let age = Timestamp::now().as_micros().saturating_sub(info.started_at.as_micros());
        fields.set("age", [FieldValue::Seconds(age as f64 / 1e6)]);
        fields.set("alerts", [FieldValue::Whole(info.alerts.count.into())]);
        let diverged = summary.values().any(|summary| !summary.last.is_finite());
        fields.set("diverged", [FieldValue::Flag(diverged)]);
        fields.text = fields.searched();
        fields
    }

    fn set(&mut self, name: &'static str, values: impl IntoIterator<Item = FieldValue>) {
        self.own.insert(name, values.into_iter().collect());
    }

    /// What bare words are looked for in, in small letters.
    fn searched(&self) -> String {
        let of = |name| self.own.get(name).into_iter().flatten();
        let texts = ["name", "id", "group", "notes", "tag"].into_iter().flat_map(of);
        texts.map(ToString::to_string).collect::<Vec<_>>().join("\n").to_lowercase()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn name(&self) -> &str {
        match self.own.get("name").and_then(|names| names.first()) {
            Some(FieldValue::Text(name)) => name,
            _ => "",
        }
    }

    /// What the run has in a field: several of tags, else one or none.
    pub fn values(&self, field: &Field) -> Vec<FieldValue> {
        match field.place {
            Place::Own => {
                let name = match field.name.as_str() {
                    "tags" => "tag",
                    "seconds" => "duration",
                    name => name,
                };
                self.own.get(name).cloned().unwrap_or_default()
            }
            Place::Setting => self.settings.get(&field.name).cloned().into_iter().collect(),
            Place::Metric => {
                let metric = self.metrics.get(&field.name);
                metric.map(|metric| FieldValue::Real(metric.value)).into_iter().collect()
            }
        }
    }

    /// Which of two runs stands first in a list that is sorted by a field: the best of a metric whose
    /// direction is known; the newest, longest and most; else numbers before texts, the smallest first.
    /// What is missing or NaN comes last, also where `is_reversed`.
    pub fn compare(&self, other: &Self, field: &Field, is_reversed: bool) -> Ordering {
        let value = |run: &Self| run.values(field).into_iter().find(|value| !value.is_missing());
        let (Some(a), Some(b)) = (value(self), value(other)) else {
            return value(other).is_some().cmp(&value(self).is_some());
        };
        let order = a.order(&b);
        if field.begins_with_greatest() == is_reversed { order } else { order.reverse() }
    }
}

fn settings(config: &serde_json::Map<String, Value>) -> BTreeMap<String, FieldValue> {
    let settings = settings_by_path(config).into_iter();
    settings.map(|(path, value)| (path, FieldValue::of_setting(value))).collect()
}

impl KnownFields {
    /// The fields that any of these runs has.
    pub fn of<'a>(runs: impl IntoIterator<Item = &'a RunFields>) -> Self {
        let mut known = Self::default();
        for run in runs {
            known.has_runs = true;
            known.settings.extend(run.settings.keys().cloned());
            for (name, metric) in &run.metrics {
                let entry = known.metrics.entry(name.clone()).or_default();
                entry.0 |= metric.is_fraction;
                entry.1 = entry.1.or(metric.direction);
            }
        }
        known
    }

    /// All names, the run's own first.
    fn names(&self) -> impl Iterator<Item = &str> {
        let own = OWN.iter().map(|(name, _)| *name);
        let others = self.settings.iter().chain(self.metrics.keys()).map(String::as_str);
        own.chain(others)
    }
}

impl Field {
    /// The field of this name.
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) if none of the runs has it.
    pub fn named(name: &str, known: &KnownFields) -> Result<Self> {
        Self::find(name, 0, known).map(|(field, _)| field)
    }

    /// Its name, without what says where it is looked for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a metric.
    pub fn is_metric(&self) -> bool {
        self.place == Place::Metric
    }

    /// The field, and what else the name may mean.
    pub(super) fn find(
        name: &str,
        at: usize,
        known: &KnownFields,
    ) -> Result<(Self, Option<String>)> {
        let below = |kind: &str| {
            let rest = name.strip_prefix(kind)?;
            rest.strip_prefix(['.', ':'])
        };
        if let Some(path) = below("config")
            && let Some(setting) = known.setting(path)
        {
            return Ok((setting, None));
        }
        if let Some(metric) = below("summary").and_then(|metric| known.metric(metric)) {
            return Ok((metric, None));
        }
        let found = [own(name), known.setting(name), known.metric(name)];
        let mut found = found.into_iter().flatten();
        if let Some(field) = found.next() {
            let note = found.next().map(|other| taken(&field, &other));
            return Ok((field, note));
        }
        if !known.has_runs {
            let (name, place) = (name.to_owned(), Place::Setting);
            return Ok((Self { name, place, holds: Holds::Anything, direction: None }, None));
        }
        Err(unknown(name, at, known))
    }

    fn begins_with_greatest(&self) -> bool {
        match self.holds {
            Holds::Metric { .. } => self.direction != Some(Direction::Lower),
            Holds::Time | Holds::Seconds | Holds::Number | Holds::Flag => self.name != "age",
            Holds::Text | Holds::State | Holds::Anything => false,
        }
    }
}

/// The run's own field of this name.
fn own(name: &str) -> Option<Field> {
    let (name, holds) = OWN.iter().find(|(known, _)| *known == name)?;
    let (name, place) = ((*name).to_owned(), Place::Own);
    Some(Field { name, place, holds: *holds, direction: None })
}

impl KnownFields {
    fn setting(&self, path: &str) -> Option<Field> {
        let name =
            [path.to_owned(), quoted(path)].into_iter().find(|p| self.settings.contains(p))?;
        Some(Field { name, place: Place::Setting, holds: Holds::Anything, direction: None })
    }

    fn metric(&self, name: &str) -> Option<Field> {
        let (is_fraction, direction) = *self.metrics.get(name)?;
        let (name, holds) = (name.to_owned(), Holds::Metric { is_fraction });
        Some(Field { name, place: Place::Metric, holds, direction })
    }
}

/// Says which of two fields of one name was taken.
fn taken(field: &Field, other: &Field) -> String {
    let (what, way) = match other.place {
        Place::Metric => ("a metric", "summary"),
        Place::Setting | Place::Own => ("a setting", "config"),
    };
    let is = match field.place {
        Place::Own => "the run's own",
        Place::Setting | Place::Metric => "the setting",
    };
    let name = field.name();
    format!("`{name}` is {is} here; there is {what} of that name too: write {way}.{name}")
}

fn unknown(name: &str, at: usize, known: &KnownFields) -> crate::Error {
    const SOME: usize = 6;
    let meant = ["config.", "config:", "summary.", "summary:"];
    let meant = meant.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name);
    let near = near(meant, known.names());
    let listed = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let hint = if near.is_empty() {
        let others = known.settings.iter().chain(known.metrics.keys()).map(String::as_str);
        let some: Vec<_> = others.take(SOME).collect();
        if some.is_empty() {
            "write one of the run's own, such as name, state, tag or started".to_owned()
        } else {
            format!("they have for example {}", listed(&some))
        }
    } else {
        format!("did you mean {}?", listed(&near))
    };
    error(format!("no run has `{name}`"), hint, at)
}

impl FieldValue {
    fn of_setting(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Flag(*flag),
            Value::String(text) => Self::Text(text.clone()),
            Value::Number(number) => {
                let whole = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
                whole.map_or_else(|| Self::Real(number.as_f64().unwrap_or(f64::NAN)), Self::Whole)
            }
            other => Self::Text(other.to_string()),
        }
    }

    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Self::Whole(whole) => Some(Number::Whole(*whole)),
            Self::Real(real) | Self::Seconds(real) => Some(Number::Real(*real)),
            Self::Text(_) | Self::Flag(_) | Self::Time(_) | Self::Null => None,
        }
    }

    fn is_missing(&self) -> bool {
        matches!(self, Self::Null) || matches!(self, Self::Real(real) if real.is_nan())
    }

    /// Numbers by value, and before all that is none.
    fn order(&self, other: &Self) -> Ordering {
        if let (Self::Time(a), Self::Time(b)) = (self, other) {
            return a.cmp(b);
        }
        match (self.number(), other.number()) {
            (Some(a), Some(b)) => a.compare(b).unwrap_or(Ordering::Equal),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.to_string().cmp(&other.to_string()),
        }
    }
}

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => flag.fmt(f),
            Self::Whole(whole) => whole.fmt(f),
            Self::Real(real) | Self::Seconds(real) => match real.abs() {
                0.0 | 1e-6..1e21 => write!(f, "{real}"),
                _ => write!(f, "{real:e}"),
            },
            Self::Time(time) => time.fmt(f),
            Self::Null => f.write_str("null"),
        }
    }
}
