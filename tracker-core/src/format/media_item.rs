//! What the line of an event says of a picture, a table, a plot or a file.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use crate::{ConfusionMatrix, MediaExtension, PrCurve, RocCurve, value::content_hash::hexadecimal};

/// The SHA-256 of a file of media, in 64 lower-case hexadecimal digits. Nothing else becomes part of a
/// path: what a store says may be anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaHash(String);

impl MediaHash {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(hexadecimal(&Sha256::digest(bytes)))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder in which its file is: its first two digits.
    pub(crate) fn folder(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }
}

impl FromStr for MediaHash {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 64 && text.bytes().all(is_digit) {
            return Ok(Self(text.to_owned()));
        }
        Err(crate::Error::InvalidName {
            what: "hash",
            name: crate::error::excerpt(text),
            reason: "it is no SHA-256".into(),
            hint: "give 64 lower-case hexadecimal digits, as `tracker show --json` prints them"
                .into(),
        })
    }
}

impl fmt::Display for MediaHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MediaHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MediaHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("a hash that is no SHA-256"))
    }
}

impl Serialize for MediaExtension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MediaExtension {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::of(&text).ok_or_else(|| de::Error::custom("an ending that no file of media has"))
    }
}

/// A file in the `media` folder of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredMedia {
    /// The hash of its bytes, by which it is found.
    pub sha256: MediaHash,
    /// What kind of file it is.
    pub ext: MediaExtension,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What a run knows of something that was logged as media.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaItem {
    /// A picture.
    Image {
        /// Its file, a PNG.
        #[serde(flatten)]
        file: StoredMedia,
        /// How many pixels a row has.
        width: u32,
        /// How many rows it has.
        height: u32,
        /// What is to be seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    /// A table.
    Table {
        /// Its file, in the Parquet format.
        #[serde(flatten)]
        file: StoredMedia,
        /// How many rows it has.
        rows: u64,
        /// How many columns it has.
        columns: u64,
    },
    /// A file as it was handed over.
    File {
        /// The file.
        #[serde(flatten)]
        file: StoredMedia,
        /// What it shows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    /// Which classes a model takes for which.
    ConfusionMatrix(ConfusionMatrix),
    /// Precision over recall.
    PrCurve(PrCurve),
    /// What is found over false alarms.
    RocCurve(RocCurve),
    /// Something that a newer tracker wrote.
    #[serde(other)]
    Unknown,
}

impl MediaItem {
    /// Its file; plots have none.
    pub fn file(&self) -> Option<&StoredMedia> {
        match self {
            Self::Image { file, .. } | Self::Table { file, .. } | Self::File { file, .. } => {
                Some(file)
            }
            _ => None,
        }
    }

    /// What is to be seen, if that was said.
    pub fn caption(&self) -> Option<&str> {
        match self {
            Self::Image { caption, .. } | Self::File { caption, .. } => caption.as_deref(),
            _ => None,
        }
    }

    /// What it is, in one word of people's: `picture`, `table`, `film`.
    pub fn kind(&self) -> &'static str {
        let of_file = |file: &StoredMedia| match file.ext.content_type().split('/').next() {
            Some("image") => "picture",
            Some("video") => "film",
            Some("audio") => "sound",
            _ => "text",
        };
        match self {
            Self::Image { .. } => "picture",
            Self::Table { .. } => "table",
            Self::File { file, .. } => of_file(file),
            Self::ConfusionMatrix(_) => "confusion matrix",
            Self::PrCurve(_) => "precision-recall curve",
            Self::RocCurve(_) => "ROC curve",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<MediaItem> {
        serde_json::from_slice(text.as_bytes()).ok()
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let file = StoredMedia { sha256: MediaHash::of(b"x"), ext: MediaExtension::PNG, bytes: 1 };
        let caption = Some("7 → 1".to_owned());
        for item in [
            MediaItem::Image { file: file.clone(), width: 2, height: 3, caption },
            MediaItem::Table { file: file.clone(), rows: 7, columns: 2 },
            MediaItem::File { file, caption: None },
            MediaItem::ConfusionMatrix(ConfusionMatrix::new(["a", "b"]).add(0, 1).add(7, 7)),
            MediaItem::PrCurve(PrCurve::of(&[0.5, 0.7], &[true, false]).unwrap()),
            MediaItem::RocCurve(RocCurve::of(&[0.5, 0.7], &[true, false]).unwrap()),
        ] {
            let text = serde_json::to_string(&item).unwrap();
            assert_eq!(read(&text), Some(item), "{text}");
        }
        assert_eq!(read(r#"{"type":"hologram","depth":3}"#), Some(MediaItem::Unknown));
    }

    #[test]
    fn a_file_whose_name_would_lead_elsewhere_is_none() {
        let hash = "0".repeat(64);
        let line = |hash: &str, ext: &str| {
            read(&format!(r#"{{"type":"file","sha256":"{hash}","ext":"{ext}","bytes":1}}"#))
        };
        assert!(line(&hash, "png").is_some());
        for bad in ["", "..", "../../x", &"0".repeat(63), &"A".repeat(64), &"0".repeat(65)] {
            assert_eq!(line(bad, "png"), None, "{bad}");
        }
        for bad in ["", "exe", "/png", "png/..", "PNG"] {
            assert_eq!(line(&hash, bad), None, "{bad}");
        }
    }
}
