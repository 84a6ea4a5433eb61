//! What befalls a run's files while it trains: nothing that can be kept may be lost, and `finish` may
//! not tell of what is not there.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use tracker_core::{
    State,
    read::{RunReader, Store, StoredEventKind},
    upkeep,
};

use crate::{
    Broken,
    child::{SAVED_ALL, TOLD, Training, metric},
    kills::Kind,
    surroundings::Surroundings,
};

/// The one harm that a copy of this process is to show.
const ONLY: &str = "TRACKER_FAULTS_HARM";

/// Calls of a training: at least a second, and time for something to befall it.
const CALLS: u64 = 12_000;
/// Calls before something befalls it.
const BEFORE: u64 = 1_000;
const TEXTS: u64 = 50;

/// What befalls a training, and what should come of it.
struct Harm {
    name: &'static str,
    surroundings: Option<Kind>,
    /// Calls at full rate instead of a few with pauses.
    full_rate: Option<u64>,
    /// What no file may outgrow, as `ulimit -f` says it in KiB.
    limit: Option<u32>,
    /// Says whether it did what must not be possible.
    befall: fn(&Path) -> bool,
    /// Where the store is afterwards.
    store: fn(&Path) -> PathBuf,
    /// Whether every point and text can be kept.
    loses_nothing: bool,
    /// The planted mistake that this must notice.
    fault: &'static str,
}

const HARMLESS: Harm = Harm {
    name: "",
    surroundings: None,
    full_rate: None,
    limit: None,
    befall: |_| false,
    store: |folder| folder.join("work/.tracker"),
    loses_nothing: true,
    fault: "",
};

const ALL: [Harm; 10] = [
    Harm {
        name: "no file locks, and somebody seals and cleans up",
        surroundings: Some(Kind::NoLocks),
        befall: seal_and_clean_up,
        fault: "free-lock-is-death",
        ..HARMLESS
    },
    Harm {
        name: "the same in another process namespace",
        surroundings: Some(Kind::OtherNamespace),
        befall: seal_and_clean_up,
        fault: "process-number-trusted-anywhere",
        ..HARMLESS
    },
    Harm {
        name: "its log is removed",
        befall: |folder| remove_matching(&live(folder), "log-"),
        fault: "files-not-kept",
        ..HARMLESS
    },
    Harm {
        name: "a sealed part is removed",
        full_rate: Some(1_500_000),
        befall: remove_first_part,
        loses_nothing: false,
        fault: "parts-not-counted",
        ..HARMLESS
    },
    Harm {
        name: "its texts are removed",
        befall: |folder| remove_matching(&run(folder), "events-"),
        fault: "files-not-kept",
        ..HARMLESS
    },
    Harm {
        name: "its live folder is removed",
        befall: |folder| fs::remove_dir_all(live(folder)).is_err(),
        fault: "files-not-kept",
        ..HARMLESS
    },
    Harm {
        name: "texts are refused (`ulimit -f`)",
        limit: Some(450),
        loses_nothing: false,
        fault: "events-not-awaited",
        ..HARMLESS
    },
    Harm {
        name: "a file outgrows its limit (`ulimit -f`)",
        limit: Some(128),
        loses_nothing: false,
        fault: "size-limit-ends-the-process",
        ..HARMLESS
    },
    Harm {
        name: "`git stash -u` takes the store",
        befall: stash,
        fault: "files-not-kept",
        ..HARMLESS
    },
    Harm {
        name: "the store is moved",
        befall: |folder| fs::rename(folder.join("work"), folder.join("moved")).is_err(),
        store: |folder| folder.join("moved/.tracker"),
        fault: "folder-by-path",
        ..HARMLESS
    },
];

pub(crate) fn harm() -> Broken {
    let around = Surroundings::find();
    let wanted = env::var(ONLY).ok().and_then(|only| only.parse::<usize>().ok());
    let is_wanted = |(index, _): &(usize, &Harm)| wanted.is_none_or(|wanted| wanted == *index);
    ALL.iter().enumerate().filter(is_wanted).map(|(_, harm)| harm.show(&around)).sum()
}

/// Plants into copies of this process the mistake that each harm must notice.
pub(crate) fn harm_with_faults() -> Broken {
    ALL.iter().enumerate().map(|(index, harm)| harm.notice_fault(index)).sum()
}

impl Harm {
    fn show(&self, around: &Surroundings) -> Broken {
        let folder = tempfile::tempdir().unwrap();
        let Some(training) = self.training(folder.path(), around) else {
            println!("{}: not shown: this system lets nobody make it", self.name);
            return 0;
        };
        let mut child = training.start();
        let mut is_harmed = false;
        if self.limit.is_none() {
            training.wait_for_calls(BEFORE);
            is_harmed = (self.befall)(folder.path());
        }
        let survived = child.wait().unwrap().success();
        self.judge(folder.path(), &training, survived, is_harmed)
    }

