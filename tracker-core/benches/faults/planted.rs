//! Plants faults into the store: each must be noticed by the checks that find none without it.

use std::process::Command;

use crate::{
    Broken, harm,
    kills::{self, Kind},
    surroundings::Surroundings,
};

/// How many kills or trainings a fault may go unnoticed.
const PATIENCE: u32 = 200;

pub(crate) fn planted() -> Broken {
    let around = Surroundings::find();
    let longest = kills::duration_of_a_whole_run(Kind::FullRate, &around);
    let mut unnoticed = 0;
    for fault in ["tail-before-write", "log-deleted-before-rename", "no-names-in-header"] {
        let noticed = (0..PATIENCE).find_map(|kill| {
            let killed = kills::kill_one(Kind::FullRate, &around, longest, kill, Some(fault))?;
            killed.is_broken().then_some((kill + 1, killed))
        });
        if let Some((kills, killed)) = noticed {
            println!("{fault}: noticed after {kills} kills: {killed:?}");
        } else {
            println!("{fault}: NOT noticed in {PATIENCE} kills");
            unnoticed += 1;
        }
    }
    unnoticed + reader_order_reversed() + harm::harm_with_faults()
}

/// The reader is this process: the fault is planted into copies of it. It only shows when a point
/// moves between two looks of the reader, so it may take several.
fn reader_order_reversed() -> Broken {
    const FAULT: &str = "reader-order-reversed";
    const READERS: u32 = 10;
    let noticed = (0..READERS).find_map(|_| {
        let output = Command::new(std::env::current_exe().unwrap())
            .arg("live")
            .env("TRACKER_FAULT", FAULT)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let first = text.lines().find(|line| line.starts_with("read ")).map(str::to_owned);
        first.filter(|_| !output.status.success())
    });
    if let Some(line) = noticed {
        println!("{FAULT}: noticed: {line}");
        0
    } else {
        println!("{FAULT}: NOT noticed by {READERS} readers");
        1
    }
}
