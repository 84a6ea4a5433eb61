//! The types of the page are made from the answers, and compared with what is committed.

use std::{env, fs, path::Path};

use tracker_core::stats::StudentT;
use ts_rs::{Config, TS};

use crate::answers::{
    flight::{Flights, Flown, Found, Recorded},
    importance::{ImportanceShare, StudyImportance},
    page::{
        at::{Mark, Marks, MediaAtStep, NamedHistogram, RunMarks, StepAt, Turned, ValueAt},
        code::{Code, RunCode, RunPatch},
        comparison::{Comparison, Difference, Package, Typed},
        curves::{AlertMark, CurvesHeader, Diverged, SeriesHeader, Stretch},
        divergence::{AloneIn, Differing, DifferingValue, Divergence},
        edits::{KnobsAsked, Stopped},
        failed::Failed,
        groups::{
            GroupCell, GroupColumn, GroupMember, GroupMetric, GroupTable, RunGroup, RunGroups,
        },
        lineage::{Lineage, Used, User},
        many::{Change, Changes, Many, NotDone, ProjectNotes},
        media::{
            JoinedRow, JoinedTables, LoggedMedia, MediaAt, MediaName, MediaNames, TableColumn,
            TableRows, TableValue,
        },
        recorded::{
            Artifact, Artifacts, Events, HistogramRow, Histograms, Message, MessagePage, Said,
            TextEvent,
        },
        report::{Clock, OpensWith, Saved},
        run::{
            Alert, Definition, Forked, Git, Knob, KnobChange, Run, RunDetail, Runs, SinceLast,
            Writer,
        },
        store::{Project, Store},
        studies::{
            Studies, StudyCondition, StudyDetail, StudyInList, StudyInShort, StudyMetric,
            StudyParameter, StudySurface, StudyTrial,
        },
        views::{NamedView, RemovedView, ViewInList, Views},
    },
    problem::Problem,
    step::Step,
    summary::Summary,
    trial_counts::TrialCounts,
    value::Value,
    verdict::{Ruling, Spread, Verdict},
};
use crate::view::live::Live;

