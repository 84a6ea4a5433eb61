//! `wait_until`: waits for runs that a query finds.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tracker_core::State;

use crate::{
    answers::agent::{page::Page, run::FoundRuns},
    mcp::{
        arguments::Arguments,
        named_runs,
        tool::{Parameter, Takes, Tool},
        tools::{
            find_runs::MOST_WARNINGS,
            found::{Found, candidates},
        },
    },
    ui::{
        failure::{Answer, Failure},
        state::App,
    },
};

/// How long is waited, where nobody says, and at most: clients give up after a minute.
const USUAL_SECONDS: u64 = 30;
const MOST_SECONDS: u64 = 50;

/// How often is looked, at most and at least.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A look takes at most one part in so many of the time.
const PAUSES_A_LOOK: u32 = 20;

/// The runs that are told of.
const MOST_RUNS: usize = 20;

pub(crate) static TOOL: Tool = Tool {
    name: "wait_until",
    title: "Wait for a run",
    about: "Waits until a run fits a condition, in the language of find_runs, and answers at once if one does: \
            `state = finished`, `state != running`, `valid/loss < 0.1`, `diverged = true`. Name a `run`, or the \
            condition holds as soon as any run of the store fits. After `seconds` it answers `met: false`: call again \
            to wait on. Better than asking in a loop.",
    parameters: &[
        Parameter::needed("condition", Takes::Text, "What a run must be, as find_runs takes it."),
        Parameter::optional("run", Takes::Text, "The run to wait for: id, name or @latest."),
        Parameter::optional(
            "seconds",
            Takes::Whole(0, MOST_SECONDS),
            "How long to wait at most; 30 unless said.",
        ),
    ],
    change: None,
};

/// What is waited for.
#[derive(Clone)]
struct Wanted {
    condition: String,
    /// The id of the run that is meant alone.
    run: Option<String>,
}

pub(crate) async fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let condition = arguments.needed("condition")?;
    let seconds = arguments.whole("seconds")?.unwrap_or(USUAL_SECONDS);
    let reference = arguments.text("run")?;
    let find = move |app: &App| match reference {
        Some(reference) => Ok(Some(named_runs::one(app, &reference)?.info().id.to_string())),
        None => Ok(None),
    };
    let wanted = Wanted { condition, run: app.read(find).await? };
    let begun = Instant::now();
    let end = begun + Duration::from_secs(seconds);
    loop {
        let look = Instant::now();
        let asked = wanted.clone();
        let found = app.read(move |app| asked.look(app)).await?;
        let is_over = Instant::now() >= end;
        match found {
            Ok(found) if is_over || !found.runs.is_empty() => {
                return Ok(told(&found, begun.elapsed()));
            }
            Err(unclear) if is_over || !unclear.may_pass => return Err(unclear.failure),
            Ok(_) | Err(_) => {}
        }
        let pause = (look.elapsed() * PAUSES_A_LOOK).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
    }
}

/// A condition that makes no sense, or not yet: a training may be about to log its metric.
struct Unclear {
    failure: Failure,
    may_pass: bool,
}

impl Wanted {
    fn look(&self, app: &App) -> Answer<Result<Found, Unclear>> {
        let (mut runs, warnings) = candidates(app)?;
        if let Some(id) = &self.run {
            runs.retain(|run| run.run.info().id.as_str() == id);
        }
        let may_pass = runs.iter().any(|run| run.run.state() == State::Running);
        let found = Found::of((runs, warnings), &self.condition, None);
        Ok(found.map_err(|failure| Unclear { failure, may_pass }))
    }
}

fn told(found: &Found, waited: Duration) -> Value {
    let of = found.runs.len() as u64;
    let items: Vec<_> = found.runs.iter().take(MOST_RUNS).map(|run| run.told(None)).collect();
    let next = items.len() as u64;
    json!(FoundRuns {
        met: Some(!found.runs.is_empty()),
        waited_seconds: Some(waited.as_secs_f64()),
        runs: Page { items, of, next: (next < of).then_some(next) },
        notes: found.notes.clone(),
        warnings: Page::new(found.warnings.clone(), 0, MOST_WARNINGS),
    })
}
