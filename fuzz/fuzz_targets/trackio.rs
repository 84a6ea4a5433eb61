//! Any bytes where an import expects a database or an inbox of Trackio. Begin with those of `tracker-export/tests/files/trackio`.

#![no_main]

#[path = "shared/nobody.rs"]
mod nobody;

use std::fs;

use tracker_export::TrackioSource;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder is made");
    let inbox = folder.path().join("inbox/run");
    fs::create_dir_all(&inbox).expect("a folder is made");
    fs::write(inbox.join("00000000.jsonl"), bytes).expect("a file is written");
    fs::write(folder.path().join("digits.db"), bytes).expect("a file is written");
    let place = folder.path();
    let Ok(mut source) = TrackioSource::open(place) else { return };
    nobody::read_all(&mut source);
});
