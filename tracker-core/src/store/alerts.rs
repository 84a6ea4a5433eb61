//! What becomes of a run's alerts: they are stored, said, passed on, and may end the training.

use std::sync::{Arc, atomic::Ordering};

use crate::{
    Alert, Problem, Stop,
    alert::actions::{AboutRun, Action, Actions},
    console::notice,
    format::{
        control_line::{ControlLine, Request},
        event_line::StoredEventKind,
    },
    store::session::Session,
    tracker::stop_request::StopRequest,
};

/// Alerts that are said on standard error. All of them are stored.
const MOST_SAID: u64 = 50;

impl Session {
    /// Tells people and programs of an alert, and counts it.
    pub(super) fn raise(&self, alert: &Alert) {
        self.note_alert(alert);
        match self.alerts_said.fetch_add(1, Ordering::Relaxed) {
            0..MOST_SAID => notice::alert(alert),
            MOST_SAID => notice::tell(
                "tracker: further alerts are not said here; `tracker show RUN` lists them".into(),
            ),
            _ => {}
        }
        if let Some(actions) = self.actions.get() {
            actions.take(alert);
        }
    }

    /// The program raises an alert.
    pub(crate) fn raise_of_program(&self, alert: Alert) {
        if !self.ring.is_closed() {
            self.raise(&alert);
        }
        self.event(StoredEventKind::Alert(alert));
    }

    /// A rule saw something.
    pub(crate) fn raise_of_rule(&self, alert: Alert, stop: Option<Stop>) {
        self.raise(&alert);
        if alert.metric.as_ref().is_some_and(|name| !name.starts_with("system/")) {
            self.ask_all_for_flight();
        }
        if let Some(stop) = stop {
            self.ask_all_to_stop(stop, &alert);
        }
        self.events.note(self.moment(), StoredEventKind::Alert(alert));
    }

    /// Asks this process of the run to stop, and those of other ranks.
    fn ask_all_to_stop(&self, stop: Stop, alert: &Alert) {
        let request = match stop {
            Stop::No => return,
            Stop::AfterEpoch => StopRequest::after_epoch(),
            Stop::Now => StopRequest::now(),
        };
        let request = request.by(format!("the rule `{}`", alert.rule)).why(&alert.text);
        let request = Request::Stop(request);
        self.obey(&request);
        let path = self.paths().control();
        if let Err(error) = path.append_line(&ControlLine::new(self.clock.now(), request)) {
            self.problem(Problem::io(&path, &error));
        }
    }

    /// What is to be done when an alert is raised.
    pub(crate) fn set_actions(self: &Arc<Self>, actions: Vec<Action>) {
        let file = self.file();
        let run = AboutRun { id: file.id, name: file.name, project: file.project };
        let session = Arc::downgrade(self);
        let problem = move |problem| {
            if let Some(session) = session.upgrade() {
                session.problem(problem);
            }
        };
        // Set once, before the run is the user's.
        let _ = self.actions.set(Actions::new(run, actions, problem));
    }

    /// Waits a moment for what is still to be done of the last alerts.
    pub(crate) fn end_actions(&self) {
        if let Some(problem) = self.actions.get().and_then(Actions::end) {
            self.problem(problem);
        }
    }

    /// Says that nobody has much time to wait for that.
    pub(crate) fn hurry_actions(&self) {
        if let Some(actions) = self.actions.get() {
            actions.hurry();
        }
    }
}
