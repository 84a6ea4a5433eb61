//! The slot: 32 bytes that hold one point or a piece of a metric's name.
//!
//! ```text
//! step u64 | time µs i64 | value bits u64 | key u32 | check u32       little endian
//! ```
//!
//! `check` depends on all other fields and on the slot's absolute sequence number, so zeros, torn
//! writes and slots of an earlier lap of the ring are told from whole ones.
//!
//! A metric is defined before its first point by a run of slots: one with key [`DEFINITION`]
//! (step: the metric's key, time: the name's length in bytes, value: how many slots follow), then
//! slots with key [`NAME`] that hold 24 bytes of the name each.

use crate::MAX_METRIC_NAME;

/// Bytes of one slot.
pub(crate) const SLOT_BYTES: usize = 32;

/// 64-bit words of one slot.
pub(crate) const SLOT_WORDS: usize = SLOT_BYTES / 8;

/// Bytes of a name that one [`NAME`] slot holds.
const NAME_BYTES: usize = 24;

/// The key of a slot that begins a metric's definition.
pub(crate) const DEFINITION: u32 = u32::MAX;

/// The key of a slot that goes on with a metric's name.
pub(crate) const NAME: u32 = u32::MAX - 1;

/// The greatest key that a point may have.
pub(crate) const MAX_KEY: u32 = u32::MAX - 2;

/// The most metrics of one run; keys are below it.
pub(crate) const MAX_METRICS: u32 = 65_536;

/// The contents of one slot without its check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) step: u64,
    pub(crate) time: i64,
    /// The bits of an `f64`, so that every NaN stays itself.
    pub(crate) value: u64,
    pub(crate) key: u32,
}

impl Slot {
    /// The slot as four words, valid at sequence number `seq` only.
    pub(crate) fn encode(&self, seq: u64) -> [u64; SLOT_WORDS] {
        let tail = u64::from(self.key) | u64::from(self.check(seq)) << 32;
        [self.step, self.time.cast_unsigned(), self.value, tail]
    }

    /// The slot in `words`; `None` unless it was encoded whole for `seq`.
    pub(crate) fn decode(words: [u64; SLOT_WORDS], seq: u64) -> Option<Self> {
        let [step, time, value, tail] = words;
        let slot = Self { step, time: time.cast_signed(), value, key: (tail & 0xffff_ffff) as u32 };
        (slot.check(seq) == (tail >> 32) as u32).then_some(slot)
    }

    /// The slot in the first 32 bytes of `bytes`; `None` unless they were encoded for `seq`.
    #[inline]
    pub(crate) fn decode_bytes(bytes: &[u8], seq: u64) -> Option<Self> {
        let (words, _) = bytes.as_chunks::<8>();
        let words = words.first_chunk::<SLOT_WORDS>()?;
        Self::decode(words.map(u64::from_le_bytes), seq)
    }

    /// The slot in the first 32 bytes of `bytes`, taken as it is: for bytes that were checked
    /// before. Zeros if there are fewer.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let word = |at: usize| {
            let bytes = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u64::from_le_bytes)
        };
        let key = (word(24) & 0xffff_ffff) as u32;
        Self { step: word(0), time: word(8).cast_signed(), value: word(16), key }
    }

    /// Never 0, so that empty memory is no slot.
    fn check(&self, seq: u64) -> u32 {
        let seed = seq.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let position = folded_multiply(
            self.step ^ seed ^ 0x2d35_8dcc_aa6c_78a5,
            self.time.cast_unsigned() ^ 0x8bb8_4b93_962e_acc9,
        );
        let content = folded_multiply(
            self.value ^ seed.rotate_left(32) ^ 0x4b33_a62e_d433_d4a3,
            u64::from(self.key) ^ 0x4d5a_2da5_1de1_aa47,
        );
        let hash = folded_multiply(position ^ 0xa076_1d64_78bd_642f, content ^ seed);
        (hash ^ hash >> 32) as u32 | 1
    }
}

