//! Where calls of tools are answered.

use std::path::PathBuf;

use axum::http::StatusCode;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::{
    mcp::{
        arguments::Arguments,
        bounded::{self, MOST, USUAL},
        change::Change,
        tool::Tool,
        tools::{
            compare, curve, describe_run, diagnose, diverge, enqueue, find_runs, note, set, stop,
            study, tag, wait_until,
        },
    },
    ui::{
        failure::{Answer, Failure},
        guard::{base_path::BasePath, guard::Guard, names::Names, writing::Writing},
        library::Library,
        state::App,
    },
};

/// Those who wait at the same time.
const MOST_WAITING: usize = 16;

/// The store, and what may be done with it.
#[derive(Debug)]
pub(crate) struct Desk {
    app: App,
    allowed: Vec<Change>,
    waiting: Semaphore,
}

/// What a call is answered, and whether that is a failure.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

/// Who answers a call.
enum Answers {
    /// On a thread that may wait for a disk.
    Reading(fn(&App, &Arguments) -> Answer<Value>),
    /// By looking again and again.
    Waiting,
}

/// The tools, in the order in which they are listed.
static TOOLS: [(&Tool, Answers); 13] = [
    (&find_runs::TOOL, Answers::Reading(find_runs::answer)),
    (&describe_run::TOOL, Answers::Reading(describe_run::answer)),
    (&curve::TOOL, Answers::Reading(curve::answer)),
    (&compare::TOOL, Answers::Reading(compare::answer)),
    (&diverge::TOOL, Answers::Reading(diverge::answer)),
    (&diagnose::TOOL, Answers::Reading(diagnose::answer)),
    (&study::TOOL, Answers::Reading(study::answer)),
    (&wait_until::TOOL, Answers::Waiting),
    (&note::TOOL, Answers::Reading(note::answer)),
    (&tag::TOOL, Answers::Reading(tag::answer)),
    (&stop::TOOL, Answers::Reading(stop::answer)),
    (&enqueue::TOOL, Answers::Reading(enqueue::answer)),
    (&set::TOOL, Answers::Reading(set::answer)),
];

impl Desk {
    /// A desk beside a page, which shares what that has read.
    pub(crate) fn of(app: App, allowed: Vec<Change>) -> Self {
        Self { app, allowed, waiting: Semaphore::new(MOST_WAITING) }
    }

    /// A desk of its own. Nobody reaches its server, which has none.
    pub(crate) fn alone(root: PathBuf, allowed: Vec<Change>) -> Self {
        let names = Names::new(std::net::Ipv4Addr::LOCALHOST.into(), 0, Vec::new());
        let guard = Guard { names, port: 0, base: BasePath::default(), access: None };
        let writing = if allowed.is_empty() { Writing::Nothing } else { Writing::Own };
        Self::of(App::new(Library::new(root), guard, writing), allowed)
    }

    /// The tools that may be called.
    pub(crate) fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        self.known().map(|(tool, _)| *tool)
    }

    fn known(&self) -> impl Iterator<Item = &'static (&'static Tool, Answers)> {
        let is_there = move |known: &&(&Tool, Answers)| {
            known.0.change.is_none_or(|change| self.allowed.contains(&change))
        };
        TOOLS.iter().filter(is_there)
    }

    /// What a call of a tool is answered; `None` if there is no such tool.
    pub(crate) async fn call(&self, name: &str, given: Map<String, Value>) -> Option<Told> {
        let (tool, answers) = self.known().find(|known| known.0.name == name)?;
        Some(match self.answer(tool, answers, given).await {
            Ok(text) => Told { text, is_error: false },
            Err(failure) => {
                let (error, hint) = failure.words();
                Told { text: bounded::failure(error, hint), is_error: true }
            }
        })
    }

    async fn answer(
        &self,
        tool: &'static Tool,
        answers: &Answers,
        given: Map<String, Value>,
    ) -> Answer<String> {
        let arguments = Arguments::of(tool, given)?;
        // Who names a number of items, or reads on, wants more than the usual.
        let wants_much = ["most", "buckets", "list"].into_iter().any(|name| arguments.has(name));
        let wanted = if wants_much { MOST } else { USUAL };
        let answer = match *answers {
            Answers::Reading(answer) => self.app.read(move |app| answer(app, &arguments)).await?,
            Answers::Waiting => {
                let _place = self.waiting.try_acquire().map_err(|_| too_many())?;
                wait_until::answer(&self.app, &arguments).await?
            }
        };
        bounded::text_of(answer, wanted)
    }
}

fn too_many() -> Failure {
    let error = format!("{MOST_WAITING} calls wait already");
    Failure::new(StatusCode::TOO_MANY_REQUESTS, error, "wait in one call for several runs")
}
