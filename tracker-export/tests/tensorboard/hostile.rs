//! Files that are damaged, cut, packed, or made to do harm.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use tracker_export::{Account, Source, TensorBoardSource, read_events};

use crate::{
    events::{bytes, event, file, number, scalar, tensor},
    kept::Kept,
    memory::{import, import_one},
};

fn read(bytes: &[u8]) -> (Kept, Account) {
    let (mut memory, mut account) = (Kept::default(), Account::default());
    read_events(bytes, &mut memory, &mut account).unwrap();
    (memory, account)
}

fn hundred() -> Vec<u8> {
    let events: Vec<_> = (0..100).map(|step| event(step, &scalar("loss", step as f32))).collect();
    file(&events)
}

fn left_out(account: &Account) -> Vec<(&'static str, u64)> {
    account.left_out().iter().map(|(left, count)| (left.what, *count)).collect()
}

#[test]
fn a_flipped_bit_costs_one_event_and_is_counted() {
    let whole = hundred();
    for bit in (0..whole.len() * 8).step_by(37) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let (memory, account) = read(&bytes);
        assert_eq!(memory.points.len(), 99, "bit {bit}");
        assert_eq!(left_out(&account), [("damaged places", 1)], "bit {bit}");
    }
}

#[test]
fn a_file_that_is_cut_gives_what_is_whole() {
    let whole = hundred();
    let (memory, account) = read(&whole[..whole.len() - 1]);
    assert_eq!(memory.points.len(), 99);
    assert_eq!(left_out(&account), [("damaged places", 1)]);
}

#[test]
fn a_packed_file_is_read_whole_or_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&hundred()).unwrap();
    let packed = packed.finish().unwrap();
    let path = folder.path().join("events.out.tfevents.1700000000.host.1.0.gz");
    fs::write(&path, &packed).unwrap();
    assert_eq!(import_one(&path).1.points.len(), 100);
    fs::write(&path, &packed[..packed.len() / 2]).unwrap();
    let (_, memory, account) = import_one(folder.path());
    assert!((1..100).contains(&memory.points.len()), "{}", memory.points.len());
    assert_eq!(account.left_out().len(), 1);
}

#[test]
fn files_of_one_folder_are_one_run_in_the_order_of_their_times() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: f32| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file(&[event(1, &scalar("loss", value))])).unwrap();
    };
    write("a/events.out.tfevents.1700000001.a.1.0", 2.0);
    write("a/events.out.tfevents.1700000000.b.1.0", 1.0);
    write("a/events.out.tfevents.1700000002.a.1.0", 3.0);
    write("a/b/events.out.tfevents.1700000000.a.1.0", 4.0);
    fs::write(folder.path().join("a/other.txt"), "no event file").unwrap();
    let runs = import(folder.path());
    let names: Vec<_> = runs.iter().map(|(run, ..)| run.name.clone().unwrap()).collect();
    assert_eq!(names, ["a", "a/b"]);
    let values: Vec<f64> = runs[0].1.points.iter().map(|point| f64::from_bits(point.3)).collect();
    assert_eq!(values, [1.0, 2.0, 3.0]);
}

#[test]
fn a_run_is_known_again_where_its_folders_were_moved() {
    let folder = tempfile::tempdir().unwrap();
    let origin = |at: &str| {
        let path = folder.path().join(at).join("run");
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("events.out.tfevents.1700000000.host.1.0"), hundred()).unwrap();
        import_one(&folder.path().join(at)).0.origin
    };
    assert_eq!(origin("here"), origin("there/deep"));
}

#[test]
fn two_runs_whose_files_have_one_name_are_two() {
    let folder = tempfile::tempdir().unwrap();
    for at in ["a/run", "b/run"] {
        let path = folder.path().join(at);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("events.out.tfevents.1700000000.host.1.0"), hundred()).unwrap();
    }
    let runs = import(folder.path());
    assert_eq!(runs.len(), 2);
    assert_ne!(runs[0].0.origin, runs[1].0.origin);
    assert!(runs.iter().all(|(_, memory, _)| memory.points.len() == 100));
}

