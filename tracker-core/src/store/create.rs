//! Makes the files of a new run.

use std::{
    fs::{self, File, OpenOptions},
    path::PathBuf,
    sync::Arc,
};

use crate::{
    Result, Writer,
    error::IoContext,
    format::{
        layout::{LivePaths, RunPaths},
        log_header::LogHeader,
        owner::Owner,
        run_file::{RunFile, write_json},
    },
    store::{
        clock::Clock,
        drain::{Drain, LiveFiles},
        log::Log,
        session::Session,
        writer,
    },
};

const HINT: &str = "set TRACKER_DIR to a folder that can be written, or TRACKER_MODE=disabled to \
                    train without tracking";

/// What is known of a run before it starts.
#[derive(Debug)]
pub(crate) struct NewRun {
    /// The store.
    pub(crate) root: PathBuf,
    /// The contents of its `run.json`.
    pub(crate) file: RunFile,
}

/// Makes the run's folder and hands its log to the writer thread.
///
/// # Errors
/// If a file or folder cannot be made; what was made before stays.
pub(crate) fn create_run(new: NewRun, clock: Clock) -> Result<Arc<Session>> {
    let writer = Writer { rank: 0, attempt: 1 };
    let folder = new.root.join(&new.file.project).join(new.file.id.as_str());
    let paths = RunPaths::new(folder);
    fs::create_dir_all(paths.files()).io_context("create", &paths.files(), HINT)?;
    let events = claim(&paths, writer)?;
    let (live, lock) = create_live(&paths, writer)?;
    let header = LogHeader { writer: writer.number(), first: 0, names: Vec::new() };
    let log = Log::create(&live, &header).io_context("create", &live.log(0), HINT)?;
    // Last, so that a folder with a run.json is a whole run.
    let run_file = paths.run_file();
    write_json(&run_file, &new.file, false).io_context("write", &run_file, HINT)?;
    let session = Arc::new(Session::new(paths, writer, clock, new.file));
    let drain = Drain::new(Arc::clone(&session), LiveFiles { live, lock, events, log });
    writer::start(drain).io_context("start the writer thread for", session.paths.folder(), HINT)?;
    Ok(session)
}

/// Makes the writer this process's own: nobody else can create the same file.
fn claim(paths: &RunPaths, writer: Writer) -> Result<File> {
    let path = paths.events(writer);
    OpenOptions::new().write(true).create_new(true).open(&path).io_context("create", &path, HINT)
}

/// Makes the live folder with its lock held, under another name first, so that no reader sees it
/// without a lock and takes the run for a dead one.
fn create_live(paths: &RunPaths, writer: Writer) -> Result<(LivePaths, File)> {
    let live = paths.live(writer);
    let unborn = LivePaths { folder: paths.live_all().join(format!(".new-{writer}")) };
    fs::create_dir_all(&unborn.folder).io_context("create", &unborn.folder, HINT)?;
    let lock = File::create(unborn.lock()).io_context("create", &unborn.lock(), HINT)?;
    // Some network file systems know no locks: then the owner's process number decides.
    let _ = lock.try_lock();
    let owner = serde_json::to_vec(&Owner::this_process()).unwrap_or_default();
    fs::write(unborn.lock(), owner).io_context("write", &unborn.lock(), HINT)?;
    fs::write(unborn.heartbeat(), "").io_context("write", &unborn.heartbeat(), HINT)?;
    fs::rename(&unborn.folder, &live.folder).io_context("rename", &unborn.folder, HINT)?;
    Ok((live, lock))
}
