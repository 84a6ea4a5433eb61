//! Logs and parts for the tests of both sides of the store.

use crate::{
    RunId, Writer,
    format::{folder::StorePath, layout::RunPaths, log_header::LogHeader, slot::Slot},
    store::seal::{Sealed, seal},
};

/// A run's folder that is gone with the value.
pub(crate) struct TestRun {
    _folder: tempfile::TempDir,
    pub(crate) id: RunId,
    pub(crate) paths: RunPaths,
}

/// A point of the metric `m<key>`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TestPoint {
    pub(crate) key: u32,
    pub(crate) step: u64,
    pub(crate) value: f64,
}

impl TestRun {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = RunPaths::new(folder.path().to_owned());
        Self { _folder: folder, id: RunId::generate(), paths }
    }

    /// Writes a log. A point's time is ten times its seq.
    pub(crate) fn log(&self, writer: Writer, first: u64, points: &[TestPoint]) -> StorePath {
        let names = (0..8).map(|key| format!("m{key}")).collect();
        let mut bytes = LogHeader { writer: writer.number(), first, names }.encode();
        for (seq, point) in (first..).zip(points) {
            let slot = Slot {
                step: point.step,
                time: seq as i64 * 10,
                value: point.value.to_bits(),
                key: point.key,
            };
            bytes.extend(slot.encode(seq).iter().flat_map(|word| word.to_le_bytes()));
        }
        let live = self.paths.live(writer);
        std::fs::create_dir_all(&live.folder).unwrap();
        std::fs::write(live.log(first), bytes).unwrap();
        live.log(first)
    }

    pub(crate) fn seal(&self, writer: Writer, log: &StorePath) -> crate::Result<Sealed> {
        seal(&self.id, &self.paths, writer, log)
    }

    /// Writes a part of points, of which there must be some.
    pub(crate) fn part(&self, writer: Writer, first: u64, points: &[TestPoint]) -> StorePath {
        let log = self.log(writer, first, points);
        self.paths.part(self.seal(writer, &log).unwrap().part.unwrap())
    }
}
