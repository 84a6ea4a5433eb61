//! All runs of a source into a store.

use std::path::{Path, PathBuf};

use tracker_core::{
    Event, Outcome, Step, Timestamp,
    import::{Import, Imported, Importing},
};

use crate::{Account, Ended, ForeignRun, Result, Sink, Source};

/// The longest name of a project, in bytes.
const LONGEST_PROJECT: usize = 128;

/// How runs come into the store, where their source says nothing of it or something else is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The store.
    pub root: PathBuf,
    /// The tool whose runs they are, for people.
    pub tool: String,
    /// The project of all runs, in place of the one that the source says.
    pub project: Option<String>,
    /// The project of runs of which the source says none.
    pub else_project: String,
    /// The group of all runs, in place of the one that the source says.
    pub group: Option<String>,
    /// Words to find the runs by, beside those that the source says.
    pub tags: Vec<String>,
}

/// What became of one run.
#[derive(Debug)]
pub struct ImportedRun {
    /// Its name on the other side, else what it is known by.
    pub name: String,
    /// The file or folder that it comes from.
    pub from: String,
    /// Where it is now, or why it is not there. It does not keep others from coming.
    pub imported: Result<Imported>,
    /// What came over, and what did not.
    pub account: Account,
}

/// A run as it would be imported.
#[derive(Debug)]
pub struct PlannedRun {
    /// Its name on the other side, else what it is known by.
    pub name: String,
    /// The file or folder that it comes from.
    pub from: String,
    /// The project that it would be in.
    pub project: String,
    /// How many points it has.
    pub points: u64,
    /// How many texts, histograms, media and the like it has.
    pub events: u64,
    /// What would come over, and what not, or why nothing can.
    pub account: Result<Account>,
}

/// Imports all runs of a source, and tells of each when it is there, already there, replaced, or cannot be imported. An
/// earlier import of a run stays as it is until the new one is whole.
///
/// # Errors
/// If the source cannot say what runs it has.
pub fn import(
    source: &mut dyn Source,
    options: &ImportOptions,
    each: &mut dyn FnMut(ImportedRun),
) -> Result<()> {
    for run in source.runs()? {
        let mut account = Account::default();
        let imported = import_one(source, &run, options, &mut account);
        each(ImportedRun { name: name_of(&run), from: run.from, imported, account });
    }
    Ok(())
}

/// Reads all runs of a source as an import would, and writes nothing.
///
/// # Errors
/// If the source cannot say what runs it has.
pub fn plan(
    source: &mut dyn Source,
    options: &ImportOptions,
    each: &mut dyn FnMut(PlannedRun),
) -> Result<()> {
    for run in source.runs()? {
        let (mut account, mut counts) = (Account::default(), Counts::default());
        let project = project_of(&run, options, &mut account);
        let read = source.read(&run, &mut counts, &mut account);
        let Counts { points, events } = counts;
        let account = read.map(|()| account);
        each(PlannedRun { name: name_of(&run), from: run.from, project, points, events, account });
    }
    Ok(())
}

fn import_one(
    source: &mut dyn Source,
    run: &ForeignRun,
    options: &ImportOptions,
    account: &mut Account,
) -> Result<Imported> {
    let project = project_of(run, options, account);
    let mut import = Import::new(project, &run.origin)
        .dir(&options.root)
        .tool(&options.tool)
        .from(&run.from)
        .config(run.config.clone())
        .tags(run.tags.iter().chain(&options.tags));
    if let Some(name) = &run.name {
        import = import.name(name);
    }
    if let Some(group) = options.group.as_ref().or(run.group.as_ref()) {
        import = import.group(group);
    }
    if let Some(notes) = &run.notes {
        import = import.notes(notes);
    }
    if let Some(time) = run.started_at {
        import = import.started_at(time);
    }
    for (topic, facts) in &run.about {
        import = import.about(topic, facts.clone());
    }
    let mut sink = StoreSink { run: import.start()? };
    source.read(run, &mut sink, account)?;
    let (outcome, ended_at) = match &run.ended {
        Ended::As(outcome, time) => (outcome.clone(), *time),
        Ended::Unknown => (Outcome::Ended("how it ended is not known".to_owned()), None),
    };
    let imported = sink.run.finish(outcome, ended_at)?;
    for (from, to) in &imported.renamed {
        account.rename(from, to);
    }
    Ok(imported)
}

/// Writes a run into the store, in which it is seen once it is whole.
#[derive(Debug)]
struct StoreSink {
    run: Importing,
}

impl Sink for StoreSink {
    fn point(&mut self, metric: &str, step: Step, time: Timestamp, value: f64) -> Result<()> {
        Ok(self.run.point(metric, step, time, value)?)
    }

    fn event(&mut self, time: Timestamp, event: Event) -> Result<()> {
        Ok(self.run.record(time, event)?)
    }
}

/// Counts what would be written.
#[derive(Debug, Default)]
struct Counts {
    points: u64,
    events: u64,
}

impl Sink for Counts {
    fn point(&mut self, _: &str, _: Step, _: Timestamp, _: f64) -> Result<()> {
        self.points += 1;
        Ok(())
    }

    fn event(&mut self, _: Timestamp, event: Event) -> Result<()> {
        self.events += u64::from(!matches!(event, Event::Define { .. } | Event::About { .. }));
        Ok(())
    }
}

fn name_of(run: &ForeignRun) -> String {
    run.name.clone().unwrap_or_else(|| run.origin.clone())
}

fn project_of(run: &ForeignRun, options: &ImportOptions, account: &mut Account) -> String {
    if let Some(project) = &options.project {
        return project.clone();
    }
    let said = run.project.as_deref().unwrap_or(&options.else_project);
    let project = folder_name(said);
    account.rename(said, &project);
    project
}

/// A project's name as one that a folder can have.
fn folder_name(name: &str) -> String {
    let is_fit = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':');
    let fit: String = name.chars().map(|c| if is_fit(c) { c } else { '-' }).collect();
    let fit = fit.trim().trim_start_matches('.');
    let fit = fit.get(..fit.floor_char_boundary(LONGEST_PROJECT)).unwrap_or_default();
    if fit.is_empty() { "imported".to_owned() } else { fit.to_owned() }
}

/// The name of the folder that a place is in, or is: what a project is called of which nobody says a name.
pub fn folder_of(place: &Path) -> String {
    let whole = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let folder = if whole.is_dir() { Some(&*whole) } else { whole.parent() };
    let name = folder.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    folder_name(&name.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_gets_a_name_that_a_folder_can_have() {
        for (name, project) in [
            ("mnist", "mnist"),
            ("acme/mnist: 2", "acme-mnist- 2"),
            ("../..", "-.."),
            (".hidden", "hidden"),
            ("", "imported"),
            ("\u{1b}[2J", "-[2J"),
        ] {
            assert_eq!(folder_name(name), project, "{name:?}");
        }
        assert_eq!(folder_name(&"é".repeat(200)).len(), 128);
    }
}
