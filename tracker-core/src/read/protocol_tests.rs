//! Points that move on while they are read.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    Step, Writer,
    format::run_file::Resume,
    read::{
        Cursor, Row, RowStream, Warning,
        hook::{Pause, at_pauses},
        part_cache::PartCache,
        row_stream,
        run::RunReader,
        snapshot::Snapshot,
        sources::{Positions, Sources},
        summaries::summaries,
        superseded::Superseded,
    },
    testing::manual_writer::ByHand,
};

const PAUSES: [Pause; 3] = [Pause::RingsRead, Pause::LogsRead, Pause::PartsListed];

/// What a writer may do between two steps of a reader, in the order in which it does.
const MOVES: [fn(&ByHand); 5] = [
    ByHand::drain,
    |hand| {
        hand.rotate();
        hand.log_points(0, 3);
    },
    |hand| {
        hand.rotate();
        hand.seal_full();
    },
    |hand| {
        hand.define("a name that takes more than one slot to define");
        hand.log_points(0, 40);
        hand.rotate();
        hand.seal_full();
        hand.log_points(0, 30);
        hand.drain();
        hand.log_points(0, 20);
    },
    ByHand::end,
];

/// All rows, and what of them could not be read.
fn read(hand: &ByHand) -> (BTreeMap<String, Vec<Row>>, Vec<Warning>) {
    let run = RunReader::open_at(hand.paths()).unwrap();
    let rows = Snapshot::all_rows(&run, Superseded::default());
    let is_of_points = |warning: &Warning| !warning.to_string().contains("run.json");
    (rows, run.warnings().into_iter().filter(is_of_points).collect())
}

fn steps(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|row| row.step.0).collect()
}

/// A log that is full, one that is not, and points that are only in the ring.
fn hand() -> ByHand {
    let hand = ByHand::new();
    hand.define("loss");
    hand.log_points(0, 10);
    hand.rotate();
    hand.log_points(0, 10);
    hand.drain();
    hand.log_points(0, 10);
    hand
}

#[test]
fn a_point_that_moves_while_it_is_read_is_seen_once() {
    for moved_at in PAUSES {
        for (index, movement) in MOVES.into_iter().enumerate() {
            let hand = hand();
            let mover = hand.clone();
            let mut is_moved = false;
            let callback = move |pause: Pause| {
                if pause == moved_at && !is_moved {
                    is_moved = true;
                    movement(&mover);
                }
            };
            let (found, warnings) = at_pauses(callback, || read(&hand));
            let seen = steps(&found["loss"]);
            let whole: Vec<u64> = (0..seen.len() as u64).collect();
            assert_eq!(seen, whole, "move {index} at {moved_at:?}");
            assert!(seen.len() >= 30, "move {index} at {moved_at:?}: {}", seen.len());
            assert_eq!(warnings, []);
            assert_eq!(found.len(), 1, "{:?}", found.keys());
        }
    }
}

#[test]
fn a_cursor_gives_every_point_once_however_points_move() {
    for first in PAUSES {
        for second in PAUSES {
            let hand = hand();
            let run = RunReader::open(hand.paths().folder()).unwrap();
            let mut cursor = Cursor::default();
            let mut seen = Vec::new();
            let mut moves = MOVES.into_iter();
            for round in 0..7 {
                let mover = hand.clone();
                let pause_to_move = if round % 2 == 0 { first } else { second };
                let mut movement = moves.next();
                let callback = move |pause: Pause| {
                    if pause == pause_to_move
                        && let Some(movement) = movement.take()
                    {
                        movement(&mover);
                    }
                };
                let tail = at_pauses(callback, || run.tail(&mut cursor)).unwrap();
                assert_eq!(tail.warnings, []);
                seen.extend(tail.metrics.into_iter().flat_map(|(name, rows)| {
                    assert_eq!(name, "loss");
                    steps(&rows)
                }));
            }
            assert_eq!(seen, (0..123).collect::<Vec<_>>(), "{first:?}, {second:?}");
            assert!(run.tail(&mut cursor).unwrap().metrics.is_empty());
        }
    }
}

#[test]
fn a_name_is_known_whose_definition_is_half_in_the_log() {
    let hand = ByHand::new();
    for cut in [false, true] {
        hand.define(if cut { "a second name that is quite long" } else { "loss" });
        if !cut {
            hand.drain();
        }
    }
    hand.log_points(1, 2);
    assert_eq!(steps(&read(&hand).0["a second name that is quite long"]), [0, 1]);
}

