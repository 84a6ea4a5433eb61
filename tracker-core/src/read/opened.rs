//! What is read of a run when it is opened.

use std::{collections::BTreeMap, io, sync::Arc};

use crate::{
    Error, Result, State, Summary, Writer,
    error::IoContext,
    format::{
        layout::{Contents, EDITS, RUN_FILE, RunPaths},
        run_file::{self, RunFile},
    },
    mounts::named,
    read::{
        Loss, RunInfo, Warning, edit_line, file_stamp::Stamp, last_words, part_cache::PartCache,
        summaries, superseded::Superseded, trouble::Trouble,
    },
    value::summary::Accumulator,
};

/// A run as it was when it was opened, and what was read of it since.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) paths: RunPaths,
    pub(super) info: RunInfo,
    /// What `run.json` says of the run's state; none if it cannot be read.
    pub(super) state: Option<State>,
    /// The run's summary, if `run.json` has one of all points.
    pub(super) summary: Option<Arc<BTreeMap<String, Summary>>>,
    pub(super) superseded: Superseded,
    stamp: Stamp,
    /// Of the file with what people edited; all zeros if there was none.
    pub(super) edits: Stamp,
    pub(super) damage: Option<Warning>,
    /// Whether its events may have told of alerts when it was opened.
    may_have_alerts: bool,
    /// Whether the run may have made use of something, as `run.json` said when it was opened.
    pub(super) may_use: bool,
    /// How often the run was started, at its opening: 1 unless it was resumed.
    pub(super) attempts: u16,
    /// Of files that were put aside before the run was opened.
    put_aside: Vec<Warning>,
    pub(super) parts: PartCache,
    pub(super) trouble: Trouble,
}

