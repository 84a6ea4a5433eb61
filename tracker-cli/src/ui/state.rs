//! What all requests share.

use std::{sync::Arc, time::Duration};

use axum::Json;
use serde::Serialize;

use crate::{
    answers::versioned::Versioned,
    ui::{
        curves::cache::CurveCache,
        failure::Answer,
        guard::{guard::Guard, writing::Writing},
        library::Library,
        live::listeners::Live,
        reads::Reads,
        snapshots::{Kept, Snapshots},
        studies::Studies,
    },
};

/// What is read of the store at the same time; each may take a thread and some megabytes.
pub(crate) const MOST_READS: usize = 16;

/// The longest that a request waits for the store.
const PATIENCE: Duration = Duration::from_mins(1);

/// What all requests share.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    library: Library,
    guard: Guard,
    writing: Writing,
    curves: CurveCache,
    snapshots: Snapshots,
    studies: Studies,
    live: Live,
    reads: Reads,
}

impl App {
    pub(crate) fn new(library: Library, guard: Guard, writing: Writing) -> Self {
        let (curves, snapshots) = (CurveCache::default(), Snapshots::default());
        let (live, studies) = (Live::default(), Studies::default());
        let reads = Reads::new(MOST_READS, PATIENCE);
        Self(Arc::new(Shared { library, guard, writing, curves, snapshots, studies, live, reads }))
    }

    pub(crate) fn library(&self) -> &Library {
        &self.0.library
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.0.guard
    }

    pub(crate) fn writing(&self) -> Writing {
        self.0.writing
    }

    pub(crate) fn curves(&self) -> &CurveCache {
        &self.0.curves
    }

    pub(crate) fn snapshots(&self) -> &Snapshots {
        &self.0.snapshots
    }

    pub(crate) fn studies(&self) -> &Studies {
        &self.0.studies
    }

    /// The snapshot of a run, as the run is now.
    pub(crate) fn snapshot(&self, id: &str) -> Answer<Arc<Kept>> {
        Ok(self.0.snapshots.now(&self.0.library.find(id)?)?)
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    /// Does what waits for a disk on a thread that may wait.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Self) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let app = self.clone();
        self.0.reads.run(move || read(&app)).await
    }

    /// As [`read`](Self::read), for an answer in JSON.
    pub(crate) async fn read_json<T: Serialize + Send + 'static>(
        &self,
        read: impl FnOnce(&Self) -> Answer<T> + Send + 'static,
    ) -> Answer<Json<Versioned<T>>> {
        Ok(Json(Versioned::new(self.read(read).await?)))
    }
}
