//! Which run a new one is forked from.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Error, Result,
    console::notice,
    error::excerpt,
    format::{
        folder::StorePath,
        layout::RunPaths,
        run_file::{Parent, RunFile},
    },
    read::{ForkCheckpoint, ForkPoint, Store},
    run::{
        identity::{Joined, variable},
        shutdown,
    },
};

/// What an unchanged program is told to fork.
const FORK: &str = "TRACKER_FORK";

/// How long other ranks wait for the first, which copies a checkpoint before it is there.
const FIRST_RANK: Duration = Duration::from_mins(5);

/// How often they look.
const LOOK: Duration = Duration::from_millis(20);

/// How long to wait for each run of this process, of which the parent may be one. What it has logged may be in
/// this process's memory alone.
const PARENT: Duration = Duration::from_secs(2);

/// How many checkpoints are named that are passed over.
const MOST_SAID: usize = 3;

/// Whether a run of this process has been forked as the environment says. Others are runs of their own.
static IS_FORKED: AtomicBool = AtomicBool::new(false);

/// What a run is to be forked from.
#[derive(Debug)]
pub(crate) struct ForkWanted {
    reference: String,
    by_environment: bool,
}

/// What a fork begins with.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) parent: Parent,
    pub(crate) checkpoint: Option<ForkCheckpoint>,
}

impl ForkWanted {
    /// What the builder names, else what the environment does for the first run of the process.
    ///
    /// # Errors
    /// If the run is to be resumed, too.
    pub(crate) fn of(own: Option<String>, resumes: Option<&str>) -> Result<Option<Self>> {
        let of_environment = || {
            variable(FORK).filter(|_| !IS_FORKED.load(Ordering::Relaxed)).map(|name| (name, true))
        };
        let Some((reference, by_environment)) = own.map(|own| (own, false)).or_else(of_environment)
        else {
            return Ok(None);
        };
        match resumes {
            None => Ok(Some(Self { reference, by_environment })),
            Some(resumed) => Err(Error::InvalidName {
                what: "run to fork",
                name: excerpt(&reference),
                reason: format!("the run `{}` is to be resumed, too", excerpt(resumed)),
                hint: if by_environment {
                    "unset TRACKER_FORK, or leave `.resume` out of the program".into()
                } else {
                    "resume a run to go on with it, or fork it to begin a new one there".into()
                },
            }),
        }
    }

    /// Remembers that a run has started that is forked as the environment says, if it is.
    pub(crate) fn begun(is_by_environment: bool) {
        IS_FORKED.fetch_or(is_by_environment, Ordering::Relaxed);
    }

    pub(crate) fn is_by_environment(&self) -> bool {
        self.by_environment
    }

    /// What the run begins with. `None` if it has begun before: as a fork, or by the first rank, for which
    /// the others wait here.
    ///
    /// # Errors
    /// If there is nothing to fork, or the run exists and is no fork.
    pub(crate) fn find(
        &self,
        root: &Path,
        joined: &Joined,
        rank: u16,
        is_shared: bool,
    ) -> Result<Option<Fork>> {
        self.look(root, joined, rank, is_shared).inspect_err(|_| {
            if self.by_environment {
                let text = format!("TRACKER_FORK is `{}`", excerpt(&self.reference));
                notice::warn(&text, "unset it to start a run that is no fork");
            }
        })
    }

    fn look(
        &self,
        root: &Path,
        joined: &Joined,
        rank: u16,
        is_shared: bool,
    ) -> Result<Option<Fork>> {
        let folder = StorePath::named(root).child(&joined.lies_in).child(joined.id.as_str());
        let run = RunPaths::at(folder);
        if rank > 0 {
            return self.wait_for_first_rank(&run, is_shared).map(|()| None);
        }
        if run.run_file().exists() {
            return self.check_begun(&run).map(|()| None);
        }
        shutdown::flush_all(PARENT);
        let point = Store::open(root)?.fork_point(&self.reference)?;
        let parent = point.parent()?;
        tell(&point, &joined.lies_in);
        let checkpoint = point.checkpoint;
        Ok(Some(Fork { parent, checkpoint }))
    }

    fn check_begun(&self, run: &RunPaths) -> Result<()> {
        let known = RunFile::read(&run.run_file())?;
        if known.parent.is_some() {
            return Ok(());
        }
        Err(self.refused(
            format!("the run {} exists already and is no fork", known.id),
            "give TRACKER_RUN_ID a new id, or leave it unset",
        ))
    }

    fn wait_for_first_rank(&self, run: &RunPaths, is_shared: bool) -> Result<()> {
        let end = Instant::now() + if is_shared { FIRST_RANK } else { Duration::ZERO };
        while !run.run_file().exists() {
            if Instant::now() >= end {
                return Err(self.refused(
                    "the first rank has not begun the fork".to_owned(),
                    "start rank 0 too, and give all ranks the same TRACKER_RUN_ID",
                ));
            }
            thread::sleep(LOOK);
        }
        self.check_begun(run)
    }

    fn refused(&self, reason: String, hint: &str) -> Error {
        let name = excerpt(&self.reference);
        Error::InvalidName { what: "run to fork", name, reason, hint: hint.into() }
    }
}

/// Says from where the run goes on.
fn tell(point: &ForkPoint, project: &str) {
    let (info, step) = (point.run.info(), point.step);
    let of = if info.project == project {
        String::new()
    } else {
        format!(" of the project {}", info.project)
    };
    let checkpoint = match &point.checkpoint {
        Some(checkpoint) if checkpoint.step == step => {
            format!("with its checkpoint {}", checkpoint.version)
        }
        Some(checkpoint) => {
            format!("with its checkpoint {} of step {}", checkpoint.version, checkpoint.step)
        }
        None => "which has no checkpoint up to there".to_owned(),
    };
    let (name, id) = (&info.name, point.id());
    notice::info(&format!(
        "tracker: forked from {name} ({id}){of} after step {step}, {checkpoint}"
    ));
    for damaged in point.passed_over.iter().take(MOST_SAID) {
        notice::say(&format!("tracker: warning: passed over the checkpoint {damaged}"));
    }
    if let Some(more) = point.passed_over.len().checked_sub(MOST_SAID).filter(|more| *more > 0) {
        notice::say(&format!("tracker: warning: passed over {more} more checkpoints"));
    }
}
