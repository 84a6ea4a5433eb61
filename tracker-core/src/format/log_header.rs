//! The head of a log: whose it is, where it begins, and all names that were known by then.
//!
//! ```text
//! magic 8 bytes | version u32 | bytes of the header u32 | writer u32 | names u32 | first seq u64
//! then for each name its length u32 and its bytes, zeros up to a multiple of 32, check u64 in
//! the last eight bytes                                                       little endian
//! ```
//!
//! Slots follow without a gap. Because every log repeats the names, a sealed and deleted log
//! takes none with it.

use crate::format::slot::SLOT_BYTES;

const MAGIC: &[u8; 8] = b"TRKRLOG\n";
pub(crate) const VERSION: u32 = 1;
const FIXED_BYTES: usize = 32;
const CHECK_BYTES: usize = 8;

/// What stands before the slots of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogHeader {
    pub(crate) writer: u32,
    pub(crate) first: u64,
    /// Names by key, from key 0.
    pub(crate) names: Vec<String>,
}

/// Why a file has no readable header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderError {
    /// Another kind of file, or one cut before its header ends.
    Torn,
    /// Written by a newer tracker.
    Version(u32),
}

impl LogHeader {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let names: usize = self.names.iter().map(|name| 4 + name.len()).sum();
        let size = (FIXED_BYTES + names + CHECK_BYTES).next_multiple_of(SLOT_BYTES);
        let mut bytes = Vec::with_capacity(size);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(size as u32).to_le_bytes());
        bytes.extend_from_slice(&self.writer.to_le_bytes());
        bytes.extend_from_slice(&(self.names.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&self.first.to_le_bytes());
        for name in &self.names {
            bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
            bytes.extend_from_slice(name.as_bytes());
        }
        bytes.resize(size - CHECK_BYTES, 0);
        let check = check(&bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        bytes
    }

    /// Reads a header and its size in bytes, which is where the slots begin.
    pub(crate) fn decode(bytes: &[u8]) -> Result<(Self, usize), HeaderError> {
        Self::decode_inner(bytes).ok_or(HeaderError::Torn).and_then(|decoded| decoded)
    }

    fn decode_inner(bytes: &[u8]) -> Option<Result<(Self, usize), HeaderError>> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let version = take_u32(&mut rest)?;
        if version > VERSION {
            return Some(Err(HeaderError::Version(version)));
        }
        let size = take_u32(&mut rest)? as usize;
        let whole = bytes.get(..size)?;
        let (body, stored) = whole.split_at_checked(size.checked_sub(CHECK_BYTES)?)?;
        if check(body).to_le_bytes() != stored {
            return None;
        }
        let writer = take_u32(&mut rest)?;
        let count = take_u32(&mut rest)?;
        let first = take_u64(&mut rest)?;
        let mut names = Vec::new();
        for _ in 0..count {
            let length = take_u32(&mut rest)? as usize;
            let (name, after) = rest.split_at_checked(length)?;
            names.push(String::from_utf8(name.to_vec()).ok()?);
            rest = after;
        }
        Some(Ok((Self { writer, first, names }, size)))
    }
}

/// Whether bytes are the beginning of a header, or zeros where one will be.
pub(crate) fn may_go_on(bytes: &[u8]) -> bool {
    let is_begun = MAGIC.starts_with(bytes) || bytes.starts_with(MAGIC);
    let size = || {
        let mut rest = bytes.get(MAGIC.len() + 4..)?;
        take_u32(&mut rest)
    };
    let is_shorter = || size().is_none_or(|size| bytes.len() < size as usize);
    is_begun && is_shorter() || bytes.iter().all(|byte| *byte == 0)
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*bytes))
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u64::from_le_bytes(*bytes))
}

/// 64-bit FNV-1a over the bytes.
fn check(bytes: &[u8]) -> u64 {
    crate::value::hash::fnv1a(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn headers_read_back(writer: u32, first: u64, names in prop::collection::vec(".{0,40}", 0..20)) {
            let header = LogHeader { writer, first, names };
            let mut bytes = header.encode();
            let size = bytes.len();
            prop_assert_eq!(size % SLOT_BYTES, 0);
            bytes.extend_from_slice(b"slots");
            prop_assert_eq!(LogHeader::decode(&bytes), Ok((header, size)));
        }

        #[test]
        fn torn_or_flipped_headers_are_refused(cut in 0_usize..96, flip in 16_usize..96) {
            let bytes = LogHeader { writer: 1, first: 9, names: vec!["train/loss".into(); 3] }.encode();
            prop_assume!(cut < bytes.len() && flip < bytes.len());
            prop_assert!(LogHeader::decode(&bytes[..cut]).is_err());
            let mut flipped = bytes;
            flipped[flip] ^= 1;
            prop_assert!(LogHeader::decode(&flipped).is_err());
        }
    }

    #[test]
    fn a_newer_version_says_so() {
        let mut bytes = LogHeader { writer: 1, first: 0, names: Vec::new() }.encode();
        bytes[8] = 9;
        assert_eq!(LogHeader::decode(&bytes), Err(HeaderError::Version(9)));
    }
}
