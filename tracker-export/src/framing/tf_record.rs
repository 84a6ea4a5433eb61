//! Records of TensorFlow: `length u64le | masked crc of it | data | masked crc of it`.

use std::{
    io::{self, ErrorKind, Read},
    ops::Range,
};

/// The bytes before the data of a record.
const HEADER: usize = 12;

/// The bytes of a record beside its data.
const AROUND: usize = HEADER + 4;

/// The longest data that is read. Longer records are passed over: nothing that a run logs is so long.
pub(crate) const MOST: usize = 64 << 20;

/// So many bytes are read at a time.
const CHUNK: usize = 256 << 10;

/// The most bytes that are looked at in vain in search of a whole record, beside the search itself. Files
/// that are damaged by chance need next to none: a length that fits its check by chance is one in 2^32.
const MOST_IN_VAIN: u64 = 1 << 30;

/// The check of some bytes, masked as these records have it.
pub(crate) fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Adds a record whose data `write` adds.
pub(crate) fn put(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    write(out);
    let length = ((out.len() - start - HEADER) as u64).to_le_bytes();
    let check = masked_crc(&out[start + HEADER..]);
    out[start..start + 8].copy_from_slice(&length);
    out[start + 8..start + HEADER].copy_from_slice(&masked_crc(&length).to_le_bytes());
    out.extend_from_slice(&check.to_le_bytes());
}

/// What of a file was no whole record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Damage {
    /// In how many places.
    pub(crate) places: u64,
    /// How many bytes were passed over there.
    pub(crate) bytes: u64,
    /// How many records were whole, as far as one can tell, and too long.
    pub(crate) too_long: u64,
}

/// Reads records one by one. What is damaged is passed over up to the next whole record.
#[derive(Debug)]
pub(crate) struct Records<R> {
    reader: R,
    /// A packed file that is cut or damaged ends where it can no longer be unpacked.
    is_packed: bool,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    is_at_end: bool,
    in_vain: u64,
    damage: Damage,
}

enum Header {
    Length(u64),
    Bad,
    /// There are fewer bytes left than a header has.
    Missing,
}

impl<R: Read> Records<R> {
    pub(crate) fn new(reader: R, is_packed: bool) -> Self {
        let buffer = vec![0; CHUNK];
        let (damage, in_vain) = (Damage::default(), 0);
        Self { reader, is_packed, buffer, start: 0, end: 0, is_at_end: false, in_vain, damage }
    }

    /// What was passed over until now.
    pub(crate) fn damage(&self) -> Damage {
        self.damage
    }

