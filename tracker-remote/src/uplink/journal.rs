//! What a place has confirmed of a run.

use std::collections::{BTreeMap, BTreeSet};

use object_store::path::Path;
use tracker_core::{Writer, replica::PartRange};

use crate::{
    Result,
    names::{Object, PIECE, RunNames},
    objects::Objects,
};

/// The objects of a run that are known to be there, from one LIST and from what was sent since.
#[derive(Debug)]
pub(super) struct Journal {
    names: RunNames,
    sizes: BTreeMap<Path, u64>,
    /// The parts of each writer that are there, by their first point.
    parts: BTreeMap<(Writer, u64), u64>,
    /// The pieces of each file that grows, by where they begin.
    pieces: BTreeMap<String, BTreeSet<u64>>,
}

impl Journal {
    pub(super) async fn read(objects: &Objects, names: &RunNames) -> Result<Self> {
        let listed = objects.list(&names.all()).await?;
        let mut journal = Self {
            names: names.clone(),
            sizes: BTreeMap::new(),
            parts: BTreeMap::new(),
            pieces: BTreeMap::new(),
        };
        for (name, size) in listed {
            journal.add(name, size);
        }
        Ok(journal)
    }

    /// That an object is there.
    pub(super) fn add(&mut self, name: Path, size: u64) {
        match self.names.object(&name) {
            Some(Object::File(path)) => {
                if let Some(part) = PartRange::of_path(&path) {
                    self.parts.insert((part.writer, part.first), part.last);
                }
            }
            Some(Object::Piece { file, from, to }) if from % PIECE == 0 && to - from == PIECE => {
                self.pieces.entry(file).or_default().insert(from);
            }
            _ => {}
        }
        self.sizes.insert(name, size);
    }

    /// That a piece is there no more.
    pub(super) fn remove_piece(&mut self, file: &str, from: u64) {
        self.sizes.remove(&self.names.piece(file, from, from + PIECE));
        if let Some(pieces) = self.pieces.get_mut(file) {
            pieces.remove(&from);
            if pieces.is_empty() {
                self.pieces.remove(file);
            }
        }
    }

    pub(super) fn has(&self, name: &Path) -> bool {
        self.sizes.contains_key(name)
    }

    pub(super) fn size(&self, name: &Path) -> Option<u64> {
        self.sizes.get(name).copied()
    }

    pub(super) fn has_piece(&self, file: &str, from: u64) -> bool {
        self.pieces.get(file).is_some_and(|pieces| pieces.contains(&from))
    }

    /// The files of which there are pieces.
    pub(super) fn files_in_pieces(&self) -> impl Iterator<Item = (&str, &BTreeSet<u64>)> {
        self.pieces.iter().map(|(file, pieces)| (file.as_str(), pieces))
    }

    /// Up to where a file is there without a gap, in pieces.
    pub(super) fn confirmed(&self, file: &str) -> u64 {
        let Some(pieces) = self.pieces.get(file) else { return 0 };
        let whole = (0..).map(|number| number * PIECE).take_while(|from| pieces.contains(from));
        whole.count() as u64 * PIECE
    }

    /// The part that begins with this point of a writer, and its last point.
    pub(super) fn part_from(&self, writer: Writer, first: u64) -> Option<u64> {
        self.parts.get(&(writer, first)).copied()
    }

    /// A part that is there and has some points of this one, and is another.
    pub(super) fn overlapping(&self, part: PartRange) -> Option<(u64, u64)> {
        let of_writer = (part.writer, 0)..=(part.writer, part.last);
        let mut before = self.parts.range(of_writer).map(|((_, first), last)| (*first, *last));
        before
            .find(|(first, last)| *last >= part.first && (*first, *last) != (part.first, part.last))
    }
}
