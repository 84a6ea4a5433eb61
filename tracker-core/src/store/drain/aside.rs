//! What is written beside the log: events, messages, `run.json`, the summary.

use std::{collections::BTreeMap, time::Instant};

use crate::{
    AlertSummary, Problem,
    fault::Fault,
    format::run_file::{FORMAT_VERSION, WriterSummary, write_json},
    store::{
        drain::{Drain, Written},
        events::EventQueue,
        own_file::OwnFile,
    },
    value::summary::Accumulator,
};

/// Writing summaries takes at most one part in this many of the time.
const SUMMARY_SHARE: u32 = 100;

impl Drain {
    /// Writes events, messages and definitions.
    pub(super) fn write_aside(&mut self) {
        if self.retry_aside.is_waiting() {
            return;
        }
        let written = self.write_events().and_then(|()| self.write_messages());
        match written.and_then(|()| self.write_run_file()) {
            Ok(()) => self.retry_aside.reset(),
            Err((path, error)) => {
                self.retry_aside.later();
                self.session.problem(Problem::io(&path, &error));
            }
        }
    }

    fn write_events(&mut self) -> Written {
        let (bytes, written) = write_lines(&self.session.events, &mut self.events);
        self.note_written(bytes);
        written
    }

    fn write_messages(&mut self) -> Written {
        let queue = &self.session.messages.queue;
        if queue.unwritten() == 0 {
            return Ok(());
        }
        let file = match &mut self.messages {
            Some(file) => file,
            none => {
                let path = self.session.paths().messages(self.session.writer);
                let file = OwnFile::claim(path.clone());
                none.insert(file.map_err(|error| (path.to_path_buf(), error))?)
            }
        };
        let (bytes, written) = write_lines(queue, file);
        self.note_written(bytes);
        written
    }

    fn note_written(&mut self, bytes: usize) {
        if bytes > 0 {
            self.session.headway.step();
            self.events_unsynced = true;
            self.sync.mark();
        }
    }

    pub(super) fn has_written_events(&self) -> bool {
        // In this order: what waits there becomes an event.
        let is_written = self.session.media.waiting() == 0
            && self.session.events.unwritten() == 0
            && self.session.messages.queue.unwritten() == 0;
        is_written || Fault::EventsNotAwaited.is_planted()
    }

    fn write_run_file(&mut self) -> Written {
        let Some(file) = self.session.take_changed_file() else { return Ok(()) };
        if !self.session.owns_run_file {
            self.summary.mark();
            return Ok(());
        }
        let path = self.session.paths().run_file();
        write_json(&path, &file, false).map_err(|error| {
            self.session.mark_file_changed();
            (path.to_path_buf(), error)
        })
    }

    pub(super) fn write_summary(&mut self) {
        let since = Instant::now();
        let path = self.session.paths().summary(self.session.writer);
        if let Err(error) = write_json(&path, &self.writer_summary(false), false) {
            self.session.problem(Problem::io(&path, &error));
        }
        self.summary.interval = self.pace.summary.max(since.elapsed() * SUMMARY_SHARE);
    }

    fn sums_by_name(&self) -> BTreeMap<String, Accumulator> {
        let names = self.session.names.all();
        let named = names.into_iter().zip(&self.sums);
        named.filter_map(|(name, sum)| Some((name, (*sum)?))).collect()
    }

    pub(super) fn writer_summary(&self, complete: bool) -> WriterSummary {
        let mut summary = WriterSummary {
            version: FORMAT_VERSION,
            complete,
            metrics: self.sums_by_name(),
            definitions: BTreeMap::new(),
            about: BTreeMap::new(),
            problems: Vec::new(),
            alerts: AlertSummary::default(),
        };
        if !self.session.owns_run_file {
            let file = self.session.file();
            (summary.definitions, summary.about) = (file.definitions, file.about);
            summary.problems = self.session.all_problems();
            summary.alerts = file.alerts;
        }
        summary
    }
}

/// Writes the lines that wait in a queue, as many as the disk takes. Says how many bytes it took.
fn write_lines(queue: &EventQueue, file: &mut OwnFile) -> (usize, Written) {
    let Some(lines) = queue.take() else { return (0, Ok(())) };
    let written = file.append_records(&lines.bytes, whole_lines);
    let bytes = written.as_ref().map_or_else(|part| part.bytes, |()| lines.bytes.len());
    queue.wrote(lines, bytes);
    (bytes, written.map_err(|part| (file.path().to_path_buf(), part.error)))
}

/// How many bytes the whole lines take among these.
fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1)
}
