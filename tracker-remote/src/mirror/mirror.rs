//! A place as a folder that is brought.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use object_store::path::Path as Name;
use parking_lot::Mutex;
use serde_json::Value;
use tracker_core::{
    RunId, Timestamp,
    read::mount::{Mount, MountedFile},
};

use super::{
    blocks::Blocks,
    bound::{InUse, MOST_KEPT},
    cache::{self, Cache},
    heads::{Heads, tag_of},
    objects,
    run::Run,
    shown,
    studies::{STUDIES, Studies},
    write_back,
};
use crate::{
    Head, MOST_HEAD, Place,
    change::tell_lists,
    names::{ProjectNames, RunNames, decoded},
    requests::Requests,
};

/// How often heads are looked at, at most.
const HEADS_EVERY: Duration = Duration::from_secs(5);

/// How long something is looked at again by itself after somebody asked for it.
const ASKED_FOR: Duration = Duration::from_mins(10);

/// The longest that is waited between two looks while a place does not answer.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// How often copies that are too many go.
const TIDY_EVERY: Duration = Duration::from_mins(10);

/// How many runs are looked at at once.
const AT_ONCE: usize = 8;

/// The runs of a place, copied into the cache as far as somebody looks at them.
#[derive(Debug)]
pub(super) struct Mirror {
    requests: Requests,
    cache: Cache,
    in_use: InUse,
    every: Duration,
    lists_every: Duration,
    listed: Mutex<Option<Instant>>,
    projects: Mutex<HashMap<String, Arc<Project>>>,
}

#[derive(Debug)]
struct Project {
    name: String,
    heads: Mutex<Heads>,
    runs: Mutex<HashMap<RunId, Arc<Opened>>>,
    studies: Mutex<Studies>,
    asked: Mutex<Instant>,
}

#[derive(Debug)]
struct Opened {
    id: RunId,
    run: Mutex<Run>,
    asked: Mutex<Instant>,
}

impl Mirror {
    /// The mirror of a place, and the thread that keeps it as it is there.
    pub(super) fn start(place: &Place, cache: Cache, every: Duration) -> io::Result<Arc<Self>> {
        let mirror = Self::still(place, cache, every, HEADS_EVERY.max(every))?;
        let weak = Arc::downgrade(&mirror);
        thread::Builder::new().name("tracker-mirror".into()).spawn(move || keep(&weak, every))?;
        Ok(mirror)
    }

    /// The mirror of a place, which looks at it only when somebody asks.
    pub(super) fn still(
        place: &Place,
        cache: Cache,
        every: Duration,
        lists_every: Duration,
    ) -> io::Result<Arc<Self>> {
        let requests = Requests::new(place)?;
        let in_use = InUse::of(cache.root())?;
        let (listed, projects) = (Mutex::default(), Mutex::default());
        Ok(Arc::new(Self { requests, cache, in_use, every, lists_every, listed, projects }))
    }

