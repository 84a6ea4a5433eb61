//! Runs to send, places to send them to, and what comes back.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::TryStreamExt;
use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3Builder, S3ConditionalPut},
    path::Path,
};
use tracker_core::{Run, Tracker, init, metrics, read::RunReader};
use tracker_remote::{
    Head, Manifest, Place, Tail,
    names::{Object, PIECE, ProjectNames},
};

/// Objects of a place, by name.
pub(crate) type Objects = BTreeMap<String, Vec<u8>>;

/// All points of a run: metric, writer's order, step, bits of the value, time.
pub(crate) type Points = Vec<(String, u64, u64, i64)>;

/// A run in a store of its own.
pub(crate) struct Local {
    _store: tempfile::TempDir,
    pub(crate) run: Run,
}

impl Local {
    pub(crate) fn new() -> Self {
        let store = tempfile::tempdir().unwrap();
        let run = init("mnist")
            .system_metrics(false)
            .dir(store.path())
            .signals(false)
            .code_changes(false)
            .start()
            .unwrap();
        Self { _store: store, run }
    }

    /// A run that has ended, with points, events and a file of the user's.
    pub(crate) fn ended() -> Self {
        let local = Self::new();
        local.log(0..500);
        local.write_file("weights/a.ckpt", b"1234");
        local.run.finish().unwrap();
        local
    }

    pub(crate) fn log(&self, steps: std::ops::Range<u64>) {
        for step in steps {
            let loss = 1.0 / (step as f64 + 1.0);
            self.run.log_at(step, metrics! { "loss" => loss, "lr" => 0.1 });
        }
    }

    /// Sees that all that was logged is in the run's log.
    pub(crate) fn flush(&self) {
        self.run.flush(Duration::from_mins(1)).unwrap();
    }

    pub(crate) fn write_file(&self, name: &str, contents: &[u8]) {
        let path = self.run.path().join("files").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.run.path().to_owned()
    }

    pub(crate) fn points(&self) -> Points {
        points(&self.path())
    }

    /// The same folder in another store.
    pub(crate) fn copy(&self) -> (tempfile::TempDir, PathBuf) {
        let store = tempfile::tempdir().unwrap();
        let path = self.path();
        let to = store.path().join("mnist").join(path.file_name().unwrap());
        copy(&path, &to);
        (store, to)
    }
}

fn copy(from: &FilePath, to: &FilePath) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) fn points(folder: &FilePath) -> Points {
    let mut all = Points::new();
    for series in RunReader::open(folder).unwrap().points().unwrap().series {
        for row in series.rows {
            let time = row.time.as_micros();
            all.push((series.metric.clone(), row.step.0, row.value.to_bits(), time));
        }
    }
    all.sort();
    all
}

fn block_on<T>(asks: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(asks)
}

/// All that lies in a place.
pub(crate) fn objects(place: &Place) -> Objects {
    block_on(async {
        let found: Vec<_> = place.objects().list(None).try_collect().await.unwrap();
        let mut all = Objects::new();
        for object in found {
            let bytes = match place.objects().get(&object.location).await {
                // It went since, as the lock of a sender that is at work.
                Err(object_store::Error::NotFound { .. }) => continue,
                found => found.unwrap().bytes().await.unwrap(),
            };
            all.insert(object.location.to_string(), bytes.to_vec());
        }
        all
    })
}

pub(crate) fn delete(place: &Place, name: &str) {
    block_on(place.objects().delete(&Path::from(name))).unwrap();
}

pub(crate) fn put(place: &Place, name: &Path, bytes: Vec<u8>) {
    block_on(place.objects().put(name, bytes.into())).unwrap();
}

/// The names of objects, with the times and hosts in heads left out of what is compared.
pub(crate) fn without_beats(mut objects: Objects) -> Objects {
    for (name, bytes) in &mut objects {
        if name.contains("/heads/") {
            let mut head: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            head.as_object_mut().unwrap().remove("beat");
            *bytes = serde_json::to_vec(&head).unwrap();
        }
    }
    objects.remove("tracker.json");
    objects
}

/// Makes a run's folder of what lies in a place, as a reader elsewhere does, and tells all its points.
pub(crate) fn fetched(place: &Place, run: &FilePath) -> Points {
    let store = tempfile::tempdir().unwrap();
    let id = run.file_name().unwrap().to_str().unwrap();
    let folder = store.path().join("mnist").join(id);
    rebuild(&objects(place), id, &folder);
    points(&folder)
}

/// Writes what objects hold of a run into a folder.
pub(crate) fn rebuild(objects: &Objects, id: &str, folder: &FilePath) {
    let names = ProjectNames::new("mnist").run(&id.parse().unwrap());
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let mut grown: BTreeMap<String, BTreeMap<u64, Vec<u8>>> = BTreeMap::new();
    let mut sealed = Vec::new();
    for (name, bytes) in objects {
        match names.object(&Path::from(name.as_str())) {
            Some(Object::File(path)) => {
                if let Some(part) = tracker_core::replica::PartRange::of_path(&path) {
                    sealed.push(format!("live/{}/log-{}", part.writer, part.first));
                }
                write(&path, bytes);
            }
            Some(Object::Piece { file, from, .. }) => {
                grown.entry(file).or_default().insert(from, unpack(bytes));
            }
            Some(Object::Tail(_)) => {
                let tail = Tail::unpack(name, bytes).unwrap();
                for (path, text) in tail.whole {
                    write(&path, text.as_bytes());
                }
                for (path, end) in tail.ends {
                    grown.entry(path).or_default().insert(end.from, end.bytes);
                }
            }
            Some(Object::Manifest) => {
                for (path, blob) in Manifest::unpack(name, bytes).unwrap().files {
                    write(&path, &objects[names.blob(&blob.sha256).as_ref()]);
                }
            }
            _ => {}
        }
    }
    if let Some(head) = objects.get(names.head().as_ref()) {
        for (path, text) in Head::read("head", head).unwrap().documents {
            write(&path, text.as_bytes());
        }
    }
    for (path, pieces) in grown.into_iter().filter(|(path, _)| !sealed.contains(path)) {
        let mut whole = Vec::new();
        for (from, bytes) in pieces {
            if from == whole.len() as u64 {
                whole.extend(bytes);
            }
        }
        write(&path, &whole);
    }
}

fn unpack(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::decompress(bytes, PIECE as usize).unwrap()
}

/// What is before a tail's bytes is there, whenever one looks. Else what is missing.
pub(crate) fn gap_before_tails(objects: &Objects) -> Option<String> {
    for (name, bytes) in objects.iter().filter(|(name, _)| name.contains("/tail/")) {
        let run = name.split("/tail/").next().unwrap();
        for (path, end) in Tail::unpack(name, bytes).unwrap().ends {
            for from in (0..end.from).step_by(PIECE as usize) {
                let piece = format!("{run}/grow/{path}/{from:020}-{:020}", from + PIECE);
                if !objects.contains_key(&piece) {
                    return Some(piece);
                }
            }
        }
    }
    None
}

/// A place in a bucket of a server of S3.
pub(crate) fn bucket(endpoint: &str, bucket: &str) -> Place {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(10), ..<_>::default() };
    let store = AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_region("us-east-1")
        .with_access_key_id("test")
        .with_secret_access_key("test")
        .with_bucket_name(bucket)
        .with_retry(RetryConfig { backoff, max_retries: 2, ..<_>::default() })
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        .build()
        .unwrap();
    let store = Arc::new(store);
    Place::of(&format!("s3://{bucket}"), Arc::clone(&store) as _).with_parts(store)
}
