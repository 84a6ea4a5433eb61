//! A place to send runs to and to read them from.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path as Name};
use tracker_core::{
    Timestamp, Writer, init,
    read::{RunReader, Store},
};

use super::counted::Counted;
use crate::{
    End, Head, Place, Result, Tail, Uplink,
    mirror::{cache::Cache, open_in},
    names::{PIECE, ProjectNames},
    packed,
};

pub(super) struct Bench {
    pub(super) scratch: tempfile::TempDir,
    pub(super) objects: Arc<Counted>,
    pub(super) place: Place,
}

impl Bench {
    pub(super) fn new() -> Self {
        let objects = Arc::new(Counted::default());
        let place = Place::of("memory", Arc::clone(&objects) as Arc<dyn ObjectStore>);
        Self { scratch: tempfile::tempdir().unwrap(), objects, place }
    }

    pub(super) fn local(&self) -> PathBuf {
        self.scratch.path().join("local")
    }

    pub(super) fn open_as(&self, cache: &str) -> Result<Store> {
        self.open_every(cache, Duration::from_millis(50))
    }

    pub(super) fn open_every(&self, cache: &str, every: Duration) -> Result<Store> {
        let cache = Cache::at(&self.scratch.path().join(cache), "memory");
        open_in(&self.place, cache, every)
    }

    pub(super) fn open(&self) -> Store {
        self.open_as("cache").unwrap()
    }

    pub(super) fn put(&self, name: &Name, bytes: Vec<u8>) {
        now_put(&self.objects.inner, name, bytes);
    }

    pub(super) fn remove(&self, name: &Name) {
        self.objects.inner.delete(name).now_or_never().unwrap().unwrap();
    }

    /// Sends a run's folder as it is, in the order that the protocol asks for.
    pub(super) fn send(&self, run: &RunReader) {
        let folder = run.path();
        let names = ProjectNames::new(&run.info().project).run(&run.info().id);
        let mut tails: BTreeMap<Writer, Tail> = BTreeMap::new();
        let mut live = BTreeMap::new();
        for info in run.writers().unwrap() {
            tails.insert(info.writer, Tail::default());
            if folder.join("live").join(info.writer.to_string()).exists() {
                live.insert(info.writer, true);
            }
        }
        for file in files_below(folder) {
            let bytes = fs::read(folder.join(&file)).unwrap();
            let writer = tails.keys().find(|writer| file.contains(&writer.to_string())).copied();
            let grows = (file.starts_with("events-")
                || file.starts_with("messages-")
                || file.contains("/log-"))
                && !file.starts_with("scalars");
            if file.ends_with(".parquet") || file.starts_with("media/") {
                self.put(&names.file(&file), bytes);
            } else if grows {
                let cut = bytes.len() as u64 / PIECE * PIECE;
                for from in (0..cut).step_by(PIECE as usize) {
                    let piece = &bytes[from as usize..(from + PIECE) as usize];
                    self.put(&names.piece(&file, from, from + PIECE), packed::pack(piece));
                }
                let tail = tails.get_mut(&writer.unwrap()).unwrap();
                tail.ends.insert(file, End::new(cut, bytes[cut as usize..].to_vec()));
            } else if file == "packages.json" || file == "control.jsonl" {
                let tail = tails.values_mut().next().unwrap();
                tail.whole.insert(file, String::from_utf8(bytes).unwrap());
            }
        }
        for (writer, tail) in &tails {
            self.put(&names.tail(*writer), tail.pack());
        }
        self.send_head(run, live);
    }

    pub(super) fn send_head(&self, run: &RunReader, live: BTreeMap<Writer, bool>) {
        let folder = run.path();
        let names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let is_document = |name: &&String| *name == "run.json" || name.starts_with("summary-");
        let document =
            |name: &String| (name.clone(), fs::read_to_string(folder.join(name)).unwrap());
        let documents = names.iter().filter(is_document).map(document).collect();
        let head = head(documents, names, live);
        let name = ProjectNames::new(&run.info().project).run(&run.info().id).head();
        self.put(&name, serde_json::to_vec(&head).unwrap());
    }
}

pub(super) fn head(
    documents: BTreeMap<String, String>,
    names: Vec<String>,
    live: BTreeMap<Writer, bool>,
) -> Head {
    Head {
        format: 1,
        attempt: 1,
        documents,
        names,
        live,
        beat: Timestamp::now(),
        edits: Vec::new(),
        requests: Vec::new(),
        deleted: None,
    }
}

pub(super) fn now_put(objects: &InMemory, name: &Name, bytes: Vec<u8>) {
    objects.put(name, bytes.into()).now_or_never().unwrap().unwrap();
}

pub(super) fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

pub(super) fn train(bench: &Bench, steps: u64) -> RunReader {
    let run = init("mnist").dir(bench.local()).signals(false).code_changes(false).start().unwrap();
    for step in 0..steps {
        run.log_at(step, [("train/loss", 1.0 / (step as f64 + 1.0))]);
    }
    run.finish().unwrap();
    Store::open(bench.local()).unwrap().runs().unwrap().runs.remove(0)
}

pub(super) fn same(one: &RunReader, other: &RunReader) {
    let (one, other) = (one.points().unwrap(), other.points().unwrap());
    assert!(other.warnings.is_empty(), "{:?}", other.warnings);
    assert!(!one.series.is_empty());
    assert_eq!(format!("{:?}", one.series), format!("{:?}", other.series));
}

pub(super) fn send_all(bench: &Bench, run: &RunReader) {
    let mut uplink = Uplink::new(&bench.place, run.path()).unwrap();
    let all = (0..10).any(|_| uplink.send().unwrap().all);
    assert!(all, "not all was sent");
}