    /// Makes a folder for each project of the place.
    pub(super) fn list_projects(&self) -> io::Result<()> {
        let mut listed = self.listed.lock();
        if listed.is_some_and(|listed| listed.elapsed() < self.lists_every) {
            return Ok(());
        }
        let known = self.cache.checked();
        let mut checked = known.clone();
        match self.requests.folders(&mut checked) {
            Ok(names) => {
                if checked != known {
                    self.cache.keep_checked(checked.as_deref())?;
                }
                for project in names.iter().filter_map(project_of) {
                    cache::make_folder(&self.cache.store().join(project))?;
                }
                *listed = Some(Instant::now());
                Ok(())
            }
            // What was seen before stays to be seen.
            Err(_) if listed.is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn project(&self, name: &str) -> Arc<Project> {
        let mut projects = self.projects.lock();
        let new = || {
            Arc::new(Project {
                name: name.to_owned(),
                heads: Mutex::new(Heads::new(&self.cache, name)),
                runs: Mutex::default(),
                studies: Mutex::new(Studies::new(&self.cache, name)),
                asked: Mutex::new(Instant::now()),
            })
        };
        Arc::clone(projects.entry(name.to_owned()).or_insert_with(new))
    }

    fn list_runs(&self, project: &str) -> io::Result<()> {
        if !is_project(project) {
            return Ok(());
        }
        let project = self.project(project);
        *project.asked.lock() = Instant::now();
        project.heads.lock().look(&self.requests, self.lists_every)
    }

    /// Brings all studies of a project. Fails if the one that is asked for cannot be used.
    fn bring_studies(&self, project: &str, asked: Option<&str>) -> io::Result<()> {
        let project = self.project(project);
        let mut studies = project.studies.lock();
        studies.look(&self.requests, self.lists_every)?;
        match asked.and_then(|study| studies.damage(study)) {
            Some(damage) => Err(io::Error::new(io::ErrorKind::InvalidData, damage)),
            None => Ok(()),
        }
    }

    /// The run, looked at now or a moment ago.
    fn open(&self, project: &str, run: &RunId) -> io::Result<Arc<Opened>> {
        let project = self.project(project);
        *project.asked.lock() = Instant::now();
        let opened = project.opened(run, || self.folder(&project.name, run));
        *opened.asked.lock() = Instant::now();
        // The thread looks by itself; this is for what it did not come to.
        self.look(&project, &opened, self.every * 5)?;
        Ok(opened)
    }

    fn folder(&self, project: &str, run: &RunId) -> PathBuf {
        self.cache.store().join(project).join(run.as_str())
    }

    fn look(&self, project: &Project, opened: &Opened, at_most_every: Duration) -> io::Result<()> {
        let known = {
            let mut heads = project.heads.lock();
            if heads.known(&opened.id).is_none() {
                heads.look(&self.requests, self.lists_every)?;
            }
            heads.known(&opened.id).cloned().unwrap_or_default()
        };
        opened.run.lock().look(&self.requests, (&known.tag, known.lives), at_most_every)
    }

    /// Brings a file or folder of a run.
    fn bring_of_run(&self, project: &str, run: &RunId, names: &[&str]) -> io::Result<()> {
        let path = names.join("/");
        let local = self.folder(project, run).join(&path);
        let is_there = cache::length(&local).is_some();
        match names {
            [name] if objects::is_of_the_head(name) => return Ok(()),
            ["followers", ..]
            | ["live"]
            | ["live", _, "lock" | "heartbeat" | "ring" | "sealing"] => {
                return Ok(());
            }
            // Its head names all that a run's folder has itself.
            [name] if !is_there && !["scalars", "media", "files"].contains(name) => return Ok(()),
            ["live", _, log] if log.starts_with("log-") => return Ok(()),
            _ => {}
        }
        let opened = self.open(project, run)?;
        let mut held = opened.run.lock();
        // Before it is looked at: from now on nobody takes it away.
        self.in_use.reads(&local);
        if held.grows(&path) {
            return held.fill(&self.requests, &path);
        }
        let Some((name, length)) = held.file(&path).map(|(name, file)| (name, file.length)) else {
            return Ok(());
        };
        drop(held);
        if !cache::is_placeholder(&local) {
            return Ok(());
        }
        let copied = cache::replace(&local, |file| self.requests.copy(&name, 0..length, file));
        copied.inspect_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                opened.run.lock().forget();
            }
        })
    }

    /// Looks again at all that somebody looks at. Whether the place answered.
    fn refresh(&self) -> bool {
        let projects: Vec<Arc<Project>> = self.projects.lock().values().cloned().collect();
        let mut answered = true;
        for project in projects.iter().filter(|project| is_recent(&project.asked)) {
            let looked = project.heads.lock().look(&self.requests, self.lists_every);
            answered &= looked.is_ok();
            let opened: Vec<Arc<Opened>> = project.runs.lock().values().cloned().collect();
            let lives = |opened: &Arc<Opened>| {
                let heads = project.heads.lock();
                is_recent(&opened.asked) && heads.known(&opened.id).is_some_and(|known| known.lives)
            };
            let living: Vec<Arc<Opened>> = opened.into_iter().filter(lives).collect();
            for some in living.chunks(AT_ONCE) {
                thread::scope(|scope| {
                    for opened in some {
                        // Whoever reads it is told what does not work.
                        scope.spawn(move || self.look(project, opened, self.every / 2).ok());
                    }
                });
            }
        }
        answered
    }
}

impl Project {
    fn opened(&self, run: &RunId, folder: impl FnOnce() -> PathBuf) -> Arc<Opened> {
        let mut runs = self.runs.lock();
        let new = || {
            let run_of = Run::new(&self.name, run, folder());
            let asked = Mutex::new(Instant::now());
            Arc::new(Opened { id: run.clone(), run: Mutex::new(run_of), asked })
        };
        Arc::clone(runs.entry(run.clone()).or_insert_with(new))
    }
}

impl Mount for Mirror {
    fn place(&self) -> String {
        self.requests.place().to_string()
    }

    fn object(&self, below: &Path) -> String {
        let names = names(below);
        match &*names {
            [project, STUDIES, study, ..] => ProjectNames::new(project).study(study).to_string(),
            [project, run, file @ ..] if let Ok(run) = run.parse() => {
                origin(&ProjectNames::new(project).run(&run), file)
            }
            _ => names.join("/"),
        }
    }

    fn bring(&self, below: &Path) -> io::Result<()> {
        match &*names(below) {
            [] => self.list_projects(),
            [project] => self.list_runs(project),
            [project, STUDIES, names @ ..] if is_project(project) => {
                self.bring_studies(project, names.first().copied())
            }
            [project, run, names @ ..] if is_project(project) => {
                let Ok(run) = run.parse() else { return Ok(()) };
                if names.is_empty() { Ok(()) } else { self.bring_of_run(project, &run, names) }
            }
            _ => Ok(()),
        }
    }

