//! The last steps of a training, on request: who asks for them, and how they are stored.

use std::sync::{Arc, Weak, atomic::Ordering};

use crate::{
    Alert, Level, Media, MediaSource, Problem, Result, Writer,
    event::flight_record::FlightRecord,
    flight,
    format::{
        control_line::{ControlLine, Request},
        event_line::StoredEventKind,
    },
    store::{media, session::Session},
};

/// Stores a record: two tables, made on the thread for media, and an alert that says who left first.
pub(super) fn log(session: &Arc<Session>, record: Arc<FlightRecord>) {
    let Some(step) = record.last_step() else { return };
    let source = Landing { record, session: Arc::downgrade(session) };
    media::log(session, flight::FLIGHT, step, vec![Media::Later(Arc::new(source))]);
}

/// A record on its way into files.
#[derive(Debug)]
struct Landing {
    record: Arc<FlightRecord>,
    session: Weak<Session>,
}

impl MediaSource for Landing {
    fn bytes(&self) -> usize {
        self.record.bytes()
    }

    fn make(&self) -> Result<Vec<Media>> {
        let record = &*self.record;
        if let Some((session, alert)) = self.session.upgrade().zip(alert(record)) {
            session.raise_of_flight(alert);
        }
        Ok(vec![Media::Table(flight::tensors(record)), Media::Table(flight::batches(record))])
    }
}

/// Who left first, marked on the curve that shows it.
fn alert(record: &FlightRecord) -> Option<Alert> {
    let findings = record.findings();
    let first = findings.first()?;
    let text = record.verdict(&findings)?;
    let step = record.steps.get(first.at)?.step;
    let alert = Alert::new(Level::Warning, "flight", text).at(step).value(first.value);
    Some(alert.hint("`tracker show RUN --flight` shows the last steps of each layer"))
}

impl Session {
    /// How often the last steps were asked for.
    pub(crate) fn flights_asked(&self) -> u64 {
        self.flights_asked.load(Ordering::Acquire)
    }

    /// Asks the training for its last steps, unless it is this process that told others to.
    pub(super) fn ask_for_flight_of(&self, writer: Option<Writer>) {
        if writer != Some(self.writer) {
            self.ask_for_flight();
        }
    }

    /// Asks the training for its last steps.
    fn ask_for_flight(&self) {
        self.flights_asked.fetch_add(1, Ordering::Release);
    }

    /// Asks this process for its last steps and those of other ranks, whose batches may be to blame.
    pub(super) fn ask_all_for_flight(&self) {
        self.ask_for_flight();
        let request = Request::Flight { writer: Some(self.writer) };
        let path = self.paths().control();
        if let Err(error) = path.append_line(&ControlLine::new(self.clock.now(), request)) {
            self.problem(Problem::io(&path, &error));
        }
    }

    /// A record says who left first.
    fn raise_of_flight(&self, alert: Alert) {
        self.raise(&alert);
        self.earlier_event(self.moment(), StoredEventKind::Alert(alert));
    }
}
