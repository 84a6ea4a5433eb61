//! A whole log in memory: its names and its points.

use std::collections::HashMap;

use crate::{
    Writer,
    format::{
        log_header::{self, HeaderError, LogHeader},
        slot::{DEFINITION, DefinitionReader, NAME, SLOT_BYTES, Slot},
        slot_stream::unnamed,
    },
};

/// The most slots that a log may claim to have: twice those after which the next one begins.
pub(crate) const MOST_SLOTS: u64 = 1 << 21;

/// The most bytes of a log's header: 65,536 names are less.
pub(crate) const MOST_HEADER: u64 = 64 << 20;

/// The most bytes of a log.
pub(crate) const MOST_BYTES: u64 = MOST_HEADER + MOST_SLOTS * SLOT_BYTES as u64;

/// What a log holds. Damage costs only the slots that it touches.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct LogContents {
    /// Names by key, from the header and from definition slots.
    pub(crate) names: HashMap<u32, String>,
    /// Points with their seq, in storage order.
    pub(crate) points: Vec<(u64, Slot)>,
    /// How many slots are not whole, and the header if it is damaged.
    pub(crate) damaged: u64,
    /// How many slots are empty. Recovery leaves them where a slot of the ring was reserved but
    /// never stored, so that every other slot keeps its place; nothing is lost with them.
    pub(crate) holes: u64,
}

/// Where the slots of a log begin, and what names it begins with.
#[derive(Debug)]
pub(crate) struct LogStart {
    pub(crate) names: Vec<String>,
    /// The byte at which the slots begin.
    pub(crate) offset: usize,
    /// Whether the header is whole. Without one, nothing should be appended.
    pub(crate) is_whole: bool,
}

impl LogStart {
    /// Finds the slots of a log that was claimed to be `writer`'s and to begin at `first`, as its
    /// place and file name say. `None` if there is nothing to read.
    ///
    /// # Errors
    /// If a newer tracker wrote the log, its version.
    pub(crate) fn find(bytes: &[u8], writer: Writer, first: u64) -> Result<Option<Self>, u32> {
        match LogHeader::decode(bytes) {
            Ok((header, offset)) if header.first == first && header.writer == writer.number() => {
                Ok(Some(Self { names: header.names, offset, is_whole: true }))
            }
            Ok(_) | Err(HeaderError::Torn) => {
                let found = find_first_slot(bytes, first);
                Ok(found.map(|offset| Self { names: Vec::new(), offset, is_whole: false }))
            }
            Err(HeaderError::Version(version)) => Err(version),
        }
    }
}

/// Why [`LogStart::find`] finds nothing to read in a log, which may hold any number of points that
/// could not be told from noise. `None` for an empty one, and for the beginning of a header that is
/// still written.
pub(crate) fn why_unreadable(bytes: &[u8], is_growing: bool) -> Option<String> {
    if bytes.is_empty() || is_growing && log_header::may_go_on(bytes) {
        return None;
    }
    Some(match LogHeader::decode(bytes) {
        Ok((LogHeader { writer, first, .. }, _)) => {
            let writer = Writer::from_number(writer);
            format!("its header says that it is of writer {writer}, from point {first} on")
        }
        Err(_) => "it holds nothing that can be read".to_owned(),
    })
}

/// The most holes that a recovery leaves in a log: one for each log call that was under way. More
/// are what a disk has lost.
pub(crate) const MOST_HOLES: u64 = 1_024;

/// What the 32 bytes of one place in a log are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Whole(Slot),
    /// Zeros: nothing was ever stored here.
    Hole,
    Damaged,
}

impl Place {
    pub(crate) fn of(bytes: &[u8], seq: u64) -> Self {
        match Slot::decode_bytes(bytes, seq) {
            Some(slot) => Self::Whole(slot),
            None if bytes.iter().all(|byte| *byte == 0) => Self::Hole,
            None => Self::Damaged,
        }
    }
}

#[cfg(test)]
impl LogContents {
    /// Reads a log that was claimed to be `writer`'s and to begin at `first`, as its place and
    /// file name say. The last slot may be cut; any other slot may be damaged.
    ///
    /// # Errors
    /// If a newer tracker wrote the log, its version.
    pub(crate) fn read(bytes: &[u8], writer: Writer, first: u64) -> Result<Self, u32> {
        let mut points = Vec::new();
        let scan = LogScan::read(bytes, writer, first, |index, slot| {
            points.push((first + index as u64, slot));
        })?;
        let LogScan { names, damaged, holes, .. } = scan;
        Ok(Self { names, points, damaged, holes })
    }

