//! What a training is tracked by.

use std::{path::PathBuf, sync::Arc};

use tracker_core::{Fanout, MemoryTracker, NoopTracker, Run, Tracker, init};

use crate::draw::Draw;

/// Kinds of trackers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Run,
    Fanout,
}

impl Kind {
    /// A run often: it has threads and files of its own, and takes as long as all else.
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        draw.one(&[Self::Run, Self::Run, Self::Memory, Self::Memory, Self::Fanout])
    }
}

/// A tracker with what it is made of.
pub(crate) struct Tracking {
    pub(crate) tracker: Arc<dyn Tracker>,
    pub(crate) run: Option<Run>,
    memory: Option<MemoryTracker>,
    /// Where the run is, and what else needs a place.
    pub(crate) folder: tempfile::TempDir,
}

impl Tracking {
    pub(crate) fn start(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let memory = (kind != Kind::Run).then(MemoryTracker::new);
        let run = (kind != Kind::Memory).then(|| {
            let run = init("drawn").dir(folder.path().join("store"));
            run.signals(false).code_changes(false).start().unwrap()
        });
        let children: Vec<Arc<dyn Tracker>> =
            memory.iter().map(Into::into).chain(run.iter().map(Into::into)).collect();
        let tracker = match &children[..] {
            [only] => Arc::clone(only),
            _ => Arc::new(Fanout::new(children)),
        };
        Self { tracker, run, memory, folder }
    }

    /// Tracking that is turned off.
    pub(crate) fn disabled() -> Self {
        let (tracker, folder) = (Arc::new(NoopTracker::new()), tempfile::tempdir().unwrap());
        Self { tracker, run: None, memory: None, folder }
    }

    /// A folder for what the framework itself writes.
    pub(crate) fn own_folder(&self) -> PathBuf {
        self.folder.path().join("training")
    }

    /// Ends the run. No hook may have panicked, or it may have stopped tracking half way.
    pub(crate) fn finish(self) {
        let mut problems = self.memory.map(|memory| memory.problems()).unwrap_or_default();
        if let Some(run) = self.run {
            problems.extend(run.finish().unwrap().problems().to_vec());
        }
        let panicked = problems.iter().find(|problem| problem.kind.contains("panic"));
        assert!(panicked.is_none(), "{panicked:?}");
    }
}
