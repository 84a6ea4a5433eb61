//! What is asked of a run's events is answered by the index as by reading all of their lines.

use std::{
    fs::{self, File},
    io::Write,
    sync::Arc,
};

use parking_lot::Mutex;
use proptest::prelude::*;

use crate::{
    Alert, Artifact, Histogram, Level, MediaExtension, Step, Timestamp, Writer,
    format::{
        event_line::{EventHead, EventKind, StoredEvent, StoredEventKind, read_whole},
        folder::{Lines, Ranged},
        layout::RunPaths,
        media_item::{MediaItem, StoredMedia},
        run_file::Resume,
    },
    read::{
        Loss, Warning,
        event_index::{EventIndex, FileIndex, Room},
        events::EventFiles,
        superseded::Superseded,
    },
};

const FIRST: Writer = Writer { rank: 0, attempt: 1 };
const SECOND: Writer = Writer { rank: 0, attempt: 2 };

/// The files of two writers, and an index of them that is kept.
struct Recorded {
    _folder: tempfile::TempDir,
    paths: RunPaths,
    superseded: Superseded,
    index: Mutex<EventIndex>,
}

type Answer = (Vec<StoredEvent>, Vec<Warning>);

impl Recorded {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = RunPaths::new(folder.path().to_path_buf());
        let superseded = Superseded::default();
        Self { _folder: folder, paths, superseded, index: Mutex::default() }
    }

    fn add(&self, writer: Writer, bytes: &[u8]) {
        let path = self.paths.events(writer);
        let mut file = File::options().append(true).create(true).open(path).unwrap();
        file.write_all(bytes).unwrap();
    }

    /// Puts another file in the place of a writer's.
    fn replace(&self, writer: Writer, bytes: &[u8]) {
        let path = self.paths.events(writer);
        fs::write(path.with_extension("new"), bytes).unwrap();
        fs::rename(path.with_extension("new"), path).unwrap();
    }

    fn ask(
        &self,
        index: Option<&Mutex<EventIndex>>,
        mut wanted: impl FnMut(&EventHead<'_>) -> bool,
    ) -> Answer {
        let (files, superseded, mut warnings) = (&self.paths, &self.superseded, Vec::new());
        let files = EventFiles { files, writers: &[FIRST, SECOND], superseded, index };
        let events = files.read(&mut warnings, &mut wanted, &mut |_| {}).unwrap();
        (events, warnings)
    }

    /// What the kept index answers.
    fn found(&self, wanted: impl FnMut(&EventHead<'_>) -> bool) -> Answer {
        self.ask(Some(&self.index), wanted)
    }

    fn texts(&self) -> Vec<String> {
        let text = |event: StoredEvent| match event.kind {
            StoredEventKind::Text { text, .. } => Some(text),
            _ => None,
        };
        let events = self.found(|head| head.kind == EventKind::Text).0;
        events.into_iter().filter_map(text).collect()
    }

    /// What reading each line by the enum answers, as it was before there was an index.
    fn line_by_line(&self) -> Answer {
        let (mut events, mut warnings) = (Vec::new(), Vec::new());
        for writer in [FIRST, SECOND] {
            let path = self.paths.events(writer);
            let Ok(mut lines) = Lines::at(&path) else { continue };
            let (mut damaged, mut is_damaged) = (0_u64, false);
            while let Some(line) = lines.next().unwrap() {
                damaged += u64::from(std::mem::take(&mut is_damaged));
                match serde_json::from_slice::<StoredEvent>(line) {
                    Ok(event) if counts(writer, &event.kind, &self.superseded) => {
                        events.push(event);
                    }
                    Ok(_) => {}
                    Err(_) => is_damaged = !line.is_empty(),
                }
            }
            if damaged > 0 {
                let path = path.display();
                let text = format!("{damaged} lines of {path} cannot be read; they are left out");
                warnings.push(Warning::new(Loss::Events, text));
            }
        }
        events.sort_by_key(|event| event.time);
        (events, warnings)
    }

    fn assert_same_answers(&self) {
        let all = self.line_by_line();
        assert_eq!(self.ask(None, |_| true), all, "in one pass");
        assert_eq!(self.found(|_| true), all, "by the index");
        assert_eq!(self.ask(Some(&Mutex::default()), |_| true), all, "by a new index");
        for kind in [
            EventKind::Text,
            EventKind::Histogram,
            EventKind::Media,
            EventKind::Artifact,
            EventKind::Alert,
        ] {
            let wanted = |head: &EventHead<'_>| {
                head.kind == kind
                    && head.name.is_some_and(|name| name.starts_with('a'))
                    && head.step.is_none_or(|step| step < Step(5))
            };
            let mut of_kind = all.clone();
            of_kind.0.retain(|event| wanted(&event.head()));
            assert_eq!(self.found(wanted), of_kind, "{kind:?} by the index");
            assert_eq!(self.ask(None, wanted), of_kind, "{kind:?} in one pass");
        }
    }
}

