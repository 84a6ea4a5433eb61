//! Trainings at full rate, killed at any time from start to finish.

use std::time::{Duration, Instant};

use tracker_core::{
    State,
    read::{RunReader, Store},
    upkeep,
};

use crate::{
    Broken,
    check::{Damage, check},
    child::Training,
};

/// How many trainings are killed, unless `TRACKER_FAULTS_KILLS` says otherwise.
const KILLS: u32 = 500;

/// Points of one training, over all threads: sixteen laps of the ring, and two full logs.
pub(crate) const POINTS: u64 = 2_100_000;

/// What one kill came to.
#[derive(Debug)]
pub(crate) struct Killed {
    pub(crate) before_sealing: Damage,
    pub(crate) after_sealing: Damage,
    /// Points whose call had returned.
    pub(crate) logged: u64,
    /// Whether the training was in `finish`, or through with it.
    pub(crate) in_finish: bool,
}

pub(crate) fn mapped() -> Broken {
    let kills = std::env::var("TRACKER_FAULTS_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills = kills.unwrap_or(KILLS);
    let longest = duration_of_a_whole_run(1);
    println!("a whole training takes {:.0} ms", longest.as_secs_f64() * 1e3);
    let mut broken = 0;
    let (mut logged, mut in_finish, mut sum) = (0, 0, Damage::default());
    for kill in 0..kills {
        let threads = 1 + kill as usize % 4;
        let Some(killed) = kill_one(threads, longest, kill, None) else { continue };
        let damages = [killed.before_sealing, killed.after_sealing];
        if damages.iter().any(|damage| !damage.is_none()) {
            println!("kill {kill}: {killed:?}");
            broken += 1;
        }
        for damage in damages {
            sum.lost += damage.lost;
            sum.doubled += damage.doubled;
            sum.wrong += damage.wrong;
        }
        logged += killed.logged;
        in_finish += usize::from(killed.in_finish);
    }
    println!(
        "{kills} kills with 1 to 4 threads, {in_finish} of them in `finish`; {logged} points had \
         been logged: {} lost, {} doubled, {} wrong",
        sum.lost, sum.doubled, sum.wrong
    );
    broken
}

/// How long a training takes that nobody kills.
pub(crate) fn duration_of_a_whole_run(threads: usize) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let training = training(&store, threads);
    let since = Instant::now();
    training.start().wait().unwrap();
    since.elapsed()
}

fn training(store: &std::path::Path, threads: usize) -> Training {
    std::fs::create_dir_all(store).unwrap();
    let each = (0..threads).map(crate::child::points_a_call).sum::<u64>();
    Training::at_full_rate(store, threads, POINTS / each)
}

/// Kills one training after a part of `longest` that differs with `number`. `None` if it had not
/// made its run by then.
pub(crate) fn kill_one(
    threads: usize,
    longest: Duration,
    number: u32,
    fault: Option<&'static str>,
) -> Option<Killed> {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut training = training(&store, threads);
    training.env.extend(fault.map(|fault| ("TRACKER_FAULT", fault.to_owned())));
    let mut child = training.start();
    // The golden ratio spreads any number of kills evenly.
    let part = (f64::from(number) * 0.618_033_988_749_895).fract();
    std::thread::sleep(longest.mul_f64(part));
    let in_finish = training.acknowledged().iter().all(|calls| *calls == training.calls);
    child.kill().unwrap();
    child.wait().unwrap();
    let acknowledged = training.acknowledged();
    let run = Store::open(&store).ok()?.find("@latest").ok()?;
    if run.state() == State::Running {
        // It was killed as it began, and counts as beginning for another second.
        std::thread::sleep(Duration::from_millis(1_100));
        assert_ne!(run.state(), State::Running, "a killed run counts as running");
    }
    let before_sealing = check(&run, &training, &acknowledged, 1);
    for sealed in upkeep::seal_dead(&run).unwrap() {
        sealed.unwrap();
    }
    let run = RunReader::open(run.path()).unwrap();
    let after_sealing = check(&run, &training, &acknowledged, 1);
    let logged = acknowledged.iter().enumerate();
    let logged = logged.map(|(thread, calls)| calls * crate::child::points_a_call(thread)).sum();
    Some(Killed { before_sealing, after_sealing, logged, in_finish })
}
