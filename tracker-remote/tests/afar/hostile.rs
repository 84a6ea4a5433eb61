//! What lies in a place is a stranger's: nothing of it is written outside the folder it belongs in, nothing hangs, and what
//! is wrong is told.

use std::collections::BTreeMap;

use object_store::{Error, path::Path};
use tracker_core::Writer;
use tracker_remote::{
    Blob, End, Head, Manifest, Place, Tail, Tidy, Uplink,
    names::{PIECE, ProjectNames, RunNames},
};

use crate::{
    assert_same, bring, carried, in_store,
    store::{Fate, Odd},
    support::{Local, delete, objects, points, put},
    tidies::{id, send},
};

fn names(local: &Local) -> RunNames {
    ProjectNames::new("mnist").run(&id(local))
}

fn missing(path: &Path) -> Error {
    Error::NotFound { path: path.to_string(), source: "gone".into() }
}

/// A run that was sent, and its place.
fn sent() -> (Local, Place) {
    let (local, place) = (Local::ended(), Place::memory());
    send(&place, &local);
    (local, place)
}

fn head_of(place: &Place, local: &Local) -> Head {
    let name = names(local).head();
    Head::read("head", &objects(place)[name.as_ref()]).unwrap()
}

fn put_head(place: &Place, local: &Local, head: &Head) {
    put(place, &names(local).head(), serde_json::to_vec(head).unwrap());
}

#[test]
fn names_that_lead_elsewhere_are_written_nowhere() {
    let (local, place) = sent();
    let here = tempfile::tempdir().unwrap();
    let store = here.path().join("a/b/store");
    let objects = objects(&place);
    let manifest = names(&local).manifest();
    let mut files = Manifest::unpack("manifest", &objects[manifest.as_ref()]).unwrap();
    let blob = files.files.values().next().unwrap().clone();
    for path in [
        "../../outside",
        "/etc/outside",
        "files/../../../outside",
        "files/a\\b",
        "files/a:b",
        "x",
        "files//x",
        "live/r0a1/lock",
        "live/r0a1/ring",
        "run.json",
        "edits.jsonl",
        "followers/x",
        "manifest",
        "scalars/r0a1-900-999.parquet",
        "events-r0a9.jsonl",
        "..",
        "",
    ] {
        files.files.insert(path.to_owned(), blob.clone());
    }
    put(&place, &manifest, files.pack());
    let mut head = head_of(&place, &local);
    for name in ["../outside", "summary-../../outside.json", "summary-x", "live/r0a1/lock"] {
        head.documents.insert(name.to_owned(), "{}".to_owned());
        head.names.push(name.to_owned());
    }
    put_head(&place, &local, &head);
    let mut tail = Tail::default();
    for path in ["../../outside", "live/../../outside", "live/r0a7/log-0/../x", "run.json"] {
        tail.ends.insert(path.to_owned(), End::new(0, b"hostile\n".to_vec()));
        tail.whole.insert(path.to_owned(), "hostile".to_owned());
    }
    put(&place, &names(&local).tail(Writer { rank: 7, attempt: 1 }), tail.pack());
    let brought = bring(&place, &local.path(), &store).unwrap();
    let is_told = |missing: &String| missing.ends_with("which no run has");
    assert!(brought.missing.len() == 17 && brought.missing.iter().all(is_told), "{brought:?}");
    assert_same(&in_store(&local.path(), &store), &local.path());
    let beside: Vec<_> =
        carried(here.path()).into_keys().filter(|p| !p.starts_with("a/b/store/")).collect();
    assert!(beside.is_empty(), "{beside:?}");
}

#[test]
fn contents_that_are_not_what_their_name_says_are_told_and_not_kept() {
    let (local, place) = sent();
    let here = tempfile::tempdir().unwrap();
    let blob = objects(&place).into_iter().find(|(_, bytes)| bytes == b"1234").unwrap().0;
    put(&place, &Path::from(&*blob), b"4321".to_vec());
    let error = bring(&place, &local.path(), here.path()).unwrap_err().to_string();
    assert!(error.contains("other contents than its name says"), "{error}");
    put(&place, &Path::from(&*blob), b"1234".to_vec());
    assert!(bring(&place, &local.path(), here.path()).unwrap().is_whole);
    assert_same(&in_store(&local.path(), here.path()), &local.path());
}

