//! A reader beside a training at full rate: it must see every point whose call had returned
//! before it began, once.

use std::time::Duration;

use tracker_core::read::Store;

use crate::{Broken, check::check, child::Training, kills::POINTS};

const TRAININGS: usize = 5;

pub(crate) fn live() -> Broken {
    let (mut broken, mut reads) = (0, 0);
    for _ in 0..TRAININGS {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        std::fs::create_dir_all(&store).unwrap();
        let training = Training::at_full_rate(&store, 2, POINTS / 3);
        let mut child = training.start();
        while !training.has_finished() {
            let acknowledged = training.acknowledged();
            let Ok(run) = Store::open(&store).and_then(|store| store.find("@latest")) else {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            };
            // What is logged while the reader reads may be there or not.
            let damage = check(&run, &training, &acknowledged, u64::MAX);
            reads += 1;
            if !damage.is_none() {
                println!("read {reads}: {damage:?}");
                broken += 1;
            }
        }
        child.wait().unwrap();
    }
    println!("{reads} reads beside {TRAININGS} trainings of {POINTS} points: {broken} were wrong");
    broken
}
