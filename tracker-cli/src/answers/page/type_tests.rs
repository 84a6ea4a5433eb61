//! The types of the page are made from the answers, and compared with what is committed.

use std::{env, fs, path::Path};

use ts_rs::{Config, TS};

use crate::answers::{
    flight::{Flights, Flown, Found, Recorded},
    page::{
        code::{Code, RunCode, RunPatch},
        comparison::{Comparison, Difference, Package, Typed},
        curves::{AlertMark, CurvesHeader, Diverged, SeriesHeader, Stretch},
        edits::{KnobsAsked, Stopped},
        failed::Failed,
        lineage::{Lineage, Used, User},
        media::{
            JoinedRow, JoinedTables, LoggedMedia, MediaAt, MediaName, MediaNames, TableColumn,
            TableRows, TableValue,
        },
        recorded::{
            Artifact, Artifacts, Events, HistogramRow, Histograms, Message, MessagePage, Said,
            TextEvent,
        },
        report::{Clock, Saved},
        run::{Alert, Definition, Forked, Git, Knob, KnobChange, Run, RunDetail, Runs, Writer},
        store::{Project, Store},
    },
    problem::Problem,
    step::Step,
    summary::Summary,
    value::Value,
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

#[test]
fn the_types_of_the_page_are_those_of_the_answers() {
    let config = &Config::new().with_large_int("number");
    let types = [
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
        declared::<RunCode>(config),
        declared::<RunPatch>(config),
        declared::<Code>(config),
        declared::<Typed>(config),
        declared::<Difference>(config),
        declared::<Package>(config),
        declared::<Comparison>(config),
        declared::<Stopped>(config),
        declared::<KnobsAsked>(config),
        declared::<Stretch>(config),
        declared::<AlertMark>(config),
        declared::<Diverged>(config),
        declared::<SeriesHeader>(config),
        declared::<CurvesHeader>(config),
        declared::<Failed>(config),
        declared::<Clock>(config),
        declared::<Saved>(config),
    ];
    let text = format!("{BEGINNING}\n{}", types.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/data/types.ts");
    if env::var_os("TRACKER_TYPES").is_some_and(|wish| wish == "write") {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert_eq!(committed, text, "write them anew: {BEGINNING}");
}