/// As it was before there was an index.
fn counts(writer: Writer, kind: &StoredEventKind, superseded: &Superseded) -> bool {
    match kind {
        StoredEventKind::Text { name, step, .. }
        | StoredEventKind::Histogram { name, step, .. }
        | StoredEventKind::Media { name, step, .. } => superseded.keeps(writer, name, *step),
        StoredEventKind::Artifact(artifact) => {
            artifact.step.is_none_or(|step| superseded.keeps(writer, &artifact.name, step))
        }
        StoredEventKind::Knob(change) => superseded.keeps(writer, "knobs", change.from_step),
        StoredEventKind::Message { .. }
        | StoredEventKind::Alert(_)
        | StoredEventKind::ArtifactDeleted { .. }
        | StoredEventKind::Used(_) => true,
    }
}

fn line(time: i64, kind: StoredEventKind) -> Vec<u8> {
    let mut line = serde_json::to_vec(&StoredEvent { time: Timestamp(time), kind }).unwrap();
    line.push(b'\n');
    line
}

fn histogram(name: &str, step: u64) -> Vec<u8> {
    let histogram = Histogram::new(-1.0, 1.0, vec![step; 64]);
    line(step as i64, StoredEventKind::Histogram { name: name.into(), step: Step(step), histogram })
}

fn text(step: u64, text: &str) -> Vec<u8> {
    let kind = StoredEventKind::Text { name: "a".into(), step: Step(step), text: text.into() };
    line(step as i64, kind)
}

#[test]
fn what_is_asked_for_is_found_by_kind_name_and_step_and_no_other_line_is_read() {
    let recorded = Recorded::new();
    for step in 0..100 {
        for name in ["a", "b", "c"] {
            recorded.add(FIRST, &histogram(name, step));
        }
        recorded.add(FIRST, &text(step, "said"));
    }
    let wanted = |head: &EventHead<'_>| {
        head.kind == EventKind::Histogram
            && head.name == Some("b")
            && head.step.is_some_and(|step| (10..15).contains(&step.0))
    };
    let (_, read) = read_whole::during(|| recorded.found(|_| false));
    assert_eq!(read, 100, "no histogram is read to find out what it is");
    let ((events, warnings), read) = read_whole::during(|| recorded.found(wanted));
    let found: Vec<_> = events.iter().map(|event| (event.head().name, event.head().step)).collect();
    let expected: Vec<_> = (10..15).map(|step| (Some("b"), Some(Step(step)))).collect();
    assert_eq!((found, warnings, read), (expected, vec![], 5));
}

#[test]
fn an_index_is_read_on_from_its_end() {
    let recorded = Recorded::new();
    (0..100).for_each(|step| recorded.add(FIRST, &text(step, "early")));
    recorded.add(SECOND, &text(0, "other"));
    assert_eq!(recorded.texts().len(), 101);
    recorded.add(FIRST, &text(100, "late"));
    let (events, read) = read_whole::during(|| recorded.found(|head| head.step == Some(Step(100))));
    assert_eq!(events.0.len(), 1);
    assert_eq!(read, 2, "the new line, once to know it and once as it was asked for");
}

#[test]
fn a_torn_line_is_taken_when_it_is_whole() {
    let recorded = Recorded::new();
    recorded.add(FIRST, &text(0, "whole"));
    let torn = text(1, "torn");
    let (beginning, rest) = torn.split_at(30);
    recorded.add(FIRST, beginning);
    assert_eq!(recorded.texts(), ["whole"]);
    recorded.assert_same_answers();
    recorded.add(FIRST, &rest[..rest.len() - 1]);
    assert_eq!(recorded.texts(), ["whole", "torn"], "all but its end is there");
    recorded.add(FIRST, b"\n");
    assert_eq!(recorded.texts(), ["whole", "torn"]);
    let (_, read) = read_whole::during(|| recorded.found(|_| false));
    assert_eq!(read, 0, "it is indexed by now");
    recorded.assert_same_answers();
}

#[test]
fn a_file_that_was_replaced_or_cut_is_indexed_anew() {
    let recorded = Recorded::new();
    let lines = |word: &str, count: u64| -> Vec<u8> {
        (0..count).flat_map(|step| text(step, word)).collect()
    };
    recorded.add(FIRST, &lines("one", 3));
    assert_eq!(recorded.texts(), ["one"; 3]);
    recorded.replace(FIRST, &lines("two", 3));
    assert_eq!(recorded.texts(), ["two"; 3], "by one as long");
    recorded.replace(FIRST, &lines("six", 4));
    assert_eq!(recorded.texts(), ["six"; 4], "by a longer one");
    let path = recorded.paths.events(FIRST);
    let half = lines("six", 2).len() as u64;
    File::options().write(true).open(&path).unwrap().set_len(half).unwrap();
    assert_eq!(recorded.texts(), ["six"; 2], "cut");
    fs::write(&path, lines("ten", 5)).unwrap();
    assert_eq!(recorded.texts(), ["ten"; 5], "written over by more");
    let mut changed = lines("ten", 5);
    changed[..text(0, "new").len()].copy_from_slice(&text(0, "new"));
    fs::write(&path, [changed, text(5, "ten")].concat()).unwrap();
    assert_eq!(recorded.texts(), ["new", "ten", "ten", "ten", "ten", "ten"], "before its end");
    fs::remove_file(&path).unwrap();
    assert_eq!(recorded.texts(), [""; 0], "removed");
    assert_eq!(recorded.index.lock().len(), 0);
}

