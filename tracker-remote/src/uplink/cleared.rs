//! Deletes pieces of logs whose part is there.

use std::time::{Duration, Instant};

use tracker_core::replica::PartRange;

use super::sending::Round;
use crate::{
    Result,
    names::{PIECE, log_of},
};

/// How long a part is there before the pieces of its log go: whoever has listed the pieces has read them by then.
pub(super) const KEPT: Duration = Duration::from_mins(10);

impl Round<'_> {
    /// Deletes what parts have replaced that were seen to be there ten minutes ago. Only of logs that this folder has
    /// sealed itself: what another folder knows stays.
    pub(super) async fn clear(&mut self) -> Result<()> {
        let mut gone = Vec::new();
        for (file, pieces) in self.journal.files_in_pieces() {
            let Some((writer, first)) = log_of(file) else { continue };
            let is_here = self.files.iter().any(|entry| entry.path == file);
            let Some(last) = self.journal.part_from(writer, first).filter(|_| !is_here) else {
                continue;
            };
            let mut parts = self.files.iter().filter_map(|entry| PartRange::of_path(&entry.path));
            let is_ours =
                parts.any(|part| (part.writer, part.first, part.last) == (writer, first, last));
            // After a machine's crash a log may be shorter than what was sent of it: then all of it stays.
            let slots = last.saturating_sub(first).saturating_add(1);
            let fits = pieces.len() as u64 <= most_pieces(slots);
            if is_ours && fits {
                gone.push((file.to_owned(), pieces.iter().copied().collect::<Vec<_>>()));
            }
        }
        for (file, pieces) in gone {
            let since = *self.sealed_since.entry(file.clone()).or_insert_with(Instant::now);
            if since.elapsed() < self.kept {
                continue;
            }
            for from in pieces {
                self.objects.delete(&self.names.piece(&file, from, from + PIECE)).await?;
                self.journal.remove_piece(&file, from);
            }
        }
        Ok(())
    }
}

/// How many full pieces a log of so many slots may have: headers are shorter than 1 MiB but where there are tens of
/// thousands of names, and then the pieces stay.
fn most_pieces(slots: u64) -> u64 {
    slots.saturating_mul(32).saturating_add(1 << 20).div_ceil(PIECE)
}
