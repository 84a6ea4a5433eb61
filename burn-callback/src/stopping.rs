//! Early stopping and the choice of checkpoints, as if training had never been interrupted.

use std::sync::Arc;

use burn::train::{
    EarlyStoppingStrategy,
    checkpoint::{CheckpointingAction, CheckpointingStrategy},
    metric::store::EventStoreClient,
};

use crate::session::Session;

/// An early stopping strategy that can be cloned behind a pointer.
pub(crate) trait ClonedStopping: EarlyStoppingStrategy + Send + Sync {
    fn cloned(&self) -> Box<dyn ClonedStopping>;
}

impl<S> ClonedStopping for S
where
    S: EarlyStoppingStrategy + Clone + Send + Sync + 'static,
{
    fn cloned(&self) -> Box<dyn ClonedStopping> {
        Box::new(self.clone())
    }
}

/// The user's early stopping, and the end of the epoch at which somebody asked to stop.
pub(crate) struct RunStopping {
    session: Arc<Session>,
    users: Box<dyn ClonedStopping>,
    replayed: bool,
}

impl RunStopping {
    pub(crate) fn new(session: Arc<Session>, users: Box<dyn ClonedStopping>) -> Self {
        session.expect_early_stopping();
        Self { session, users, replayed: false }
    }

    /// Shows the strategy the epochs before the checkpoint: its memory ended with the process
    /// that trained them.
    fn replay(&mut self, store: &EventStoreClient) {
        if !std::mem::replace(&mut self.replayed, true) {
            let session = Arc::clone(&self.session);
            session.replay(|epoch| {
                self.users.should_stop(epoch, store);
            });
        }
    }
}

impl Clone for RunStopping {
    fn clone(&self) -> Self {
        Self {
            session: Arc::clone(&self.session),
            users: (*self.users).cloned(),
            replayed: self.replayed,
        }
    }
}

impl EarlyStoppingStrategy for RunStopping {
    fn should_stop(&mut self, epoch: usize, store: &EventStoreClient) -> bool {
        let session = Arc::clone(&self.session);
        let _alone = session.deciding();
        session.early_stopping_called();
        self.replay(store);
        if self.users.should_stop(epoch, store) {
            return true;
        }
        session.stops_after(epoch, || {
            let mut asked = false;
            session.guarded("early stopping", |tracker| {
                asked = Session::asked_to_stop(tracker).is_some();
            });
            if asked {
                session.stops_after_epoch();
            }
            asked
        })
    }
}

/// The user's checkpointing strategy.
pub(crate) struct RunCheckpointing {
    session: Arc<Session>,
    users: Box<dyn CheckpointingStrategy>,
    replayed: bool,
}

impl RunCheckpointing {
    pub(crate) fn new(session: Arc<Session>, users: Box<dyn CheckpointingStrategy>) -> Self {
        Self { session, users, replayed: false }
    }
}

impl CheckpointingStrategy for RunCheckpointing {
    fn checkpointing(
        &mut self,
        epoch: usize,
        store: &EventStoreClient,
    ) -> Vec<CheckpointingAction> {
        let session = Arc::clone(&self.session);
        let _alone = session.deciding();
        if !std::mem::replace(&mut self.replayed, true) {
            session.replay(|epoch| {
                // What it asks for was done by the process that trained the epoch.
                self.users.checkpointing(epoch, store);
            });
        }
        self.users.checkpointing(epoch, store)
    }
}
