//! What a run's folder tells those who carry it elsewhere, while it is written.

use std::fs;

use super::*;
use crate::testing::manual_writer::ByHand;

const LOG: &str = "live/r0a1/log-0";

fn settled(folder: &RunFolder, path: &str) -> u64 {
    folder.open_file(path).unwrap().unwrap().settled().unwrap()
}

fn folder(hand: &ByHand) -> RunFolder {
    RunFolder::open(hand.paths().folder()).unwrap()
}

#[test]
fn of_a_log_whole_slots_are_settled_and_a_header_alone_is_not() {
    let hand = ByHand::new();
    let folder = folder(&hand);
    assert_eq!(settled(&folder, LOG), 0);
    hand.tell_in_header("loss");
    assert_eq!(settled(&folder, LOG), 0);
    hand.log_points(0, 10);
    hand.drain();
    let whole = fs::read(hand.log()).unwrap();
    assert_eq!(settled(&folder, LOG), whole.len() as u64);
    fs::write(hand.log(), &whole[..whole.len() - 5]).unwrap();
    assert_eq!(settled(&folder, LOG), whole.len() as u64 - 32);
    fs::write(hand.log(), b"noise that is no log").unwrap();
    assert_eq!(settled(&folder, LOG), 0);
}

#[test]
fn a_log_of_many_names_is_settled_behind_its_long_header() {
    let hand = ByHand::new();
    for number in 0..300 {
        hand.tell_in_header(&format!("{number}/{}", "long".repeat(100)));
    }
    let folder = folder(&hand);
    hand.log_points(0, 3);
    hand.drain();
    let length = fs::metadata(hand.log()).unwrap().len();
    assert!(length > 100_000);
    assert_eq!(settled(&folder, LOG), length);
}

#[test]
fn of_lines_the_whole_ones_are_settled() {
    let hand = ByHand::new();
    let folder = folder(&hand);
    let events = folder.path().join("events-r0a1.jsonl");
    for (text, expected) in [("", 0), ("{}", 0), ("{}\n", 3), ("{}\n{\"half", 3)] {
        fs::write(&events, text).unwrap();
        assert_eq!(settled(&folder, "events-r0a1.jsonl"), expected, "{text:?}");
    }
    let long = "x".repeat(200_000);
    fs::write(&events, format!("{{}}\n{long}")).unwrap();
    assert_eq!(settled(&folder, "events-r0a1.jsonl"), 3);
}

#[test]
fn a_folder_tells_its_files_with_their_kinds_and_a_file_that_goes_is_none() {
    let hand = ByHand::new();
    let folder = folder(&hand);
    hand.define("loss");
    hand.log_points(0, 10);
    hand.rotate();
    let opened = folder.open_file(LOG).unwrap().unwrap();
    hand.seal_full();
    assert!(opened.settled().unwrap() > 300, "who has opened it reads it to its end");
    assert!(folder.open_file(LOG).unwrap().is_none());
    let kinds: Vec<(String, FileKind)> =
        folder.files().unwrap().into_iter().map(|file| (file.path, file.kind)).collect();
    let part = kinds.iter().find(|(path, _)| path.starts_with("scalars/")).unwrap();
    assert_eq!(part.1, FileKind::Fixed);
    assert_eq!(PartRange::of_path(&part.0).unwrap().first, 0);
    assert!(kinds.contains(&("events-r0a1.jsonl".into(), FileKind::Growing)));
    assert!(kinds.contains(&("live/r0a1/lock".into(), FileKind::Replaced)));
    assert!(!kinds.iter().any(|(path, _)| path.contains("ring") || path.contains("heartbeat")));
    assert_eq!(folder.lives().unwrap().values().collect::<Vec<_>>(), [&true]);
    hand.die();
    assert_eq!(folder.lives().unwrap().values().collect::<Vec<_>>(), [&false]);
}

#[cfg(unix)]
#[test]
fn of_the_users_files_links_and_odd_names_are_left_out_and_told() {
    let hand = ByHand::new();
    let folder = folder(&hand);
    let files = folder.path().join("files");
    fs::create_dir_all(files.join("weights")).unwrap();
    fs::write(files.join("weights/a.ckpt"), "12").unwrap();
    fs::write(files.join("b\n.txt"), "").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", files.join("link")).unwrap();
    let found = folder.user_files().unwrap();
    let paths: Vec<&str> = found.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["files/weights/a.ckpt"]);
    assert_eq!(found.left_out.len(), 2);
    folder.open_file("files/link").unwrap_err();
    folder.open_file("../../../../etc/passwd").unwrap_or(None).ok_or(()).unwrap_err();
}
