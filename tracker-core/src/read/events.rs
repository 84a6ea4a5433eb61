//! All that a run has recorded and that is no scalar.

use std::fs;

use crate::{
    Result, Writer,
    error::IoContext,
    format::{
        event_line::{StoredEvent, StoredEventKind},
        layout::RunPaths,
    },
    read::superseded::Superseded,
};

/// The events of some writers in the order of time; those of one moment in the order in which each
/// writer recorded them. What a resumed training took back is left out, and so are lines that are
/// cut or damaged.
pub(crate) fn events(
    paths: &RunPaths,
    writers: &[Writer],
    superseded: &Superseded,
) -> Result<Vec<StoredEvent>> {
    let mut events = Vec::new();
    for writer in writers {
        let path = paths.events(*writer);
        let text = fs::read(&path).io_context("read", &path, "check the file's permissions")?;
        let lines = text.split(|byte| *byte == b'\n');
        let stored = lines.filter_map(|line| serde_json::from_slice::<StoredEvent>(line).ok());
        events.extend(stored.filter(|event| counts(*writer, &event.kind, superseded)));
    }
    events.sort_by_key(|event| event.time);
    Ok(events)
}

/// Whether no resumed training has taken an event back. What was said to people was said, and what
/// was deleted is gone.
fn counts(writer: Writer, kind: &StoredEventKind, superseded: &Superseded) -> bool {
    match kind {
        StoredEventKind::Text { name, step, .. }
        | StoredEventKind::Histogram { name, step, .. } => superseded.keeps(writer, name, *step),
        StoredEventKind::Artifact(artifact) => {
            artifact.step.is_none_or(|step| superseded.keeps(writer, &artifact.name, step))
        }
        StoredEventKind::Message { .. } | StoredEventKind::ArtifactDeleted { .. } => true,
    }
}