/// Both halves of a 128-bit product, folded into one word: the mixing step of wyhash and
/// foldhash. <https://github.com/wangyi-fudan/wyhash>
fn folded_multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// The slots that define metric `key` as `name`, in order.
pub(crate) fn definition(key: u32, name: &str) -> Vec<Slot> {
    let pieces = name.as_bytes().chunks(NAME_BYTES);
    let head = Slot {
        step: key.into(),
        time: name.len() as i64,
        value: pieces.len() as u64,
        key: DEFINITION,
    };
    let piece = |bytes: &[u8]| {
        let mut padded = [0; NAME_BYTES];
        padded[..bytes.len()].copy_from_slice(bytes);
        let [step, time, value] = words(&padded);
        Slot { step, time: time.cast_signed(), value, key: NAME }
    };
    std::iter::once(head).chain(pieces.map(piece)).collect()
}

fn words(bytes: &[u8; NAME_BYTES]) -> [u64; 3] {
    let mut words = [0_u64; 3];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Puts definitions together again from the slots that [`definition`] made.
#[derive(Debug, Clone, Default)]
pub(crate) struct DefinitionReader {
    key: u32,
    length: usize,
    name: Vec<u8>,
    open: bool,
}

impl DefinitionReader {
    /// Takes the next slot of kind [`DEFINITION`] or [`NAME`]. Returns a key and its name once
    /// they are whole; a definition with a piece missing is forgotten.
    pub(crate) fn push(&mut self, slot: &Slot) -> Option<(u32, String)> {
        if slot.key == DEFINITION {
            self.open = false;
            self.key = u32::try_from(slot.step).ok().filter(|key| *key < MAX_METRICS)?;
            self.length = usize::try_from(slot.time).ok().filter(|n| *n <= MAX_METRIC_NAME)?;
            self.name.clear();
            self.open = true;
        } else if self.open {
            for word in [slot.step, slot.time.cast_unsigned(), slot.value] {
                self.name.extend_from_slice(&word.to_le_bytes());
            }
        }
        if !self.open || self.name.len() < self.length {
            return None;
        }
        self.open = false;
        self.name.truncate(self.length);
        let name = String::from_utf8(std::mem::take(&mut self.name)).ok()?;
        Some((self.key, name))
    }

    /// Forgets a definition that has begun: a slot of another kind, or a hole, came between.
    pub(crate) fn interrupt(&mut self) {
        self.open = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slots() -> impl Strategy<Value = Slot> {
        let fields = (any::<u64>(), any::<i64>(), any::<u64>(), any::<u32>());
        fields.prop_map(|(step, time, value, key)| Slot { step, time, value, key })
    }

    fn bytes(slot: &Slot, seq: u64) -> Vec<u8> {
        slot.encode(seq).iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    proptest! {
        #[test]
        fn a_slot_reads_back_at_its_own_seq_only(slot in slots(), seq in any::<u64>()) {
            let bytes = bytes(&slot, seq);
            prop_assert_eq!(Slot::decode_bytes(&bytes, seq), Some(slot));
            prop_assert_eq!(Slot::decode_bytes(&bytes, seq.wrapping_add(131_072)), None);
        }

        #[test]
        fn one_flipped_bit_is_noticed(slot in slots(), seq in any::<u64>(), bit in 0_usize..256) {
            let mut bytes = bytes(&slot, seq);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(Slot::decode_bytes(&bytes, seq), None);
        }

        #[test]
        fn definitions_read_back(key in 0_u32..65_536, name in ".{1,120}") {
            let mut reader = DefinitionReader::default();
            let read: Vec<_> = definition(key, &name).iter().filter_map(|s| reader.push(s)).collect();
            prop_assert_eq!(read, vec![(key, name)]);
        }
    }

    #[test]
    fn empty_memory_is_no_slot() {
        for seq in 0..1_000 {
            assert_eq!(Slot::decode([0; SLOT_WORDS], seq), None);
        }
    }

    #[test]
    fn a_definition_with_a_hole_is_forgotten() {
        let mut reader = DefinitionReader::default();
        let slots = definition(3, &"n".repeat(100));
        assert_eq!(reader.push(&slots[0]), None);
        reader.interrupt();
        assert!(slots[1..].iter().all(|slot| reader.push(slot).is_none()));
    }
}
