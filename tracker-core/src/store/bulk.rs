//! Points of a run that trained elsewhere: they come faster than any training logs, and wait for the disk. They
//! go into parts without ring and log, through a log in memory.

use std::{cell::Cell, collections::BTreeMap};

use sha2::{Digest, Sha256};

use crate::{
    MetricName, Result, RunId, Step, Timestamp, Writer,
    error::excerpt,
    format::{
        layout::RunPaths,
        log_header::LogHeader,
        slot::{SLOT_BYTES, Slot, definition},
    },
    store::{
        drain::LOG_SLOTS,
        names::{Interned, Names},
        seal::seal_in_memory,
    },
};

/// The most names that are remembered as they were before they were repaired.
const MOST_REPAIRED: usize = 1_000;

/// Writes points into the parts of a run that nobody reads yet. Needs the memory of one log and its part,
/// however many points come.
#[derive(Debug)]
pub(crate) struct Bulk {
    run: RunId,
    paths: RunPaths,
    writer: Writer,
    names: Names,
    /// A log as a writer thread would have written it.
    log: Vec<u8>,
    /// Where its slots begin.
    header: usize,
    /// The seq of its first slot.
    first: u64,
    /// Of what was sealed.
    hash: Sha256,
    pub(crate) points: u64,
    pub(crate) huge_steps: u64,
    /// Points whose name found no place.
    pub(crate) overflowed: u64,
    /// The names that could not be kept as they were, with those that they have.
    pub(crate) repaired: BTreeMap<String, String>,
}

impl Bulk {
    pub(crate) fn new(run: RunId, paths: RunPaths, writer: Writer) -> Self {
        let mut new = Self {
            run,
            paths,
            writer,
            names: Names::default(),
            log: Vec::new(),
            header: 0,
            first: 0,
            hash: Sha256::new(),
            points: 0,
            huge_steps: 0,
            overflowed: 0,
            repaired: BTreeMap::new(),
        };
        new.begin_log();
        new
    }

    /// Takes a point. Says whether a part was written.
    ///
    /// # Errors
    /// If a part cannot be written.
    pub(crate) fn add(
        &mut self,
        metric: &str,
        step: Step,
        time: Timestamp,
        value: f64,
    ) -> Result<bool> {
        let key = match self.names.find(metric) {
            Some(key) => key,
            None => self.key_of(metric)?,
        };
        let is_full = self.slots() >= LOG_SLOTS;
        if is_full {
            self.seal()?;
        }
        self.push(&Slot { step: step.0, time: time.0, value: value.to_bits(), key });
        self.points += 1;
        Ok(is_full)
    }

    /// Writes what is left, and gives the hash of all points: the same for the same points of the same names in
    /// the same order.
    ///
    /// # Errors
    /// If a part cannot be written.
    pub(crate) fn finish(&mut self) -> Result<Sha256> {
        self.seal()?;
        Ok(self.hash.clone())
    }

    #[cold]
    fn key_of(&mut self, raw: &str) -> Result<u32> {
        let name = MetricName::new(raw);
        if name.was_repaired() && self.repaired.len() < MOST_REPAIRED {
            self.repaired.insert(excerpt(raw), name.as_str().to_owned());
        }
        let is_new = Cell::new(false);
        let interned = self.names.intern(name.as_str(), |_, _| {
            is_new.set(true);
            true
        });
        let (Interned::Known(key) | Interned::New(key) | Interned::Overflow(key)) = interned;
        self.overflowed += u64::from(matches!(interned, Interned::Overflow(_)));
        if is_new.get() {
            let name = self.names.name(key as usize).unwrap_or_default();
            let slots = definition(key, &name);
            if self.slots() + slots.len() as u64 > LOG_SLOTS {
                self.seal()?;
            }
            for slot in &slots {
                self.push(slot);
            }
        }
        Ok(key)
    }

    fn slots(&self) -> u64 {
        ((self.log.len() - self.header) / SLOT_BYTES) as u64
    }

    fn push(&mut self, slot: &Slot) {
        let seq = self.first + self.slots();
        for word in slot.encode(seq) {
            self.log.extend_from_slice(&word.to_le_bytes());
        }
    }

    fn seal(&mut self) -> Result<()> {
        let slots = self.slots();
        let sealed = seal_in_memory(&self.run, &self.paths, self.writer, self.first, &self.log)?;
        self.huge_steps += sealed.huge_steps;
        self.hash.update(self.log.get(self.header..).unwrap_or_default());
        self.first += slots;
        self.begin_log();
        Ok(())
    }

    fn begin_log(&mut self) {
        let (writer, names) = (self.writer.number(), self.names.all());
        let header = LogHeader { writer, first: self.first, names }.encode();
        self.log.clear();
        self.log.extend_from_slice(&header);
        self.header = header.len();
    }
}
