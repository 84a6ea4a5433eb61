//! Deletes pieces of logs whose part is there.
//!
//! A run's last pieces are not due yet when it ends. When each part was seen to be there stands in the run's folder, so the
//! next sender deletes them, whenever that is.

use std::{collections::BTreeMap, time::Duration};

use tracker_core::replica::PartRange;

use super::round::Round;
use crate::{
    Result,
    names::{PIECE, log_of},
};

/// How long a part is there before the pieces of its log go: whoever has listed the pieces has read them by then.
pub(super) const KEPT: Duration = Duration::from_mins(10);

impl Round<'_> {
    /// Deletes what parts have replaced that were seen to be there ten minutes ago.
    pub(super) async fn clear(&mut self) -> Result<()> {
        let now = self.clock.micros();
        let replaced = self.replaced();
        let before = self.sealed.since.len();
        self.sealed.since.retain(|file, _| replaced.contains_key(file));
        self.sealed.are_news |= self.sealed.since.len() != before;
        for (file, pieces) in replaced {
            let since = *self.sealed.since.entry(file.clone()).or_insert_with(|| {
                self.sealed.are_news = true;
                now
            });
            // A clock that was set back says nothing: it is waited anew.
            if since > now {
                self.sealed.since.insert(file.clone(), now);
                self.sealed.are_news = true;
            }
            let age = Duration::from_micros(now.saturating_sub(since).try_into().unwrap_or(0));
            if age < self.kept {
                continue;
            }
            for from in pieces {
                self.objects.delete(&self.names.piece(&file, from, from + PIECE)).await?;
                self.journal.remove_piece(&file, from);
            }
        }
        Ok(())
    }

    /// The pieces of logs whose part is there. Only of logs that this folder has sealed itself: what another folder knows
    /// stays.
    fn replaced(&self) -> BTreeMap<String, Vec<u64>> {
        let mut replaced = BTreeMap::new();
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
                replaced.insert(file.to_owned(), pieces.iter().copied().collect());
            }
        }
        replaced
    }
}

/// How many full pieces a log of so many slots may have: headers are shorter than 1 MiB but where there are tens of
/// thousands of names, and then the pieces stay.
fn most_pieces(slots: u64) -> u64 {
    slots.saturating_mul(32).saturating_add(1 << 20).div_ceil(PIECE)
}
