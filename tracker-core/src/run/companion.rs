//! Programs that a run starts beside itself: `tracker mirror` and `tracker sync`. The training never waits for them; they end by
//! themselves. What sends a run may be a thread instead.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsString,
    io,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use parking_lot::Mutex;

use crate::{
    Problem, caught,
    error::excerpt,
    format::{folder::StorePath, layout::COMPANIONS},
    platform::{child, family},
    run::{
        sender::{self, Assignment, SendRun},
        sync::{self, SYNC, Sending},
    },
    store::{Session, silence_this_thread},
};

/// How often a program is looked at while the process lives that trains.
const LOOK: Duration = Duration::from_millis(500);

/// How much such a program may say, in bytes: one that never stops would fill the disk on which the training writes.
const MOST_SAID: u64 = 4 << 20;

/// Where runs are to be mirrored to, with commas between the places.
const MIRROR: &str = "TRACKER_MIRROR";

/// The program that companions are, unless it is the one on `PATH`.
const PROGRAM: &str = "TRACKER_BIN";

/// A command of `tracker` that goes on as long as a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Companion {
    /// The command.
    command: &'static str,
    /// Where it writes the run to.
    to: String,
    /// What stands behind that.
    arguments: &'static [&'static str],
}

/// How a program has ended.
enum End {
    ByItself,
    CalledOff,
    SaidTooMuch,
}

/// The companions that mirror a run: to the places of the builder, and those of the environment.
pub(crate) fn mirrors(of_builder: Vec<String>) -> Vec<Companion> {
    to_each(of_builder, &said_of(MIRROR), Companion::mirror)
}

/// The companions that send a run, in the same way.
pub(crate) fn syncs(of_builder: Vec<String>) -> Vec<Companion> {
    to_each(of_builder, &said_of(SYNC), Companion::sync)
}

fn said_of(variable: &str) -> String {
    env::var_os(variable).unwrap_or_default().to_string_lossy().into_owned()
}

fn to_each(of_builder: Vec<String>, said: &str, to: fn(String) -> Companion) -> Vec<Companion> {
    if said.split(',').any(|word| word.trim().eq_ignore_ascii_case("off")) {
        return Vec::new();
    }
    let of_environment = said.split(',').map(str::trim).filter(|place| !place.is_empty());
    let mut companions = Vec::new();
    for place in of_builder.into_iter().chain(of_environment.map(str::to_owned)) {
        let companion = to(place);
        if !companions.contains(&companion) {
            companions.push(companion);
        }
    }
    companions
}

impl Companion {
    fn mirror(place: String) -> Self {
        Self { command: "mirror", to: place, arguments: &[] }
    }

    fn sync(place: String) -> Self {
        Self { command: "sync", to: place, arguments: &["--follow"] }
    }

    /// Starts the program for a run in the store `root`, or the thread in its place, if this process is the run's first. What
    /// goes wrong is a problem of the run's and stops nothing. Of what sends the run, gives what it tells of that.
    pub(crate) fn start(&self, session: &Arc<Session>, root: &Path) -> Option<Arc<Sending>> {
        if session.writer.rank > 0 {
            return None;
        }
        let sync = Sending::to(self.to.clone());
        if self.sends() {
            sync.set_out(session);
            if let Some(send) = sender::in_process() {
                start_thread(send, session, &sync);
                return Some(sync);
            }
        }
        let started = self.spawn(session, root).and_then(|child| self.watch(child, session, &sync));
        if let Err(error) = started {
            sync.set_gone();
            session.problem(self.not_started(session, &error));
        }
        self.sends().then_some(sync)
    }

    /// Whether it sends the run, and tells how much of it is there.
    fn sends(&self) -> bool {
        self.command == "sync"
    }

    /// The first program of this process that sends to the place takes along what earlier processes have left on its way.
    fn takes_along(&self) -> bool {
        static TO: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        self.sends() && TO.lock().insert(self.to.clone())
    }

    fn spawn(&self, session: &Session, root: &Path) -> io::Result<Child> {
        let mut command = Command::new(program());
        let id = session.file().id;
        command.arg(self.command).arg(id.as_str()).arg("--to").arg(&self.to).args(self.arguments);
        if self.takes_along() {
            command.arg("--left");
        }
        command.arg("--dir").arg(root);
        // What it says is there for whoever asks; one that cannot be heard is as good.
        let log = session.paths().companions().open_to_append();
        let heard = || log.as_ref().ok().and_then(|log| log.try_clone().ok());
        command.stdout(heard().map_or_else(Stdio::null, Stdio::from));
        command.stderr(heard().map_or_else(Stdio::null, Stdio::from));
        child::start_apart(command)
    }