    /// The name of a key; one made of the key's number where damage took the name.
    pub(crate) fn name(&self, key: u32) -> String {
        name_of(&self.names, key)
    }
}

/// What one pass over a log finds beside its points, which are told one by one.
#[derive(Debug, Default)]
pub(crate) struct LogScan<'a> {
    /// Names by key, from the header and from definition slots.
    pub(crate) names: HashMap<u32, String>,
    /// All slots of the file, whole or not, from the log's first seq on.
    pub(crate) slots: &'a [[u8; SLOT_BYTES]],
    /// How many slots are not whole, and the header if it is damaged; all of the file's if nothing
    /// of it can be read.
    pub(crate) damaged: u64,
    /// How many slots are empty. More than [`MOST_HOLES`] are damage, too.
    pub(crate) holes: u64,
}

impl<'a> LogScan<'a> {
    /// As [`LogContents::read`], with each point given to `point` with its slot's index.
    ///
    /// # Errors
    /// If a newer tracker wrote the log, its version.
    pub(crate) fn read(
        bytes: &'a [u8],
        writer: Writer,
        first: u64,
        point: impl FnMut(usize, Slot),
    ) -> Result<Self, u32> {
        let mut scan = Self::default();
        let Some(start) = LogStart::find(bytes, writer, first)? else {
            // Nobody knows how many points it had.
            scan.damaged = bytes.len().div_ceil(SLOT_BYTES) as u64;
            return Ok(scan);
        };
        scan.names = (0..).zip(start.names).collect();
        scan.damaged = u64::from(!start.is_whole);
        (scan.slots, _) = bytes[start.offset..].as_chunks();
        scan.read_slots(first, point);
        Ok(scan)
    }

    fn read_slots(&mut self, first: u64, mut point: impl FnMut(usize, Slot)) {
        let mut definitions = DefinitionReader::default();
        for (index, bytes) in self.slots.iter().enumerate() {
            match Place::of(bytes, first + index as u64) {
                Place::Whole(slot) if slot.key == DEFINITION || slot.key == NAME => {
                    self.names.extend(definitions.push(&slot));
                    continue;
                }
                Place::Whole(slot) => point(index, slot),
                Place::Hole => self.holes += 1,
                Place::Damaged => self.damaged += 1,
            }
            definitions.interrupt();
        }
        if self.holes > MOST_HOLES {
            self.damaged += self.holes;
        }
    }

    /// The name of a key; one made of the key's number where damage took the name.
    pub(crate) fn name(&self, key: u32) -> String {
        name_of(&self.names, key)
    }
}

fn name_of(names: &HashMap<u32, String>, key: u32) -> String {
    names.get(&key).cloned().unwrap_or_else(|| unnamed(key))
}

