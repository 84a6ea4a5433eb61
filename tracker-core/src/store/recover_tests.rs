//! What a dead writer left is saved once, however often it is tried.

use std::{fs, io::Write};

use crate::{
    Writer,
    format::{run_file::WriterSummary, slot::SLOT_BYTES},
    read::RunReader,
    store::{Force, recover::Recovered, seal_dead},
    testing::manual_writer::ByHand,
};

const WRITER: Writer = Writer { rank: 0, attempt: 1 };

/// A writer that died with a full log, one that is not full, and points only in its ring.
fn dead() -> ByHand {
    let hand = ByHand::new();
    hand.define("loss");
    hand.log_points(0, 10);
    hand.rotate();
    hand.log_points(0, 10);
    hand.drain();
    hand.define("a name that is defined in the ring alone");
    hand.log_points(0, 5);
    hand.reserve();
    hand.log_points(0, 5);
    hand.log_points(1, 1);
    hand.die();
    hand
}

fn steps(hand: &ByHand, metric: &str) -> Vec<u64> {
    let run = RunReader::open(hand.paths().folder()).unwrap();
    run.series(metric).unwrap().iter().map(|row| row.step.0).collect()
}

fn assert_all_is_saved(hand: &ByHand) {
    assert_eq!(steps(hand, "loss"), (0..30).collect::<Vec<_>>());
    assert_eq!(steps(hand, "a name that is defined in the ring alone"), [30]);
    assert!(!hand.paths().live_all().exists(), "nothing is left in the live folder");
    let summary = WriterSummary::read(&hand.paths().summary(WRITER)).unwrap();
    assert!(summary.complete);
    assert_eq!(summary.metrics["loss"].summary(None).count, 30);
}

#[test]
fn all_that_a_dead_writer_left_is_sealed() {
    let hand = dead();
    let recovered = seal_dead(&hand.paths(), WRITER, Force::No).unwrap();
    // The definition took three slots.
    assert_eq!((recovered.points, recovered.unfinished, recovered.damaged), (31, 1, 0));
    assert_all_is_saved(&hand);
    let again = seal_dead(&hand.paths(), WRITER, Force::No).unwrap();
    assert_eq!(again, Recovered::default());
}

#[test]
fn a_writer_that_lives_is_refused() {
    let hand = ByHand::new();
    hand.define("loss");
    hand.log_points(0, 3);
    let refused = seal_dead(&hand.paths(), WRITER, Force::Yes).unwrap_err().to_string();
    assert!(refused.contains("lives") && refused.contains("hint: "), "{refused}");
    assert_eq!(steps(&hand, "loss"), [0, 1, 2]);
}

/// Recovers a copy of a run, and cuts off what a kill after each step would leave undone.
#[test]
fn a_recovery_that_was_cut_off_is_done_to_its_end() {
    let undo: [fn(&ByHand, &ByHand); 5] = [
        // The ring was half appended: a slot is cut in the middle.
        |hand, _| {
            let mut log = fs::OpenOptions::new().append(true).open(hand.log()).unwrap();
            let ring = fs::read(hand.ring()).unwrap();
            log.write_all(&ring[4_096 + 22 * SLOT_BYTES..][..SLOT_BYTES + 7]).unwrap();
        },
        // All is in the log, nothing is sealed.
        |hand, done| {
            let _ = (hand, done);
        },
        // The first log is sealed, and both it and its part are there.
        |hand, done| {
            let part = fs::read_dir(done.paths().scalars()).unwrap().next().unwrap().unwrap();
            fs::create_dir_all(hand.paths().scalars()).unwrap();
            fs::copy(part.path(), hand.paths().scalars().join(part.file_name())).unwrap();
        },
        // All logs are sealed, and none has been removed.
        |hand, done| {
            fs::create_dir_all(hand.paths().scalars()).unwrap();
            for part in fs::read_dir(done.paths().scalars()).unwrap() {
                let part = part.unwrap();
                fs::copy(part.path(), hand.paths().scalars().join(part.file_name())).unwrap();
            }
        },
        // All logs are sealed and removed, and the live folder with the ring is still there.
        |hand, done| {
            fs::create_dir_all(hand.paths().scalars()).unwrap();
            for part in fs::read_dir(done.paths().scalars()).unwrap() {
                let part = part.unwrap();
                fs::copy(part.path(), hand.paths().scalars().join(part.file_name())).unwrap();
            }
            for log in hand.live().logs().unwrap() {
                fs::remove_file(log).unwrap();
            }
        },
    ];
    for undone in undo {
        let (hand, done) = (dead(), dead());
        seal_dead(&done.paths(), WRITER, Force::No).unwrap();
        undone(&hand, &done);
        assert_eq!(steps(&hand, "loss"), (0..30).collect::<Vec<_>>(), "also before it is sealed");
        seal_dead(&hand.paths(), WRITER, Force::No).unwrap();
        assert_all_is_saved(&hand);
    }
}

#[test]
fn a_ring_that_begins_behind_a_gap_gets_a_log_of_its_own() {
    let hand = dead();
    // A disk that lost the newest log.
    fs::remove_file(hand.log()).unwrap();
    seal_dead(&hand.paths(), WRITER, Force::No).unwrap();
    let kept: Vec<u64> = (0..10).chain(20..30).collect();
    assert_eq!(steps(&hand, "loss"), kept);
}

#[test]
fn a_damaged_log_costs_only_what_is_damaged() {
    let hand = dead();
    let mut bytes = fs::read(hand.log()).unwrap();
    let at = bytes.len() - 3 * SLOT_BYTES;
    bytes[at] ^= 1;
    fs::write(hand.log(), bytes).unwrap();
    let recovered = seal_dead(&hand.paths(), WRITER, Force::No).unwrap();
    assert_eq!(recovered.damaged, 1);
    assert_eq!(steps(&hand, "loss").len(), 29);
    let summary = WriterSummary::read(&hand.paths().summary(WRITER)).unwrap();
    assert_eq!(summary.problems[0].kind, "damaged-log");
}
