//! Each name that the layout knows has a kind that somebody thought of.

use std::{collections::BTreeMap, path::PathBuf};

use super::*;
use crate::{
    MediaExtension,
    format::{
        folder::StorePath,
        layout::{PartName, RunPaths},
        media_item::MediaHash,
    },
};

const WRITER: Writer = Writer { rank: 1, attempt: 2 };

/// What each function of the layout that gives a place gives, and how that changes. `None` of folders.
fn known() -> BTreeMap<&'static str, (Vec<StorePath>, Option<FileKind>)> {
    let run = RunPaths::new(PathBuf::from("run"));
    let live = run.live(WRITER);
    let part = PartName { writer: WRITER, first: 0, last: 9 };
    let hash = MediaHash::of(b"a picture");
    let before = run.code_before(WRITER).map(|(_, before)| before).to_vec();
    let one = |place: StorePath, kind: FileKind| (vec![place], Some(kind));
    let folder = |place: StorePath| (vec![place], None);
    BTreeMap::from([
        ("folder", folder(run.folder().clone())),
        ("run_file", one(run.run_file(), FileKind::Replaced)),
        ("packages", one(run.packages(), FileKind::Replaced)),
        ("code", one(run.code(), FileKind::Replaced)),
        ("code_patch", one(run.code_patch(), FileKind::Replaced)),
        ("code_before", (before, Some(FileKind::Fixed))),
        ("control", one(run.control(), FileKind::Lines)),
        ("followers", folder(run.followers())),
        ("companions", one(run.companions(), FileKind::Here)),
        ("summary", one(run.summary(WRITER), FileKind::Replaced)),
        ("events", one(run.events(WRITER), FileKind::Growing)),
        ("messages", one(run.messages(WRITER), FileKind::Growing)),
        ("panic_note", one(run.panic_note(WRITER), FileKind::Replaced)),
        ("files", folder(run.files())),
        ("media", folder(run.media())),
        ("media_file", one(run.media_file(&hash, MediaExtension::PNG), FileKind::Fixed)),
        ("scalars", folder(run.scalars())),
        ("part", one(run.part(part), FileKind::Fixed)),
        ("put_aside", one(run.put_aside("r1a2-log-0"), FileKind::Fixed)),
        ("live_all", folder(run.live_all())),
        ("left_of_no_run", (vec![run.packages()], Some(FileKind::Replaced))),
        ("lock", one(live.lock(), FileKind::Replaced)),
        ("sealing", one(live.sealing(), FileKind::Here)),
        ("heartbeat", one(live.heartbeat(), FileKind::Here)),
        ("ring_note", one(live.ring_note(), FileKind::Here)),
        ("log", one(live.log(7), FileKind::Growing)),
        ("logs", one(live.log(0), FileKind::Growing)),
    ])
}

#[test]
fn every_name_that_the_layout_knows_has_its_kind() {
    for (function, (places, kind)) in known() {
        for place in places {
            let path = place.strip_prefix("run").unwrap().to_str().unwrap().to_owned();
            if let Some(kind) = kind {
                assert_eq!(file_kind(&path), kind, "{function}: {path}");
                let unfinished = file_kind(&format!("{path}.tmp"));
                assert_eq!(unfinished, FileKind::Here, "{path}.tmp");
            }
        }
    }
}

/// Whoever gives the layout a new place decides here how it is carried elsewhere.
#[test]
fn no_place_of_the_layout_is_forgotten() {
    let known = known();
    let source = include_str!("layout.rs");
    let source = source.split("#[cfg(test)]").next().unwrap();
    for declared in source.split("pub(crate) fn ").skip(1) {
        let signature = declared.split('{').next().unwrap();
        let (name, result) = (declared.split('(').next().unwrap(), signature.split("->").nth(1));
        if result.is_some_and(|result| result.contains("StorePath")) {
            assert!(known.contains_key(name), "`{name}` has no kind: say how its file is carried");
        }
    }
}

#[test]
fn what_tracker_did_not_name_stays_here() {
    let hash = "a".repeat(64);
    for path in [
        "notes.txt",
        "live/r0a1/ring.slots",
        "live/.new-r0a1/lock",
        "live/r00a1/log-0",
        "live/r0a1/log-00",
        "scalars/r0a1-0-9.parquet.tmp",
        "events-r0a01.jsonl",
        "live/.done-r0a1/log-0",
        "followers/mirror.json",
        "edits.jsonl/x",
        "media/ab/x.png",
        "",
        "scalars/../run.json",
        &format!("media/bb/{hash}.png"),
        &format!("media/aa/{hash}.png.r0a1.tmp"),
    ] {
        assert_eq!(file_kind(path), FileKind::Here, "{path}");
    }
    assert_eq!(file_kind("files/weights/a.ckpt"), FileKind::User);
}

#[test]
fn a_file_tells_its_writer() {
    let writer = Writer { rank: 0, attempt: 1 };
    for path in ["live/r0a1/log-0", "scalars/r0a1-0-9.parquet", "summary-r0a1.json"] {
        assert_eq!(writer_of(path), Some(writer), "{path}");
    }
    assert_eq!(writer_of("run.json"), None);
    assert_eq!(part_range("scalars/r0a1-3-9.parquet"), Some((writer, 3, 9)));
}