    fn training(&self, folder: &Path, around: &Surroundings) -> Option<Training> {
        let store = folder.join("work/.tracker");
        fs::create_dir_all(&store).unwrap();
        let ack = folder.join("training");
        let mut training = match self.full_rate {
            Some(calls) => Training::at_full_rate(&ack, 1, calls),
            None => Training::paced(&ack, 1, CALLS),
        };
        training.store = store;
        training.texts = TEXTS;
        if let Some(kind) = self.surroundings {
            if !around.allow(kind) {
                return None;
            }
            around.apply(kind, &mut training);
        }
        if let Some(limit) = self.limit {
            let line = format!("ulimit -f {limit}; exec \"$@\"");
            training.launcher = ["bash", "-c", &line, "bash"].map(str::to_owned).to_vec();
        }
        Some(training)
    }

    fn judge(&self, folder: &Path, training: &Training, survived: bool, is_harmed: bool) -> Broken {
        let store = Store::open((self.store)(folder));
        let run = store.and_then(|store| store.find("@latest"));
        let says_all = training.word(SAVED_ALL) == 1;
        let (told, logged) = (training.word(TOLD), training.acknowledged()[0]);
        let points = run.as_ref().map_or(0, rows);
        let texts = run.as_ref().map_or(0, texts);
        let told_points = told.saturating_sub(points);
        let told_texts = if says_all { TEXTS.saturating_sub(texts) } else { 0 };
        let has_ended = run.as_ref().is_ok_and(|run| run.state() == State::Finished);
        let is_whole = points == logged && texts == TEXTS && says_all && has_ended;
        println!(
            "{}: training {}; {points} of {logged} points and {texts} of {TEXTS} texts are there; \
             the run is {}; finish says {}",
            self.name,
            if survived { "went on" } else { "DIED" },
            run.as_ref().map_or("gone", |run| run.state().as_str()),
            if says_all { "that all are" } else { "that not all are" }
        );
        let is_broken = !survived
            || is_harmed
            || logged != training.calls
            || told_points + told_texts > 0
            || (self.loses_nothing && !is_whole);
        usize::from(is_broken)
    }

    fn notice_fault(&self, index: usize) -> Broken {
        let copy = Command::new(env::current_exe().unwrap())
            .arg("harm")
            .env("TRACKER_FAULT", self.fault)
            .env(ONLY, index.to_string())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&copy.stdout);
        let line = text.lines().find(|line| line.starts_with(self.name)).unwrap_or_default();
        if copy.status.success() && !line.contains("not shown") {
            println!("{}: NOT noticed: {line}", self.fault);
            return 1;
        }
        println!("{}: noticed: {line}", self.fault);
        0
    }
}

fn rows(run: &RunReader) -> u64 {
    run.series(&metric(0)).map_or(0, |rows| rows.len() as u64)
}

fn texts(run: &RunReader) -> u64 {
    let events = run.events().unwrap_or_default();
    let is_text = |kind: &StoredEventKind| matches!(kind, StoredEventKind::Text { .. });
    events.iter().filter(|event| is_text(&event.kind)).count() as u64
}

/// The folder of the only run.
fn run(folder: &Path) -> PathBuf {
    let runs = fs::read_dir(folder.join("work/.tracker/faults")).into_iter().flatten().flatten();
    runs.map(|run| run.path()).next().unwrap_or_default()
}

fn live(folder: &Path) -> PathBuf {
    run(folder).join("live/r0a1")
}

fn remove_matching(folder: &Path, beginning: &str) -> bool {
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        if file.file_name().to_string_lossy().starts_with(beginning) {
            fs::remove_file(file.path()).unwrap();
        }
    }
    false
}

/// Waits for a full log to become a part, and removes that.
fn remove_first_part(folder: &Path) -> bool {
    let scalars = run(folder).join("scalars");
    let has_part = || {
        let parts = fs::read_dir(&scalars).into_iter().flatten().flatten();
        parts.into_iter().any(|part| part.path().extension().is_some_and(|end| end == "parquet"))
    };
    while !has_part() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    remove_matching(&scalars, "r0a1")
}

/// What somebody does who takes the training for dead.
fn seal_and_clean_up(folder: &Path) -> bool {
    let store = Store::open(folder.join("work/.tracker")).unwrap();
    let run = store.find("@latest").unwrap();
    let sealed = upkeep::seal_dead(&run).unwrap();
    let (leftovers, _) = upkeep::seal_leftovers();
    for garbage in upkeep::garbage(&store).unwrap_or_default() {
        let _ = garbage.remove();
    }
    let is_removed = upkeep::remove(&run).is_ok();
    sealed.iter().any(Result::is_ok) || leftovers.contains(&run.path().to_owned()) || is_removed
}

fn stash(folder: &Path) -> bool {
    let work = folder.join("work");
    // As in a store that was made before stores told git to ignore them.
    let _ = fs::remove_file(work.join(".tracker/.gitignore"));
    let git = |arguments: &[&str]| {
        let settings = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let git = Command::new("git").current_dir(&work).args(settings).args(arguments).output();
        git.unwrap()
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    // Git may complain: what it removes can be there again before it is done.
    git(&["stash", "--include-untracked", "--quiet"]);
    assert!(git(&["stash", "list"]).stdout.starts_with(b"stash@{0}"), "nothing was stashed");
    false
}
