//! A writer that a test moves by hand, step by step: ring, log, part.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{
    RunId, Writer,
    format::{
        folder::StorePath,
        layout::{LivePaths, RunPaths},
        log_header::LogHeader,
        owner::Owner,
        ring_file::{HEAD_WORD, HEADER_BYTES, RingHeader, RingNote, TAIL_WORD},
        slot::{SLOT_BYTES, Slot, definition},
    },
    store::seal::seal,
};

const SLOTS: u64 = 64;

/// A run's folder with one writer.
#[derive(Debug, Clone)]
pub(crate) struct ByHand(Arc<Mutex<Hand>>);

#[derive(Debug)]
struct Hand {
    /// Held until the run is read no more.
    root: Arc<tempfile::TempDir>,
    paths: RunPaths,
    run: RunId,
    writer: Writer,
    ring: File,
    head: u64,
    tail: u64,
    names: Vec<String>,
    log_first: u64,
    next_step: u64,
    lock: Option<File>,
}

fn bytes(slot: &Slot, seq: u64) -> Vec<u8> {
    slot.encode(seq).iter().flat_map(|word| word.to_le_bytes()).collect()
}

impl ByHand {
    /// A writer that lives, in a new run.
    pub(crate) fn new() -> Self {
        let root = Arc::new(tempfile::tempdir().unwrap());
        let run = RunId::generate();
        let paths =
            RunPaths::at(StorePath::named(root.path()).child("project").child(run.as_str()));
        Self::in_run(root, paths, Writer { rank: 0, attempt: 1 })
    }

    /// Another writer of the same run.
    pub(crate) fn beside(&self, writer: Writer) -> Self {
        let hand = self.0.lock();
        Self::in_run(Arc::clone(&hand.root), hand.paths.clone(), writer)
    }

    fn in_run(root: Arc<tempfile::TempDir>, paths: RunPaths, writer: Writer) -> Self {
        let live = paths.live(writer);
        fs::create_dir_all(&live.folder).unwrap();
        fs::write(paths.events(writer), "").unwrap();
        let owner = Owner::this_process();
        fs::write(live.lock(), serde_json::to_vec(&owner).unwrap()).unwrap();
        fs::write(live.heartbeat(), "").unwrap();
        let lock = File::open(live.lock()).unwrap();
        lock.try_lock().unwrap();
        let path = live.folder.child("ring.slots");
        let header = RingHeader { slots: SLOTS, writer, folder: paths.folder().to_path_buf() };
        let mut contents = header.encode();
        contents.resize(HEADER_BYTES + SLOTS as usize * SLOT_BYTES, 0);
        fs::write(&path, contents).unwrap();
        let ring = File::options().read(true).write(true).open(&path).unwrap();
        let note = RingNote::new(&path, &ring, false).unwrap();
        fs::write(live.ring_note(), serde_json::to_vec(&note).unwrap()).unwrap();
        let run = paths.folder().file_name().unwrap().to_str().unwrap().parse().unwrap();
        let hand = Hand {
            root,
            paths,
            run,
            writer,
            ring,
            head: 0,
            tail: 0,
            names: Vec::new(),
            log_first: 0,
            next_step: 0,
            lock: Some(lock),
        };
        hand.begin_log();
        Self(Arc::new(Mutex::new(hand)))
    }

    pub(crate) fn paths(&self) -> RunPaths {
        self.0.lock().paths.clone()
    }

    pub(crate) fn live(&self) -> LivePaths {
        let hand = self.0.lock();
        hand.paths.live(hand.writer)
    }

    pub(crate) fn log(&self) -> StorePath {
        let hand = self.0.lock();
        hand.paths.live(hand.writer).log(hand.log_first)
    }

    pub(crate) fn ring(&self) -> StorePath {
        self.live().folder.child("ring.slots")
    }

    /// Defines a metric, whose key is the number of those before.
    pub(crate) fn define(&self, name: &str) {
        let mut hand = self.0.lock();
        for slot in definition(hand.names.len() as u32, name) {
            hand.push(Some(slot));
        }
        hand.names.push(name.to_owned());
    }

    /// Begins the log anew, in place of one that is empty, with a header that tells one more name.
    pub(crate) fn tell_in_header(&self, name: &str) {
        let mut hand = self.0.lock();
        assert_eq!(hand.log_first, hand.head, "the log is empty");
        hand.names.push(name.to_owned());
        hand.begin_log();
    }

    /// Stores points of a metric in the ring, at steps that count from 0 over all calls.
    pub(crate) fn log_points(&self, key: u32, count: u64) {
        let mut hand = self.0.lock();
        for _ in 0..count {
            let step = hand.next_step;
            hand.next_step += 1;
            hand.push(Some(Slot { step, time: step as i64, value: (step as f64).to_bits(), key }));
        }
    }

    /// Reserves a place whose slot is never stored.
    pub(crate) fn reserve(&self) {
        self.0.lock().push(None);
    }

    /// Moves what is in the ring to the log.
    pub(crate) fn drain(&self) {
        self.0.lock().drain();
    }

    /// Begins the next log. A reader may find the one before in its place or as a part.
    pub(crate) fn rotate(&self) {
        let mut hand = self.0.lock();
        hand.drain();
        hand.log_first = hand.head;
        hand.begin_log();
    }

    /// Turns the logs before the newest into parts.
    pub(crate) fn seal_full(&self) {
        let hand = self.0.lock();
        let live = hand.paths.live(hand.writer);
        for log in live.logs().unwrap().iter().filter(|log| **log != live.log(hand.log_first)) {
            seal(&hand.run, &hand.paths, hand.writer, log).unwrap();
        }
    }

    /// Ends as a run does: all is sealed and the live folder removed.
    pub(crate) fn end(&self) {
        self.rotate();
        self.seal_full();
        fs::remove_dir_all(self.live().folder).unwrap();
    }

    /// The process is gone.
    pub(crate) fn die(&self) {
        self.0.lock().lock = None;
    }
}

impl Hand {
    fn push(&mut self, slot: Option<Slot>) {
        let seq = self.head;
        self.head += 1;
        if let Some(slot) = slot {
            let at = HEADER_BYTES as u64 + (seq % SLOTS) * SLOT_BYTES as u64;
            self.ring.write_all_at(&bytes(&slot, seq), at).unwrap();
        }
        self.store_word(HEAD_WORD, self.head);
    }

    fn store_word(&self, word: usize, value: u64) {
        self.ring.write_all_at(&value.to_le_bytes(), word as u64 * 8).unwrap();
    }

    fn drain(&mut self) {
        let mut log = fs::read(self.paths.live(self.writer).log(self.log_first)).unwrap();
        for seq in self.tail..self.head {
            let mut slot = [0; SLOT_BYTES];
            let at = HEADER_BYTES as u64 + (seq % SLOTS) * SLOT_BYTES as u64;
            self.ring.read_exact_at(&mut slot, at).unwrap();
            assert!(Slot::decode_bytes(&slot, seq).is_some(), "only whole slots are drained");
            log.extend(slot);
        }
        fs::write(self.paths.live(self.writer).log(self.log_first), log).unwrap();
        self.tail = self.head;
        self.store_word(TAIL_WORD, self.tail);
    }

    fn begin_log(&self) {
        let header = LogHeader {
            writer: self.writer.number(),
            first: self.log_first,
            names: self.names.clone(),
        };
        fs::write(self.paths.live(self.writer).log(self.log_first), header.encode()).unwrap();
    }
}