    /// Waits for the program's end on a thread that does little else: a process that nobody waits for would stay in the
    /// system's list.
    fn watch(&self, child: Child, session: &Arc<Session>, sync: &Arc<Sending>) -> io::Result<()> {
        let (weak, companion, sync) = (Arc::downgrade(session), self.clone(), Arc::clone(sync));
        let said = session.paths().companions();
        let (hand_over, handed_over) = std::sync::mpsc::sync_channel::<Child>(1);
        let thread = thread::Builder::new().name("tracker-companion".to_owned());
        let spawned = thread.spawn(move || {
            let Ok(mut child) = handed_over.recv() else { return };
            let end = companion.look_after(&mut child, &weak, &sync, &said);
            let status = child.wait();
            let session = weak.upgrade();
            if let Some(session) = &session
                && companion.sends()
            {
                sync.tell_problem(session);
            }
            sync.set_gone();
            let why = match (end, status) {
                (End::ByItself, Ok(status)) if !status.success() => status.to_string(),
                (End::SaidTooMuch, _) => {
                    format!("more than {} MiB of words: it was killed", MOST_SAID >> 20)
                }
                _ => return,
            };
            if let Some(session) = session {
                session.problem(companion.failed(&session, &why));
            }
        });
        match spawned {
            Ok(_) => {
                let _ = hand_over.send(child);
                Ok(())
            }
            Err(error) => {
                let mut child = child;
                let _ = child.kill().and_then(|()| child.wait());
                Err(error)
            }
        }
    }

    /// Tells what a program says that sends, until it has ended. Ends it where it was called off, and where it says too much.
    fn look_after(
        &self,
        child: &mut Child,
        session: &Weak<Session>,
        sync: &Sending,
        said: &StorePath,
    ) -> End {
        let length = || said.look().map_or(0, |look| look.length);
        let before = length();
        while matches!(child.try_wait(), Ok(None)) {
            if sync.is_called_off() {
                // What it has sent is sent.
                family::kill(child);
                return End::CalledOff;
            }
            if length().saturating_sub(before) > MOST_SAID {
                family::kill(child);
                return End::SaidTooMuch;
            }
            if let Some(session) = session.upgrade().filter(|_| self.sends()) {
                sync.tell_problem(&session);
            }
            thread::sleep(LOOK);
        }
        End::ByItself
    }

    fn not_started(&self, session: &Session, error: &io::Error) -> Problem {
        let program = program();
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such program".to_owned(),
            _ => error.to_string(),
        };
        Problem::new(
            "companion-not-started",
            format!(
                "`{} {}` could not be started: {why}",
                excerpt(&program.to_string_lossy()),
                self.line(session)
            ),
            format!(
                "install it with `cargo install tracker-cli`, or say in {PROGRAM} where it is; the same can be typed at any \
                 time"
            ),
        )
    }

    fn failed(&self, session: &Session, status: &str) -> Problem {
        Problem::new(
            "companion-failed",
            format!("`tracker {}` ended with {status}", self.line(session)),
            format!("{COMPANIONS} in the run's folder says why; the same can be typed at any time"),
        )
    }

    /// What can be typed behind `tracker`.
    fn line(&self, session: &Session) -> String {
        let id = session.file().id;
        format!("{} {id} --to {}", self.command, excerpt(&self.to))
    }
}

/// Sends a run on a thread of its own, past panics.
fn start_thread(send: SendRun, session: &Arc<Session>, sync: &Arc<Sending>) {
    if sync::are_too_many_called_off() {
        sync.tell(session, "too many earlier runs wait for an answer of their place", true);
        sync.set_gone();
        return;
    }
    let assignment = Assignment {
        folder: session.paths().folder().to_path_buf(),
        session: Arc::downgrade(session),
        sending: Arc::clone(sync),
    };
    let thread = thread::Builder::new().name("tracker-sync".to_owned());
    let spawned = thread.spawn(move || {
        silence_this_thread();
        family::step_back();
        let sent = caught::catch_with_words(|| send(&assignment)).unwrap_or_else(|words| {
            Err(format!(
                "what sends it has ended in a panic: {words}\nhint: please report it, with the version of tracker"
            ))
        });
        if let Err(why) = sent {
            assignment.tell(&why, true);
        }
        assignment.sending.set_gone();
    });
    if let Err(error) = spawned {
        sync.tell(session, &format!("no thread could be started for it: {error}"), true);
        sync.set_gone();
    }
}

fn program() -> OsString {
    env::var_os(PROGRAM).filter(|program| !program.is_empty()).unwrap_or_else(|| "tracker".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_mirrored_to_once_and_off_turns_all_off() {
        let places = |of_builder: &[&str], said: &str| {
            let of_builder = of_builder.iter().map(|place| (*place).to_owned()).collect();
            let mirrors = to_each(of_builder, said, Companion::mirror);
            mirrors.into_iter().map(|mirror| mirror.to).collect::<Vec<_>>()
        };
        assert_eq!(places(&[], ""), [""; 0]);
        assert_eq!(places(&["wandb:."], "tensorboard:a, wandb:. ,,"), ["wandb:.", "tensorboard:a"]);
        for off in ["off", " OFF ", "off, wandb:."] {
            assert_eq!(places(&["wandb:."], off), [""; 0]);
        }
    }
}
