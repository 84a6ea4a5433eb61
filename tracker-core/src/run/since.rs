//! One line at a run's start: what differs from the run of the same program before it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    console::notice,
    format::{layout::RunPaths, run_file::SinceLast},
    read::{RunReader, Store, newest_before},
    run::since_words::{differences, line},
    store::Session,
};

/// How long git is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says and keeps what differs from the newest earlier run of this project and program, on a thread of its
/// own. What cannot be read is not known, and no trouble of the training.
pub(crate) fn tell(session: &Arc<Session>, root: PathBuf) {
    if !session.owns_run_file || session.writer.attempt > 1 {
        return;
    }
    session.since.begin();
    let until = Instant::now() + PATIENCE;
    let (code, paths) = (Arc::clone(&session.code), session.paths());
    let weak = Arc::downgrade(session);
    let spawned = thread::Builder::new().name("tracker-since".into()).spawn(move || {
        let found = before(&root, &paths).and_then(|before| {
            code.wait_until(until);
            since(&before, &RunReader::open_at(paths).ok()?)
        });
        let Some(session) = weak.upgrade() else { return };
        if let Some(since) = found {
            notice::info(&line(&since));
            session.set_since(since);
        }
        session.since.done();
    });
    if spawned.is_err() {
        session.since.done();
    }
}

fn before(root: &Path, paths: &RunPaths) -> Option<RunReader> {
    let own = RunReader::open_at(paths.clone()).ok()?;
    let info = own.info();
    let project = Store::open(root).ok()?.project(&info.project);
    let own_program = program(&own)?;
    newest_before(&project, &info.id, |other| program(other).as_ref() == Some(&own_program))
}

/// The name of the program, wherever it lies.
fn program(run: &RunReader) -> Option<String> {
    let path = run.info().provenance.command.first()?;
    Some(Path::new(path).file_name()?.to_string_lossy().into_owned())
}

fn since(before: &RunReader, own: &RunReader) -> Option<SinceLast> {
    let (run, name) = (before.info().id.clone(), before.info().name.clone());
    Some(SinceLast { text: differences(before, own, &name)?, run, name })
}
