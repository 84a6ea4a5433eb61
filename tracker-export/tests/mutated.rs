//! Files of other tools with bytes changed, put in and cut off anywhere: whatever is in them, they are read to their end or
//! refused. `TRACKER_ROUNDS=100000 cargo test --release -p tracker-export --test mutated` tries more of them; the fuzz targets
//! in `fuzz/` look for what these do not come upon.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "kept/mod.rs"]
mod kept;

use std::{
    env, fs,
    fs::File,
    io::Read,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use kept::Kept;
use tracker_export::{Account, MlflowSource, Result, Source, TrackioSource, fuzzing, read_events};

/// How often each file is changed.
fn rounds(usual: u64) -> u64 {
    env::var("TRACKER_ROUNDS").map_or(usual, |rounds| rounds.parse().unwrap())
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// Numbers that are the same for the same round.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

/// Bytes that readers count with: lengths, tags, ends of texts.
const TELLING: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b'"', b'{'];

fn mutated(whole: &[u8], round: u64) -> Vec<u8> {
    let mut numbers = Numbers(round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut bytes = whole.to_vec();
    for _ in 0..=numbers.below(8) {
        let at = numbers.below(bytes.len());
        match numbers.below(10) {
            0 => bytes.truncate(at.max(1)),
            1 => drop(bytes.splice(at..at, vec![TELLING[numbers.below(8)]; numbers.below(40)])),
            2 => {
                let (from, length) = (numbers.below(bytes.len()), numbers.below(200));
                let copied: Vec<u8> = bytes.iter().skip(from).take(length).copied().collect();
                drop(bytes.splice(at..at, copied));
            }
            3 => drop(bytes.drain(at..(at + numbers.below(40)).min(bytes.len()))),
            4 | 5 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = TELLING[at % 8]),
            6 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = (at * 7) as u8),
        }
    }
    bytes
}

/// Reads so many changed files; says which it was that did harm.
fn read_all(whole: &[u8], usual: u64, read: impl Fn(&[u8])) {
    for round in 0..rounds(usual) {
        let bytes = mutated(whole, round);
        let done = catch_unwind(AssertUnwindSafe(|| read(&bytes)));
        assert!(done.is_ok(), "round {round}");
    }
}

fn read_source(source: Result<impl Source>) {
    let Ok(mut source) = source else { return };
    for run in source.runs().unwrap_or_default() {
        let _ = source.read(&run, &mut Kept::default(), &mut Account::default());
    }
}

/// The records of an event file, each without its frame.
fn records(mut file: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while let Some((head, rest)) = file.split_at_checked(12) {
        let length = u64::from_le_bytes(head[..8].try_into().unwrap()) as usize;
        records.push(&rest[..length]);
        file = &rest[length + 4..];
    }
    records
}

/// A record with checks that fit, so that what is in it is looked at.
fn framed(data: &[u8]) -> Vec<u8> {
    let masked = |bytes: &[u8]| {
        crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
    };
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), data, &masked(data)].concat()
}

#[test]
fn event_files() {
    for name in ["tensorboardx", "own/run"] {
        let path = file("tensorboard").join(name).join("events.out.tfevents.1700000000.host.1.0");
        let whole = fs::read(path).unwrap();
        let read = |bytes: &[u8]| {
            read_events(bytes, &mut Kept::default(), &mut Account::default()).unwrap();
        };
        read_all(&whole, 300, read);
        for record in records(&whole) {
            read_all(record, 100, |bytes| read(&framed(bytes)));
        }
    }
}

#[test]
fn databases_of_trackio() {
    let whole = fs::read(file("trackio/database/digits.db")).unwrap();
    read_all(&whole, 100, |bytes| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("digits.db"), bytes).unwrap();
        read_source(TrackioSource::open(folder.path()));
    });
}

#[test]
fn inboxes_of_trackio() {
    let inbox = file("trackio/waiting/inbox");
    let writer = fs::read_dir(inbox).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(fs::read_dir(writer).unwrap().next().unwrap().unwrap().path()).unwrap();
    read_all(&whole, 200, |bytes| {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("inbox/writer")).unwrap();
        fs::write(folder.path().join("inbox/writer/00000000.jsonl"), bytes).unwrap();
        read_source(TrackioSource::open(folder.path()));
    });
}

#[test]
fn databases_of_mlflow() {
    let mut whole = Vec::new();
    let packed = File::open(file("mlflow/mlflow.db.gz")).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut whole).unwrap();
    read_all(&whole, 50, |bytes| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mlflow.db"), bytes).unwrap();
        read_source(MlflowSource::open(folder.path().join("mlflow.db")));
    });
}

#[test]
fn files_of_wandb() {
    let mut paths = vec![file("wandb")];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "wandb") {
            let whole = fs::read(path).unwrap();
            read_all(&whole, 200, |bytes| fuzzing::wandb(bytes).unwrap());
        }
    }
}
