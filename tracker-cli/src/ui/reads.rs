//! Reads of the store, which wait for a disk: a bounded number at a time, and for a bounded time.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use tokio::sync::Semaphore;

use crate::ui::failure::{Answer, Failure};

/// Places for reads.
#[derive(Debug)]
pub(crate) struct Reads {
    places: Arc<Semaphore>,
    patience: Duration,
}

impl Reads {
    pub(crate) fn new(most: usize, patience: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(most)), patience }
    }

    /// Does the work on a thread that may wait. Nobody waits longer than the patience for it; the
    /// thread holds its place until it is done, so that disks that never answer take no more than
    /// all places.
    ///
    /// # Errors
    /// What the work answers; if it panics; or if it, or a place for it, takes too long.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let places = Arc::clone(&self.places);
        let answered = async move {
            let place = places.acquire_owned().await;
            let thread = tokio::task::spawn_blocking(move || {
                let answer = work();
                drop(place);
                answer
            });
            thread.await.unwrap_or_else(|_| Err(failed()))
        };
        tokio::time::timeout(self.patience, answered).await.unwrap_or_else(|_| Err(Failure::busy()))
    }
}

fn failed() -> Failure {
    Failure::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the server failed to answer this",
        "`tracker doctor` looks at the store",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn reads_that_never_end_leave_an_answer_to_each_request_and_their_places_come_back() {
        const MOST: usize = 4;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let reads = Reads::new(MOST, Duration::from_millis(100));
        let status =
            |answer: Answer<()>| answer.err().map(|failure| failure.into_response().status());
        let (ends, stuck): (Vec<_>, Vec<_>) = (0..MOST).map(|_| mpsc::channel::<()>()).unzip();
        let (done, is_done) = mpsc::channel();
        for end in stuck {
            let done = done.clone();
            let read = reads.run(move || {
                let _ = end.recv();
                let _ = done.send(());
                Ok(())
            });
            assert_eq!(status(runtime.block_on(read)), Some(StatusCode::SERVICE_UNAVAILABLE));
        }
        let next = runtime.block_on(reads.run(|| Ok(())));
        assert_eq!(status(next), Some(StatusCode::SERVICE_UNAVAILABLE), "all places are taken");
        drop(ends);
        (0..MOST).for_each(|_| is_done.recv().unwrap());
        assert_eq!(status(runtime.block_on(reads.run(|| Ok(())))), None);
    }

    #[test]
    fn a_read_that_panics_costs_its_own_answer() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let reads = Reads::new(1, Duration::from_secs(30));
        for _ in 0..3 {
            assert!(runtime.block_on(reads.run(|| -> Answer<()> { panic!("planted") })).is_err());
        }
        assert!(runtime.block_on(reads.run(|| Ok(()))).is_ok());
    }
}
