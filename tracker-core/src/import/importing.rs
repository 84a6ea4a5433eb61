//! A run that is being imported.

use std::path::Path;

use serde_json::{Map, Value};

use crate::{
    Definition, Error, Event, Media, MetricName, Problem, Result, Step, Timestamp, Used,
    event::problems::Problems,
    format::{
        event_line::{StoredEvent, StoredEventKind},
        run_file::RunFile,
        slot::MAX_METRICS,
    },
    import::{
        body::{Body, HINT},
        facts::{kept, told},
        hidden::Hidden,
        origin::{self, Earlier},
    },
    media::limits::MAX_ITEMS,
    read::Store,
    store::{MediaCall, MediaHome, keep_all},
};

/// What an import begins with.
#[derive(Debug)]
pub(crate) struct NewImporting {
    pub(crate) store: Store,
    pub(crate) origin: String,
    pub(crate) project: String,
    /// An earlier import of the same origin.
    pub(crate) earlier: Option<Earlier>,
    pub(crate) file: RunFile,
    pub(crate) problems: Problems,
    pub(crate) started_at: Option<Timestamp>,
}

/// A run that is being written and in no list yet. It takes its place by [`finish`](Self::finish); dropped before, or
/// with its process, it leaves nothing. Calls wait for the disk.
#[derive(Debug)]
pub struct Importing {
    pub(super) new: NewImporting,
    pub(super) hidden: Hidden,
    /// Once it is known when the run started, of which its id tells.
    pub(super) body: Option<Body>,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

impl Importing {
    pub(crate) fn begin(new: NewImporting) -> Result<Self> {
        let hidden = Hidden::begin(&new.store)?;
        let (first, last) = (new.started_at, None);
        Ok(Self { new, hidden, body: None, first, last })
    }

    /// Adds a point, with all bits of its value and its time.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn point(&mut self, metric: &str, step: Step, time: Timestamp, value: f64) -> Result<()> {
        if self.body(time)?.points.add(metric, step, time, value)? {
            self.hidden.beat();
        }
        Ok(())
    }

    /// Adds something that is no scalar. What the store cannot keep is counted among the problems of the run.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn record(&mut self, time: Timestamp, event: Event) -> Result<()> {
        self.body(time)?;
        match event {
            Event::Define { metric, definition } => {
                self.define(&metric, definition);
                Ok(())
            }
            Event::Text { name, step, text } => {
                self.line(time, StoredEventKind::Text { name: valid(&name), step, text })
            }
            Event::Message { level, text } => {
                self.line(time, StoredEventKind::Message { level, text })
            }
            Event::Alert(alert) => {
                self.new.file.alerts.add(&alert);
                self.line(time, StoredEventKind::Alert(alert))
            }
            Event::Histogram { name, step, histogram } => {
                let name = valid(&name);
                self.line(time, StoredEventKind::Histogram { name, step, histogram })
            }
            Event::Media { name, step, items } => self.media(time, &valid(&name), step, &items),
            Event::Artifact(artifact) => self.line(time, StoredEventKind::Artifact(artifact)),
            Event::ArtifactDeleted { name, version } => {
                self.line(time, StoredEventKind::ArtifactDeleted { name, version })
            }
            Event::Used(used) => self.used(time, used),
            Event::About { topic, facts } => {
                self.describe(topic, facts);
                Ok(())
            }
            Event::Conclusion { text } => {
                self.new.file.conclusion = Some(text).filter(|text| !text.is_empty());
                Ok(())
            }
            Event::Problem(problem) => {
                self.problem(problem);
                Ok(())
            }
            Event::Flight(_) => {
                self.problem(Problem::new(
                    "flight-not-kept",
                    "what a flight recorder kept was left out: it is of trainings that run here",
                    "import its tables as media",
                ));
                Ok(())
            }
        }
    }

    /// The files, which are made when the first time is known, from which the run's id is made.
    pub(super) fn body(&mut self, time: Timestamp) -> Result<&mut Body> {
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
        if self.body.is_none() {
            let known = self.new.earlier.as_ref().map(|earlier| earlier.id.clone());
            let start = told(self.new.started_at.unwrap_or(time));
            self.new.file.id = known.unwrap_or_else(|| origin::id(&self.new.origin, start));
            let problems = std::mem::take(&mut self.new.problems);
            self.body = Some(Body::begin(&self.hidden, &self.new.file.id, problems)?);
        }
        self.body.as_mut().ok_or_else(|| nothing(self.new.store.root()))
    }

    fn line(&mut self, time: Timestamp, kind: StoredEventKind) -> Result<()> {
        let body = self.body(time)?;
        if !body.events.add(&StoredEvent { time: told(time), kind })? {
            body.home.problem(Problem::new(
                "event-too-long",
                "a text, a histogram or the like was left out: it is longer than 8 MiB",
                "split it into several",
            ));
        }
        Ok(())
    }

    fn problem(&self, problem: Problem) {
        self.problems().add(problem);
    }

    fn problems(&self) -> &Problems {
        self.body.as_ref().map_or(&self.new.problems, |body| &body.home.problems)
    }

    fn define(&mut self, metric: &str, definition: Definition) {
        let (name, known) = (valid(metric), &mut self.new.file.definitions);
        if known.len() < MAX_METRICS as usize || known.contains_key(&name) {
            known.entry(name).or_default().merge(definition);
        }
    }

    fn media(&mut self, time: Timestamp, name: &str, step: Step, items: &[Media]) -> Result<()> {
        // What a line holds at most; the rest gets lines of its own.
        for items in items.chunks(MAX_ITEMS) {
            let home = &self.body(time)?.home;
            let kept = keep_all(MediaCall { home, name, step }, items, || ());
            if !kept.is_empty() {
                let name = name.to_owned();
                self.line(time, StoredEventKind::Media { name, step, items: kept })?;
            }
        }
        self.hidden.beat();
        Ok(())
    }

    fn used(&mut self, time: Timestamp, used: Used) -> Result<()> {
        self.new.file.uses = true;
        self.line(time, StoredEventKind::Used(used))
    }

    fn describe(&mut self, topic: String, facts: Map<String, Value>) {
        let facts = kept(facts, "fact", self.problems());
        if topic != origin::TOPIC {
            self.new.file.about.entry(topic).or_default().extend(facts);
        }
    }
}

fn valid(name: &str) -> String {
    MetricName::new(name).as_str().to_owned()
}

pub(super) fn nothing(root: &Path) -> Error {
    Error::Refused {
        action: "import into",
        path: root.to_owned(),
        reason: "the run's files could not be made".into(),
        hint: HINT.into(),
    }
}