impl Opened {
    /// What is read of the run that is found by `paths` later on, and by `from` with fewer steps now.
    pub(super) fn read(paths: RunPaths, from: &RunPaths) -> Result<Self> {
        let hint = "is this a run's folder?";
        let folder = &from.hold().io_context("read", &paths.run_file(), hint)?;
        match read_run_file(folder) {
            Ok((file, stamp)) => Ok(Self::new(paths, folder, stamp, file)),
            Err(error @ Error::Damaged { .. }) => {
                let damage = error.to_string();
                Self::without_file(paths, folder, "its run.json is damaged", damage)
            }
            Err(Error::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound && !folder.claims().is_empty() =>
            {
                let damage = format!(
                    "{} has no run.json yet; the first rank writes it when it starts",
                    named(paths.folder())
                );
                Self::without_file(paths, folder, "it has no run.json yet", damage)
            }
            Err(error) => Err(error),
        }
    }

    /// A run of which nothing is known yet but this.
    fn begin(
        paths: RunPaths,
        info: RunInfo,
        stamp: Stamp,
        attempts: u16,
        put_aside: Vec<Warning>,
    ) -> Self {
        Self {
            paths,
            info,
            state: None,
            summary: None,
            superseded: Superseded::default(),
            stamp,
            edits: Stamp::default(),
            damage: None,
            may_have_alerts: true,
            may_use: true,
            attempts,
            put_aside,
            parts: PartCache::default(),
            trouble: Trouble::default(),
        }
    }

    /// What is read of an open folder, of a run that is found by `paths` later on.
    fn new(paths: RunPaths, folder: &RunPaths, stamp: Stamp, mut file: RunFile) -> Self {
        let Contents { writers, has_edits, panicked, put_aside } =
            folder.contents().unwrap_or_default();
        if file.state == State::Running && !panicked.is_empty() {
            file.message = last_words::last_words(folder, &writers, &panicked);
        }
        let covers_all = file.state != State::Running
            && writers.iter().all(|writer| file.summary_of.contains(writer));
        // The last word of the only writer counts all of them. One that crashed may not have come to it.
        let has_last_word =
            covers_all && writers.len() == 1 && !matches!(file.state, State::Crashed | State::Lost);
        let may_have_alerts = !(has_last_word && file.alerts.is_empty());
        let attempts = attempts(&writers);
        let others: Vec<Writer> =
            writers.into_iter().filter(|writer| !file.summary_of.contains(writer)).collect();
        let superseded = Superseded::of(&file.resumes);
        // One that may still live may come to use something.
        let may_use = file.uses || file.state == State::Running;
        let state = Some(file.state);
        let sums = std::mem::take(&mut file.summary);
        let put_aside = put_aside_warnings(&paths, &put_aside);
        let mut info = RunInfo::of(file);
        // One that was moved is of the project in which it lies.
        if let Some(project) = paths.project() {
            project.clone_into(&mut info.project);
        }
        let mut opened = Self {
            state,
            superseded,
            may_have_alerts,
            may_use,
            ..Self::begin(paths, info, stamp, attempts, put_aside)
        };
        opened.add_others(folder, &others);
        opened.add_edits(folder, has_edits);
        opened.summary = covers_all.then(|| Arc::new(opened.summaries(sums)));
        opened
    }

    fn without_file(
        paths: RunPaths,
        folder: &RunPaths,
        message: &str,
        damage: String,
    ) -> Result<Self> {
        let stamp = folder.stamp(RUN_FILE);
        let Contents { writers, has_edits, put_aside, .. } = folder.contents().unwrap_or_default();
        let info = RunInfo::of_folder(paths.folder(), message)?;
        let put_aside = put_aside_warnings(&paths, &put_aside);
        let mut opened = Self {
            damage: Some(Warning::new(Loss::Facts, damage)),
            ..Self::begin(paths, info, stamp, attempts(&writers), put_aside)
        };
        opened.add_others(folder, &writers);
        opened.add_edits(folder, has_edits);
        Ok(opened)
    }

    /// Takes over what people have edited since the start.
    fn add_edits(&mut self, files: &RunPaths, has_edits: bool) {
        if !has_edits {
            return;
        }
        self.edits = files.stamp(EDITS);
        match edit_line::read(files) {
            Ok(edit) => edit.apply(&mut self.info),
            Err(error) => {
                let (path, lost) = (files.place(EDITS), "name, notes and tags are as at the start");
                let warning = Warning::new(
                    Loss::Facts,
                    format!("failed to read {}: {error}; {lost}", named(&path)),
                );
                self.damage.get_or_insert(warning);
            }
        }
    }

    /// Takes over what processes know that did not write `run.json`.
    fn add_others(&mut self, files: &RunPaths, writers: &[Writer]) {
        for writer in writers {
            if let Some(summary) = summaries::of_writer(files, *writer) {
                self.info.add(summary);
            }
        }
    }

    pub(super) fn summaries(
        &self,
        sums: BTreeMap<String, Accumulator>,
    ) -> BTreeMap<String, Summary> {
        let summary = |(metric, sum): (String, Accumulator)| {
            let summary = sum.summary(self.info.definitions.get(&metric));
            (metric, summary)
        };
        sums.into_iter().map(summary).collect()
    }

    /// What is known to be damaged since the run was opened.
    pub(super) fn known_damage(&self) -> impl Iterator<Item = &Warning> {
        self.damage.iter().chain(&self.put_aside)
    }

    /// Whether its events may tell of alerts by now.
    pub(super) fn may_have_alerts(&self) -> bool {
        self.may_have_alerts || self.has_changed()
    }

    /// Whether `run.json` is another one by now.
    pub(super) fn has_changed(&self) -> bool {
        self.paths.stamp(RUN_FILE) != self.stamp
    }

    /// What has been taken back by now: a training may have been resumed since the run was opened.
    pub(super) fn superseded_now(&self) -> Superseded {
        if !self.has_changed() {
            return self.superseded.clone();
        }
        match read_run_file(&self.paths) {
            Ok((file, _)) => Superseded::of(&file.resumes),
            Err(_) => self.superseded.clone(),
        }
    }
}

fn attempts(writers: &[Writer]) -> u16 {
    writers.iter().map(|writer| writer.attempt).max().unwrap_or(1)
}

fn put_aside_warnings(paths: &RunPaths, names: &[String]) -> Vec<Warning> {
    let warning = |name: &String| {
        let path = paths.folder().join(name);
        Warning::new(
            Loss::Points,
            format!("not all of {} could be read; what could is in the run", named(&path)),
        )
    };
    names.iter().map(warning).collect()
}

/// Reads a run's `run.json`.
pub(super) fn read_run_file(files: &RunPaths) -> Result<(RunFile, Stamp)> {
    let path = files.place(RUN_FILE);
    let read = files.read(RUN_FILE, run_file::MOST_BYTES);
    let (text, stamp) = read.io_context("read", &path, run_file::HINT)?;
    Ok((RunFile::of(&text, &path)?, stamp))
}
