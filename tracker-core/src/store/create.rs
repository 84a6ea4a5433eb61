//! Makes the files of a run's writer: of a new run, or of one more process in a run that exists.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    path::PathBuf,
    sync::Arc,
};

use crate::{
    Error, Mode, Problem, Result, State, Writer,
    alert::wanted::Wanted,
    error::IoContext,
    fault::Fault,
    format::{
        folder::StorePath,
        layout::RunPaths,
        liveness::{Life, is_being_born, life},
        log_header::LogHeader,
        run_file::{RunFile, write_json},
    },
    provenance::packages,
    read::ForkCheckpoint,
    store::{
        clock::Clock,
        control::ControlFile,
        drain::{Drain, LiveFiles},
        inherited,
        live_folder::LiveFolder,
        log::Log,
        orphaned_rings,
        own_file::OwnFile,
        ring_memory, root,
        session::{NewSession, Session},
        writer,
    },
    system::disk,
};

const HINT: &str = "set TRACKER_DIR to a folder that can be written, or TRACKER_MODE=disabled to \
                    train without tracking";

/// What is known of a run before it starts.
#[derive(Debug)]
pub(crate) struct NewRun {
    /// The store.
    pub(crate) root: PathBuf,
    /// The project in whose folder it lies. One that was moved says another one of itself.
    pub(crate) lies_in: String,
    /// What its `run.json` should say. If the run exists, what is said there goes first.
    pub(crate) file: RunFile,
    /// The rank of this process.
    pub(crate) rank: u16,
    /// Whether git may be asked which files were changed.
    pub(crate) code_changes: bool,
    /// What it is to be watched for.
    pub(crate) alerts: Wanted,
    /// The checkpoint with which a fork begins.
    pub(crate) checkpoint: Option<ForkCheckpoint>,
    /// What is to be done about twice a second while the run lives, for less than a microsecond.
    pub(crate) at_each_look: fn(),
}

/// Makes the run's folder, or joins the run that is there, and hands its log to the writer
/// thread.
///
/// # Errors
/// If a file or folder cannot be made. What was made before is removed, if it is of no run.
pub(crate) fn create_run(new: NewRun, clock: Clock) -> Result<Arc<Session>> {
    let root = StorePath::named(&*new.root);
    root::make(&root).io_context("create", &root, HINT)?;
    let found = RunPaths::at(root.child(&new.lies_in).child(new.file.id.as_str()));
    let make = || {
        found.files().create_folder().io_context("create", &found.files(), HINT)?;
        if Fault::FolderByPath.is_planted() {
            return Ok(found.clone());
        }
        // The run's own from here on, also where somebody renames a folder.
        found.hold().io_context("open", found.folder(), HINT)
    };
    make().and_then(|paths| begin(new, paths, clock)).inspect_err(|_| forget(&found))
}

fn begin(new: NewRun, paths: RunPaths, clock: Clock) -> Result<Arc<Session>> {
    let NewRun { root, file, rank, code_changes, mut alerts, checkpoint, at_each_look, .. } = new;
    let actions = std::mem::take(&mut alerts.actions);
    let rules = alerts.rules(disk::little_room(paths.folder()));
    let control = ControlFile::from_now_on(&paths);
    // First of all: what cannot be read must not be joined.
    let known =
        if paths.run_file().exists() { Some(RunFile::read(&paths.run_file())?) } else { None };
    let (writer, mut events) = claim(&paths, rank)?;
    let undo = |_: &Error| unclaim(&paths, writer);
    let rival = rival(&paths, writer).inspect_err(undo)?;
    let owns_run_file = rank == 0 && rival.is_none();
    let file = match known {
        Some(known) if owns_run_file => known.started_again(file),
        Some(known) => known,
        None => file,
    };
    let files = create_live(&paths, writer, &file).inspect_err(undo)?;
    let mut write_files = || {
        if let Some(checkpoint) = &checkpoint {
            inherited::take_over(&paths, &mut events, checkpoint)?;
        }
        write_run_files(&paths, writer, &file)
    };
    if owns_run_file && let Err(error) = write_files() {
        files.ring.remove();
        undo(&error);
        return Err(error);
    }
    let NewFiles { live, ring, log } = files;
    let mode = if ring.kept.is_some() { Mode::Mapped } else { Mode::Buffered };
    let session = Arc::new(Session::new(NewSession {
        paths,
        writer,
        clock,
        file,
        owns_run_file,
        memory: ring.mapping,
        mode,
        at_each_look,
    }));
    if let Some(rival) = rival {
        session.problem(Problem::claimed_rank(rival));
    }
    let files = LiveFiles { live, ring: ring.kept, events, control, log };
    session.set_actions(actions);
    let drain = Drain::new(Arc::clone(&session), files, rules);
    writer::start(drain).io_context(
        "start the writer thread for",
        session.paths().folder(),
        HINT,
    )?;
    if owns_run_file && code_changes {
        session.record_code(&root);
    }
    orphaned_rings::clear_in_background();
    Ok(session)
}