/// Where the slots begin when the header is damaged: at the first slot that is valid for any of
/// the log's first few numbers.
fn find_first_slot(bytes: &[u8], first: u64) -> Option<usize> {
    const TRIED: u64 = 4;
    let offsets = (0..bytes.len()).step_by(SLOT_BYTES);
    offsets.into_iter().find_map(|offset| {
        let slot = bytes.get(offset..offset + SLOT_BYTES)?;
        let before = (0..TRIED).find(|n| Slot::decode_bytes(slot, first + n).is_some())?;
        offset.checked_sub(usize::try_from(before).ok()? * SLOT_BYTES)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::slot::definition;

    const WRITER: Writer = Writer { rank: 0, attempt: 1 };

    /// A log of `points` points of two metrics, the second of which is defined in the log.
    fn log(points: u64) -> Vec<u8> {
        let header =
            LogHeader { writer: WRITER.number(), first: 100, names: vec!["train/loss".into()] };
        let mut bytes = header.encode();
        let defined = definition(1, "a name longer than twenty-four bytes");
        let point = |n: u64| Slot {
            step: n,
            time: n as i64,
            value: (n as f64).to_bits(),
            key: (n % 2) as u32,
        };
        for (seq, slot) in (100..).zip(defined.into_iter().chain((0..points).map(point))) {
            bytes.extend(slot.encode(seq).iter().flat_map(|word| word.to_le_bytes()));
        }
        bytes
    }

    fn steps(contents: &LogContents) -> Vec<u64> {
        contents.points.iter().map(|(_, slot)| slot.step).collect()
    }

    #[test]
    fn a_log_under_the_number_of_another_is_damage() {
        let bytes = log(25);
        let contents = LogContents::read(&bytes, WRITER, 5_000).unwrap();
        assert_eq!((contents.points.len(), contents.damaged > 25), (0, true));
        let why = why_unreadable(&bytes, false).unwrap();
        assert!(why.ends_with("is of writer r0a1, from point 100 on"), "{why}");
    }

    #[test]
    fn more_holes_than_log_calls_can_leave_are_damage() {
        let mut bytes = log(2_000);
        let end = bytes.len();
        bytes[end - 1_500 * SLOT_BYTES..].fill(0);
        let contents = LogContents::read(&bytes, WRITER, 100).unwrap();
        assert_eq!((contents.points.len(), contents.damaged), (500, 1_500));
    }

    #[test]
    fn a_header_that_is_still_written_is_no_damage_yet() {
        let bytes = log(0);
        for length in 0..40 {
            assert_eq!(why_unreadable(&bytes[..length], true), None);
        }
        assert!(why_unreadable(&bytes[..20], false).is_some());
        assert!(why_unreadable(b"noise", true).is_some());
    }

    proptest! {
        #[test]
        fn truncated_tail_keeps_whole_records(cut in 0_usize..1_000) {
            let whole = log(25);
            let start = whole.len() - 25 * SLOT_BYTES;
            let bytes = &whole[..whole.len() - cut.min(25 * SLOT_BYTES)];
            let contents = LogContents::read(bytes, WRITER, 100).unwrap();
            let kept = (bytes.len() - start) as u64 / SLOT_BYTES as u64;
            prop_assert_eq!(steps(&contents), (0..kept).collect::<Vec<_>>());
            prop_assert_eq!(contents.damaged, 0);
        }

        #[test]
        fn a_damaged_slot_costs_no_other(point in 0_u64..25, bit in 0_usize..256) {
            let mut bytes = log(25);
            let at = bytes.len() - (25 - point as usize) * SLOT_BYTES;
            bytes[at + bit / 8] ^= 1 << (bit % 8);
            let contents = LogContents::read(&bytes, WRITER, 100).unwrap();
            prop_assert_eq!(steps(&contents), (0..25).filter(|n| *n != point).collect::<Vec<_>>());
            prop_assert_eq!(contents.damaged, 1);
        }

        #[test]
        fn an_empty_slot_is_a_hole_and_no_damage(point in 0_u64..25) {
            let mut bytes = log(25);
            let at = bytes.len() - (25 - point as usize) * SLOT_BYTES;
            bytes[at..at + SLOT_BYTES].fill(0);
            let contents = LogContents::read(&bytes, WRITER, 100).unwrap();
            prop_assert_eq!(steps(&contents), (0..25).filter(|n| *n != point).collect::<Vec<_>>());
            prop_assert_eq!((contents.damaged, contents.holes), (0, 1));
        }

        #[test]
        fn a_damaged_header_costs_no_point(byte in 0_usize..64) {
            let mut bytes = log(25);
            bytes[byte] ^= 0x55;
            if let Ok(contents) = LogContents::read(&bytes, WRITER, 100) {
                prop_assert_eq!(steps(&contents), (0..25).collect::<Vec<_>>());
                prop_assert_eq!(contents.name(1), "a name longer than twenty-four bytes");
            }
        }

        #[test]
        fn a_log_of_noise_is_damage_and_not_an_empty_log(
            noise in prop::collection::vec(any::<u8>(), 1..500), zeros in 1_usize..500
        ) {
            prop_assert!(LogContents::read(&noise, WRITER, 100).unwrap().damaged > 0);
            prop_assert!(LogContents::read(&vec![0; zeros], WRITER, 100).unwrap().damaged > 0);
            prop_assert_eq!(LogContents::read(&[], WRITER, 100).unwrap().damaged, 0);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            let _ = LogContents::read(&bytes, WRITER, 0);
        }
    }
}
