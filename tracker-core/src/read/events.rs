//! All that a run has recorded and that is no scalar.

use crate::{
    Result, Writer,
    error::IoContext,
    format::{
        event_line::{StoredEvent, StoredEventKind},
        layout::RunPaths,
    },
    read::{Warning, superseded::Superseded},
};

const HINT: &str = "check the file's permissions";

/// The events of some writers that are `wanted`, in the order of time; those of one moment in the
/// order in which each writer recorded them. What a resumed training took back is left out. Lines
/// that cannot be read cost themselves and a warning; the last one may still be written, or was
/// when its process died. One line at a time is in memory beside what is wanted: the histograms of
/// a long training are many.
pub(crate) fn events(
    paths: &RunPaths,
    writers: &[Writer],
    superseded: &Superseded,
    warnings: &mut Vec<Warning>,
    mut wanted: impl FnMut(&StoredEventKind) -> bool,
) -> Result<Vec<StoredEvent>> {
    let mut events = Vec::new();
    for writer in writers {
        let path = paths.events(*writer);
        let mut lines = path.lines().io_context("read", &path, HINT)?;
        let (mut damaged, mut is_damaged) = (0_u64, false);
        while let Some(line) = lines.next().io_context("read", &path, HINT)? {
            damaged += u64::from(std::mem::take(&mut is_damaged));
            match serde_json::from_slice::<StoredEvent>(line) {
                Ok(event) if counts(*writer, &event.kind, superseded) && wanted(&event.kind) => {
                    events.push(event);
                }
                Ok(_) => {}
                Err(_) => is_damaged = !line.is_empty(),
            }
        }
        if damaged > 0 {
            warnings.push(Warning(format!(
                "{damaged} lines of {} cannot be read; they are left out",
                path.display()
            )));
        }
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