#[test]
fn what_has_no_room_in_the_index_is_found_all_the_same() {
    let recorded = Recorded::new();
    let name = "a".repeat(1 << 20);
    for step in 0..8 {
        recorded.add(FIRST, &histogram(&format!("{name}{step}"), step));
        recorded.add(FIRST, b"damaged\n");
        recorded.add(FIRST, &histogram("b", step));
    }
    recorded.assert_same_answers();
    let known = recorded.index.lock().len();
    assert!((4..16).contains(&known), "{known}");
    let file: Arc<dyn Ranged> = Arc::new(recorded.paths.events(FIRST).open().unwrap());
    for events in 0..8 {
        let mut index = FileIndex::default();
        index.read(&file, Room { events, names: usize::MAX }).unwrap();
        let places = index.find(FIRST, &recorded.superseded, &mut |_| true);
        assert_eq!(places.len(), events);
    }
}

#[test]
fn a_line_that_is_too_long_is_passed_over_once() {
    let recorded = Recorded::new();
    recorded.add(FIRST, &text(0, "before"));
    recorded.add(FIRST, &vec![b'x'; 17 << 20]);
    recorded.assert_same_answers();
    recorded.add(FIRST, b"\n");
    recorded.assert_same_answers();
    recorded.add(FIRST, &text(1, "after"));
    assert_eq!(recorded.texts(), ["before", "after"]);
    recorded.assert_same_answers();
}

#[test]
fn what_is_asked_while_others_read_by_the_index_is_answered() {
    let recorded = Arc::new(Recorded::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let texts = recorded.texts();
                    assert!(texts.iter().all(|text| text == "said"), "{texts:?}");
                }
            });
        }
        for step in 0..200 {
            let line = text(step, "said");
            recorded.add(FIRST, &line[..20]);
            recorded.add(FIRST, &line[20..]);
        }
    });
    assert_eq!(recorded.texts().len(), 200);
}

fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let name = || prop::sample::select(vec!["a", "ab", "b", "system/x"]);
    let named = (name(), 0..10_u64, 0..20_i64);
    let kinds = (named, 0..9_u8).prop_map(|((name, step, time), kind)| {
        let (name, step) = (name.to_owned(), Step(step));
        let text = String::from("\"\n\u{fffd}");
        let kind = match kind {
            0 => StoredEventKind::Text { name, step, text },
            1 => StoredEventKind::Message { level: Level::Info, text },
            2 => {
                let histogram = Histogram::new(f64::NEG_INFINITY, 1.5, vec![1, 2]).not_finite(3);
                StoredEventKind::Histogram { name, step, histogram }
            }
            3 => StoredEventKind::Artifact(Artifact::new(name, "1").step(step)),
            4 => StoredEventKind::Artifact(Artifact::new(name, "1").alias("latest")),
            5 => {
                StoredEventKind::Alert(Alert::info(text).metric(name).at(step).value(f64::INFINITY))
            }
            6 => StoredEventKind::Alert(Alert::error(text)),
            7 => {
                let sha256 = "0".repeat(64).parse().unwrap();
                let file = StoredMedia { sha256, ext: MediaExtension::PNG, bytes: 7 };
                let item = MediaItem::Image { file, width: 2, height: 3, caption: Some(text) };
                StoredEventKind::Media { name, step, items: vec![item, MediaItem::Unknown] }
            }
            _ => StoredEventKind::ArtifactDeleted { name, version: "1".into() },
        };
        line(time, kind)
    });
    let changed = (kinds.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(mut line, place, byte)| {
            let place = place.index(line.len());
            line[place] = byte;
            line
        },
    );
    let noise = prop::collection::vec(any::<u8>(), 0..60);
    prop_oneof![6 => kinds, 2 => changed, 1 => noise, 1 => Just(b"\n".to_vec())]
}

proptest! {
    #[test]
    fn answers_are_those_of_reading_every_line_however_a_hostile_file_grows(
        lines in prop::collection::vec((any::<bool>(), any_line()), 0..30),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        superseded in prop::option::of(0..10_u64),
    ) {
        let mut recorded = Recorded::new();
        if let Some(step) = superseded {
            let resume = Resume { writer: SECOND, supersedes: vec![FIRST], after_step: Step(step) };
            recorded.superseded = Superseded::of(&[resume]);
        }
        for (is_second, line) in lines {
            let writer = if is_second { SECOND } else { FIRST };
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(line.len() + 1)).collect();
            cuts.extend([0, line.len()]);
            cuts.sort_unstable();
            for ends in cuts.windows(2) {
                recorded.add(writer, &line[ends[0]..ends[1]]);
                recorded.assert_same_answers();
            }
        }
    }
}
