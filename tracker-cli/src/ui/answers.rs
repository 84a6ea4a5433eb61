//! What the server answers, as JSON has it. The page's types are made from these: see the test.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};
use tracker_core::{
    Definition as Known, Direction, Level, Problem as CoreProblem, Step as CoreStep,
    Summary as CoreSummary, Timestamp,
    read::{ChangedFile, PatchKept, Provenance},
    text::number_to_json,
};

use crate::{ui::json::GREATEST_EXACT, view::run_json::VERSION};

/// An answer, with the version of its form.
#[derive(Debug, Serialize)]
pub(crate) struct Versioned<T> {
    version: u32,
    #[serde(flatten)]
    answer: T,
}

impl<T> Versioned<T> {
    pub(crate) fn new(answer: T) -> Self {
        Self { version: VERSION, answer }
    }
}

/// A number, or the word of one that JSON has no literal for.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = r#"number | "NaN" | "Infinity" | "-Infinity""#))]
pub(crate) struct Value(pub(crate) f64);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number_to_json(self.0).serialize(serializer)
    }
}

/// A step, as digits where JavaScript has no such integer.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "number | string"))]
pub(crate) struct Step(pub(crate) CoreStep);

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(CoreStep(step)) = *self;
        if step <= GREATEST_EXACT {
            serializer.serialize_u64(step)
        } else {
            serializer.collect_str(&step)
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) runs: u64,
    pub(crate) running: u64,
    #[cfg_attr(test, ts(type = "string | null"))]
    pub(crate) last_started_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Store {
    pub(crate) tracker: &'static str,
    pub(crate) root: String,
    pub(crate) read_only: bool,
    pub(crate) read_only_because: Option<&'static str>,
    pub(crate) projects: Vec<Project>,
    pub(crate) warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Summary {
    pub(crate) last: Value,
    pub(crate) min: Option<Value>,
    pub(crate) max: Option<Value>,
    pub(crate) best: Option<Value>,
    pub(crate) count: u64,
    pub(crate) step: Step,
}

impl Summary {
    /// The best value is that by `direction`, if there is one.
    pub(crate) fn of(summary: &CoreSummary, direction: Option<Direction>) -> Self {
        Self {
            last: Value(summary.last),
            min: summary.min.map(Value),
            max: summary.max.map(Value),
            best: direction.and_then(|direction| summary.best_by(direction)).map(Value),
            count: summary.count,
            step: Step(summary.step),
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Git {
    pub(crate) commit: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) dirty: Option<bool>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) short_id: String,
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) group: Option<String>,
    pub(crate) state: &'static str,
    pub(crate) message: Option<String>,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) started_at: Timestamp,
    #[cfg_attr(test, ts(type = "string | null"))]
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) seconds: Option<f64>,
    /// The same without the pauses of a resumed run.
    pub(crate) trained_seconds: Option<f64>,
    pub(crate) notes: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) rank: Option<u16>,
    /// How many runs of its project started before it.
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) ordinal: Option<u64>,
    pub(crate) host: String,
    pub(crate) user: Option<String>,
    pub(crate) git: Option<Git>,
    #[cfg_attr(test, ts(type = "{ [key: string]: Json }"))]
    pub(crate) config: Map<String, Json>,
    /// By path, as JSON has them: the settings that JavaScript would show as something else.
    #[cfg_attr(test, ts(type = "{ [path: string]: string }"))]
    pub(crate) config_exact: Map<String, Json>,
    #[cfg_attr(test, ts(type = "{ [metric: string]: Summary }"))]
    pub(crate) summary: BTreeMap<String, Summary>,
    pub(crate) problems: usize,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Definition {
    pub(crate) unit: Option<String>,
    #[cfg_attr(test, ts(type = r#""lower" | "higher" | null"#))]
    pub(crate) direction: Option<Direction>,
    pub(crate) display_name: Option<String>,
    pub(crate) hidden: bool,
}

impl From<&Known> for Definition {
    fn from(known: &Known) -> Self {
        Self {
            unit: known.unit.clone(),
            direction: known.direction,
            display_name: known.display_name.clone(),
            hidden: known.hidden,
        }
    }
}

pub(crate) type Definitions = BTreeMap<String, Definition>;