#[test]
fn what_is_no_event_file_is_told_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| TensorBoardSource::new(path).runs().unwrap_err().to_string();
    assert!(refused(folder.path()).contains("hint: "));
    assert!(refused(&folder.path().join("missing")).contains("hint: "));
    fs::write(folder.path().join("events.tfevents"), "not at all").unwrap();
    assert!(refused(folder.path()).contains("hint: "));
}

#[test]
fn steps_below_zero_and_foreign_plugins_are_counted() {
    let events = [
        event(-1, &scalar("loss", 1.0)),
        event(1, &tensor("mesh", "mesh", b"\x08\x01")),
        event(1, &tensor("curve", "pr_curves", b"\x08\x01")),
        event(1, b"\x0a\xff"),
        b"\xff\xff".to_vec(),
    ];
    let (memory, account) = read(&file(&events));
    assert_eq!((memory.points.len(), memory.events.len()), (0, 0));
    assert_eq!(account.left_out().values().sum::<u64>(), 5);
}

#[test]
fn scalars_of_the_newer_form_keep_all_their_bits() {
    let double = |value: f64| {
        let mut out = Vec::new();
        number(&mut out, 1, 2);
        bytes(&mut out, 2, b"");
        bytes(&mut out, 4, &value.to_le_bytes());
        out
    };
    // The plugin is named with the first value of a tag, or with each, or not at all.
    let events = [
        event(0, &tensor("loss", "scalars", &double(0.1))),
        event(1, &tensor("loss", "", &double(f64::MIN_POSITIVE))),
        event(2, &tensor("other", "", &double(1e300))),
    ];
    let (memory, account) = read(&file(&events));
    let values: Vec<u64> = memory.points.iter().map(|point| point.3).collect();
    assert_eq!(values, [0.1, f64::MIN_POSITIVE, 1e300].map(f64::to_bits));
    assert_eq!(memory.points[0].2, 1_700_000_000_250_000);
    assert!(account.left_out().is_empty());
}

#[test]
fn a_tag_without_end_and_one_that_leads_elsewhere_are_names_and_nothing_more() {
    let long = "x".repeat(1 << 20);
    let events = [
        event(0, &scalar(&long, 1.0)),
        event(0, &scalar("../../../etc/passwd", 1.0)),
        event(0, &scalar("", 1.0)),
    ];
    let (memory, _) = read(&file(&events));
    let names: Vec<_> = memory.points.iter().map(|point| point.0.as_str()).collect();
    assert_eq!(names, [&*long, "../../../etc/passwd", ""]);
}

#[test]
fn a_link_to_a_folder_above_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    fs::write(run.join("events.out.tfevents.1700000000.host.1.0"), hundred()).unwrap();
    std::os::unix::fs::symlink(folder.path(), run.join("loop")).unwrap();
    assert_eq!(import(folder.path()).len(), 1);
}

proptest! {
    #[test]
    fn no_bytes_do_harm(noise in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read(&noise);
        // As the data of whole records, and as the parts of an event.
        let value = tensor("a", "images", &noise);
        for plugin in ["scalars", "histograms", "text", "audio", "hparams"] {
            read(&file(&[noise.clone(), event(1, &noise), event(1, &tensor("b", plugin, &noise))]));
        }
        read(&file(&[event(1, &value)]));
    }

    #[test]
    fn what_is_whole_is_read_wherever_noise_lies_between(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 1..20),
    ) {
        let mut all = Vec::new();
        for (step, noise) in (0..).zip(&pieces) {
            all.extend_from_slice(noise);
            all.extend(file(&[event(step, &scalar("loss", 0.5))]));
        }
        let (memory, account) = read(&all);
        prop_assert_eq!(memory.points.len(), pieces.len());
        let noisy = pieces.iter().filter(|noise| !noise.is_empty()).count() as u64;
        prop_assert_eq!(account.left_out().values().sum::<u64>(), noisy);
    }
}
