//! From an origin to a run that takes points.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Map, Value};

use crate::{
    Result, State, Timestamp,
    error::IoContext,
    event::problems::Problems,
    format::{
        folder::StorePath,
        layout::{check_project, default_root},
        run_file::RunFile,
    },
    import::{
        facts::{bound, kept, told, word},
        hidden,
        importing::{Importing, NewImporting},
        origin,
    },
    read::Store,
    store::make_root,
};

/// What another tool says of a run. Nothing is written before [`start`](Import::start).
#[derive(Debug)]
#[must_use = "an import begins with `.start()`"]
pub struct Import {
    project: String,
    origin: String,
    root: Option<PathBuf>,
    name: Option<String>,
    group: Option<String>,
    notes: Option<String>,
    tags: Vec<String>,
    config: Map<String, Value>,
    about: BTreeMap<String, Map<String, Value>>,
    from: Option<String>,
    tool: Option<String>,
    started_at: Option<Timestamp>,
}

impl Import {
    /// A run of a project, known by its origin: a text that is the same whenever the run is looked at, and that no other
    /// run has, such as `wandb/acme/mnist/3xk2`.
    pub fn new(project: impl Into<String>, origin: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            origin: origin.into(),
            root: None,
            name: None,
            group: None,
            notes: None,
            tags: Vec::new(),
            config: Map::new(),
            about: BTreeMap::new(),
            from: None,
            tool: None,
            started_at: None,
        }
    }

    /// Its name, as far as it is one. Without it, the last word of the origin.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The group it belongs to.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// What it is about, at most 64 KiB.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Words to find it by.
    pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// The training's settings.
    pub fn config(mut self, config: Map<String, Value>) -> Self {
        self.config = config;
        self
    }

    /// Facts of a topic, such as the machine that it trained on.
    pub fn about(mut self, topic: impl Into<String>, facts: Map<String, Value>) -> Self {
        self.about.entry(topic.into()).or_default().extend(facts);
        self
    }

    /// The file or folder that it comes from, for people.
    pub fn from(mut self, place: impl Into<String>) -> Self {
        self.from = Some(place.into());
        self
    }

    /// The tool that kept it, for people.
    pub fn tool(mut self, tool: impl Into<String>) -> Self {
        self.tool = Some(tool.into());
        self
    }

    /// When it started. Without it, the time of the first thing that it logged.
    pub fn started_at(mut self, time: Timestamp) -> Self {
        self.started_at = Some(time);
        self
    }

    /// Imports into this store in place of `TRACKER_DIR` and the nearest `.tracker`.
    pub fn dir(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Begins to write, in a hidden folder of the store. Clears up after imports that were killed.
    ///
    /// # Errors
    /// If the project's name cannot be used, the store cannot be written, or a run of this id is there that is no import
    /// of this origin or that somebody has trained on: it is left as it is.
    pub fn start(self) -> Result<Importing> {
        check_project(&self.project)?;
        let root = match &self.root {
            Some(root) => std::path::absolute(root).io_context("find", root, "name a folder")?,
            None => default_root()?,
        };
        let hint = "set TRACKER_DIR to a folder that can be written";
        make_root(&StorePath::named(&*root)).io_context("create", &root, hint)?;
        let store = Store::open(root)?;
        hidden::clear(&store)?;
        let earlier = origin::earlier(&store, &self.origin)?;
        let problems = Problems::default();
        let started_at = self.started_at;
        let (origin, project) = (self.origin.clone(), self.project.clone());
        let file = self.run_file(&problems);
        let new = NewImporting { store, origin, project, earlier, file, problems, started_at };
        Importing::begin(new)
    }

    fn run_file(self, problems: &Problems) -> RunFile {
        let last_word = || self.origin.rsplit(['/', '\\']).find_map(word);
        let name = self.name.as_deref().and_then(word).or_else(last_word);
        let mut about: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for (topic, facts) in self.about {
            about.insert(topic, kept(facts, "fact", problems));
        }
        let said = [
            ("from", self.from.as_deref()),
            (origin::ORIGIN, Some(&*self.origin)),
            ("tool", self.tool.as_deref()),
        ];
        let said =
            said.into_iter().filter_map(|(name, fact)| Some((name.to_owned(), fact?.into())));
        about.insert(origin::TOPIC.to_owned(), said.collect());
        let started_at = told(self.started_at.unwrap_or(Timestamp(0)));
        let id = origin::id(&self.origin, started_at);
        let name = name.unwrap_or_else(|| origin::TOPIC.to_owned());
        let mut file = RunFile {
            group: self.group,
            notes: self.notes,
            tags: self.tags,
            config: self.config,
            about,
            ..RunFile::new(id, self.project, name, (State::Ended, started_at))
        };
        bound(&mut file, problems);
        file
    }
}