#[expect(clippy::struct_field_names, reason = "the names of the HTTP API")]
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Runs {
    pub(crate) warnings: Vec<String>,
    pub(crate) runs: Vec<Run>,
    #[cfg_attr(test, ts(type = "Definitions"))]
    pub(crate) definitions: Definitions,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Writer {
    pub(crate) rank: u16,
    pub(crate) attempt: u16,
    pub(crate) state: &'static str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Problem {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) hint: String,
    pub(crate) count: u64,
}

impl From<&CoreProblem> for Problem {
    fn from(problem: &CoreProblem) -> Self {
        let CoreProblem { kind, message, hint, count, .. } = problem.clone();
        Self { kind, message, hint, count }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunDetail {
    #[serde(flatten)]
    pub(crate) run: Run,
    #[cfg_attr(test, ts(type = "{ [key: string]: Json }"))]
    pub(crate) provenance: Provenance,
    #[cfg_attr(test, ts(type = "{ [key: string]: Json }"))]
    pub(crate) about: Map<String, Json>,
    #[cfg_attr(test, ts(type = "{ [path: string]: string }"))]
    pub(crate) about_exact: Map<String, Json>,
    pub(crate) writers: Vec<Writer>,
    pub(crate) problem_list: Vec<Problem>,
    #[cfg_attr(test, ts(type = "Definitions"))]
    pub(crate) definitions: Definitions,
    pub(crate) metrics: Vec<String>,
    pub(crate) histograms: Vec<String>,
    pub(crate) texts: Vec<String>,
    pub(crate) artifacts: usize,
    /// Null while nobody knows.
    pub(crate) listens_to_stop: Option<bool>,
    /// Nothing of this run is changed here.
    pub(crate) read_only: bool,
    pub(crate) code: Option<RunCode>,
    /// What of it could not be read.
    pub(crate) warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Message {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) level: Level,
    pub(crate) text: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct TextEvent {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) name: String,
    pub(crate) step: Step,
    pub(crate) text: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Events {
    pub(crate) messages: Vec<Message>,
    pub(crate) texts: Vec<TextEvent>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct HistogramRow {
    pub(crate) step: Step,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) min: Value,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) max: Value,
    pub(crate) counts: Vec<u64>,
    pub(crate) not_finite: u64,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Histograms {
    pub(crate) rows: Vec<HistogramRow>,
    pub(crate) of: usize,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Artifact {
    pub(crate) name: String,
    pub(crate) version: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) bytes: Option<u64>,
    pub(crate) sha256: Option<String>,
    pub(crate) step: Option<Step>,
    pub(crate) epoch: Option<u64>,
    #[cfg_attr(test, ts(type = "{ [metric: string]: Value }"))]
    pub(crate) metrics: BTreeMap<String, Value>,
    pub(crate) aliases: Vec<String>,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) deleted: bool,
    /// Where its file is fetched, or the picture itself in a report; null where it cannot be.
    pub(crate) content: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Artifacts {
    pub(crate) artifacts: Vec<Artifact>,
}

/// What a run's own page has of its code; the patch is asked for when it is read.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunCode {
    pub(crate) commit: Option<String>,
    #[cfg_attr(test, ts(type = "Array<ChangedFile>"))]
    pub(crate) files: Vec<ChangedFile>,
    pub(crate) files_cut: bool,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) patch_kept: PatchKept,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunPatch {
    pub(crate) diff: Option<String>,
    pub(crate) diff_cut: bool,
}

/// What a comparison has of a run's code.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Code {
    pub(crate) commit: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) dirty: Option<bool>,
    /// Null where nobody knows.
    #[cfg_attr(test, ts(type = "Array<ChangedFile> | null"))]
    pub(crate) files: Option<Vec<ChangedFile>>,
    pub(crate) files_cut: bool,
    pub(crate) diff: Option<String>,
    pub(crate) diff_cut: bool,
}

/// A value and its kind: 1 is not `"1"`, and missing is not null.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Typed {
    #[cfg_attr(
        test,
        ts(type = r#""missing" | "null" | "boolean" | "number" | "string" | "list" | "object""#)
    )]
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "Json"))]
    pub(crate) value: Option<Json>,
    /// As JSON has it, where JavaScript would show it as something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "string"))]
    pub(crate) exact: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) differs: bool,
    pub(crate) values: Vec<Typed>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) versions: Vec<Option<String>>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Comparison {
    pub(crate) runs: Vec<String>,
    pub(crate) config: Vec<Difference>,
    pub(crate) environment: Vec<Difference>,
    pub(crate) packages: Vec<Package>,
    pub(crate) code: Vec<Code>,
    pub(crate) warnings: Vec<String>,
}

/// What a request to stop came to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Stopped {
    pub(crate) run: String,
    pub(crate) reason: String,
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use ts_rs::{Config, TS};

    use super::*;

    /// What is no answer by itself.
    const BEGINNING: &str = "\
/**
 * What the server answers (docs/http-api.md), made from tracker-cli/src/ui/answers.rs:
 *
 *     TRACKER_TYPES=write cargo test -p tracker-cli the_types_of_the_page
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Definitions = { [metric: string]: Definition };
export type ChangedFile = { path: string; status: string; from?: string };
";

    fn declared<T: TS>(config: &Config) -> String {
        format!("{}export {}\n", T::docs().unwrap_or_default(), T::decl(config))
    }

    #[test]
    fn the_types_of_the_page_are_those_of_the_answers() {
        let config = &Config::new().with_large_int("number");
        let types = [
            declared::<Value>(config),
            declared::<Step>(config),
            declared::<Project>(config),
            declared::<Store>(config),
            declared::<Summary>(config),
            declared::<Git>(config),
            declared::<Run>(config),
            declared::<Definition>(config),
            declared::<Runs>(config),
            declared::<Writer>(config),
            declared::<Problem>(config),
            declared::<RunDetail>(config),
            declared::<Message>(config),
            declared::<TextEvent>(config),
            declared::<Events>(config),
            declared::<HistogramRow>(config),
            declared::<Histograms>(config),
            declared::<Artifact>(config),
            declared::<Artifacts>(config),
            declared::<RunCode>(config),
            declared::<RunPatch>(config),
            declared::<Code>(config),
            declared::<Typed>(config),
            declared::<Difference>(config),
            declared::<Package>(config),
            declared::<Comparison>(config),
            declared::<Stopped>(config),
        ];
        let text = format!("{BEGINNING}\n{}", types.join("\n"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/data/types.ts");
        if env::var_os("TRACKER_TYPES").is_some_and(|wish| wish == "write") {
            fs::write(&path, &text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap();
        assert_eq!(committed, text, "write them anew: {BEGINNING}");
    }
}