    fn part(&self, below: &Path) -> io::Result<Option<Arc<dyn MountedFile>>> {
        let names = names(below);
        let [project, run, "scalars", part] = &*names else { return Ok(None) };
        let Ok(run) = run.parse() else { return Ok(None) };
        let opened = self.open(project, &run)?;
        let local = self.folder(project, &run).join("scalars").join(part);
        if cache::length(&local).is_some() && !cache::is_placeholder(&local) {
            return Ok(None);
        }
        let held = opened.run.lock();
        let Some((name, file)) = held.file(&format!("scalars/{part}")) else { return Ok(None) };
        let part = Blocks::new(&self.requests, &self.cache, name, &file.tag, file.length);
        Ok(Some(Arc::new(part)))
    }

    fn append(&self, below: &Path, line: &Value) -> io::Result<()> {
        let names = names(below);
        let refused = || {
            let text = format!("only edits and requests to runs are written to {}", self.place());
            io::Error::new(io::ErrorKind::ReadOnlyFilesystem, text)
        };
        let [project, run, file @ (shown::EDITS | shown::CONTROL)] = &*names else {
            return Err(refused());
        };
        let run: RunId = run.parse().map_err(|_| refused())?;
        let names = ProjectNames::new(project);
        let head = names.run(&run).head();
        write_back::append(&self.requests, &head, file, line)?;
        if *file == shown::EDITS {
            tell_lists(&self.requests, &names);
        }
        // It is written: that it cannot be seen yet is no failure.
        let Ok(Some(got)) = self.requests.get_if_changed(&head, None, MOST_HEAD as u64) else {
            return Ok(());
        };
        let changed = Head::read(head.as_ref(), &got.bytes);
        let now = Timestamp::now().as_micros();
        let project = self.project(project);
        let mut heads = project.heads.lock();
        heads.take(&run, &tag_of(&got), got.modified, changed.as_ref(), now)
    }

    fn missing(&self, run: &Path) -> Vec<String> {
        let names = names(run);
        let [project, run] = &*names else { return Vec::new() };
        let Some(project) = self.projects.lock().get(*project).cloned() else { return Vec::new() };
        let opened = run.parse().ok().and_then(|run: RunId| project.runs.lock().get(&run).cloned());
        opened.map_or_else(Vec::new, |opened| opened.run.lock().missing().to_vec())
    }
}

/// Where what a run's folder has by this path comes from: an object, or the beginning of the names of several.
fn origin(names: &RunNames, path: &[&str]) -> String {
    match path {
        [] => names.all().to_string(),
        [name] if objects::is_of_the_head(name) => names.head().to_string(),
        ["scalars" | "media", ..] => names.file(&path.join("/")).to_string(),
        ["files", ..] => names.manifest().to_string(),
        _ => format!("{}/grow/{}", names.all(), path.join("/")),
    }
}

/// Keeps a mirror as the place is, for as long as somebody has it.
fn keep(mirror: &Weak<Mirror>, every: Duration) {
    let (mut pause, mut tidied) = (every, None::<Instant>);
    loop {
        thread::sleep(pause);
        let Some(mirror) = mirror.upgrade() else { return };
        if tidied.is_none_or(|tidied| tidied.elapsed() > TIDY_EVERY) {
            mirror.in_use.tidy(MOST_KEPT);
            tidied = Some(Instant::now());
        }
        pause = if mirror.refresh() { every } else { (pause * 2).min(LONGEST_PAUSE) };
    }
}

fn is_recent(asked: &Mutex<Instant>) -> bool {
    asked.lock().elapsed() < ASKED_FOR
}

/// The names of a path, none of which leads elsewhere.
fn names(path: &Path) -> Vec<&str> {
    path.iter().filter_map(|name| name.to_str()).collect()
}

/// Whether a project may have this name.
fn is_project(name: &str) -> bool {
    shown::is_plain(name) && name.len() <= 128
}

/// The project whose objects are below this name.
pub(crate) fn project_of(prefix: &Name) -> Option<String> {
    let name = decoded(prefix.as_ref())?;
    // A name can be written in several ways, those of ours only in one.
    let is_ours = ProjectNames::new(&name).heads().as_ref() == format!("{prefix}/heads");
    (is_project(&name) && is_ours).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_known_by_the_name_of_its_objects() {
        let of = |project: &str| Name::from_iter([project]);
        for project in ["mnist", "a project", "Grünkohl 2", "100%"] {
            assert_eq!(project_of(&of(project)).as_deref(), Some(project));
        }
        for bad in ["..", ".hidden", "a:b", "a\nb"] {
            assert_eq!(project_of(&of(bad)), None, "{bad:?}");
        }
    }
}