/// What is no answer by itself.
const BEGINNING: &str = "\
/**
 * What the server answers (docs/http-api.md), made from tracker-cli/src/answers/page:
 *
 *     TRACKER_TYPES=write cargo test -p tracker-cli the_types_of_the_page
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Definitions = { [metric: string]: Definition };
export type StoredMedia = { sha256: string; ext: string; bytes: number };
/** Recall or share of false alarms, precision or share of what is found, and the threshold. */
export type CurvePoint = [x: number, y: number, threshold: number | null];
export type PlottedCurve = { area: number; positives: number; negatives: number; points: CurvePoint[] };
export type MediaItem =
  | ({ type: \"image\"; width: number; height: number; caption?: string } & StoredMedia)
  | ({ type: \"table\"; rows: number; columns: number } & StoredMedia)
  | ({ type: \"file\"; caption?: string } & StoredMedia)
  | { type: \"confusion_matrix\"; names: string[]; counts: number[]; outside?: number }
  | ({ type: \"pr_curve\" | \"roc_curve\" } & PlottedCurve)
  | { type: \"unknown\" };
export type ChangedFile = { path: string; status: string; from?: string };
";

fn declared<T: TS>(config: &Config) -> String {
    format!("{}export {}\n", T::docs().unwrap_or_default(), T::decl(config))
}

/// What runs are and hold.
fn of_runs(config: &Config) -> Vec<String> {
    vec![
        declared::<Value>(config),
        declared::<Step>(config),
        declared::<Project>(config),
        declared::<Store>(config),
        declared::<Summary<Step>>(config),
        declared::<Git>(config),
        declared::<Live>(config),
        declared::<Run>(config),
        declared::<Definition>(config),
        declared::<Runs>(config),
        declared::<Writer>(config),
        declared::<Problem>(config),
        declared::<Alert>(config),
        declared::<KnobChange>(config),
        declared::<Knob>(config),
        declared::<Forked>(config),
        declared::<SinceLast>(config),
        declared::<RunDetail>(config),
        declared::<Message>(config),
        declared::<Said>(config),
        declared::<MessagePage>(config),
        declared::<TextEvent>(config),
        declared::<Events>(config),
        declared::<HistogramRow>(config),
        declared::<Histograms>(config),
        declared::<Artifact>(config),
        declared::<Artifacts>(config),
        declared::<Used>(config),
        declared::<User>(config),
        declared::<Lineage>(config),
        declared::<MediaName>(config),
        declared::<Found>(config),
        declared::<Flown>(config),
        declared::<Recorded>(config),
        declared::<Flights>(config),
        declared::<MediaNames>(config),
        declared::<LoggedMedia>(config),
        declared::<MediaAt>(config),
        declared::<TableValue>(config),
        declared::<TableColumn>(config),
        declared::<TableRows>(config),
        declared::<JoinedRow>(config),
        declared::<JoinedTables>(config),
        declared::<ValueAt>(config),
        declared::<MediaAtStep>(config),
        declared::<NamedHistogram>(config),
        declared::<Turned>(config),
        declared::<StepAt>(config),
        declared::<Mark>(config),
        declared::<RunMarks>(config),
        declared::<Marks>(config),
    ]
}

/// What runs are beside each other.
fn of_comparisons(config: &Config) -> Vec<String> {
    vec![
        declared::<RunCode>(config),
        declared::<RunPatch>(config),
        declared::<Code>(config),
        declared::<Typed>(config),
        declared::<Difference>(config),
        declared::<Package>(config),
        declared::<Comparison>(config),
        declared::<Spread>(config),
        declared::<Ruling>(config),
        declared::<Verdict>(config),
        declared::<GroupMember>(config),
        declared::<RunGroup>(config),
        declared::<GroupMetric>(config),
        declared::<GroupCell>(config),
        declared::<GroupColumn>(config),
        declared::<RunGroups>(config),
        declared::<GroupTable>(config),
        declared::<DifferingValue>(config),
        declared::<AloneIn>(config),
        declared::<Differing>(config),
        declared::<Divergence>(config),
    ]
}

/// What studies have tried.
fn of_studies(config: &Config) -> Vec<String> {
    vec![
        declared::<StudyMetric>(config),
        declared::<TrialCounts>(config),
        declared::<StudyInShort>(config),
        declared::<StudyInList>(config),
        declared::<Studies>(config),
        declared::<StudyCondition>(config),
        declared::<StudyParameter>(config),
        declared::<ImportanceShare>(config),
        declared::<StudyImportance>(config),
        declared::<StudyTrial>(config),
        declared::<StudyDetail>(config),
        declared::<StudySurface>(config),
    ]
}

/// Changes, curves, views and reports.
fn of_the_page(config: &Config) -> Vec<String> {
    vec![
        declared::<Stopped>(config),
        declared::<KnobsAsked>(config),
        declared::<NotDone>(config),
        declared::<Change>(config),
        declared::<Many>(config),
        declared::<Changes>(config),
        declared::<ProjectNotes>(config),
        declared::<Stretch>(config),
        declared::<AlertMark>(config),
        declared::<Diverged>(config),
        declared::<SeriesHeader>(config),
        declared::<CurvesHeader>(config),
        declared::<Failed>(config),
        declared::<ViewInList>(config),
        declared::<Views>(config),
        declared::<NamedView>(config),
        declared::<RemovedView>(config),
        declared::<Clock>(config),
        declared::<OpensWith>(config),
        declared::<Saved>(config),
    ]
}

#[test]
fn the_types_of_the_page_are_those_of_the_answers() {
    let config = &Config::new().with_large_int("number");
    let types =
        [of_runs(config), of_comparisons(config), of_studies(config), of_the_page(config)].concat();
    let text = format!("{BEGINNING}\n{}", types.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/data/types.ts");
    if env::var_os("TRACKER_TYPES").is_some_and(|wish| wish == "write") {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert_eq!(committed, text, "write them anew: {BEGINNING}");
}

/// The page draws 95 % intervals of means, for which it has no distribution of its own.
#[test]
fn the_quantiles_of_the_page_are_those_of_student() {
    let quantile = |degrees: u32| StudentT::new(f64::from(degrees)).unwrap().quantile(0.975);
    let numbers: Vec<String> =
        (1..=60).map(|degrees| format!("{:.6}", quantile(degrees))).collect();
    let lines: Vec<String> =
        numbers.chunks(10).map(|line| format!("  {},", line.join(", "))).collect();
    let text = format!(
        "/**\n * How many standard errors the 95 % interval of a mean reaches, by Student's t with 1, 2, 3 … degrees of \
         freedom, made by\n * tracker_core::stats:\n *\n *     TRACKER_TYPES=write cargo test -p tracker-cli \
         the_quantiles_of_the_page\n */\nexport const REACH_OF_95: readonly number[] = [\n{}\n];\n",
        lines.join("\n")
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/data/student.ts");
    if env::var_os("TRACKER_TYPES").is_some_and(|wish| wish == "write") {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "write them anew");
}
