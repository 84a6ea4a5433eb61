//! What an event file consists of, by TensorBoard's numbers and names.

use crate::tensorboard::wire::{self, Fields, Malformed, Wire};

/// The tag of the text with which a run's facts go out and come back.
pub(crate) const FACTS: &str = "tracker/run";

pub(crate) const SESSION_START: &str = "_hparams_/session_start_info";
pub(crate) const SESSION_END: &str = "_hparams_/session_end_info";

/// What the first event of a file says.
pub(crate) const FILE_VERSION: &str = "brain.Event:2";

/// Types of what is in a tensor.
pub(crate) mod dtype {
    pub(crate) const FLOAT: u64 = 1;
    pub(crate) const DOUBLE: u64 = 2;
    pub(crate) const INT32: u64 = 3;
    pub(crate) const UINT8: u64 = 4;
    pub(crate) const INT16: u64 = 5;
    pub(crate) const INT8: u64 = 6;
    pub(crate) const STRING: u64 = 7;
    pub(crate) const INT64: u64 = 9;
    pub(crate) const BOOL: u64 = 10;
    pub(crate) const BFLOAT16: u64 = 14;
    pub(crate) const UINT16: u64 = 17;
    pub(crate) const HALF: u64 = 19;
    pub(crate) const UINT32: u64 = 22;
    pub(crate) const UINT64: u64 = 23;
}

/// Which part of TensorBoard shows a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plugin {
    Scalars,
    Histograms,
    Images,
    Audio,
    Text,
    HParams,
}

impl Plugin {
    const ALL: [Self; 6] =
        [Self::Scalars, Self::Histograms, Self::Images, Self::Audio, Self::Text, Self::HParams];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scalars => "scalars",
            Self::Histograms => "histograms",
            Self::Images => "images",
            Self::Audio => "audio",
            Self::Text => "text",
            Self::HParams => "hparams",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plugin| plugin.name() == name)
    }
}

/// One event, as far as runs have anything of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Event<'a> {
    pub(crate) wall_time: f64,
    pub(crate) step: i64,
    pub(crate) summary: Option<&'a [u8]>,
    /// What it is about, if that has no place here.
    pub(crate) other: Option<&'static str>,
}

impl<'a> Event<'a> {
    #[inline]
    pub(crate) fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut event = Self::default();
        for field in Fields(message) {
            match field? {
                (1, Wire::Fixed64(bits)) => event.wall_time = f64::from_bits(bits),
                (2, Wire::Varint(step)) => event.step = step as i64,
                // A message that comes twice is one, and nobody writes so.
                (5, Wire::Bytes(_)) if event.summary.is_some() => return Err(Malformed),
                (5, Wire::Bytes(summary)) => event.summary = Some(summary),
                (4 | 9, Wire::Bytes(_)) => event.other = Some("graphs"),
                (6, Wire::Bytes(_)) => event.other = Some("lines of TensorFlow's log"),
                (7, Wire::Bytes(_)) => event.other = Some("marks of restarts"),
                (8, Wire::Bytes(_)) => event.other = Some("profiles of steps"),
                _ => {}
            }
        }
        Ok(event)
    }
}

/// One value of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    pub(crate) tag: &'a str,
    pub(crate) content: Content<'a>,
    pub(crate) metadata: Option<&'a [u8]>,
}

/// What a value is, in the older ways and in the way of tensors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Content<'a> {
    Nothing,
    Scalar(f32),
    Image(&'a [u8]),
    Histogram(&'a [u8]),
    Audio(&'a [u8]),
    Tensor(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The values of a summary.
    #[inline]
    pub(crate) fn all(summary: &'a [u8]) -> impl Iterator<Item = Result<Self, Malformed>> {
        Fields(summary).filter_map(|field| match field {
            Ok((1, Wire::Bytes(value))) => Some(Self::read(value)),
            Ok(_) => None,
            Err(malformed) => Some(Err(malformed)),
        })
    }

    #[inline]
    fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut value = Self { tag: "", content: Content::Nothing, metadata: None };
        for field in Fields(message) {
            match field? {
                (1, Wire::Bytes(tag)) => {
                    value.tag = std::str::from_utf8(tag).map_err(|_| Malformed)?;
                }
                (2, Wire::Fixed32(bits)) => {
                    value.content = Content::Scalar(f32::from_bits(bits));
                }
                (4, Wire::Bytes(image)) => value.content = Content::Image(image),
                (5, Wire::Bytes(histogram)) => value.content = Content::Histogram(histogram),
                (6, Wire::Bytes(audio)) => value.content = Content::Audio(audio),
                (8, Wire::Bytes(tensor)) => value.content = Content::Tensor(tensor),
                (9, Wire::Bytes(metadata)) => value.metadata = Some(metadata),
                _ => {}
            }
        }
        Ok(value)
    }

    /// The name of its plugin, and what the plugin keeps with it.
    pub(crate) fn plugin(&self) -> Option<(&'a str, &'a [u8])> {
        let data = wire::bytes_of(self.metadata?, 1)?;
        Some((wire::text_of(data, 1)?, wire::bytes_of(data, 2).unwrap_or_default()))
    }
}