/// Writes what the first rank says of the run.
fn write_run_files(paths: &RunPaths, writer: Writer, file: &RunFile) -> Result<()> {
    for (code, before) in paths.code_before(writer) {
        // Of a new run, there is none.
        let _ = code.rename_to(&before);
    }
    if let Some(packages) = packages::collect() {
        let path = paths.packages();
        write_json(&path, &packages, false).io_context("write", &path, HINT)?;
    }
    // After all other files, so that a folder with a run.json is a whole run.
    let path = paths.run_file();
    write_json(&path, file, true).io_context("write", &path, HINT)
}

/// Makes a writer this process's own: nobody else can create the same file. Its attempt is the
/// first of its rank that nobody has claimed. A claim may have been removed since, so it is also one
/// of which no points and no messages are there: those would be taken for this process's.
fn claim(paths: &RunPaths, rank: u16) -> Result<(Writer, OwnFile)> {
    let known = paths.writers_with_traces()?;
    for attempt in 1..=u16::MAX {
        let writer = Writer { rank, attempt };
        if known.contains(&writer) {
            continue;
        }
        let path = paths.events(writer);
        match OwnFile::claim(path.clone()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return Ok((writer, result.io_context("create", &path, HINT)?)),
        }
    }
    Err(Error::InvalidName {
        what: "run",
        name: paths.folder().display().to_string(),
        reason: format!("rank {rank} has been started 65,535 times in it"),
        hint: "start a new run".into(),
    })
}

/// A process that lives and claimed the same rank before.
fn rival(paths: &RunPaths, own: Writer) -> Result<Option<Writer>> {
    let is_before = |writer: &Writer| writer.rank == own.rank && writer.attempt < own.attempt;
    let claimed = paths.claimed_writers()?;
    Ok(claimed.into_iter().filter(is_before).find(|writer| lives(paths, *writer)))
}

/// The writers of a run whose processes are gone, sealed or not.
pub(crate) fn ended_writers(paths: &RunPaths) -> Result<Vec<Writer>> {
    let claimed = paths.claimed_writers()?;
    Ok(claimed.into_iter().filter(|writer| !lives(paths, *writer)).collect())
}

/// Whether a process of another rank logs to the run.
pub(crate) fn has_other_ranks(paths: &RunPaths, own: Writer) -> bool {
    let claimed = paths.claimed_writers().unwrap_or_default();
    claimed.into_iter().any(|writer| writer.rank != own.rank && lives(paths, writer))
}

fn lives(paths: &RunPaths, writer: Writer) -> bool {
    let live = paths.live(writer);
    (live.folder.exists() && life(&live) == Life::Alive) || is_being_born(paths, writer)
}

struct NewFiles {
    live: LiveFolder,
    ring: ring_memory::NewRing,
    log: Log,
}

fn create_live(paths: &RunPaths, writer: Writer, file: &RunFile) -> Result<NewFiles> {
    let at = paths.live(writer);
    let live = LiveFolder::begin(paths, writer).io_context("create", &at.folder, HINT)?;
    let unborn = live.unborn();
    let ring = ring_memory::make(&file.id, paths.folder(), writer, unborn, &at).io_context(
        "make a ring for",
        paths.folder(),
        "free some memory",
    )?;
    let header = LogHeader { writer: writer.number(), first: 0, names: Vec::new() };
    let log = Log::create(unborn, &header).io_context("create", &unborn.log(0), HINT)?;
    live.appear().io_context("rename", &unborn.folder, HINT)?;
    Ok(NewFiles { log: log.moved_to(&at), live, ring })
}

/// Leaves nothing behind of a writer that could not begin.
fn unclaim(paths: &RunPaths, writer: Writer) {
    let _ = paths.unborn(writer).folder.remove_all();
    let _ = paths.live(writer).folder.remove_all();
    let _ = paths.events(writer).remove();
}

/// Leaves no folder behind that is no run: every list would tell of it.
fn forget(paths: &RunPaths) {
    let Some(left) = paths.left_of_no_run() else { return };
    for place in left {
        let _ = place.remove_empty().or_else(|_| place.remove());
    }
    let _ = paths.folder().remove_empty();
    // Fails while the project has another run, as it should.
    let _ = paths.folder().folder().remove_empty();
}

impl RunFile {
    /// The file of a run that goes on: its identity stays, settings, tags and facts are added to,
    /// and where it runs is `new`.
    fn started_again(mut self, new: Self) -> Self {
        let known: HashSet<String> = self.tags.iter().cloned().collect();
        self.tags.extend(new.tags.into_iter().filter(|tag| !known.contains(tag)));
        self.config.extend(new.config);
        self.about.extend(new.about);
        Self {
            version: new.version,
            state: State::Running,
            message: None,
            finished_at: None,
            group: new.group.or(self.group),
            notes: new.notes.or(self.notes),
            provenance: new.provenance,
            listens_to_stop: new.listens_to_stop,
            summary_of: Vec::new(),
            summary: BTreeMap::new(),
            id: self.id,
            name: self.name,
            project: self.project,
            tags: self.tags,
            started_at: self.started_at,
            config: self.config,
            definitions: self.definitions,
            about: self.about,
            uses: self.uses,
            parent: self.parent,
            conclusion: None,
            problems: self.problems,
            alerts: self.alerts,
            knobs: BTreeMap::new(),
            since: self.since,
            resumes: self.resumes,
        }
    }
}