    /// The data of the next whole record; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let found = self.find()?;
        Ok(found.and_then(|data| self.buffer.get(data)))
    }

    fn find(&mut self) -> io::Result<Option<Range<usize>>> {
        loop {
            match self.header(0)? {
                Header::Missing => {
                    self.pass_rest();
                    return Ok(None);
                }
                Header::Length(length) if length > MOST as u64 => {
                    self.damage.too_long += 1;
                    self.pass(length.saturating_add(AROUND as u64))?;
                }
                Header::Length(length) => {
                    let length = length as usize;
                    if self.fill(length + AROUND)? && self.is_whole(length) {
                        let data = self.start + HEADER..self.start + HEADER + length;
                        self.start += length + AROUND;
                        return Ok(Some(data));
                    }
                    if !self.pass_damaged(length)? {
                        return Ok(None);
                    }
                }
                Header::Bad => {
                    if !self.search()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Passes over a record whose length is right and whose data are not. If another record begins behind it,
    /// nothing but its own bytes is damaged. Otherwise bytes are missing, and the next record may be anywhere.
    fn pass_damaged(&mut self, length: usize) -> io::Result<bool> {
        let whole = length + AROUND;
        let is_there = self.fill(whole)?;
        let goes_on = match self.header(whole)? {
            Header::Length(_) => true,
            Header::Missing => self.end - self.start == whole,
            Header::Bad => false,
        };
        if !(is_there && goes_on) {
            return self.search();
        }
        self.damage.places += 1;
        self.damage.bytes += whole as u64;
        self.start += whole;
        Ok(true)
    }

    /// Goes to the next place at which a whole record begins; `false` if there is none.
    fn search(&mut self) -> io::Result<bool> {
        self.damage.places += 1;
        loop {
            self.start += 1;
            self.damage.bytes += 1;
            match self.header(0)? {
                Header::Missing => break,
                Header::Length(length) if length <= MOST as u64 => {
                    let length = length as usize;
                    if self.fill(length + AROUND)? {
                        if self.is_whole(length) {
                            return Ok(true);
                        }
                        self.in_vain += length as u64;
                    }
                }
                _ => {}
            }
            if self.in_vain > MOST_IN_VAIN {
                break;
            }
        }
        self.damage.bytes += (self.end - self.start) as u64;
        self.start = self.end;
        self.is_at_end = true;
        Ok(false)
    }

    fn header(&mut self, offset: usize) -> io::Result<Header> {
        if !self.fill(offset + HEADER)? {
            return Ok(Header::Missing);
        }
        let bytes = &self.buffer[self.start + offset..];
        let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
            return Ok(Header::Missing);
        };
        let is_right = rest.first_chunk().is_some_and(|check| checks(length, *check));
        Ok(if is_right { Header::Length(u64::from_le_bytes(*length)) } else { Header::Bad })
    }

    /// Whether the data of the record at the start, whose bytes are there, are what they were.
    fn is_whole(&self, length: usize) -> bool {
        let data = self.start + HEADER;
        let check = self.buffer[data + length..].first_chunk();
        check.is_some_and(|check| checks(&self.buffer[data..data + length], *check))
    }

    /// What is left at the end and too short for a record.
    fn pass_rest(&mut self) {
        let rest = (self.end - self.start) as u64;
        self.damage.places += u64::from(rest > 0);
        self.damage.bytes += rest;
        self.start = self.end;
    }

    /// Passes over bytes without keeping them.
    fn pass(&mut self, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            if !self.fill(1)? {
                return Ok(());
            }
            let some = bytes.min((self.end - self.start) as u64);
            self.start += some as usize;
            bytes -= some;
        }
        Ok(())
    }

    /// Reads until so many bytes are there from the start on; `false` if there are no more. Memory grows with
    /// the bytes that come, not with what a length claims.
    fn fill(&mut self, wanted: usize) -> io::Result<bool> {
        while self.end - self.start < wanted {
            if self.is_at_end {
                return Ok(false);
            }
            self.make_room();
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.is_at_end = true,
                Ok(some) => self.end += some,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if self.is_packed && is_of_packing(&error) => {
                    self.is_at_end = true;
                    self.damage.places += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn make_room(&mut self) {
        if self.end < self.buffer.len() {
            return;
        }
        // Moving less than half keeps what is moved in proportion to what is read.
        if self.start > 0 && self.start >= self.buffer.len() / 2 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        } else {
            self.buffer.resize(self.buffer.len() + CHUNK, 0);
        }
    }
}

fn checks(bytes: &[u8], check: [u8; 4]) -> bool {
    masked_crc(bytes) == u32::from_le_bytes(check)
}

/// Whether the packing is broken, rather than the disk.
fn is_of_packing(error: &io::Error) -> bool {
    let kind = error.kind();
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(datas: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        for data in datas {
            put(&mut out, |out| out.extend_from_slice(data));
        }
        out
    }

    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, Damage) {
        let mut records = Records::new(bytes, false);
        let mut found = Vec::new();
        while let Some(data) = records.next().unwrap() {
            found.push(data.to_vec());
        }
        (found, records.damage())
    }

    #[test]
    fn records_come_back_as_they_were_written() {
        let large = vec![7; 3 << 20];
        let datas: [&[u8]; 4] = [b"one", b"", &large, b"four"];
        let (found, damage) = read(&file(&datas));
        assert_eq!(found, datas);
        assert_eq!(damage, Damage::default());
    }

    #[test]
    fn the_check_is_that_of_tensorflow() {
        // So begin the files that TensorFlow writes: a first event of 24 bytes.
        assert_eq!(masked_crc(&24u64.to_le_bytes()), 0x224b_7fa3);
    }

    #[test]
    fn any_one_flipped_bit_costs_one_record() {
        let whole = file(&[b"first", b"second", b"third"]);
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let (found, damage) = read(&bytes);
            assert_eq!((found.len(), damage.places), (2, 1), "bit {bit}");
        }
    }

    #[test]
    fn a_file_that_is_cut_anywhere_keeps_what_is_whole_before() {
        let whole = file(&[b"first", b"second", b"third"]);
        for length in 0..whole.len() {
            let (found, damage) = read(&whole[..length]);
            let expected = [21, 43].iter().filter(|end| **end <= length).count();
            assert_eq!(found.len(), expected, "{length}");
            let left = length - [0, 21, 43][expected];
            assert_eq!(damage.bytes, left as u64, "{length}");
        }
    }

    #[test]
    fn bytes_that_are_missing_in_the_middle_cost_the_record_they_are_of() {
        let whole = file(&[b"first", b"a second one", b"third", b"fourth"]);
        for cut in 21..30 {
            let mut bytes = whole.clone();
            bytes.drain(cut..cut + 7);
            let (found, _) = read(&bytes);
            assert_eq!(found, [&b"first"[..], b"third", b"fourth"], "{cut}");
        }
    }

    #[test]
    fn a_length_without_end_costs_no_memory_and_is_told() {
        let mut bytes = file(&[b"first"]);
        let length = u64::MAX.to_le_bytes();
        bytes.extend_from_slice(&length);
        bytes.extend_from_slice(&masked_crc(&length).to_le_bytes());
        let mut records = Records::new(&*bytes, false);
        assert_eq!(records.next().unwrap(), Some(&b"first"[..]));
        assert_eq!(records.next().unwrap(), None);
        assert_eq!(records.damage().too_long, 1);
        assert!(records.buffer.len() <= 2 * CHUNK);
    }

    #[test]
    fn a_claimed_length_takes_no_more_memory_than_the_bytes_that_are_there() {
        let mut bytes = Vec::new();
        let length = (MOST as u64).to_le_bytes();
        bytes.extend_from_slice(&length);
        bytes.extend_from_slice(&masked_crc(&length).to_le_bytes());
        bytes.extend(file(&[b"behind"]));
        let mut records = Records::new(&*bytes, false);
        assert_eq!(records.next().unwrap(), Some(&b"behind"[..]));
        assert!(records.buffer.len() <= 2 * CHUNK);
    }

    #[test]
    fn what_is_no_file_of_records_has_none() {
        let (found, damage) = read(&vec![0; 1 << 20]);
        assert_eq!((found.len(), damage.places, damage.bytes), (0, 1, 1 << 20));
    }
}
