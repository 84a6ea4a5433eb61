//! Sends what of each writer still changes: the ends of its files, and its lock.

use bytes::Bytes;
use tracker_core::{
    Writer,
    replica::{FileKind, PartRange},
};

use super::{grown::Grown, known::SeenTail, round::Round};
use crate::{
    End, Result, Tail,
    names::log_of,
    objects::{Swapped, lies},
};

/// The most bytes of a tail's object.
const MOST_PACKED: u64 = 64 << 20;

/// How often somebody else may be quicker before the next round tries.
const TRIES: u32 = 5;

/// The most bytes of a small file in a tail.
const MOST_WHOLE: u64 = 1 << 20;

/// What is to be done with a writer's tail.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It is as it should be.
    Same,
    /// What is there knows more.
    KnowsMore,
    Replace,
}

impl Round<'_> {
    /// Sees that what is there of each writer's tail is of this folder, before anything is added to it.
    pub(super) async fn look_at_tails(&mut self) -> Result<()> {
        let writers: Vec<Writer> = self.growing.keys().copied().collect();
        for writer in writers {
            if !self.tails.contains_key(&writer) {
                self.look_at_tail(writer).await?;
            }
        }
        Ok(())
    }

    async fn look_at_tail(&mut self, writer: Writer) -> Result<()> {
        let name = self.names.tail(writer);
        let seen = match self.objects.get(&name, MOST_PACKED).await? {
            None => None,
            Some((bytes, version)) => {
                Some(SeenTail { tail: Tail::unpack(name.as_ref(), &bytes)?, version })
            }
        };
        if let Some(seen) = &seen {
            self.check_is_of_this_folder(writer, &seen.tail)?;
        }
        self.tails.insert(writer, seen);
        Ok(())
    }

    /// What a tail holds must stand in this folder's file at the same place, as far as that goes.
    fn check_is_of_this_folder(&self, writer: Writer, tail: &Tail) -> Result<()> {
        for file in self.growing.get(&writer).into_iter().flatten() {
            let Some(there) = tail.ends.get(&file.path) else { continue };
            let end = there.to().min(file.settled);
            if end <= there.from {
                continue;
            }
            let bytes = file.opened.read(there.from..end)?;
            if there.bytes.get(..bytes.len()) != Some(&bytes[..]) {
                let what =
                    format!("{} goes on otherwise there, from byte {}", file.path, there.from);
                return Err(self.of_another_folder(&what));
            }
        }
        Ok(())
    }

    /// Sends each writer's tail that knows more than the one that is there.
    pub(super) async fn send_tails(&mut self) -> Result<()> {
        let writers: Vec<Writer> =
            self.growing.keys().copied().filter(|writer| !self.moved.contains(writer)).collect();
        for writer in writers {
            let tail = self.tail_of(writer)?;
            self.send_tail(writer, tail).await?;
        }
        Ok(())
    }

    async fn send_tail(&mut self, writer: Writer, tail: Tail) -> Result<()> {
        let name = self.names.tail(writer);
        // As they were counted: most of a tail may have been there already.
        let growing = self.growing.get(&writer).into_iter().flatten();
        let bytes = growing.map(|file| self.behind_of(writer, file)).sum();
        for _ in 0..TRIES {
            let seen = self.tails.get(&writer).cloned().flatten();
            match self.verdict(seen.as_ref().map(|seen| &seen.tail), &tail) {
                Verdict::Same | Verdict::KnowsMore => return Ok(()),
                Verdict::Replace => {}
            }
            let packed = Bytes::from(tail.pack());
            let version = seen.as_ref().map(|seen| &seen.version);
            match self.objects.swap(&name, packed, version).await? {
                Swapped::Done(version) => {
                    self.tails.insert(writer, Some(SeenTail { tail, version }));
                    self.sent(bytes);
                    return Ok(());
                }
                Swapped::Changed => {
                    self.look_at_tail(writer).await?;
                    let now = self.tails.get(&writer).cloned().flatten();
                    if now.is_some_and(|now| now.tail != tail)
                        && is_unchanged(
                            seen.as_ref(),
                            self.tails.get(&writer).and_then(Option::as_ref),
                        )
                    {
                        return Err(lies(name.as_ref()));
                    }
                }
            }
        }
        self.is_whole = false;
        Ok(())
    }

    /// What of a writer is in no piece.
    fn tail_of(&self, writer: Writer) -> Result<Tail> {
        let mut tail = Tail::default();
        for file in self.growing.get(&writer).into_iter().flatten() {
            let from = file.tail_from();
            let bytes = file.opened.read(from..file.settled)?;
            // A log without a slot says nothing; a file of events says by its name that there is a writer.
            if file.settled > 0 || !is_log(file) {
                tail.ends.insert(file.path.clone(), End::new(from, bytes));
            }
        }
        let of_writer = |path: &str| path.starts_with(&format!("live/{writer}/"));
        let small = self.files.iter().filter(|file| file.kind == FileKind::Replaced);
        for file in small.filter(|file| of_writer(&file.path)) {
            if let Some(bytes) = self.folder.read(&file.path, MOST_WHOLE)? {
                tail.whole.insert(file.path.clone(), String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        Ok(tail)
    }

    fn verdict(&self, there: Option<&Tail>, ours: &Tail) -> Verdict {
        let Some(there) = there else { return Verdict::Replace };
        if there == ours {
            return Verdict::Same;
        }
        let knows_more = there.ends.iter().any(|(path, end)| match ours.ends.get(path) {
            Some(ours) => end.to() > ours.to(),
            None => end.length > 0 && !self.is_sealed(path),
        });
        if knows_more { Verdict::KnowsMore } else { Verdict::Replace }
    }

    /// Whether a log is gone from this folder because its part took its place, which is there.
    fn is_sealed(&self, log: &str) -> bool {
        let Some((writer, first)) = log_of(log) else { return false };
        self.journal.part_from(writer, first).is_some()
            && self
                .files
                .iter()
                .filter_map(|file| PartRange::of_path(&file.path))
                .any(|part| part.writer == writer && part.first == first)
    }

    /// How many bytes of this folder's growing files are there neither in pieces nor in a tail.
    pub(super) fn behind_of(&self, writer: Writer, file: &Grown) -> u64 {
        let seen = self.tails.get(&writer).and_then(Option::as_ref);
        let in_tail = seen.and_then(|seen| seen.tail.ends.get(&file.path)).map_or(0, End::to);
        let in_pieces = self.journal.confirmed(&file.path);
        file.settled.saturating_sub(in_tail.max(in_pieces))
    }
}

fn is_unchanged(before: Option<&SeenTail>, now: Option<&SeenTail>) -> bool {
    let e_tag = |seen: &SeenTail| seen.version.e_tag.clone();
    before.is_some() && before.map(e_tag) == now.map(e_tag)
}

fn is_log(file: &Grown) -> bool {
    log_of(&file.path).is_some()
}
