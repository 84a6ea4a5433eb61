//! The protocol under drawn schedules: a training that logs, seals and is edited; two senders of its folder that are killed
//! and restarted at any operation, some of whose operations arrive late or are said not to have been done; readers and
//! editors elsewhere that are held up at any operation.
//!
//! A reader misses nothing that was confirmed when it began, sees nothing twice and nothing that was not logged, and finds
//! what it listed minutes ago at most. After the last round the copy is equal to the folder, bit for bit. Faults that are
//! planted are found, so that the test is known to see.
//!
//! `TRACKER_PROTOCOL=2000 cargo test --release -p tracker-remote --lib uplink::tests::under -- --nocapture` draws so many schedules, others
//! each time.

mod actors;
mod gate;
mod world;

use std::sync::atomic::Ordering::SeqCst;

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use self::{
    actors::{Actors, check_end},
    gate::Order,
    world::World,
};

/// What is done wrong, so that it is seen to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// Pieces are deleted as soon as their part is confirmed.
    DeletedAtOnce,
    /// A tail is replaced before the piece before it is confirmed.
    TailFirst,
    /// A head is written over, whoever has changed it meanwhile.
    HeadWithoutCondition,
    /// A reader lists before it gets tails.
    ListFirst,
}

/// One step of a schedule.
#[derive(Debug, Clone)]
enum Act {
    Log(u64),
    Seal,
    Tell(usize),
    EditHere,
    /// Minutes pass.
    Pass(i64),
    /// Some operations of one of two senders.
    Send(usize, usize),
    /// A sender is killed before its next operation is done, after it, or while it is on its way.
    Kill(usize, Order),
    /// It lives, and the answer does not come.
    Lose(usize, Order),
    /// What was on its way arrives.
    Land,
    /// A reader of so many looks begins, in one of three places.
    Read(usize, usize),
    EditAfar(usize),
    /// Some operations of a reader or editor.
    Move(usize, usize),
    /// A reader gets an error.
    Trip(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let lost = prop_oneof![Just(Order::Fail), Just(Order::DoAndFail), Just(Order::Late)];
    let act = prop_oneof![
        6 => (1_u64..7_000).prop_map(Act::Log),
        3 => Just(Act::Seal),
        1 => (1_usize..9).prop_map(Act::Tell),
        1 => Just(Act::EditHere),
        2 => (1_i64..8).prop_map(Act::Pass),
        14 => (0_usize..2, 1_usize..14).prop_map(|(which, count)| Act::Send(which, count)),
        2 => (0_usize..2, lost.clone()).prop_map(|(which, order)| Act::Kill(which, order)),
        1 => (0_usize..2, lost).prop_map(|(which, order)| Act::Lose(which, order)),
        1 => Just(Act::Land),
        3 => (0_usize..3, 1_usize..4).prop_map(|(which, looks)| Act::Read(which, looks)),
        1 => (0_usize..3).prop_map(Act::EditAfar),
        1 => (0_usize..3).prop_map(Act::Trip),
        9 => (0_usize..3, 1_usize..12).prop_map(|(which, count)| Act::Move(which, count)),
    ];
    prop::collection::vec(act, 40..160)
}

fn holds(acts: &[Act], fault: Fault) -> Result<(), String> {
    let mut world = World::new();
    let mut actors = Actors::new(&world, fault);
    for (number, act) in acts.iter().enumerate() {
        match *act {
            Act::Log(count) => world.log(count),
            Act::Seal => world.seal(),
            Act::Tell(lines) => world.tell(lines),
            Act::EditHere => world.edit(&"h".repeat(1 + number)),
            Act::Pass(minutes) => {
                world.truth.ahead.fetch_add(minutes * 60_000_000, SeqCst);
            }
            Act::Send(which, count) => actors.send(which, count),
            Act::Kill(which, order) => actors.kill(which, order),
            Act::Lose(which, order) => actors.lose(which, order),
            Act::Land => world.truth.land(),
            Act::Read(which, looks) => actors.read(which, looks),
            Act::EditAfar(which) => actors.edit(which, "a".repeat(1 + number)),
            Act::Move(which, count) => actors.go_on(which, count),
            Act::Trip(which) => actors.trip(which),
        }
        world.truth.is_right()?;
    }
    actors.end();
    world.truth.is_right()?;
    world.truth.land();
    world.end();
    check_end(&world)
}

fn drawn(cases: u32, is_same: bool, fault: Fault) -> Result<(), String> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = if is_same {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        TestRunner::new_with_rng(config, rng)
    } else {
        TestRunner::new(config)
    };
    let test = |acts: Vec<Act>| holds(&acts, fault).map_err(TestCaseError::fail);
    runner.run(&acts(), test).map_err(|error| error.to_string())
}

#[test]
fn under_drawn_schedules_readers_miss_nothing_and_the_copy_is_the_folder() {
    let asked = std::env::var("TRACKER_PROTOCOL").ok().and_then(|text| text.parse().ok());
    let held = drawn(asked.unwrap_or(40), asked.is_none(), Fault::None);
    assert_eq!(held, Ok(()));
}

/// A fault is found within so many schedules, which are the same each time.
fn finds(fault: Fault, expected: &str) {
    let mut runner = TestRunner::deterministic();
    for number in 1..=200 {
        let acts = acts().new_tree(&mut runner).unwrap().current();
        if let Err(what) = holds(&acts, fault) {
            println!("{fault:?} was found in schedule {number}: {what}");
            assert!(what.contains(expected), "{what}");
            return;
        }
    }
    panic!("{fault:?} was not found");
}

#[test]
fn pieces_that_are_deleted_at_once_are_found() {
    finds(Fault::DeletedAtOnce, "is gone that was listed");
}

#[test]
fn a_tail_before_its_pieces_is_found() {
    finds(Fault::TailFirst, "");
}

#[test]
fn a_head_that_is_written_over_is_found() {
    finds(Fault::HeadWithoutCondition, "edit");
}

#[test]
fn a_reader_that_lists_before_it_gets_tails_is_found() {
    finds(Fault::ListFirst, "");
}
