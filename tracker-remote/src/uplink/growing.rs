//! Sends full pieces of files that grow.

use bytes::Bytes;
use tracker_core::{Writer, replica::FileKind};

use super::{grown::Grown, round::Round};
use crate::{Result, names::PIECE, objects::Compared, packed};

impl Round<'_> {
    /// Opens all files that grow. One that is gone has become a part that this round has not seen: then its writer's
    /// tail, which may be all that tells of it, stays until the next one.
    pub(super) fn open_growing(&mut self) -> Result<()> {
        for file in self.files.iter().filter(|file| file.kind == FileKind::Growing) {
            let Some(writer) = file.writer() else { continue };
            let Some(opened) = self.folder.open_file(&file.path)? else {
                self.is_whole = false;
                self.moved.insert(writer);
                continue;
            };
            let settled = opened.settled()?;
            let grown = Grown { path: file.path.clone(), opened, settled };
            self.growing.entry(writer).or_default().push(grown);
        }
        Ok(())
    }

    /// Sends all full pieces that are not there yet.
    pub(super) async fn send_pieces(&mut self) -> Result<()> {
        let growing = std::mem::take(&mut self.growing);
        let mut result = Ok(());
        let of_writers =
            growing.iter().flat_map(|(writer, files)| files.iter().map(|file| (*writer, file)));
        for (writer, file) in of_writers {
            result = self.send_pieces_of(writer, file).await;
            if result.is_err() {
                break;
            }
        }
        self.growing = growing;
        result
    }

    async fn send_pieces_of(&mut self, writer: Writer, file: &Grown) -> Result<()> {
        // Much of a piece may have been there already, in a tail.
        let known = file.settled - self.behind_of(writer, file);
        for from in (0..file.tail_from()).step_by(PIECE as usize) {
            if self.journal.has_piece(&file.path, from) {
                continue;
            }
            let bytes = file.opened.read(from..from + PIECE)?;
            if bytes.len() as u64 != PIECE {
                // Somebody has cut the file: the next round sees what it is now.
                self.is_whole = false;
                return Ok(());
            }
            let name = self.names.piece(&file.path, from, from + PIECE);
            let packed = Bytes::from(packed::pack(&bytes));
            let size = packed.len() as u64;
            if !self.objects.create(&name, packed, Compared::Unpacked(&bytes)).await? {
                let what =
                    format!("bytes {from} to {} of {} are others there", from + PIECE, file.path);
                return Err(self.of_another_folder(&what));
            }
            self.journal.add(name, size);
            self.sent((from + PIECE).saturating_sub(from.max(known)));
        }
        Ok(())
    }
}
