//! Lets `valgrind` count the instructions of a training, thread by thread.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    scratch,
    way::{Framework, Way},
};

/// Instructions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Of threads that run the framework; of all threads, where they cannot be told apart.
    pub(crate) training: f64,
    /// Of all other threads.
    pub(crate) tracker: f64,
}

/// A training of one epoch and one of two, while they go on.
pub(crate) struct Counting {
    framework: Framework,
    children: [(Child, TempDir); 2],
}

impl Counting {
    pub(crate) fn start(framework: Framework, way: Way) -> Self {
        let children = [1, 2].map(|epochs| {
            let folder = scratch::folder();
            (start(framework, way, epochs, folder.path()), folder)
        });
        Self { framework, children }
    }

    /// What two epochs take more than one.
    pub(crate) fn finish(self) -> Counts {
        let [one, two] = self.children.map(|(mut child, folder)| {
            assert!(child.wait().unwrap().success(), "a training under valgrind failed");
            read(self.framework, folder.path())
        });
        Counts { training: two.training - one.training, tracker: two.tracker - one.tracker }
    }
}

fn start(framework: Framework, way: Way, epochs: usize, folder: &Path) -> Child {
    let counts = format!("--callgrind-out-file={}", folder.join("counts").display());
    let arguments = ["--quiet", "--tool=callgrind", "--separate-threads=yes", &counts];
    let program = env::current_exe().unwrap();
    let arguments: Vec<&OsStr> =
        arguments.iter().map(OsStr::new).chain([program.as_os_str()]).collect();
    command(Path::new("valgrind"), &arguments, framework, way, epochs, folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("`valgrind` counts the instructions: install it first")
}

/// Trains in another process, whose environment says nothing else of tracker than where the run is sent.
pub(crate) fn command(
    program: &Path,
    arguments: &[&OsStr],
    framework: Framework,
    way: Way,
    epochs: usize,
    folder: &Path,
) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("TRACKER_") {
            command.env_remove(name);
        }
    }
    command
        .args(arguments)
        .args([framework.name(), way.name(), &epochs.to_string()])
        .arg(folder.join("store"))
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null());
    if way == Way::Sent {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release/tracker");
        assert!(
            Path::new(program).exists(),
            "build it first: `cargo build --release -p tracker-cli`"
        );
        command.env("TRACKER_BIN", program).env("TRACKER_SYNC", folder.join("place"));
    }
    command
}

/// What lies in a folder after a training: a file for each thread.
fn read(framework: Framework, folder: &Path) -> Counts {
    let mut counts = Counts::default();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("counts-") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let total: f64 = total.map_or(0.0, |total| total.trim().parse().unwrap());
        let functions = || text.lines().filter(|line| line.starts_with("fn="));
        let trains = |of: &&str| functions().any(|function| function.contains(*of));
        if framework.crates().is_none_or(|crates| crates.iter().any(trains)) {
            counts.training += total;
        } else {
            counts.tracker += total;
        }
    }
    counts
}
