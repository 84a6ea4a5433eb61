//! What a place says of studies is what their journals say.

use std::{fs, io::Write, path::Path};

use object_store::{ObjectStoreExt, path::Path as Name};
use tracker_core::{read::Store, studies::StudyFolder};

use crate::{Error, Place, StudyUplink, mirror::open_still, names::ProjectNames, packed};

const LINES: [&str; 3] = ["{\"op_code\": 0}\n", "{\"op_code\": 4}\n", "{\"op_code\": 6}\n"];

fn add(study: &StudyFolder, text: &str) {
    study.append_to_journal().unwrap().write_all(text.as_bytes()).unwrap();
}

fn study(root: &Path, name: &str) -> StudyFolder {
    StudyFolder::create(root, "mnist", name).unwrap()
}

fn journals(store: &Store) -> Vec<(String, String)> {
    let text = |study: &StudyFolder| std::io::read_to_string(study.read_journal().unwrap());
    let studies = store.studies().unwrap();
    studies.iter().map(|study| (study.name().to_owned(), text(study).unwrap())).collect()
}

fn put(place: &Place, name: &Name, bytes: Vec<u8>) {
    let done = place.objects().put(name, bytes.into());
    futures_util::future::FutureExt::now_or_never(done).unwrap().unwrap();
}

#[test]
fn journals_are_read_afar_as_far_as_their_lines_are_whole_and_follow() {
    let (here, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let place = Place::memory();
    let (rates, other) = (study(here.path(), "rates"), study(here.path(), "Grünkohl 2"));
    add(&rates, LINES[0]);
    add(&other, LINES[1]);
    add(&other, "{\"half");
    let mut uplinks = [rates.clone(), other].map(|it| StudyUplink::new(&place, it).unwrap());
    for uplink in &mut uplinks {
        assert!(uplink.send().unwrap());
        assert!(!uplink.send().unwrap(), "nothing was added");
    }
    let afar = open_still(&place, cache.path()).unwrap();
    let whole = |text: &str| text.to_owned();
    let mut seen = vec![("Grünkohl 2".into(), whole(LINES[1])), ("rates".into(), whole(LINES[0]))];
    assert_eq!(journals(&afar), seen);
    add(&rates, LINES[2]);
    assert!(uplinks[0].send().unwrap());
    seen[1].1.push_str(LINES[2]);
    assert_eq!(journals(&afar), seen);
}

#[test]
fn whoever_sends_a_trial_sends_the_journal_and_nobody_takes_anything_back() {
    let (here, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (place, cache) = (Place::memory(), tempfile::tempdir().unwrap());
    let (rates, copied) = (study(here.path(), "rates"), study(copy.path(), "rates"));
    for study in [&rates, &copied] {
        add(study, LINES[0]);
    }
    let mut late = StudyUplink::new(&place, copied.clone()).unwrap();
    let [mut one, mut two] = [0, 1].map(|_| StudyUplink::new(&place, rates.clone()).unwrap());
    assert!(one.send().unwrap() && !two.send().unwrap());
    for line in &LINES[1..] {
        add(&rates, line);
        assert!(two.send().unwrap() && !one.send().unwrap());
    }
    // It is a beginning of what is there.
    assert!(!late.send().unwrap());
    add(&copied, "{\"op_code\": 9}\n");
    let text = late.send().unwrap_err().to_string();
    assert!(matches!(late.send(), Err(Error::OtherStudy { .. })), "{text}");
    assert!(text.contains("study mnist/rates") && text.contains("another name"), "{text}");
    let afar = open_still(&place, cache.path()).unwrap();
    assert_eq!(journals(&afar), [("rates".to_owned(), LINES.concat())]);
}

#[test]
fn studies_from_afar_are_read_alone_and_a_hostile_place_harms_nothing() {
    let (here, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let place = Place::memory();
    let rates = study(here.path(), "rates");
    add(&rates, LINES[0]);
    StudyUplink::new(&place, rates).unwrap().send().unwrap();
    let names = ProjectNames::new("mnist");
    put(&place, &names.study("torn"), b"no journal at all".to_vec());
    put(&place, &names.study("../../../escaped"), packed::pack(b"{}\n"));
    put(&place, &Name::parse("mnist/studies/%2E%2E").unwrap(), packed::pack(b"{}\n"));
    put(&place, &names.study("a").join("b"), packed::pack(b"{}\n"));
    // A gigabyte in a few bytes.
    put(&place, &names.study("bomb"), packed::pack(&vec![b'\n'; (1 << 28) + 1]));
    let afar = open_still(&place, cache.path()).unwrap();
    let studies = afar.studies().unwrap();
    let readable = studies.iter().filter(|study| study.has_journal());
    assert_eq!(readable.map(StudyFolder::name).collect::<Vec<_>>(), ["rates"]);
    let study = StudyFolder::open(&afar, "mnist", "rates").unwrap();
    for refused in [
        study.lock_journal().map(drop).unwrap_err(),
        study.append_to_journal().map(drop).unwrap_err(),
        study.write_definition("x").unwrap_err(),
    ] {
        assert!(refused.to_string().contains("it is a copy of what lies in"), "{refused}");
    }
    let outside = fs::read_dir(cache.path()).unwrap().count();
    assert_eq!(outside, 1, "the place's own folder");
}
