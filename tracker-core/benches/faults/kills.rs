//! Trainings of every kind, killed at any time from start to finish.

use std::{
    fs::File,
    path::Path,
    process::Child,
    time::{Duration, Instant, SystemTime},
};

use tracker_core::{
    State,
    read::{RunReader, Store},
    upkeep,
};

use crate::{
    Broken,
    check::{Damage, check_all},
    child::{Training, points_a_call},
    surroundings::{self, Surroundings},
};

/// How many trainings are killed, unless `TRACKER_FAULTS_KILLS` says otherwise. Of which [`Kind`]
/// alone, `TRACKER_FAULTS_KIND` may say.
const KILLS: u32 = 500;

/// Points of one training, over all threads: sixteen laps of the ring, and two full logs.
pub(crate) const POINTS: u64 = 2_100_000;

/// Calls of a training with a step every tenth of a millisecond.
const PACED_CALLS: u64 = 3_000;

/// The run that several processes write to.
const SHARED: &str = "01J00000000000000000000000";

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One process at full rate.
    FullRate,
    /// One process with a step every tenth of a millisecond.
    Paced,
    /// Three ranks at full rate, of which one is killed.
    Ranks,
    /// A run that was killed once, went on, and is killed again.
    Resumed,
    /// As at full rate, on a disk without file locks, while somebody tries to seal it.
    NoLocks,
    /// The same in another process namespace.
    OtherNamespace,
}

const KINDS: [Kind; 6] =
    [Kind::FullRate, Kind::Paced, Kind::Ranks, Kind::Resumed, Kind::NoLocks, Kind::OtherNamespace];

/// What one kill came to.
#[derive(Debug, Default)]
pub(crate) struct Killed {
    pub(crate) before_sealing: Damage,
    pub(crate) after_sealing: Damage,
    /// Points whose call had returned.
    pub(crate) logged: u64,
    /// Points that `finish` said were written, and that are not there.
    pub(crate) told_too_many: u64,
    /// Whether the training was in `finish`, or through with it.
    pub(crate) in_finish: bool,
}

impl Killed {
    pub(crate) fn is_broken(&self) -> bool {
        let damages = [self.before_sealing, self.after_sealing];
        damages.iter().any(|damage| !damage.is_none()) || self.told_too_many > 0
    }
}

pub(crate) fn mapped() -> Broken {
    let kills = std::env::var("TRACKER_FAULTS_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS);
    let around = Surroundings::find();
    let only = std::env::var("TRACKER_FAULTS_KIND").unwrap_or_default();
    let is_wanted = |kind: &Kind| only.is_empty() || format!("{kind:?}") == only;
    KINDS.into_iter().filter(is_wanted).map(|kind| kill_all_of(kind, kills, &around)).sum()
}

/// Kills that kind's share of all trainings.
fn kill_all_of(kind: Kind, kills: u32, around: &Surroundings) -> Broken {
    if !around.allow(kind) {
        println!("{kind:?}: not shown: this system lets nobody make it");
        return 0;
    }
    let longest = duration_of_a_whole_run(kind, around);
    let share = (0..kills).filter(|kill| KINDS[*kill as usize % KINDS.len()] == kind);
    let (mut broken, mut done, mut sum, mut in_finish) = (0, 0, Killed::default(), 0);
    for kill in share {
        let Some(killed) = kill_one(kind, around, longest, kill, None) else { continue };
        if killed.is_broken() {
            println!("kill {kill} of {kind:?}: {killed:?}");
            broken += 1;
        }
        done += 1;
        sum.before_sealing += killed.before_sealing;
        sum.before_sealing += killed.after_sealing;
        sum.logged += killed.logged;
        sum.told_too_many += killed.told_too_many;
        in_finish += usize::from(killed.in_finish);
    }
    let Damage { lost, doubled, wrong } = sum.before_sealing;
    println!(
        "{kind:?}: {done} kills with 1 to 4 threads over {:.0} ms, {in_finish} of them in `finish`; \
         {} points had been logged: {lost} lost, {doubled} doubled, {wrong} wrong, {} told by \
         `finish` and not there",
        longest.as_secs_f64() * 1e3,
        sum.logged,
        sum.told_too_many
    );
    broken
}

/// How long a training takes that nobody kills.
pub(crate) fn duration_of_a_whole_run(kind: Kind, around: &Surroundings) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let trainings = trainings(folder.path(), kind, 1, around);
    let since = Instant::now();
    let children: Vec<Child> = trainings.iter().map(Training::start).collect();
    for mut child in children {
        child.wait().unwrap();
    }
    since.elapsed()
}

/// The trainings of one run, of which the last one is killed.
fn trainings(folder: &Path, kind: Kind, threads: usize, around: &Surroundings) -> Vec<Training> {
    let each: u64 = (0..threads).map(points_a_call).sum();
    let processes = if kind == Kind::Ranks { 3 } else { 1 };
    let training = |process: usize| {
        let ack = folder.join(format!("process-{process}"));
        let mut training = match kind {
            Kind::Paced => Training::paced(&ack, threads, PACED_CALLS),
            _ => Training::at_full_rate(&ack, threads, POINTS / each / processes as u64),
        };
        training.store = folder.join("store");
        training.first_thread = process * threads;
        if matches!(kind, Kind::Ranks | Kind::Resumed) {
            training.env.push(("TRACKER_RUN_ID", SHARED.into()));
            training.env.push(("TRACKER_RANK", process.to_string()));
        }
        around.apply(kind, &mut training);
        // Disks without locks are shared ones; memory has them.
        training.env.push(("FLOCK_IN_MEMORY", "yes".into()));
        training
    };
    std::fs::create_dir_all(folder.join("store")).unwrap();
    (0..processes).map(training).collect()
}

