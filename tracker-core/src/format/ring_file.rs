//! The ring as other processes find it: a file in memory, and a note in the live folder that
//! says where it is.
//!
//! ```text
//! magic u64 | version u64 | slots u64 | writer u64        byte 0, little endian
//! head u64                                               byte 128, with CLOSED
//! tail u64                                               byte 256
//! length u64 | the run's folder, UTF-8                    byte 512
//! slots of 32 bytes, slot `seq` at place `seq % slots`    byte 4,096
//! ```
//!
//! All slots before the tail are in the log, all before the head have been reserved. A slot is
//! whole if its check is right for its seq; see [`Slot`].

use std::{
    fs::{File, TryLockError},
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    RunId, Writer,
    format::{
        folder::StorePath,
        layout::MOST_NOTE,
        slot::{SLOT_BYTES, Slot},
    },
    platform::{
        entry::Look,
        files::read_exact_at,
        machine::{boot_id, may_act_as},
        memory,
    },
    value::hash::fnv1a,
};

/// The name of a ring that lies in the live folder itself.
pub(crate) const NAME_IN_FOLDER: &str = "ring.slots";

/// The most slots that a ring may claim to have: eight times those that it has.
const MOST_SLOTS: u64 = 1 << 20;

/// How the names of all rings in the [folder of shared memory](memory_folder) begin.
const PREFIX: &str = "tracker-";

/// Bytes before the first slot.
pub(crate) const HEADER_BYTES: usize = 4_096;

/// Places in the header, in words of eight bytes.
pub(crate) const HEAD_WORD: usize = 16;
pub(crate) const TAIL_WORD: usize = 32;
const FOLDER_AT: usize = 512;

/// Set in `head` once the ring takes nothing more.
pub(crate) const CLOSED: u64 = 1 << 63;

const MAGIC: u64 = u64::from_le_bytes(*b"TRKRRING");
const VERSION: u64 = 1;

/// What stands in the header of a ring and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RingHeader {
    pub(crate) slots: u64,
    pub(crate) writer: Writer,
    /// The run's folder. Empty if its path is too long or no UTF-8.
    pub(crate) folder: PathBuf,
}

impl RingHeader {
    /// The header's bytes, with head and tail at 0.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        let mut put = |at: usize, value: u64| {
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        };
        put(0, MAGIC);
        put(8, VERSION);
        put(16, self.slots);
        put(24, self.writer.number().into());
        let room = HEADER_BYTES - FOLDER_AT - 8;
        let folder = self.folder.to_str().filter(|folder| folder.len() <= room).unwrap_or("");
        put(FOLDER_AT, folder.len() as u64);
        bytes[FOLDER_AT + 8..][..folder.len()].copy_from_slice(folder.as_bytes());
        bytes
    }

    /// Reads a header. `None` if the bytes are none, or of another version.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| {
            let bytes = bytes.get(at..at + 8)?;
            Some(u64::from_le_bytes(bytes.try_into().ok()?))
        };
        let slots = word(16).filter(|slots| slots.is_power_of_two() && *slots <= MOST_SLOTS)?;
        if word(0)? != MAGIC || word(8)? != VERSION {
            return None;
        }
        let writer = Writer::from_number(u32::try_from(word(24)?).ok()?);
        let length = usize::try_from(word(FOLDER_AT)?).ok()?;
        let folder = bytes.get(FOLDER_AT + 8..)?.get(..length)?;
        let folder = PathBuf::from(std::str::from_utf8(folder).ok()?);
        Some(Self { slots, writer, folder })
    }
}

/// The contents of `live/<writer>/ring`: where the writer's ring is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RingNote {
    pub(crate) path: PathBuf,
    /// The boot whose memory it is in; empty for a ring on a disk, which outlives boots.
    pub(crate) boot: String,
    /// The device that holds the file, so that another container's memory is told from ours.
    pub(crate) device: u64,
}

/// Where a writer's ring is, seen from this process.
#[derive(Debug)]
pub(crate) enum FoundRing {
    /// Here it is.
    Open(RingFile),
    /// There is none any more, or never was one that outlives its process.
    Gone,
    /// It is or was in memory that this process does not see: of another machine or container.
    Elsewhere,
}

impl RingNote {
    /// The note for a ring in `file` at `path`.
    pub(crate) fn new(path: &Path, file: &File, in_memory: bool) -> io::Result<Self> {
        let boot = if in_memory { boot_id() } else { String::new() };
        Ok(Self { path: path.to_owned(), boot, device: Look::at(file)?.file.0 })
    }

