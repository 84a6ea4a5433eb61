//! Who listens for changes, and whether somebody looks for them.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, watch};

use crate::ui::live::watch::Change;

/// Changes that a slow page may be behind.
const BEHIND: usize = 64;

/// Who listens, and whether somebody looks.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) changes: broadcast::Sender<Arc<Change>>,
    is_watched: Mutex<bool>,
    /// Whether who looks has seen what there is, so that every change from then on is told.
    pub(crate) has_looked: watch::Sender<bool>,
}

/// What one page hears.
pub(crate) struct Listener {
    pub(crate) changes: broadcast::Receiver<Arc<Change>>,
    pub(crate) has_looked: watch::Receiver<bool>,
    /// Whether somebody must begin to look.
    pub(crate) is_first: bool,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            changes: broadcast::channel(BEHIND).0,
            is_watched: Mutex::new(false),
            has_looked: watch::Sender::new(false),
        }
    }
}

impl Live {
    /// Listens from now on.
    pub(crate) fn subscribe(&self) -> Listener {
        let mut is_watched = self.is_watched.lock().unwrap_or_else(PoisonError::into_inner);
        let was_watched = std::mem::replace(&mut *is_watched, true);
        Listener {
            changes: self.changes.subscribe(),
            has_looked: self.has_looked.subscribe(),
            is_first: !was_watched,
        }
    }

    /// Whether to look no more, because nobody listens.
    pub(crate) fn is_done(&self) -> bool {
        let mut is_watched = self.is_watched.lock().unwrap_or_else(PoisonError::into_inner);
        *is_watched = self.changes.receiver_count() > 0;
        if !*is_watched {
            self.has_looked.send_replace(false);
        }
        !*is_watched
    }
}