#[test]
fn a_slot_that_is_being_stored_holds_up_a_live_writer_and_not_a_dead_one() {
    let hand = hand();
    hand.reserve();
    hand.log_points(0, 5);
    let seen = || {
        let run = hand.paths();
        let sources = Sources::find(&run, &PartCache::default(), &Positions::new()).unwrap();
        let mut stream = RowStream::new(&run, sources, Superseded::default());
        let series = row_stream::collect(&mut stream);
        (series[0].rows.len(), stream.unfinished(), stream.warnings())
    };
    assert_eq!(seen(), (30, 0, vec![]));
    hand.die();
    assert_eq!(seen(), (35, 1, vec![]), "a log call that never returned is no damage");
}

#[test]
fn what_a_resumed_training_took_back_is_left_out() {
    let first = hand();
    let second = first.beside(Writer { rank: 0, attempt: 2 });
    second.define("loss");
    second.define("system/gpu");
    second.log_points(0, 5);
    first.define("system/gpu");
    first.log_points(1, 1);
    let superseded = Superseded::of(&[Resume {
        writer: Writer { rank: 0, attempt: 2 },
        supersedes: vec![Writer { rank: 0, attempt: 1 }],
        after_step: Step(14),
    }]);
    let writers = [Writer { rank: 0, attempt: 1 }, Writer { rank: 0, attempt: 2 }];
    for sealed in [false, true] {
        if sealed {
            first.rotate();
            first.seal_full();
            second.rotate();
            second.seal_full();
        }
        let cache = PartCache::default();
        let run = RunReader::open_at(first.paths()).unwrap();
        let found = Snapshot::all_rows(&run, superseded.clone());
        let of_first = found["loss"].iter().filter(|row| row.writer.attempt == 1).count();
        assert_eq!((of_first, found["loss"].len()), (15, 20));
        assert_eq!(steps(&found["system/gpu"]), [30]);
        let sums = summaries(&first.paths(), &cache, &superseded, &writers).unwrap().metrics;
        let loss = sums["loss"].summary(None);
        assert_eq!((loss.count, loss.max, loss.step.0), (20, Some(14.0), 14));
        assert_eq!(sums["system/gpu"].summary(None).count, 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_damaged_ring_is_read_without_harm(damage in prop::collection::vec((0_u64..6_144, any::<u8>()), 1..40)) {
        use std::os::unix::fs::FileExt;
        let hand = hand();
        hand.die();
        let ring = std::fs::File::options().write(true).open(hand.ring()).unwrap();
        for (at, byte) in damage {
            ring.write_all_at(&[byte], at).unwrap();
        }
        let (found, _) = read(&hand);
        let seen = steps(&found["loss"]);
        prop_assert!(seen.is_sorted() && seen.starts_with(&(0..20).collect::<Vec<_>>()), "{:?}", seen);
    }

    #[test]
    fn a_torn_log_costs_no_point_before_the_cut(cut in 0_u64..400) {
        let hand = hand();
        hand.drain();
        let log = std::fs::File::options().write(true).open(hand.log()).unwrap();
        let length = log.metadata().unwrap().len();
        log.set_len(length - cut).unwrap();
        hand.die();
        let kept = 30 - cut.div_ceil(32);
        prop_assert_eq!(steps(&read(&hand).0["loss"]), (0..kept).collect::<Vec<_>>());
    }
}

/// A writer whose first names found no place in its ring begins its empty log anew, with a header
/// that tells them.
#[test]
fn a_cursor_that_has_seen_an_empty_log_reads_the_one_that_took_its_place() {
    let hand = ByHand::new();
    let run = RunReader::open_at(hand.paths()).unwrap();
    let mut cursor = Cursor::default();
    assert!(run.tail(&mut cursor).unwrap().metrics.is_empty());
    let name = "a name that makes the header longer, ".repeat(4);
    hand.tell_in_header(&name);
    hand.log_points(0, 20);
    hand.drain();
    let tail = run.tail(&mut cursor).unwrap();
    assert_eq!(tail.warnings, []);
    assert_eq!(steps(&tail.metrics[&name]), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_log_that_cannot_be_opened_is_told_and_a_cursor_stays_before_it() {
    let hand = hand();
    let run = RunReader::open_at(hand.paths()).unwrap();
    let mut cursor = Cursor::default();
    run.tail(&mut cursor).unwrap();
    hand.log_points(0, 5);
    hand.drain();
    hand.rotate();
    let ghost = hand.live().log(1 << 40);
    std::os::unix::fs::symlink("nowhere", &ghost).unwrap();
    let told = format!("{:?}", run.points().unwrap().warnings);
    assert!(told.contains("log-1099511627776"), "{told}");
    run.tail(&mut cursor).unwrap_err();
    std::fs::remove_file(&ghost).unwrap();
    let tail = run.tail(&mut cursor).unwrap();
    assert_eq!(tail.metrics["loss"].len(), 5);
}
