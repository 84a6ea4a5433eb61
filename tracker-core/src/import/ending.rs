//! How an imported run takes its place in the store.

use std::collections::BTreeMap;

use crate::{
    AlertSummary, Error, Outcome, Problem, Result, RunId, Timestamp,
    error::{IoContext, excerpt},
    format::{
        layout::{EDITS, RunPaths},
        run_file::{FORMAT_VERSION, MOST_BYTES, RunFile, WriterSummary, write_json},
    },
    import::{
        body::{Body, HINT, Home},
        contents,
        facts::told,
        hidden,
        imported::{Arrival, Imported},
        importing::{Importing, nothing},
        origin::{self, Earlier, WRITER},
    },
    read::sealed_sums,
    store::Bulk,
    upkeep,
};

/// The most bytes of `edits.jsonl` that are taken over.
const MOST_EDITS: u64 = 64 << 20;

/// The most bytes of `run.json` of an imported run: half of what readers take.
const MOST_FACTS: u64 = MOST_BYTES / 2;

impl Importing {
    /// The run is whole: it takes its place in the store. Without a time at which it ended, that is when it logged last.
    ///
    /// # Errors
    /// If the store cannot be written. Then the store is as it was before.
    pub fn finish(mut self, outcome: Outcome, ended_at: Option<Timestamp>) -> Result<Imported> {
        let earlier_start = self.new.earlier.as_ref().map(|earlier| earlier.started_at);
        // One in which nothing has a time is of now, and stays so.
        let start = self.first.or(ended_at).or(earlier_start).unwrap_or_else(Timestamp::now);
        self.body(start)?;
        let Some(body) = self.body.take() else { return Err(nothing(self.new.store.root())) };
        let Body { mut points, events, home } = body;
        let point_hash = points.finish()?;
        let lines = events.lines;
        let event_hash = events.finish()?;
        self.say_end(outcome, ended_at);
        let contents = contents::hash(point_hash, event_hash, &self.new.file, &home.paths)?;
        let (arrival, id) = match origin::earlier(&self.new.store, &self.new.origin)? {
            Some(earlier) if earlier.contents.as_deref() == Some(&*contents) => {
                (Arrival::AlreadyThere, earlier.id)
            }
            earlier => {
                self.say_import(contents);
                self.write_last_word(&points, &home)?;
                (self.take_place(earlier, &home.paths)?, self.new.file.id.clone())
            }
        };
        let run = self.new.store.run(&id)?;
        Ok(Imported {
            id,
            name: run.info().name.clone(),
            project: run.info().project.clone(),
            path: run.path().to_owned(),
            arrival,
            points: points.points,
            events: lines,
            problems: all_problems(&points, &home),
            renamed: points.repaired,
        })
    }

    fn say_end(&mut self, outcome: Outcome, ended_at: Option<Timestamp>) {
        let file = &mut self.new.file;
        let first = self.new.started_at.or(self.first).unwrap_or(file.started_at);
        file.started_at = told(first);
        file.finished_at = ended_at.or(self.last).map(told);
        file.state = outcome.state();
        let conclusion = file.conclusion.take();
        file.message = match outcome {
            Outcome::Finished => conclusion,
            Outcome::Failed(text) | Outcome::Stopped(text) | Outcome::Ended(text) => Some(text),
        };
    }

    fn say_import(&mut self, contents: String) {
        let facts = self.new.file.about.entry(origin::TOPIC.to_owned()).or_default();
        facts.insert("at".to_owned(), Timestamp::now().to_string().into());
        facts.insert(origin::CONTENTS.to_owned(), contents.into());
        env!("CARGO_PKG_VERSION").clone_into(&mut self.new.file.provenance.tracker);
    }

    /// Writes the summary, and what the run is, once all that was told is seen to be there.
    fn write_last_word(&mut self, points: &Bulk, home: &Home) -> Result<()> {
        let file = &mut self.new.file;
        let Some(sums) = sealed_sums(&home.paths, WRITER)? else {
            return Err(unsaved(file, "a part that was written cannot be read"));
        };
        if sums.values().map(|sum| sum.count).sum::<u64>() != points.points {
            return Err(unsaved(file, "some of its points are not in its parts"));
        }
        if let Some(lost) = home.ledger.lost(&home.paths, || ()).trouble {
            return Err(unsaved(file, &lost));
        }
        file.problems = all_problems(points, home);
        (file.summary, file.summary_of) = (sums.clone(), vec![WRITER]);
        let length = serde_json::to_vec(file).map_or(u64::MAX, |text| text.len() as u64);
        if length > MOST_FACTS {
            return Err(unsaved(file, "its settings, facts and names have more than 32 MiB"));
        }
        let summary = WriterSummary {
            version: FORMAT_VERSION,
            complete: true,
            metrics: sums,
            definitions: BTreeMap::new(),
            about: BTreeMap::new(),
            problems: Vec::new(),
            alerts: AlertSummary::default(),
        };
        let path = home.paths.summary(WRITER);
        write_json(&path, &summary, true).io_context("write", &path, HINT)?;
        let path = home.paths.run_file();
        write_json(&path, file, true).io_context("write", &path, HINT)?;
        home.paths.folder().sync().io_context("sync", home.paths.folder(), HINT)
    }

    fn take_place(&self, earlier: Option<Earlier>, new: &RunPaths) -> Result<Arrival> {
        let (store, id) = (&self.new.store, &self.new.file.id);
        let Some(earlier) = earlier.filter(|earlier| earlier.id == *id) else {
            let to = store.project(&self.new.project).place().child(id.as_str());
            return hidden::place(new, &to).map(|()| Arrival::New);
        };
        let edits = earlier.paths.folder().child(EDITS);
        if edits.exists() {
            let text = edits.read(MOST_EDITS).io_context("read", &edits, HINT)?;
            let copy = new.folder().child(EDITS);
            copy.replace_with(&text, true).io_context("write", &copy, HINT)?;
        }
        let begun = |change: &RunId| self.hidden.mark_whole(id, &earlier.project, change);
        upkeep::supersede(store, &store.run(id)?, new.folder(), begun)?;
        Ok(Arrival::Replaced)
    }
}

/// All that could not be kept as it was.
fn all_problems(points: &Bulk, home: &Home) -> Vec<Problem> {
    let counted = [
        (points.huge_steps, Problem::huge_steps as fn(u64) -> Problem),
        (points.overflowed, too_many_metrics),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    let counted = counted.map(|(count, problem)| problem(count));
    home.problems.all().into_iter().chain(counted).collect()
}

fn too_many_metrics(count: u64) -> Problem {
    let message = "points of the metrics beyond 65,535 are under `overflow`";
    let hint = "import parts of the run, as runs of their own";
    Problem { count, ..Problem::new("too-many-metrics", message, hint) }
}

fn unsaved(file: &RunFile, reason: &str) -> Error {
    Error::Unsaved { run: excerpt(&file.name), reason: reason.to_owned(), hint: HINT.to_owned() }
}
