//! `tracker sync` while a training logs, killed again and again.
//!
//! `TRACKER_SYNC_KILLS` says how often; a dozen times unless it does. As the project's goal has it:
//! `TRACKER_SYNC_KILLS=500 cargo test --release -p tracker-cli --test cli -- syncs --nocapture`. What needs S3 runs where
//! `moto_server` is found: `TRACKER_MOTO=/path/to/moto_server`, else in the `PATH`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use futures_util::TryStreamExt;
use tracker_core::{Image, metrics, read::RunReader};
use tracker_remote::{
    Head, Place, Tail,
    names::{Object, ProjectNames},
};

use crate::{
    moto::Moto,
    support::{FIRST, Store, command, texts},
};

type Points = Vec<(String, u64, u64, i64)>;

fn points(folder: &Path) -> Points {
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

pub(crate) fn sync(moto: &Moto, store: &Store, args: &[&str]) -> Command {
    let mut command = store.command(&["sync"]);
    command
        .args(args)
        .env("TRACKER_SYNC", "s3://runs/team")
        .env("TRACKER_SYNC_EVERY", "0.1")
        .env("AWS_ENDPOINT_URL", moto.endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1");
    command
}

/// All objects, by name.
fn objects(moto: &Moto) -> BTreeMap<String, Vec<u8>> {
    let mut objects = BTreeMap::new();
    let mut after = String::new();
    loop {
        let text = moto.request("GET", &format!("/runs?list-type=2&start-after={after}"));
        let text = String::from_utf8(text).unwrap();
        let names: Vec<&str> =
            text.split("<Key>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
        let Some(last) = names.last() else { return objects };
        for name in &names {
            let key = name.strip_prefix("team/").unwrap().to_owned();
            objects.insert(key, moto.request("GET", &format!("/runs/{name}")));
        }
        (*last).clone_into(&mut after);
    }
}

/// Writes what objects hold of a run that has ended into a folder.
fn rebuild(objects: &BTreeMap<String, Vec<u8>>, id: &str, folder: &Path) {
    let names = ProjectNames::new("mnist").run(&id.parse().unwrap());
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let head = Head::read("head", &objects[names.head().as_ref()]).unwrap();
    head.documents.iter().for_each(|(path, text)| write(path, text.as_bytes()));
    for (name, bytes) in objects {
        match names.object(&name.as_str().into()) {
            Some(Object::File(path)) => write(&path, bytes),
            Some(Object::Tail(_)) => {
                let tail = Tail::unpack(name, bytes).unwrap();
                let logs = tail.ends.keys().filter(|path| path.starts_with("live/"));
                assert_eq!(logs.count(), 0, "of a run that has ended no log is left");
                for (path, end) in tail.ends {
                    write(&path, &end.bytes);
                }
            }
            _ => {}
        }
    }
}

fn kills() -> u32 {
    std::env::var("TRACKER_SYNC_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// A number below `most`, each time another one.
pub(crate) fn some(state: &mut u64, most: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % most
}

#[test]
fn killed_at_any_moment_while_a_training_logs_all_points_are_there_once() {
    let Some(moto) = Moto::start() else { return };
    let store = Store::new();
    let run = store.init("killed").start().unwrap();
    let (is_over, kills) = (AtomicBool::new(false), kills());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut step = 0_u64;
            while !is_over.load(Relaxed) || step < 100_000 {
                for _ in 0..200 {
                    let value = (step as f64).sqrt().sin();
                    run.log_at(step, metrics! { "loss" => value, "accuracy" => 1.0 - value });
                    step += 1;
                }
                thread::sleep(Duration::from_millis(4));
            }
        });
        let mut state = 1;
        for _ in 0..kills {
            let mut command = sync(&moto, &store, &["killed", "--follow"]);
            let mut sender = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            thread::sleep(Duration::from_millis(20 + some(&mut state, 400)));
            sender.kill().unwrap();
            sender.wait().unwrap();
        }
        is_over.store(true, Relaxed);
    });
    run.finish().unwrap();
    let output = sync(&moto, &store, &["killed"]).output().unwrap();
    let (said, problems) = texts(&output);
    assert!(output.status.success() && said.contains("all of it is there"), "{said}{problems}");
    let checked = sync(&moto, &store, &["killed", "--check=deep"]).output().unwrap();
    assert!(checked.status.success(), "{:?}", texts(&checked));
    let elsewhere = tempfile::tempdir().unwrap();
    let id = run.path().file_name().unwrap().to_str().unwrap();
    let folder = elsewhere.path().join("mnist").join(id);
    rebuild(&objects(&moto), id, &folder);
    let (here, there) = (points(run.path()), points(&folder));
    assert!(here.len() >= 200_000);
    assert!(here == there, "{} points here, {} there", here.len(), there.len());
    eprintln!("{kills} kills: {} points there, each once", there.len());
}

#[test]
fn what_a_killed_training_left_in_memory_is_sealed_and_sent() {
    let store = Store::new();
    let place = tempfile::tempdir().unwrap();
    let child = std::env::current_exe().unwrap();
    let mut training = Command::new(child)
        .args(["--exact", "syncs::a_training_that_is_killed", "--ignored", "--nocapture"])
        .env("TRACKER_TEST_TRAINING", store.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !store.path().join("ready").exists() {
        assert!(began.elapsed() < Duration::from_mins(1));
        thread::sleep(Duration::from_millis(10));
    }
    let place_name = place.path().to_str().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let afar = |args: &[&str]| {
        let mut command = command(args);
        command.args(["--store", place_name]).env("TRACKER_CACHE", cache.path());
        texts(&command.output().unwrap()).0
    };
    // Until some of its points were seen from afar, so that what was fetched of them has to go.
    loop {
        assert!(began.elapsed() < Duration::from_mins(1));
        assert!(store.tracker(&["sync", "@latest", "--to", place_name]).status.success());
        assert!(afar(&["ls"]).contains("running"));
        if afar(&["export", "@latest", "--to", "csv"]).lines().count() > 1 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    training.kill().unwrap();
    training.wait().unwrap();
    let output = store.tracker(&["sync", "@latest", "--to", place_name, "--follow"]);
    let (said, problems) = texts(&output);
    assert!(output.status.success() && said.contains("all of it is there"), "{said}{problems}");
    let objects = in_folder(place.path());
    let id = objects.keys().find_map(|name| name.strip_prefix("mnist/heads/")).unwrap();
    let id = id.strip_suffix(".json").unwrap().to_owned();
    let folder = place.path().join("rebuilt/mnist").join(&id);
    rebuild(&objects, &id, &folder);
    assert_eq!(points(&folder).len(), 5_000);
    let seen = afar(&["ls"]);
    assert!(seen.contains("crashed"), "{seen}");
    let here = texts(&store.tracker(&["export", "@latest", "--to", "csv"])).0;
    assert_eq!(afar(&["export", "@latest", "--to", "csv"]), here);
}

/// The other process of the test above.
#[test]
#[ignore = "another test starts it"]
fn a_training_that_is_killed() {
    let Some(dir) = std::env::var_os("TRACKER_TEST_TRAINING") else { return };
    let run = tracker_core::init("mnist").dir(&dir).signals(false).start().unwrap();
    for step in 0..5_000_u64 {
        run.log_at(step, metrics! { "loss" => 1.0 });
    }
    fs::write(Path::new(&dir).join("ready"), "").unwrap();
    thread::sleep(Duration::from_mins(5));
}

fn in_folder(place: &Path) -> BTreeMap<String, Vec<u8>> {
    let place = Place::parse(place.to_str().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let found: Vec<_> = place.objects().list(None).try_collect().await.unwrap();
        let mut all = BTreeMap::new();
        for object in found {
            let get = place.objects().get_opts(&object.location, <_>::default()).await.unwrap();
            all.insert(object.location.to_string(), get.bytes().await.unwrap().to_vec());
        }
        all
    })
}

#[test]
fn a_run_is_sent_to_a_folder_compared_and_what_is_missing_is_told() {
    let store = Store::new();
    store.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    let place = tempfile::tempdir().unwrap();
    let to = place.path().to_str().unwrap();
    assert!(store.prints(&["sync", "first", "--to", to]).contains("all of it is there"));
    assert!(store.prints(&["sync", "--all", "--to", to]).contains("first: "));
    assert!(store.prints(&["sync", "first", "--to", to, "--check=deep"]).contains("all of it"));
    let run = place.path().join("mnist/runs").join(FIRST);
    fs::remove_dir_all(run.join("file")).unwrap();
    let output = store.tracker(&["sync", "first", "--to", to, "--check"]);
    let (said, hint) = texts(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("scalars/") && said.contains("is not there"), "{said}");
    assert!(hint.contains("hint: `tracker sync`"), "{hint}");
    store.prints(&["sync", "first", "--to", to]);
    store.prints(&["sync", "first", "--to", to, "--check=deep"]);
}

/// All files below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn whatever_somebody_removes_or_breaks_in_a_place_is_found_and_comes_again() {
    let (store, place) = (Store::new(), tempfile::tempdir().unwrap());
    let to = place.path().to_str().unwrap();
    let run = store.init("all").start().unwrap();
    run.log_at(0, metrics! { "loss" => 1.0 });
    run.log_media("picture", 0, Image::gray8(2, 2, vec![0, 1, 2, 3]).unwrap());
    fs::create_dir_all(run.dir()).unwrap();
    fs::write(run.dir().join("model"), "weights").unwrap();
    run.finish().unwrap();
    store.prints(&["sync", "all", "--to", to]);
    let check = || store.tracker(&["sync", "all", "--to", to, "--check=deep"]);
    assert!(check().status.success(), "{:?}", texts(&check()));
    let all = files_below(place.path());
    assert!(all.len() >= 7, "{all:?}");
    for object in all.iter().filter(|object| !object.ends_with("tracker.json")) {
        for breaks in [false, true] {
            if breaks {
                fs::write(object, "what is this?").unwrap();
            } else {
                fs::remove_file(object).unwrap();
            }
            let output = check();
            let (said, problems) = texts(&output);
            assert_eq!(output.status.code(), Some(1), "{}: {said}{problems}", object.display());
            assert!(said.contains("difference"), "{said}{problems}");
            // Nothing that is there is replaced.
            let _ = fs::remove_file(object);
            store.prints(&["sync", "all", "--to", to]);
            assert!(check().status.success(), "{}: {:?}", object.display(), texts(&check()));
        }
    }
}

#[test]
fn what_was_sent_and_is_gone_when_the_run_ends_is_sent_again() {
    let (store, place) = (Store::new(), tempfile::tempdir().unwrap());
    let to = place.path().join("runs");
    let run = store.init("gone").start().unwrap();
    run.log_at(0, metrics! { "loss" => 1.0 });
    fs::create_dir_all(run.dir()).unwrap();
    fs::write(run.dir().join("model"), "weights").unwrap();
    let args = ["sync", "gone", "--follow", "--to", to.to_str().unwrap()];
    let mut command = store.command(&args);
    command.env("TRACKER_SYNC_EVERY", "0.1").stdout(Stdio::piped());
    let sender = command.spawn().unwrap();
    let began = Instant::now();
    while !to.join("mnist/blobs").exists() {
        assert!(began.elapsed() < Duration::from_mins(1));
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_millis(300));
    fs::rename(&to, place.path().join("moved away")).unwrap();
    run.log_at(1, metrics! { "loss" => 0.5 });
    run.finish().unwrap();
    let output = sender.wait_with_output().unwrap();
    let (said, _) = texts(&output);
    assert!(output.status.success() && said.contains("all of it is there"), "{said}");
    store.prints(&["sync", "gone", "--to", to.to_str().unwrap(), "--check=deep"]);
}

#[test]
fn a_place_in_the_store_itself_is_refused() {
    let store = Store::new();
    store.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    for inside in ["", "mnist", "copies"] {
        let to = store.path().join(inside);
        let output = store.tracker(&["sync", "first", "--to", to.to_str().unwrap()]);
        let (_, said) = texts(&output);
        assert!(!output.status.success() && said.contains("lies in the store"), "{said}");
    }
}

#[test]
fn without_a_place_the_way_to_name_one_is_told() {
    let store = Store::new();
    store.trained(FIRST, "first", &serde_json::json!({}), 0.0, 1);
    let output = store.command(&["sync", "first"]).env_remove("TRACKER_SYNC").output().unwrap();
    let (_, said) = texts(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("no place is named") && said.contains("TRACKER_SYNC"), "{said}");
}
