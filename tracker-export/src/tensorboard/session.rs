//! What is known of a run before its points are read: settings, times, how it ended.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use tracker_core::{Outcome, Timestamp};

use crate::{
    Ended, Result,
    tensorboard::{
        event::{Content, Event, FACTS, Plugin, SESSION_END, SESSION_START, Value},
        facts::Facts,
        packed::{self, EventRecords},
        telling::time_of,
        tensor::Tensor,
        wire::{self, Fields, Wire},
    },
};

/// The most settings that are read of a run, and the most bytes of them.
const MOST_SETTINGS: usize = 10_000;
const MOST_BYTES: usize = 16 << 20;

/// The longest text that may have a run's facts.
const LONGEST_FACTS: usize = 8 << 20;

/// What is known of a run before its points are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    pub(crate) config: Map<String, Json>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended: Ended,
    pub(crate) facts: Option<Facts>,
    /// Whether there is a whole record at all.
    pub(crate) has_events: bool,
    /// How many settings are too many.
    pub(crate) left_out: u64,
    bytes: usize,
}

impl Session {
    /// That of a run's files.
    pub(crate) fn of_files(files: &[PathBuf]) -> Result<Self> {
        let mut session = Self::default();
        for path in files {
            session.add(&mut packed::open(path)?, path)?;
        }
        Ok(session)
    }

    fn add(&mut self, records: &mut EventRecords, path: &Path) -> Result<()> {
        while let Some(record) = packed::next(records, path)? {
            let Ok(event) = Event::read(record) else { continue };
            self.has_events = true;
            self.started_at = self.started_at.or_else(|| Some(time_of(event.wall_time)));
            for value in event.summary.into_iter().flat_map(Value::all).flatten() {
                match value.tag {
                    SESSION_START | SESSION_END => self.hparams(&value),
                    FACTS => self.facts = facts(&value).or(self.facts.take()),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn hparams(&mut self, value: &Value<'_>) {
        let plugin = value.plugin().filter(|(name, _)| *name == Plugin::HParams.name());
        let Some((_, content)) = plugin else { return };
        if let Some(start) = wire::bytes_of(content, 3) {
            self.settings(start);
            let time = wire::double_of(start, 5).filter(|time| *time > 0.0);
            self.started_at = time.map(time_of).or(self.started_at);
        }
        if let Some(end) = wire::bytes_of(content, 4) {
            let time = wire::double_of(end, 2).filter(|time| *time > 0.0).map(time_of);
            self.ended = match wire::varint_of(end, 1) {
                Some(1) => Ended::As(Outcome::Finished, time),
                Some(2) => Ended::As(Outcome::Failed("TensorBoard calls it failed".into()), time),
                Some(3) => Ended::Unknown,
                _ => Ended::As(Outcome::Ended("TensorBoard does not say how".into()), time),
            };
        }
    }

    fn settings(&mut self, start: &[u8]) {
        for field in Fields(start) {
            let Ok((1, Wire::Bytes(entry))) = field else { continue };
            let (Some(name), Some(value)) = (wire::text_of(entry, 1), wire::bytes_of(entry, 2))
            else {
                continue;
            };
            self.bytes = self.bytes.saturating_add(entry.len());
            if self.config.len() < MOST_SETTINGS && self.bytes <= MOST_BYTES {
                self.config.insert(name.to_owned(), setting(value));
            } else {
                self.left_out += 1;
            }
        }
    }
}

fn setting(value: &[u8]) -> Json {
    match Fields(value).next() {
        Some(Ok((2, Wire::Fixed64(bits)))) => number(f64::from_bits(bits)),
        Some(Ok((3, Wire::Bytes(text)))) => String::from_utf8_lossy(text).into_owned().into(),
        Some(Ok((4, Wire::Varint(is)))) => (is != 0).into(),
        _ => Json::Null,
    }
}

/// A setting's number. TensorBoard keeps doubles alone: whole ones are taken for whole numbers.
fn number(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0
        && number.abs() <= EXACT
        && !(number == 0.0 && number.is_sign_negative())
    {
        return (number as i64).into();
    }
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string().into(), Json::Number)
}

fn facts(value: &Value<'_>) -> Option<Facts> {
    let Content::Tensor(tensor) = value.content else { return None };
    let text = Tensor::read(tensor).ok()?.texts().next()?;
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= LONGEST_FACTS)?;
    Facts::of_text(text)
}
