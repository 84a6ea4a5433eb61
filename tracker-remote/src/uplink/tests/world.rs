//! A run's folder that a test writes step by step, and what is true of it.

use std::{
    fs,
    io::Write as _,
    path::{Path as FilePath, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::{FutureExt, TryStreamExt, future::BoxFuture};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};
use parking_lot::Mutex;
use tracker_core::{
    RunId, Tracker, Writer, init,
    read::{Edit, RunReader},
    replica::PartRange,
    upkeep,
};

use crate::{
    Tail,
    names::{Object, PIECE, ProjectNames, RunNames, log_of},
};

/// How many slots a log has, two of its three pieces full.
const SLOTS: u64 = 20_000;

/// How many logs there are at most.
const LOGS: u64 = 5;

/// The slots that define the one metric, before its first point.
pub(super) const DEFINITION: u64 = 2;

/// How many bytes of a log are before its slots.
const HEADER: u64 = 64;

pub(super) const EVENTS: &str = "events-r0a1.jsonl";
const WRITER: Writer = Writer { rank: 0, attempt: 1 };

/// A run that trained for real: its slots, and its documents before and after its end.
/// The first and last slot of a part, its path and its bytes.
type Part = ((u64, u64), String, Vec<u8>);

#[derive(Debug)]
pub(super) struct Template {
    pub(super) id: RunId,
    running: Vec<u8>,
    ended: Vec<(String, Vec<u8>)>,
    writer: [u8; 4],
    slots: Vec<u8>,
    parts: Mutex<Vec<Part>>,
}

fn append(path: &FilePath, bytes: &[u8]) {
    fs::File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

pub(super) fn value(step: u64) -> f64 {
    (step as f64).sqrt().sin()
}

impl Template {
    pub(super) fn get() -> &'static Self {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        TEMPLATE.get_or_init(Self::train)
    }

    fn train() -> Self {
        let store = tempfile::tempdir().unwrap();
        let run = init("mnist").system_metrics(false).dir(store.path()).signals(false);
        let run = run.code_changes(false).start().unwrap();
        for step in 0..SLOTS * LOGS - DEFINITION {
            run.log_at(step, [("loss", value(step))]);
        }
        run.flush(Duration::from_mins(1)).unwrap();
        let folder = run.path().to_owned();
        let log = fs::read(folder.join("live/r0a1/log-0")).unwrap();
        let running = fs::read(folder.join("run.json")).unwrap();
        let header = u32::from_le_bytes(log[12..16].try_into().unwrap()) as usize;
        run.finish().unwrap();
        let ended = ["run.json", "summary-r0a1.json"];
        let ended = ended.map(|name| (name.to_owned(), fs::read(folder.join(name)).unwrap()));
        Self {
            id: folder.file_name().unwrap().to_str().unwrap().parse().unwrap(),
            running,
            ended: ended.into(),
            writer: log[16..20].try_into().unwrap(),
            slots: log[header..].to_vec(),
            parts: Mutex::default(),
        }
    }

    fn slots(&self, from: u64, to: u64) -> &[u8] {
        &self.slots[from as usize * 32..to as usize * 32]
    }

    /// The head of a log that begins with this slot, as the format's own file has it.
    fn header(&self, first: u64) -> Vec<u8> {
        let names: &[&str] = if first == 0 { &[] } else { &["loss"] };
        let length = names.iter().map(|name| 4 + name.len()).sum::<usize>();
        let size = (32 + length + 8).next_multiple_of(32);
        let mut bytes = b"TRKRLOG\n\x01\0\0\0".to_vec();
        bytes.extend((size as u32).to_le_bytes());
        bytes.extend(self.writer);
        bytes.extend((names.len() as u32).to_le_bytes());
        bytes.extend(first.to_le_bytes());
        for name in names {
            bytes.extend((name.len() as u32).to_le_bytes());
            bytes.extend(name.as_bytes());
        }
        bytes.resize(size - 8, 0);
        let check = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        bytes.extend(check.to_le_bytes());
        bytes
    }

    /// The part of a log, as tracker seals it.
    fn part(&self, first: u64, end: u64) -> (String, Vec<u8>) {
        let mut parts = self.parts.lock();
        if let Some((_, name, bytes)) = parts.iter().find(|(range, ..)| *range == (first, end)) {
            return (name.clone(), bytes.clone());
        }
        let store = tempfile::tempdir().unwrap();
        let folder = store.path().join("mnist").join(self.id.as_str());
        let live = folder.join("live/r0a1");
        fs::create_dir_all(&live).unwrap();
        fs::write(folder.join("run.json"), &self.running).unwrap();
        fs::write(folder.join(EVENTS), "").unwrap();
        let log = [self.header(first), self.slots(first, end).to_vec()].concat();
        fs::write(live.join(format!("log-{first}")), log).unwrap();
        for saved in upkeep::seal_lost(&RunReader::open(&folder).unwrap()).unwrap() {
            saved.unwrap();
        }
        let sealed = fs::read_dir(folder.join("scalars")).unwrap().next().unwrap().unwrap();
        let name = sealed.file_name().into_string().unwrap();
        let range = PartRange::of_path(&format!("scalars/{name}")).unwrap();
        assert_eq!((range.first, range.last), (first, end - 1));
        let bytes = fs::read(sealed.path()).unwrap();
        parts.push(((first, end), name.clone(), bytes.clone()));
        (name, bytes)
    }
}

/// What is true, whoever looks.
pub(super) struct Truth {
    pub(super) inner: Arc<InMemory>,
    names: RunNames,
    /// How many slots were logged.
    pub(super) logged: AtomicU64,
    pub(super) events: Mutex<Vec<u8>>,
    /// Edits from afar that were said to be there.
    pub(super) afar: Mutex<Vec<String>>,
    wrongs: Mutex<Vec<String>>,
    /// Operations that will be done later.
    pub(super) late: Mutex<Vec<BoxFuture<'static, ()>>>,
    pub(super) ahead: Arc<AtomicI64>,
}

impl Truth {
    pub(super) fn wrong(&self, what: String) {
        self.wrongs.lock().push(what);
    }

    pub(super) fn is_right(&self) -> Result<(), String> {
        self.wrongs.lock().first().map_or(Ok(()), |what| Err(what.clone()))
    }

    pub(super) fn minutes(&self) -> i64 {
        self.ahead.load(SeqCst) / 60_000_000
    }

    /// What was on its way arrives.
    pub(super) fn land(&self) {
        for late in std::mem::take(&mut *self.late.lock()) {
            late.now_or_never().unwrap();
        }
    }

    pub(super) fn listed(&self) -> Vec<ObjectMeta> {
        self.inner.list(None).try_collect().now_or_never().unwrap().unwrap()
    }

    fn get(&self, name: &Path) -> Option<Vec<u8>> {
        let got = self.inner.get(name).now_or_never().unwrap().ok()?;
        Some(got.bytes().now_or_never().unwrap().unwrap().to_vec())
    }

    /// How many slots and how many bytes of events a reader that begins now must see.
    pub(super) fn confirmed(&self) -> (u64, u64) {
        if self.get(&self.names.head()).is_none() {
            return (0, 0);
        }
        let mut ranges = Vec::new();
        let mut grown: Vec<(String, u64, u64)> = Vec::new();
        for object in self.listed() {
            match self.names.object(&object.location) {
                Some(Object::File(path)) => {
                    ranges
                        .extend(PartRange::of_path(&path).map(|part| (part.first, part.last + 1)));
                }
                Some(Object::Piece { file, from, to }) => grown.push((file, from, to)),
                Some(Object::Tail(_)) => {
                    let bytes = self.get(&object.location).unwrap();
                    let tail = Tail::unpack("tail", &bytes).unwrap();
                    grown.extend(
                        tail.ends.iter().map(|(file, end)| (file.clone(), end.from, end.to())),
                    );
                }
                _ => {}
            }
        }
        grown.sort();
        let mut ends: std::collections::BTreeMap<String, u64> = <_>::default();
        for (file, from, to) in grown {
            let end = ends.entry(file).or_default();
            if from <= *end {
                *end = to.max(*end);
            }
        }
        for (file, end) in &ends {
            if let Some((_, first)) = log_of(file) {
                ranges.push((first, first + end.saturating_sub(HEADER) / 32));
            }
        }
        ranges.sort_unstable();
        let slots =
            ranges.iter().fold(0, |at, (from, to)| if *from <= at { at.max(*to) } else { at });
        (slots, ends.get(EVENTS).copied().unwrap_or(0))
    }
}

/// A training that a test moves.
pub(super) struct World {
    _store: tempfile::TempDir,
    pub(super) folder: PathBuf,
    pub(super) truth: Arc<Truth>,
    template: &'static Template,
    first: u64,
    full: Vec<u64>,
}

impl World {
    pub(super) fn new() -> Self {
        let (store, template) = (tempfile::tempdir().unwrap(), Template::get());
        let folder = store.path().join("mnist").join(template.id.as_str());
        let live = folder.join("live/r0a1");
        fs::create_dir_all(&live).unwrap();
        fs::create_dir_all(folder.join("scalars")).unwrap();
        fs::write(folder.join("run.json"), &template.running).unwrap();
        fs::write(folder.join(EVENTS), "").unwrap();
        let owner = r#"{"host":"elsewhere","boot":"elsewhere","pid":0,"started":0,"pid_namespace":0,"is_locked":false}"#;
        fs::write(live.join("lock"), owner).unwrap();
        fs::write(live.join("heartbeat"), "").unwrap();
        fs::write(live.join("log-0"), template.header(0)).unwrap();
        let truth = Arc::new(Truth {
            inner: Arc::default(),
            names: ProjectNames::new("mnist").run(&template.id),
            logged: AtomicU64::new(0),
            events: Mutex::default(),
            afar: Mutex::default(),
            wrongs: Mutex::default(),
            late: Mutex::default(),
            ahead: Arc::default(),
        });
        Self { _store: store, folder, truth, template, first: 0, full: Vec::new() }
    }

    fn log_path(&self, first: u64) -> PathBuf {
        self.folder.join(format!("live/r0a1/log-{first}"))
    }

    pub(super) fn log(&mut self, count: u64) {
        let logged = self.truth.logged.load(SeqCst);
        let end = (logged + count).min(self.first + SLOTS);
        append(&self.log_path(self.first), self.template.slots(logged, end));
        self.truth.logged.store(end, SeqCst);
        if end == self.first + SLOTS && end < SLOTS * LOGS {
            self.full.push(self.first);
            self.first = end;
            fs::write(self.log_path(end), self.template.header(end)).unwrap();
        }
    }

    /// The oldest full log becomes a part.
    pub(super) fn seal(&mut self) {
        if !self.full.is_empty() {
            let first = self.full.remove(0);
            self.seal_to(first, first + SLOTS);
        }
    }

    fn seal_to(&self, first: u64, end: u64) {
        if end > first {
            let (name, bytes) = self.template.part(first, end);
            fs::write(self.folder.join("new"), bytes).unwrap();
            fs::rename(self.folder.join("new"), self.folder.join("scalars").join(name)).unwrap();
        }
        fs::remove_file(self.log_path(first)).unwrap();
    }

    pub(super) fn tell(&mut self, lines: usize) {
        let mut events = self.truth.events.lock();
        let number = events.len();
        let line = format!(
            "{{\"kind\":\"text\",\"number\":{number},\"text\":\"{}\"}}\n",
            "ab".repeat(20_000)
        );
        let lines = line.repeat(lines);
        append(&self.folder.join(EVENTS), lines.as_bytes());
        events.extend(lines.as_bytes());
    }

    pub(super) fn edit(&self, text: &str) {
        edit(&RunReader::open(&self.folder).unwrap(), text).unwrap();
    }

    pub(super) fn end(&mut self) {
        while !self.full.is_empty() {
            self.seal();
        }
        self.seal_to(self.first, self.truth.logged.load(SeqCst));
        fs::remove_dir_all(self.folder.join("live/r0a1")).unwrap();
        for (name, bytes) in &self.template.ended {
            fs::write(self.folder.join(name), bytes).unwrap();
        }
    }
}

/// Edits a run, wherever it lies.
pub(super) fn edit(run: &RunReader, text: &str) -> tracker_core::Result<()> {
    let edit = match text.len() % 3 {
        0 => Edit::new().name(text),
        1 => Edit::new().notes(text),
        _ => Edit::new().tags([text]),
    };
    run.edit(&edit)
}

const _: () = assert!(SLOTS * 32 > 2 * PIECE && WRITER.rank == 0);
