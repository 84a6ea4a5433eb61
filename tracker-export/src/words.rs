//! What accounts call the things of a run: each the same to every tool and back, in the plural.

use tracker_core::{
    MediaExtension,
    read::{MediaItem, StoredEventKind},
};

/// Pictures, whatever their format.
pub(crate) const PICTURES: &str = "pictures";
pub(crate) const SOUNDS: &str = "sounds";
pub(crate) const TABLES: &str = "tables";
/// What stands below pictures and files.
pub(crate) const CAPTIONS: &str = "captions";
/// What a histogram counts beside its bins.
pub(crate) const NOT_FINITE: &str = "values of histograms that are not finite";
/// Facts by topic.
pub(crate) const FACTS: &str = "facts about the run";
/// NaN has many bit patterns.
pub(crate) const BITS_OF_NAN: &str = "bits of NaN";

/// One thing of a call that logs media.
pub(crate) fn of_media(item: &MediaItem) -> &'static str {
    match item {
        MediaItem::Image { .. } => PICTURES,
        MediaItem::Table { .. } => TABLES,
        MediaItem::File { file, .. } => of_file(file.ext),
        MediaItem::ConfusionMatrix(_) | MediaItem::PrCurve(_) | MediaItem::RocCurve(_) => "plots",
        _ => "media of a newer tracker",
    }
}

/// A file that was handed over.
pub(crate) fn of_file(extension: MediaExtension) -> &'static str {
    match extension.content_type().split('/').next() {
        Some("image") => PICTURES,
        Some("video") => "films",
        Some("audio") => SOUNDS,
        _ => "texts in files",
    }
}

/// A value of a tool that says of itself what it is, such as `image-file` or `trackio.image`.
pub(crate) fn of_type(kind: &str) -> &'static str {
    let words = [
        ("image", PICTURES),
        ("video", "films"),
        ("audio", SOUNDS),
        ("html", "texts in files"),
        ("table", TABLES),
        ("histogram", "histograms"),
    ];
    let known = words.into_iter().find(|(word, _)| kind.contains(word));
    known.map_or("values of other kinds", |(_, what)| what)
}

/// What a run records beside its points. Of media, [`of_media`] says more.
pub(crate) fn of_event(kind: &StoredEventKind) -> &'static str {
    match kind {
        StoredEventKind::Text { .. } => "texts",
        StoredEventKind::Histogram { .. } => "histograms",
        StoredEventKind::Media { .. } => "media",
        StoredEventKind::Message { .. } => "messages",
        StoredEventKind::Alert(_) => "alerts",
        StoredEventKind::Artifact(_) => "artifacts",
        StoredEventKind::ArtifactDeleted { .. } => "deletions of artifacts",
        StoredEventKind::Used(_) => "uses of data and models",
        StoredEventKind::Knob(_) => "changes of knobs",
        _ => "events of a newer tracker",
    }
}
