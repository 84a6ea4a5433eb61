//! Any bytes where the store expects its own: what fuzzing calls. None of these may panic, hang or
//! take memory beyond a small multiple of what they are given.

use std::sync::Arc;

use crate::{
    Writer,
    format::{folder::StorePath, log_file::LogScan, run_file::RunFile, slot::Slot},
    read::part::Part,
};

const WRITER: Writer = Writer { rank: 0, attempt: 1 };

/// A slot of a ring or a log.
pub fn slot(bytes: &[u8]) {
    for seq in [0, 1, u64::MAX] {
        let _ = Slot::decode_bytes(bytes, seq);
    }
}

/// A log of the writer `r0a1` that begins at seq 0.
pub fn log(bytes: &[u8]) {
    let _ = LogScan::read(bytes, WRITER, 0, |_, _| ());
}

/// A `run.json`.
pub fn run_json(bytes: &[u8]) {
    in_a_file("run.json", bytes, |path| {
        let _ = RunFile::read(path);
    });
}

/// A Parquet part, all of whose points are read.
pub fn part(bytes: &[u8]) {
    in_a_file("part", bytes, |path| {
        let Ok(part) = Part::open(path).map(Arc::new) else { return };
        for metric in part.metrics() {
            let _ = part.rows(metric, &(0..=u64::MAX));
        }
    });
}

fn in_a_file(name: &str, bytes: &[u8], read: impl FnOnce(&StorePath)) {
    let name = format!("tracker-any-bytes-{}-{name}", std::process::id());
    let place = StorePath::named(std::env::temp_dir()).child(name);
    if place.replace_with(bytes, false).is_ok() {
        read(&place);
    }
    let _ = place.remove();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            super::slot(&bytes);
            super::log(&bytes);
            super::run_json(&bytes);
            super::part(&bytes);
        }
    }
}
