//! Lets commands look at a damaged run, and says what they did wrong.

use std::{
    cell::Cell,
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A command that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(10);

/// Address space, in KiB: what a command may take, and the program itself with its libraries.
const MEMORY: u32 = 500 * 1_000 + 100 * 1_000;

/// All that looks at a run, and at the end what changes it.
const COMMANDS: [&[&str]; 14] = [
    &["ls"],
    &["ls", "--json"],
    &["ls", "--csv"],
    &["show", "RUN"],
    &["show", "RUN", "--json"],
    &["compare", "RUN", "RUN", "--code"],
    &["export", "RUN", "--to", "csv"],
    &["export", "RUN", "--to", "parquet", "--output", "OUT/points.parquet"],
    &["report", "RUN", "--output", "OUT/report.html"],
    &["doctor"],
    &["gc", "--dry-run"],
    &["note", "RUN", "a note"],
    &["doctor", "--seal"],
    &["gc"],
];

/// A folder with a damaged run, and one beside it that nobody may touch.
#[derive(Debug)]
pub(crate) struct Case {
    folder: PathBuf,
    pub(crate) run: PathBuf,
}

impl Case {
    fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    pub(crate) fn remove(self) {
        fs::remove_dir_all(self.folder).unwrap();
    }
}

/// Runs the commands.
#[derive(Debug)]
pub(crate) struct Judge {
    base: PathBuf,
    commands: Cell<u64>,
}

const SECRET: &str = "{\"version\":1}\n";

impl Judge {
    pub(crate) fn new(base: &Path) -> Self {
        Self { base: base.to_owned(), commands: Cell::new(0) }
    }

    /// How many commands have been run.
    pub(crate) fn commands(&self) -> u64 {
        self.commands.get()
    }

    /// Copies a sound run into a store of its own.
    pub(crate) fn case(&self, number: u64, seed: &Path) -> Case {
        let folder = self.base.join(format!("case-{number}"));
        let run = folder.join("store/mnist").join(seed.file_name().unwrap());
        fs::create_dir_all(run.parent().unwrap()).unwrap();
        // With its times: whether a heart still beats is part of a run.
        let copied = Command::new("cp").arg("-a").arg(seed).arg(&run).status().unwrap();
        assert!(copied.success());
        fs::create_dir(folder.join("outside")).unwrap();
        fs::create_dir(folder.join("out")).unwrap();
        fs::write(folder.join("outside/secret"), SECRET).unwrap();
        fs::write(folder.join("outside/left.tmp"), SECRET).unwrap();
        Case { folder, run }
    }

    /// What the commands did wrong with this run.
    pub(crate) fn complaints(&self, case: &Case) -> Vec<String> {
        let mut complaints: Vec<String> =
            COMMANDS.iter().filter_map(|words| self.complaint(case, words)).collect();
        if !is_untouched(&case.folder.join("outside")) {
            complaints.push("something outside the run's folder was changed".to_owned());
        }
        complaints
    }

    fn complaint(&self, case: &Case, words: &[&str]) -> Option<String> {
        self.commands.set(self.commands.get() + 1);
        let id = case.run.file_name().unwrap().to_string_lossy();
        let out = case.folder.join("out").display().to_string();
        let words: Vec<String> =
            words.iter().map(|word| word.replace("RUN", &id).replace("OUT", &out)).collect();
        let errors = case.folder.join("stderr");
        let child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_tracker"))
            .arg("--dir")
            .arg(case.store())
            .args(&words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        let wrong = match end_of(child) {
            None => "it hangs".to_owned(),
            Some(status) if status.code() == Some(101) => "it panics".to_owned(),
            Some(status) => match status.signal() {
                Some(signal) => format!("signal {signal} ends it"),
                None => return None,
            },
        };
        let said = fs::read_to_string(errors).unwrap_or_default();
        let store = case.store();
        Some(format!("tracker --dir {} {}: {wrong}: {said}", store.display(), words.join(" ")))
    }
}

/// How the process ended; `None` if it had to be killed.
fn end_of(mut child: Child) -> Option<ExitStatus> {
    let since = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if since.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

fn is_untouched(outside: &Path) -> bool {
    let mut names: Vec<_> =
        fs::read_dir(outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort_unstable();
    let is_same =
        |name: &str| fs::read_to_string(outside.join(name)).is_ok_and(|text| text == SECRET);
    names == ["left.tmp", "secret"] && is_same("secret") && is_same("left.tmp")
}
