//! What evaluations tell.

use crate::{
    measured::Measured,
    row::Place,
    session::{Session, state::Waiting},
};

impl Session {
    pub(crate) fn begin_scope(&mut self, name: &str) -> usize {
        self.begin();
        self.scopes += 1;
        self.clock.interrupt();
        self.ledger.scope(name)
    }

    pub(crate) fn end_scope(&mut self, scope: usize, measured: Measured) {
        self.scopes = self.scopes.saturating_sub(1);
        if !measured.is_empty() {
            let place = Place::now(self.last_step());
            self.waiting.push_back(Waiting::Evaluation(scope, place, measured));
        }
        self.settle();
        if self.stepped || self.row.is_empty() {
            // The next step begins; one that was interrupted has no time.
            self.clock.start();
        }
    }
}
