//! The CPU time of single threads.

use std::{collections::BTreeSet, fs, path::Path};

const TASKS: &str = "/proc/self/task";

/// Some threads of this process.
#[derive(Debug, Default)]
pub(crate) struct Threads(BTreeSet<String>);

impl Threads {
    /// All that there are now.
    pub(crate) fn all() -> Self {
        let tasks = fs::read_dir(TASKS).into_iter().flatten().flatten();
        Self(tasks.filter_map(|task| task.file_name().into_string().ok()).collect())
    }

    /// Those that there are now, but for these.
    pub(crate) fn since(&self) -> Self {
        Self(Self::all().0.difference(&self.0).cloned().collect())
    }

    /// The CPU time that they have taken, in seconds. A thread that has ended counts no more.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let of = |task: &String| {
            let text = fs::read_to_string(Path::new(TASKS).join(task).join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<f64>().ok()
        };
        self.0.iter().filter_map(of).sum::<f64>() * 1e-9
    }
}
