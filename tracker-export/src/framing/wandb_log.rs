//! The frame of a `.wandb` file: `LevelDB`'s log format behind a header of its own, with plain CRC-32.
//!
//! A file is blocks of 32,768 bytes, and the header counts toward the first. A block is chunks, `crc u32 | length u16 |
//! type u8 | data`, and a record is one chunk or several that follow one another. Where fewer bytes are left in a block
//! than a chunk's head has, they are zero.

use std::io::{self, Read, Write};

const BLOCK: usize = 32_768;
const HEAD: usize = 7;

/// `:W&B`, a number, the version.
pub(crate) const HEADER: [u8; 7] = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00];

/// The longest record that is put together. W&B takes no row of more than 15 MB.
const MAX_RECORD: usize = 16 << 20;

const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

fn crc(kind: u8, data: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[kind]);
    hasher.update(data);
    hasher.finalize()
}

/// Writes records.
#[derive(Debug)]
pub(crate) struct LogWriter<W> {
    to: W,
    at: u64,
}

impl<W: Write> LogWriter<W> {
    /// Begins a new file.
    pub(crate) fn begin(mut to: W) -> io::Result<Self> {
        to.write_all(&HEADER)?;
        Ok(Self { to, at: HEADER.len() as u64 })
    }

    /// Goes on behind the first `at` bytes of a file.
    pub(crate) fn resume(to: W, at: u64) -> Self {
        Self { to, at }
    }