    /// Finds the ring that the note in a live folder names. A note that names anything but a ring
    /// of ours is one that tracker did not write: there is no ring.
    pub(crate) fn find(note: &StorePath) -> FoundRing {
        let text = match note.read(MOST_NOTE) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return FoundRing::Gone,
            Err(_) => return FoundRing::Elsewhere,
        };
        match serde_json::from_slice::<Self>(&text) {
            Ok(known) if known.boot.is_empty() => known.find_beside(note),
            Ok(known) => known.find_in_memory(),
            // A note that cannot be read may name a ring with points.
            Err(_) => FoundRing::Elsewhere,
        }
    }

    /// A ring on a disk lies beside its note, also after the store has been moved.
    fn find_beside(&self, note: &StorePath) -> FoundRing {
        if self.path.file_name().is_none_or(|name| name != NAME_IN_FOLDER) {
            return FoundRing::Gone;
        }
        match RingFile::open(&note.sibling(NAME_IN_FOLDER)) {
            Ok(ring) => FoundRing::Open(ring),
            Err(error) if error.kind() == io::ErrorKind::NotFound => FoundRing::Gone,
            Err(_) => FoundRing::Elsewhere,
        }
    }

    fn find_in_memory(&self) -> FoundRing {
        let Some(ring) = in_memory(&self.path) else { return FoundRing::Gone };
        if self.boot != boot_id() {
            // The memory of an earlier boot is gone, that of another machine cannot be seen; the
            // owner's lock tells them apart.
            return FoundRing::Elsewhere;
        }
        match RingFile::open(&ring) {
            Ok(ring) if ring.look.file.0 == self.device => FoundRing::Open(ring),
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && self.is_of_visible_device() =>
            {
                FoundRing::Gone
            }
            _ => FoundRing::Elsewhere,
        }
    }

    fn is_of_visible_device(&self) -> bool {
        let folder = memory_folder().and_then(|folder| folder.look().ok());
        folder.is_some_and(|folder| folder.file.0 == self.device)
    }
}

/// The folder of rings: memory that every process of the machine can see; `None` where there is none.
pub(crate) fn memory_folder() -> Option<StorePath> {
    memory::SHARED_FOLDER.map(StorePath::named)
}

/// The place of a ring in memory, if the path is one that tracker gives to rings.
fn in_memory(path: &Path) -> Option<StorePath> {
    let name = path.file_name()?.to_str()?;
    let folder = memory_folder()?;
    let is_ours = path.parent()? == &*folder && is_memory_name(name);
    is_ours.then(|| folder.child(name))
}

/// Whether a name is one that [`memory_name`] makes.
fn is_memory_name(name: &str) -> bool {
    let parse = || {
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        let user = parts.next()?.parse::<u32>().is_ok();
        let run = parts.next()?.parse::<RunId>().is_ok();
        let writer = parts.next()?.parse::<Writer>().is_ok();
        let folder = parts.next()?;
        let folder = folder.len() == 16 && folder.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(user && run && writer && folder && parts.next().is_none())
    };
    parse() == Some(true)
}

/// The file name of a ring in memory. Two stores may have runs of one id, so the folder is in it.
pub(crate) fn memory_name(user: u32, run: &str, writer: Writer, folder: &Path) -> String {
    let folder = fnv1a(folder.as_os_str().as_encoded_bytes());
    format!("{PREFIX}{user}-{run}-{writer}-{folder:016x}")
}

/// All rings in memory that are named as `user`'s, dead ones included.
pub(crate) fn memory_rings(user: u32) -> Vec<StorePath> {
    let prefix = format!("{PREFIX}{user}-");
    let Some(folder) = memory_folder() else { return Vec::new() };
    let names = folder.names().unwrap_or_default();
    names.iter().filter(|name| name.starts_with(&prefix)).map(|name| folder.child(name)).collect()
}

/// A ring of any process, open for reading.
#[derive(Debug)]
pub(crate) struct RingFile {
    pub(crate) file: File,
    pub(crate) header: RingHeader,
    place: StorePath,
    look: Look,
}

/// What of a ring is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RingState {
    /// The seqs that are reserved and not known to be in the log.
    pub(crate) open: Range<u64>,
    pub(crate) closed: bool,
}

