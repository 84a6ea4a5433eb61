//! Where things stand in the sources, as ARCHITECTURE.md says: which room may know which, and that files
//! import each other in no circle of more than two.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod circles;
mod imports;
mod system_names;

use imports::Sources;

/// The rooms of tracker-core, from the ground up. A room may know those before it.
const CORE: [&str; 26] = [
    "mounts",
    "error",
    "caught",
    "fault",
    "platform",
    "value",
    "stats",
    "media",
    "event",
    "tracker",
    "system",
    "console",
    "alert",
    "flight",
    "format",
    "provenance",
    "read",
    "store",
    "run",
    "studies",
    "upkeep",
    "replica",
    "import",
    "adapter",
    "testing",
    "lib",
];

/// The rooms of the command line.
const COMMAND_LINE: [&str; 9] =
    ["platform", "terminal", "view", "answers", "ui", "mcp", "args", "command", "main"];

/// The rooms of studies.
const STUDIES: [&str; 12] = [
    "error",
    "space",
    "metric",
    "plan",
    "trial",
    "sampler",
    "judge",
    "importance",
    "journal",
    "watch",
    "in_process",
    "lib",
];

/// The rooms of what is beyond one machine. Who sends and who reads know nothing of each other.
const REMOTE: [&str; 24] = [
    "error",
    "platform",
    "hash",
    "interval",
    "names",
    "packed",
    "head",
    "tail",
    "manifest",
    "place",
    "format",
    "objects",
    "requests",
    "fetched_tails",
    "change",
    "condemned",
    "record",
    "study",
    "uplink",
    "mirror",
    "fetch",
    "tidy",
    "in_process",
    "lib",
];

const CRATES: [&str; 6] = [
    "tracker-core",
    "tracker-study",
    "tracker-remote",
    "burn-callback",
    "candle-hooks",
    "tracker-cli",
];

fn assert_layers(crate_name: &str, rooms: &[&str]) {
    let sources = Sources::of(crate_name);
    let floor = |file: &str| {
        let room = file.split('/').next().unwrap().trim_end_matches(".rs");
        let floor = rooms.iter().position(|known| *known == room);
        floor.unwrap_or_else(|| panic!("{crate_name}/src/{file} is in no room of the list"))
    };
    let mut upwards = Vec::new();
    for (file, imported) in sources.imports() {
        for other in imported.iter().filter(|other| floor(file) < floor(other)) {
            upwards.push(format!("{file} imports {other}"));
        }
    }
    assert!(upwards.is_empty(), "{crate_name} has imports from above: {upwards:#?}");
}

#[test]
fn a_room_of_the_core_knows_only_what_is_below_it() {
    assert_layers("tracker-core", &CORE);
}

#[test]
fn a_room_of_the_command_line_knows_only_what_is_below_it() {
    assert_layers("tracker-cli", &COMMAND_LINE);
}

#[test]
fn a_room_of_studies_knows_only_what_is_below_it() {
    assert_layers("tracker-study", &STUDIES);
}

#[test]
fn a_room_beyond_one_machine_knows_only_what_is_below_it_and_who_sends_knows_no_reader() {
    assert_layers("tracker-remote", &REMOTE);
    for (file, imported) in Sources::of("tracker-remote").imports() {
        let of_mirror = imported.iter().find(|other| other.starts_with("mirror/"));
        assert!(!file.starts_with("uplink/") || of_mirror.is_none(), "{file} knows {of_mirror:?}");
    }
}

#[test]
fn no_circle_of_imports_has_more_than_two_files() {
    for crate_name in CRATES {
        let sources = Sources::of(crate_name);
        let circles = circles::circles(sources.imports());
        let large: Vec<_> = circles.iter().filter(|circle| circle.len() > 2).collect();
        assert!(large.is_empty(), "{crate_name} has circles: {large:#?}");
    }
}

#[test]
fn an_operating_system_is_named_in_its_room_alone() {
    let found = CRATES.map(system_names::outside_of_their_room).concat();
    assert!(found.is_empty(), "ask `platform` instead: {found:#?}");
}

/// A check that sees nothing would always hold.
#[test]
fn imports_are_seen_through_faces_groups_and_names() {
    let core = Sources::of("tracker-core");
    let sees = |file: &str, other: &str| core.imports()[file].contains(other);
    assert!(sees("tracker/metric_handle.rs", "tracker/contract.rs"), "through the crate's root");
    assert!(sees("run/ending.rs", "store/writer.rs"), "through a room's face, by `store::finish`");
    assert!(sees("store/session.rs", "store/ring.rs"), "in a group");
    assert!(sees("run/shutdown/registry.rs", "run/shutdown/signals.rs"), "by `super`");
    assert!(!sees("value/step.rs", "store/session.rs"));
}