    /// How many bytes the file has with what was appended.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    pub(crate) fn inner(&mut self) -> &mut W {
        &mut self.to
    }

    pub(crate) fn append(&mut self, mut record: &[u8]) -> io::Result<()> {
        let mut is_first = true;
        loop {
            let left = BLOCK - (self.at % BLOCK as u64) as usize;
            if left < HEAD {
                self.write(&[0; HEAD][..left])?;
                continue;
            }
            let (data, rest) = record.split_at(record.len().min(left - HEAD));
            let kind = match (is_first, rest.is_empty()) {
                (true, true) => FULL,
                (true, false) => FIRST,
                (false, false) => MIDDLE,
                (false, true) => LAST,
            };
            self.write(&crc(kind, data).to_le_bytes())?;
            self.write(&(data.len() as u16).to_le_bytes())?;
            self.write(&[kind])?;
            self.write(data)?;
            if rest.is_empty() {
                return Ok(());
            }
            (record, is_first) = (rest, false);
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

/// Reads records. Damage costs the record that it is in, or what follows it in its block where nothing in it can be
/// trusted.
#[derive(Debug)]
pub(crate) struct LogReader<R> {
    from: R,
    block: Vec<u8>,
    filled: usize,
    at: usize,
    record: Vec<u8>,
    /// Whether `record` is the beginning of one.
    begun: bool,
    /// Whether chunks are passed over until a record begins: the beginning of theirs was damaged, which is counted.
    skips: bool,
    damaged: u64,
    torn: bool,
}

/// What a chunk is: its type, and where its data are in the block.
#[derive(Clone, Copy)]
struct Chunk {
    kind: u8,
    start: usize,
    end: usize,
}

impl<R: Read> LogReader<R> {
    /// Reads from the beginning of a file. A header that is not W&B's is counted as damage.
    pub(crate) fn new(from: R) -> io::Result<Self> {
        let mut new = Self {
            from,
            block: vec![0; BLOCK],
            filled: 0,
            at: 0,
            record: Vec::new(),
            begun: false,
            skips: false,
            damaged: 0,
            torn: false,
        };
        new.next_block()?;
        let header = new.block.get(..new.filled.min(HEADER.len())).unwrap_or_default();
        if header != HEADER {
            new.damaged += 1;
        }
        new.at = HEADER.len().min(new.filled);
        Ok(new)
    }

    /// At how many places the file was damaged until now.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Whether the file ends within a record, as one does that is being written.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn
    }

    /// The next whole record; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            let Some(chunk) = self.next_chunk()? else {
                self.torn |= std::mem::take(&mut self.begun);
                return Ok(None);
            };
            if chunk.kind == FULL || chunk.kind == FIRST {
                self.lose_begun();
                self.skips = false;
            }
            if chunk.kind == FULL {
                return Ok(self.block.get(chunk.start..chunk.end));
            }
            if chunk.kind == FIRST {
                self.record.clear();
                self.begun = true;
            }
            if !self.begun {
                self.lose();
                continue;
            }
            let data = self.block.get(chunk.start..chunk.end).unwrap_or_default();
            if self.record.len() + data.len() > MAX_RECORD {
                self.begun = false;
                self.lose();
                continue;
            }
            self.record.extend_from_slice(data);
            if chunk.kind == LAST {
                self.begun = false;
                return Ok(Some(&self.record));
            }
        }
    }

    fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        loop {
            let is_last = self.filled < BLOCK;
            if self.filled - self.at < HEAD {
                self.torn |= is_last && self.at < self.filled;
                if is_last || !self.next_block()? {
                    return Ok(None);
                }
                continue;
            }
            if let Some(chunk) = self.chunk_at(self.at) {
                self.at = chunk.end;
                return Ok(Some(chunk));
            }
            let end = self.claimed_end(self.at);
            if is_last && end > self.filled {
                self.torn = true;
                return Ok(None);
            }
            self.begun = false;
            self.lose();
            // If its length is right, a good chunk follows.
            self.at = if self.chunk_at(end).is_some() { end } else { self.filled };
        }
    }

    fn claimed_end(&self, at: usize) -> usize {
        let length = match self.block.get(at + 4..at + 6) {
            Some(&[low, high]) => u16::from_le_bytes([low, high]),
            _ => 0,
        };
        at + HEAD + usize::from(length)
    }

    /// The chunk at a place, if it is whole.
    fn chunk_at(&self, at: usize) -> Option<Chunk> {
        let filled = self.block.get(..self.filled)?;
        let head = filled.get(at..at + HEAD)?;
        let (start, end) = (at + HEAD, self.claimed_end(at));
        let kind = *head.get(6)?;
        let said = u32::from_le_bytes(head.get(..4)?.try_into().ok()?);
        let is_whole = (FULL..=LAST).contains(&kind) && crc(kind, filled.get(start..end)?) == said;
        is_whole.then_some(Chunk { kind, start, end })
    }

    /// A record that had begun is not there to its end.
    fn lose_begun(&mut self) {
        if std::mem::take(&mut self.begun) {
            self.damaged += 1;
        }
    }

    fn lose(&mut self) {
        if !std::mem::replace(&mut self.skips, true) {
            self.damaged += 1;
        }
    }

    /// `false` at the end of the file.
    fn next_block(&mut self) -> io::Result<bool> {
        (self.filled, self.at) = (0, 0);
        while let Some(rest) = self.block.get_mut(self.filled..).filter(|rest| !rest.is_empty()) {
            match self.from.read(rest) {
                Ok(0) => break,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.filled > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Vec<u8>> {
        let lengths = [0, 1, 100, 32_740, 32_741, 32_742, 5, 70_000, 32_761, 9, 200_000, 3];
        let of = |(number, length): (usize, usize)| vec![number as u8 + 1; length];
        lengths.into_iter().enumerate().map(of).collect()
    }

    fn written(records: &[Vec<u8>]) -> Vec<u8> {
        let mut writer = LogWriter::begin(Vec::new()).unwrap();
        for record in records {
            writer.append(record).unwrap();
        }
        assert_eq!(writer.at(), writer.to.len() as u64);
        writer.to
    }

    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, u64, bool) {
        let mut reader = LogReader::new(bytes).unwrap();
        let mut found = Vec::new();
        while let Some(record) = reader.next().unwrap() {
            found.push(record.to_vec());
        }
        (found, reader.damaged(), reader.is_torn())
    }

    #[test]
    fn records_of_any_length_are_read_as_they_were_written() {
        assert_eq!(read(&written(&records())), (records(), 0, false));
    }

    #[test]
    fn a_file_that_is_gone_on_with_is_the_file_written_at_once() {
        let (all, whole) = (records(), written(&records()));
        for cut in 0..all.len() {
            let begun = written(&all[..cut]);
            let at = begun.len() as u64;
            let mut writer = LogWriter::resume(begun, at);
            for record in &all[cut..] {
                writer.append(record).unwrap();
            }
            assert_eq!(writer.to, whole);
        }
    }

    #[test]
    fn a_torn_tail_costs_the_last_record_alone() {
        let bytes = written(&records());
        for cut in (0..bytes.len()).step_by(997) {
            let (found, damaged, _) = read(&bytes[..cut]);
            assert!(records().starts_with(&found), "{cut}");
            assert_eq!(damaged, u64::from(cut < HEADER.len()), "{cut}");
        }
        assert!(read(&bytes[..bytes.len() - 1]).2);
    }

    #[test]
    fn a_flipped_bit_costs_the_record_that_it_is_in_and_no_other_before_its_block_ends() {
        let records: Vec<Vec<u8>> = (0..2_000_u32).map(|n| n.to_le_bytes().repeat(25)).collect();
        let bytes = written(&records);
        for at in (HEADER.len()..bytes.len()).step_by(1_013) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << (at % 8);
            let (found, damaged, torn) = read(&bytes);
            let lost = records.len() - found.len();
            assert!(damaged > 0 || torn || lost == 0, "{at}: {lost} lost and none counted");
            assert!(lost <= BLOCK / 100 + 2, "{at}: {lost} lost");
            assert!(found.iter().all(|record| records.contains(record)));
        }
    }

    #[test]
    fn zeros_and_noise_are_damage_and_come_to_an_end() {
        let zeros = vec![0; 3 * BLOCK + 5];
        assert_eq!(read(&zeros).0, Vec::<Vec<u8>>::new());
        let noise: Vec<u8> =
            (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let (found, damaged, _) = read(&noise);
        assert!(found.is_empty() && damaged > 0);
    }
}