impl RingFile {
    /// Opens a ring.
    ///
    /// # Errors
    /// If the file cannot be read or is no ring of this version.
    pub(crate) fn open(place: &StorePath) -> io::Result<Self> {
        let (file, look) = place.open_and_look()?;
        let mut bytes = vec![0; HEADER_BYTES];
        read_exact_at(&file, &mut bytes, 0)?;
        let header = RingHeader::decode(&bytes).ok_or(io::ErrorKind::InvalidData)?;
        if look.length != HEADER_BYTES as u64 + header.slots * SLOT_BYTES as u64 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Self { file, header, place: place.clone(), look })
    }

    /// Whether a process holds it, as its own does for life.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self.file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Removes it, if it is this user's own, in use by nobody, and still the one that was opened.
    pub(crate) fn remove(self) {
        let is_own = may_act_as(self.look.owner);
        let is_still_there = || self.place.look().is_ok_and(|now| now.file == self.look.file);
        if is_own && !self.is_held() && is_still_there() {
            // One that stays is found again by whoever looks for leftovers.
            let _ = self.place.remove();
        }
    }

    /// Which seqs the ring holds. The tail is read first, so that the range may hold slots that
    /// are in the log by now, and never misses one.
    pub(crate) fn state(&self) -> io::Result<RingState> {
        let tail = self.word(TAIL_WORD)?;
        let head = self.word(HEAD_WORD)?;
        let end = (head & !CLOSED).clamp(tail, tail.saturating_add(self.header.slots));
        Ok(RingState { open: tail..end, closed: head & CLOSED != 0 })
    }

    fn word(&self, index: usize) -> io::Result<u64> {
        let mut bytes = [0; 8];
        read_exact_at(&self.file, &mut bytes, index as u64 * 8)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// The slots of a range of seqs, at most the whole ring; `None` for those that are not whole,
    /// or of a later lap by now.
    pub(crate) fn read(&self, seqs: Range<u64>) -> io::Result<Vec<(u64, Option<Slot>)>> {
        let mut slots = Vec::with_capacity((seqs.end - seqs.start) as usize);
        let mut next = seqs.start;
        while next < seqs.end {
            let place = next % self.header.slots;
            let count = (seqs.end - next).min(self.header.slots - place);
            let mut bytes = vec![0; count as usize * SLOT_BYTES];
            let at = HEADER_BYTES as u64 + place * SLOT_BYTES as u64;
            read_exact_at(&self.file, &mut bytes, at)?;
            let decoded = (next..).zip(bytes.chunks_exact(SLOT_BYTES));
            slots.extend(decoded.map(|(seq, bytes)| (seq, Slot::decode_bytes(bytes, seq))));
            next += count;
        }
        Ok(slots)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn headers_read_back() {
        let writer = Writer { rank: 3, attempt: 2 };
        let header = RingHeader { slots: 8, writer, folder: "/a/b".into() };
        assert_eq!(RingHeader::decode(&header.encode()), Some(header));
        assert_eq!(RingHeader::decode(&[0; HEADER_BYTES]), None);
    }

    #[test]
    fn a_ring_is_read_over_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = StorePath::named(folder.path()).child("ring");
        let writer = Writer { rank: 0, attempt: 1 };
        let header = RingHeader { slots: 4, writer, folder: "/run".into() };
        let mut bytes = header.encode();
        bytes.resize(HEADER_BYTES + 4 * SLOT_BYTES, 0);
        bytes[TAIL_WORD * 8] = 3;
        bytes[HEAD_WORD * 8] = 6;
        for seq in [3_u64, 5] {
            let slot = Slot { step: seq, time: 0, value: 1, key: 0 };
            let at = HEADER_BYTES + (seq % 4) as usize * SLOT_BYTES;
            let words: Vec<u8> = slot.encode(seq).iter().flat_map(|w| w.to_le_bytes()).collect();
            bytes[at..at + SLOT_BYTES].copy_from_slice(&words);
        }
        fs::write(&path, bytes).unwrap();
        let ring = RingFile::open(&path).unwrap();
        let state = ring.state().unwrap();
        assert_eq!(state, RingState { open: 3..6, closed: false });
        let steps: Vec<_> =
            ring.read(state.open).unwrap().iter().map(|(_, slot)| slot.map(|s| s.step)).collect();
        assert_eq!(steps, [Some(3), None, Some(5)]);
    }
}