/// Kills one training after a part of `longest` that differs with `number`. `None` if it had not
/// made its run by then.
pub(crate) fn kill_one(
    kind: Kind,
    around: &Surroundings,
    longest: Duration,
    number: u32,
    fault: Option<&'static str>,
) -> Option<Killed> {
    let folder = tempfile::tempdir().unwrap();
    let threads = if fault.is_some() { 1 } else { 1 + number as usize / KINDS.len() % 4 };
    let mut trainings = trainings(folder.path(), kind, threads, around);
    for training in &mut trainings {
        training.env.extend(fault.map(|fault| ("TRACKER_FAULT", fault.to_owned())));
    }
    // The golden ratio spreads any number of kills evenly.
    let wait = longest.mul_f64((f64::from(number) * 0.618_033_988_749_895).fract());
    let in_finish = run_and_kill(kind, &trainings, wait);
    if kind == Kind::Resumed {
        let mut next = trainings[0].clone();
        next.count_anew_in(folder.path().join("resumed.ack"));
        next.first_thread = threads;
        run_and_kill(kind, std::slice::from_ref(&next), longest / 2);
        trainings.push(next);
    }
    judge(kind, &folder.path().join("store"), &trainings, in_finish)
}

/// Lets trainings run and kills the last one after a time. Says whether that was in `finish`.
fn run_and_kill(kind: Kind, trainings: &[Training], wait: Duration) -> bool {
    let mut children: Vec<Child> = trainings.iter().map(Training::start).collect();
    std::thread::sleep(wait / 2);
    if matches!(kind, Kind::NoLocks | Kind::OtherNamespace) {
        try_to_harm(&trainings[0].store);
    }
    std::thread::sleep(wait / 2);
    let (Some(training), Some(mut killed)) = (trainings.last(), children.pop()) else {
        return false;
    };
    let acknowledged = training.acknowledged();
    let in_finish = acknowledged.iter().all(|calls| *calls == training.calls);
    surroundings::kill(&mut killed);
    for mut child in children {
        child.wait().unwrap();
    }
    in_finish
}

/// What somebody does who takes a living training for dead.
fn try_to_harm(store: &Path) {
    let Ok(run) = Store::open(store).and_then(|store| store.find("@latest")) else { return };
    let _ = upkeep::seal_dead(&run);
    let _ = upkeep::seal_lost(&run);
    for garbage in upkeep::garbage(&Store::open(store).unwrap()).unwrap_or_default() {
        let _ = garbage.remove();
    }
}

/// Compares what is there with what was logged and told.
fn judge(kind: Kind, store: &Path, trainings: &[Training], in_finish: bool) -> Option<Killed> {
    let acknowledged: Vec<(&Training, Vec<u64>)> =
        trainings.iter().map(|training| (training, training.acknowledged())).collect();
    let run = Store::open(store).ok()?.find("@latest").ok()?;
    if matches!(kind, Kind::NoLocks | Kind::OtherNamespace) {
        let_a_minute_pass(run.path());
    } else if run.state() == State::Running {
        // It was killed as it began, and counts as beginning for another second.
        std::thread::sleep(Duration::from_millis(1_100));
        assert_ne!(run.state(), State::Running, "a killed run counts as running");
    }
    let before_sealing = check_all(&run, &acknowledged, 1);
    let told_too_many = trainings.iter().map(|training| too_many(&run, training)).sum();
    seal(&run);
    let run = RunReader::open(run.path()).unwrap();
    let after_sealing = check_all(&run, &acknowledged, 1);
    let logged = acknowledged.iter().flat_map(|(training, calls)| {
        let threads = training.thread_numbers().zip(calls);
        threads.map(|(thread, calls)| calls * points_a_call(thread))
    });
    let logged = logged.sum();
    Some(Killed { before_sealing, after_sealing, logged, told_too_many, in_finish })
}

/// Seals what is left. A training that starts meanwhile, perhaps of another proof, does so too: then
/// the one that is later waits.
fn seal(run: &RunReader) {
    let since = Instant::now();
    while let Some(error) = upkeep::seal_lost(run).unwrap().into_iter().find_map(Result::err) {
        assert!(since.elapsed() < Duration::from_mins(1), "{error}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// How many of the points are not there that `finish` said were written.
fn too_many(run: &RunReader, training: &Training) -> u64 {
    let rows = |thread| run.series(&crate::child::metric(thread)).map_or(0, |rows| rows.len());
    let there: usize = training.thread_numbers().map(rows).sum();
    training.word(crate::child::TOLD).saturating_sub(there as u64)
}

/// Nobody hears of a dead process for a minute: without locks, that is what says that it is dead.
fn let_a_minute_pass(run: &Path) {
    for writer in std::fs::read_dir(run.join("live")).into_iter().flatten().flatten() {
        let Ok(heartbeat) = File::options().write(true).open(writer.path().join("heartbeat"))
        else {
            continue;
        };
        heartbeat.set_modified(SystemTime::now() - Duration::from_mins(2)).unwrap();
    }
}
