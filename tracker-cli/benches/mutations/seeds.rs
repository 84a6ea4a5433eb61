//! Sound runs to damage: of this version, written here, and of earlier ones, from `tests/stores`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, abort},
    time::Duration,
};

use serde_json::json;
use tracker_core::{
    Artifact, Definition, Event, Histogram, Level, Run, Tracker, init, metrics,
    read::{Edit, RunReader},
};

const ROLE: &str = "TRACKER_MUTATIONS_WRITE";
const KINDS: [&str; 3] = ["finished", "resumed", "crashed"];

/// What this process is to write, if it is one that writes a run.
pub(crate) fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// The folders of all sound runs, each alone in a store and a project.
pub(crate) fn all(folder: &Path) -> Vec<PathBuf> {
    for kind in KINDS {
        // One that crashes on purpose is no failure here.
        let _ = Command::new(env::current_exe().unwrap())
            .env(ROLE, kind)
            .env("TRACKER_DIR", folder.join(kind))
            // So that the folder holds all of it.
            .env("TRACKER_RING", "folder")
            .output()
            .unwrap();
    }
    let stores = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/stores");
    let mut roots: Vec<PathBuf> = KINDS.iter().map(|kind| folder.join(kind)).collect();
    roots.extend(entries(&stores).into_iter().map(|version| version.join("store")));
    let runs: Vec<PathBuf> = roots
        .iter()
        .flat_map(|root| entries(root))
        .flat_map(|project| entries(&project))
        .filter(|run| run.join("run.json").is_file())
        .collect();
    assert!(runs.len() >= KINDS.len(), "{runs:?}");
    runs
}

/// The folders in a folder, in the order of their names.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = found.filter(|path| path.is_dir()).collect();
    found.sort_unstable();
    found
}

/// Writes a run of this kind into the store that the environment names.
pub(crate) fn write(kind: &str) {
    let run = init("mnist")
        .name(kind)
        .config(&json!({ "learning_rate": 0.02, "layers": [1, 2, { "size": 3 }] }))
        .tags(["cnn"])
        .code_changes(false)
        .start()
        .unwrap();
    run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    train(&run, 0);
    match kind {
        "crashed" => {
            run.flush(Duration::from_secs(10)).unwrap();
            train(&run, 60);
            abort();
        }
        "resumed" => {
            run.finish().unwrap();
            let again = init("mnist").resume(run.id().as_str()).start().unwrap();
            again.resume_after(29_u64).unwrap();
            train(&again, 30);
            again.finish().unwrap();
        }
        _ => {
            run.finish().unwrap();
            RunReader::open(run.path()).unwrap().edit(&Edit::new().tags(["cnn", "good"])).unwrap();
        }
    }
}

fn train(run: &Run, first: u64) {
    for step in first..first + 60 {
        let loss = 1.0 / (step + 1) as f64;
        run.log_at(step, metrics! { "train/loss" => loss, "valid/accuracy" => 1.0 - loss });
    }
    run.log_at(u64::MAX, metrics! { "odd" => f64::NAN });
    run.record(Event::Text { name: "sample".into(), step: first.into(), text: "words".into() });
    run.record(Event::Message { level: Level::Info, text: "hello".into() });
    run.log_histogram("weights", first, Histogram::new(-1.0, 1.0, vec![1, 2, 3]));
    let file = run.dir().join("model.txt");
    fs::write(&file, "weights").unwrap();
    let artifact = Artifact::of_file("model", format!("v{first}"), &file).unwrap();
    run.log_artifact(artifact.relative_to(run.path()).step(first));
}
