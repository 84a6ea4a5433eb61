//! Any bytes where an import expects a database or an inbox of Trackio. Begin with those of `tracker-export/tests/files/trackio`.

#![no_main]

use std::fs;

use tracker_core::{Event, Step, Timestamp};
use tracker_export::{Account, Result, Sink, Source, TrackioSource};

struct Nobody;

impl Sink for Nobody {
    fn point(&mut self, _: &str, _: Step, _: Timestamp, _: f64) -> Result<()> {
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder is made");
    let inbox = folder.path().join("inbox/run");
    fs::create_dir_all(&inbox).expect("a folder is made");
    fs::write(inbox.join("00000000.jsonl"), bytes).expect("a file is written");
    fs::write(folder.path().join("digits.db"), bytes).expect("a file is written");
    let place = folder.path();
    let Ok(mut source) = TrackioSource::open(place) else { return };
    let Ok(runs) = source.runs() else { return };
    for run in runs {
        let _ = source.read(&run, &mut Nobody, &mut Account::default());
    }
});
