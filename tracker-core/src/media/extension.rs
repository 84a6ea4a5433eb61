//! Which files are media, by their names' endings.

use std::{ffi::OsStr, path::Path};

/// All endings that files of media have in a store, each with the type that a browser knows it by.
/// The last one is that of tables.
const KNOWN: [(&str, &str); 13] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("svg", "image/svg+xml"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("html", "text/html; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("parquet", "application/vnd.apache.parquet"),
];

/// How many of them a person's file may have: all but that of tables.
const OF_FILES: usize = KNOWN.len() - 1;

/// The ending that a file of media is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaExtension(usize);

impl MediaExtension {
    pub(crate) const PNG: Self = Self(0);
    pub(crate) const WAV: Self = Self(7);
    pub(crate) const PARQUET: Self = Self(OF_FILES);

    /// The one that is written so in a store; `None` for any other text.
    pub fn of(text: &str) -> Option<Self> {
        KNOWN.iter().position(|(known, _)| *known == text).map(Self)
    }

    /// The one of a person's file, however it is written.
    pub(crate) fn of_path(path: &Path) -> Option<Self> {
        let text = path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase();
        let text = match &*text {
            "jpeg" => "jpg",
            "htm" => "html",
            other => other,
        };
        Self::of(text).filter(|known| known.0 < OF_FILES)
    }

    /// All that a file of media in a store may have.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..KNOWN.len()).map(Self)
    }

    /// How it is written, without a dot.
    pub fn as_str(self) -> &'static str {
        KNOWN.get(self.0).map_or("", |(text, _)| text)
    }

    /// The media type that a browser knows such a file by.
    pub fn content_type(self) -> &'static str {
        KNOWN.get(self.0).map_or("application/octet-stream", |(_, known)| known)
    }

    /// Those that a person may hand over, for a hint.
    pub(crate) fn listed() -> String {
        KNOWN.iter().take(OF_FILES).map(|(text, _)| *text).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_ending_however_it_is_written() {
        let of = |path: &str| MediaExtension::of_path(Path::new(path)).map(MediaExtension::as_str);
        assert_eq!(of("a/b.PNG"), Some("png"));
        assert_eq!(of("b.jpeg"), Some("jpg"));
        assert_eq!(of("b.mp4"), Some("mp4"));
        assert_eq!(of("b.parquet"), None, "tables are written by tracker alone");
        assert_eq!(of("b.exe"), None);
        assert_eq!(of("png"), None);
        assert_eq!(MediaExtension::of("../png"), None);
    }

    #[test]
    fn the_endings_with_names_are_where_they_are_said_to_be() {
        let named = [MediaExtension::PNG, MediaExtension::WAV, MediaExtension::PARQUET];
        assert_eq!(named.map(MediaExtension::as_str), ["png", "wav", "parquet"]);
    }
}
