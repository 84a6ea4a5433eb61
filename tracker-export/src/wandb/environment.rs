//! What W&B knows of a run's machine and program.

use serde_json::{Map, Value};
use tracker_core::read::RunInfo;

use super::record::{EnvironmentRecord, GitRecord, Time};

/// What is known of a run's program and machine, as W&B keeps it.
pub(super) fn of(info: &RunInfo) -> EnvironmentRecord {
    let from = &info.provenance;
    let mut command = from.command.iter().cloned();
    EnvironmentRecord {
        os: from.os.clone(),
        started_at: Some(Time::of(info.started_at.as_micros())),
        program: command.next().unwrap_or_default(),
        args: command.collect(),
        git: from.git_commit.clone().map(|commit| GitRecord { commit, ..GitRecord::default() }),
        root: from.directory.clone(),
        host: from.host.clone(),
        username: from.user.clone().unwrap_or_default(),
        cpu_count_logical: from.cpus as u32,
        writer_id: info.id.as_str().to_owned(),
        ..EnvironmentRecord::default()
    }
}

/// The same as facts.
pub(super) fn facts(environment: EnvironmentRecord) -> Map<String, Value> {
    let git = environment.git.unwrap_or_default();
    let texts = [
        ("os", environment.os),
        ("python", environment.python),
        ("program", environment.program),
        ("arguments", environment.args.join(" ")),
        ("directory", environment.root),
        ("host", environment.host),
        ("user", environment.username),
        ("executable", environment.executable),
        ("gpu", environment.gpu_type),
        ("git remote", git.remote_url),
        ("git commit", git.commit),
    ];
    let numbers = [("cpus", environment.cpu_count_logical), ("gpus", environment.gpu_count)];
    let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
    let texts = texts.map(|(name, text)| (name.to_owned(), text.into()));
    let numbers = numbers.into_iter().filter(|(_, number)| *number > 0);
    texts.chain(numbers.map(|(name, number)| (name.to_owned(), number.into()))).collect()
}