/// A copy of a run that trains, with a file of the user's; then the run ends with another one.
fn copy_of_a_run_that_went_on() -> (Local, Place, tempfile::TempDir) {
    let (local, place, here) = (Local::new(), Place::memory(), tempfile::tempdir().unwrap());
    local.log(0..1_000);
    local.flush();
    local.write_file("best", b"one");
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let (as_it_is, _) = Odd::place(&place, |_, _, _| None);
    assert!(bring(&as_it_is, &local.path(), here.path()).unwrap().missing.is_empty());
    local.write_file("best", b"two");
    local.run.finish().unwrap();
    send(&place, &local);
    (local, place, here)
}

#[test]
fn what_has_other_contents_than_its_name_says_replaces_nothing() {
    let (local, place, here) = copy_of_a_run_that_went_on();
    let (there, _) = Odd::place(&place, |_, _, _| None);
    let blob = objects(&place).into_iter().find(|(_, bytes)| bytes == b"two").unwrap().0;
    put(&place, &Path::from(&*blob), b"owt".to_vec());
    bring(&there, &local.path(), here.path()).unwrap_err();
    let best = in_store(&local.path(), here.path()).join("files/best");
    assert_eq!(std::fs::read(&best).unwrap(), b"one");
    put(&place, &Path::from(&*blob), b"two".to_vec());
    assert!(bring(&there, &local.path(), here.path()).unwrap().is_whole);
    assert_same(&in_store(&local.path(), here.path()), &local.path());
}

#[test]
fn a_file_whose_new_contents_are_gone_there_is_not_taken_for_the_new_one() {
    let (local, place, here) = copy_of_a_run_that_went_on();
    let (there, _) = Odd::place(&place, |_, _, _| None);
    let blob = objects(&place).into_iter().find(|(_, bytes)| bytes == b"two").unwrap().0;
    delete(&place, &blob);
    for _ in 0..2 {
        let brought = bring(&there, &local.path(), here.path()).unwrap();
        assert!(!brought.is_whole && !brought.missing.is_empty(), "{brought:?}");
    }
    put(&place, &Path::from(&*blob), b"two".to_vec());
    assert!(bring(&there, &local.path(), here.path()).unwrap().is_whole);
    assert_same(&in_store(&local.path(), here.path()), &local.path());
}

#[test]
fn a_log_stays_until_the_part_that_replaces_it_has_come() {
    let (local, place, here) = copy_of_a_run_that_went_on();
    let folder = in_store(&local.path(), here.path());
    let before = points(&folder);
    assert_eq!(before.len(), 2_000);
    let (gone, _) = Odd::place(&place, |_, operation, path| {
        let is_part = operation == "get" && path.as_ref().ends_with(".parquet");
        is_part.then(|| Fate::Before(missing(path)))
    });
    assert!(!bring(&gone, &local.path(), here.path()).unwrap().missing.is_empty());
    assert_eq!(points(&folder), before);
    let (there, _) = Odd::place(&place, |_, _, _| None);
    assert!(bring(&there, &local.path(), here.path()).unwrap().is_whole);
    assert_same(&folder, &local.path());
}

#[test]
fn a_part_that_is_gone_in_the_middle_of_it_is_told_and_all_else_is_here() {
    let (local, place) = sent();
    let here = tempfile::tempdir().unwrap();
    let (gone, _) = Odd::place(&place, |_, operation, path| {
        let is_part = operation == "get" && path.as_ref().ends_with(".parquet");
        is_part.then(|| Fate::Before(missing(path)))
    });
    let brought = bring(&gone, &local.path(), here.path()).unwrap();
    assert!(!brought.is_whole && brought.missing.iter().any(|what| what.contains("is gone there")));
    let folder = in_store(&local.path(), here.path());
    assert!(folder.join("run.json").exists() && folder.join("files/weights/a.ckpt").exists());
    // Once it is there again, it comes.
    let (there, _) = Odd::place(&place, |_, _, _| None);
    assert!(bring(&there, &local.path(), here.path()).unwrap().is_whole);
    assert_same(&folder, &local.path());
}

