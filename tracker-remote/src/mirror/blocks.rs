//! A part of a run that is read by ranges.

use std::{collections::HashMap, io, ops::Range};

use bytes::Bytes;
use object_store::path::Path as Name;
use parking_lot::Mutex;
use tracker_core::read::mount::MountedFile;

use super::{
    bound::touch,
    cache::{self, Cache},
};
use crate::requests::Requests;

/// How many bytes are fetched and kept as one. Ranges with smaller gaps between them become one request.
const BLOCK: u64 = 64 << 10;

/// The last blocks are fetched at once: they hold the footer of most parts, 72 KiB for 2^20 points. The very last one may
/// have a few bytes alone.
const END: u64 = 3;

/// The most blocks of one request: who reads on fetches more each time.
const MOST_BLOCKS: u64 = 64;

/// The most blocks that are fetched because they will be read soon.
const MOST_SOON: u64 = 256;

/// The most blocks of one file that are kept in memory.
const MOST_IN_MEMORY: usize = 128;

/// A part in a place.
#[derive(Debug)]
pub(super) struct Blocks {
    requests: Requests,
    cache: Cache,
    name: Name,
    /// Tells its blocks from those of another file, also one of the same name.
    identity: String,
    length: u64,
    memory: Mutex<HashMap<u64, Bytes>>,
}

impl Blocks {
    pub(super) fn new(
        requests: &Requests,
        cache: &Cache,
        name: Name,
        tag: &str,
        length: u64,
    ) -> Self {
        let identity = format!("{name}\n{tag}\n{length}");
        let (requests, cache) = (requests.clone(), cache.clone());
        Self { requests, cache, name, identity, length, memory: Mutex::default() }
    }

    fn blocks(&self) -> u64 {
        self.length.div_ceil(BLOCK)
    }

    fn known(&self, block: u64) -> Option<Bytes> {
        if let Some(known) = self.memory.lock().get(&block) {
            return Some(known.clone());
        }
        let page = self.cache.page(&self.identity, block);
        let bytes = Bytes::from(cache::read(&page, BLOCK)?);
        touch(&page);
        let is_whole = bytes.len() as u64 == self.range(&(block..block + 1)).count_bytes();
        if is_whole {
            self.remember(block, bytes.clone());
        }
        is_whole.then_some(bytes)
    }

    fn has(&self, block: u64) -> bool {
        let on_disk = || {
            let length = cache::length(&self.cache.page(&self.identity, block));
            length == Some(self.range(&(block..block + 1)).count_bytes())
        };
        self.memory.lock().contains_key(&block) || on_disk()
    }

    fn remember(&self, block: u64, bytes: Bytes) {
        let mut memory = self.memory.lock();
        if memory.len() >= MOST_IN_MEMORY {
            memory.clear();
        }
        memory.insert(block, bytes);
    }

    /// The bytes of some blocks.
    fn range(&self, blocks: &Range<u64>) -> Range<u64> {
        blocks.start * BLOCK..(blocks.end * BLOCK).min(self.length)
    }

    fn block(&self, block: u64) -> io::Result<Bytes> {
        if let Some(known) = self.known(block) {
            return Ok(known);
        }
        let ends = self.blocks();
        let wanted = if block + END >= ends {
            ends.saturating_sub(END)..ends
        } else {
            let before = (0..block).rev().take_while(|before| self.has(*before));
            let before = before.take(MOST_BLOCKS as usize).count() as u64;
            let many = (block..ends).take_while(|next| !self.has(*next));
            block..block + many.take(before.clamp(1, MOST_BLOCKS) as usize).count() as u64
        };
        self.fetch(vec![wanted])?;
        let gone = || io::Error::from(io::ErrorKind::UnexpectedEof);
        self.known(block).ok_or_else(gone)
    }

    fn fetch(&self, blocks: Vec<Range<u64>>) -> io::Result<()> {
        let ranges = blocks.iter().map(|blocks| self.range(blocks)).collect();
        let fetched = self.requests.ranges(&self.name, ranges)?;
        for (blocks, bytes) in blocks.into_iter().zip(fetched) {
            let range = self.range(&blocks);
            if bytes.len() as u64 != range.count_bytes() {
                let text = format!("{} has another length than it had", self.name);
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
            for block in blocks {
                let place = self.range(&(block..block + 1));
                let (start, end) = (place.start - range.start, place.end - range.start);
                let piece = bytes.slice(start as usize..end as usize);
                // What cannot be kept is fetched again.
                let _ = cache::put(&self.cache.page(&self.identity, block), &piece);
                self.remember(block, piece);
            }
        }
        Ok(())
    }
}

impl MountedFile for Blocks {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
        if position >= self.length || bytes.is_empty() {
            return Ok(0);
        }
        let block = self.block(position / BLOCK)?;
        let from = block.get((position % BLOCK) as usize..).unwrap_or_default();
        let count = from.len().min(bytes.len());
        bytes[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }

    fn soon(&self, ranges: &[Range<u64>]) {
        let mut wanted: Vec<u64> = Vec::new();
        for range in ranges {
            let end = range.end.min(self.length).div_ceil(BLOCK);
            let blocks = (range.start / BLOCK..end).take(MOST_SOON as usize);
            wanted.extend(blocks);
        }
        wanted.sort_unstable();
        wanted.dedup();
        wanted.truncate(MOST_SOON as usize);
        let mut joined: Vec<Range<u64>> = Vec::new();
        for block in wanted.into_iter().filter(|block| !self.has(*block)) {
            match joined.last_mut() {
                Some(last) if last.end == block && last.end - last.start < MOST_BLOCKS => {
                    last.end += 1;
                }
                _ => joined.push(block..block + 1),
            }
        }
        if !joined.is_empty() {
            // Whoever reads them is told.
            let _ = self.fetch(joined);
        }
    }
}

trait CountBytes {
    fn count_bytes(&self) -> u64;
}

impl CountBytes for Range<u64> {
    fn count_bytes(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}