#[test]
fn a_piece_that_is_gone_is_told_and_what_is_before_it_is_here() {
    let (local, place) = (Local::new(), Place::memory());
    local.log(0..20_000);
    local.flush();
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let piece = names(&local).piece("live/r0a1/log-0", PIECE, 2 * PIECE);
    crate::support::delete(&place, piece.as_ref());
    let here = tempfile::tempdir().unwrap();
    let brought = bring(&place, &local.path(), here.path()).unwrap();
    assert!(brought.missing.iter().any(|what| what.contains("of live/r0a1/log-0 are not in")));
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let brought = bring(&place, &local.path(), here.path()).unwrap();
    assert!(brought.missing.is_empty(), "{brought:?}");
}

/// The object that is put in another one's place.
type Plant = fn(&RunNames, Writer) -> Path;

#[test]
fn what_is_huge_or_never_ends_is_refused_soon() {
    let bomb = zstd::bulk::compress(&vec![b'['; 600 << 20], 1).unwrap();
    let writer = Writer { rank: 0, attempt: 1 };
    let plants: [Plant; 3] = [
        |names, _| names.manifest(),
        |names, writer| names.tail(writer),
        |names, _| names.piece("events-r0a1.jsonl", 0, PIECE),
    ];
    for plant in plants {
        let (local, place) = sent();
        put(&place, &plant(&names(&local), writer), bomb.clone());
        let here = tempfile::tempdir().unwrap();
        let error = bring(&place, &local.path(), here.path()).map(|brought| brought.missing);
        assert!(error.is_err(), "{error:?}");
        assert!(!in_store(&local.path(), here.path()).exists());
    }
    let (local, place) = sent();
    put(&place, &names(&local).head(), vec![b'['; 17 << 20]);
    let here = tempfile::tempdir().unwrap();
    assert!(bring(&place, &local.path(), here.path()).is_err());
    // What cannot be read is nobody's to remove.
    let before = objects(&place).len();
    Tidy::new(&place).unwrap().garbage(std::time::Duration::ZERO, true).unwrap();
    assert_eq!(objects(&place).len(), before);
}

#[test]
fn a_manifest_that_cannot_be_read_keeps_all_contents() {
    let (local, place) = sent();
    put(&place, &names(&local).manifest(), b"noise".to_vec());
    let before = objects(&place).len();
    let found = Tidy::new(&place).unwrap().garbage(std::time::Duration::ZERO, true).unwrap();
    assert!(found.told.iter().any(|told| told.contains("/manifest")), "{found:?}");
    assert_eq!(objects(&place).len(), before);
}

#[test]
fn a_place_that_lies_about_etags_is_told_and_nothing_is_claimed() {
    let (local, place) = sent();
    let (lying, _) = Odd::place(&place, |_, operation, path| {
        let is_head = operation == "put" && path.as_ref().contains("/heads/");
        is_head.then(|| {
            Fate::Before(Error::Precondition { path: path.to_string(), source: "another".into() })
        })
    });
    let error = Tidy::new(&lying).unwrap().delete("mnist", &id(&local)).unwrap_err().to_string();
    assert!(error.contains("tells one ETag and asks for another one"), "{error}");
    assert_eq!(head_of(&place, &local).deleted, None);
}

#[test]
fn a_head_of_another_run_is_told() {
    let (local, place) = sent();
    let mut head = head_of(&place, &local);
    let other = "01JZXW5M4B6Q8T2V9Y3C7D0E1F";
    let text = head.documents["run.json"].replace(id(&local).as_str(), other);
    head.documents = BTreeMap::from([("run.json".to_owned(), text)]);
    put_head(&place, &local, &head);
    let here = tempfile::tempdir().unwrap();
    let error = bring(&place, &local.path(), here.path()).unwrap_err().to_string();
    assert!(error.contains("it is the head of another run"), "{error}");
}

#[test]
fn a_manifest_that_names_more_bytes_than_there_are_fails_and_is_no_run_here() {
    let (local, place) = sent();
    let name = names(&local).manifest();
    let mut files = Manifest::unpack("manifest", &objects(&place)[name.as_ref()]).unwrap();
    let sha256 = files.files["files/weights/a.ckpt"].sha256.clone();
    files.files.insert("files/huge".into(), Blob { sha256, length: u64::MAX - 9 });
    put(&place, &name, files.pack());
    let here = tempfile::tempdir().unwrap();
    assert!(bring(&place, &local.path(), here.path()).is_err());
    assert!(!in_store(&local.path(), here.path()).exists());
}
