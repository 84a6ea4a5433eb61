//! A training that this process has started.

use std::{
    fs::{File, TryLockError},
    process::{Child, Command, ExitStatus, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, anyhow};
use tracker_core::{RunId, control::StopRequest, read::RunReader, studies::StudyFolder};

use crate::{
    command::sweep::{
        ending::{Ending, Push},
        slots::Slot,
    },
    platform,
    terminal::text::clean,
};

/// The log of a trial, which no other process writes to.
///
/// The lock on it is the training's own, since it inherits the open file as its output: it ends with the last process of
/// the training, also where the process that started it has ended before. So nobody trains a trial that is still trained.
#[derive(Debug)]
pub(crate) struct TrialLog {
    file: File,
    /// Whether it is certain that nobody trains the trial: not where the file system knows no locks.
    pub(crate) is_certain: bool,
}

impl TrialLog {
    /// The log of a trial that nobody trains; `None` if somebody does.
    pub(crate) fn take(folder: &StudyFolder, trial: usize) -> Result<Option<Self>> {
        let file = folder.append_to_trial_log(trial)?;
        Ok(match file.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(_)) => Some(Self { file, is_certain: false }),
            Ok(()) => Some(Self { file, is_certain: true }),
        })
    }
}

/// What a training is started with.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) folder: &'a StudyFolder,
    pub(crate) trial: usize,
    pub(crate) run: &'a RunId,
    pub(crate) words: &'a [String],
    pub(crate) slot: &'a Slot,
    pub(crate) root: &'a std::path::Path,
}

/// A training that this process has started.
#[derive(Debug)]
pub(crate) struct Training {
    pub(crate) run: RunId,
    /// The place of its slot.
    pub(crate) slot: usize,
    child: Child,
    ending: Option<Ending>,
    is_request_sent: bool,
    ended: Option<ExitStatus>,
}

impl Training {
    /// Starts it. It goes on without us, whatever becomes of this process and its terminal.
    pub(crate) fn start(start: &Start<'_>, log: TrialLog, slot: usize) -> Result<Self> {
        let (program, arguments) = start.words.split_first().context("there is no command")?;
        let errors = log.file.try_clone().context("failed to open the log of a trial twice")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("TRACKER_DIR", start.root)
            .env("TRACKER_RUN_ID", start.run.as_str())
            .env("TRACKER_STUDY", start.folder.name())
            .env("TRACKER_TRIAL", start.trial.to_string())
            // What holds for our own process says nothing of the run of a trial.
            .env_remove("TRACKER_FORK")
            .env_remove("TRACKER_RANK")
            .stdin(Stdio::null())
            .stdout(log.file)
            .stderr(errors);
        if let Some(gpu) = &start.slot.gpu {
            command.env("CUDA_VISIBLE_DEVICES", gpu);
        }
        let child = platform::start_apart(&mut command, &start.slot.cores).map_err(|error| {
            anyhow!(
                "failed to start `{}`: {error}\nhint: type the program behind `--` as in a shell, and `sh -c '…'` for \
                 what only a shell knows",
                clean(program)
            )
        })?;
        let run = start.run.clone();
        Ok(Self { run, slot, child, ending: None, is_request_sent: false, ended: None })
    }

    /// Asks whether its process has ended, and says so.
    pub(crate) fn poll(&mut self) -> bool {
        if self.ended.is_none() {
            // What cannot be waited for is nobody's child any more.
            self.ended = self.child.try_wait().unwrap_or(Some(ExitStatus::default()));
        }
        self.ended.is_some()
    }

    /// How its process had ended when that was asked last, if it had.
    pub(crate) fn exit(&self) -> Option<ExitStatus> {
        self.ended
    }

    /// Whether it was asked or made to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// Takes it for asked to stop, from now on.
    pub(crate) fn is_asked_to_stop(&mut self) {
        self.ending.get_or_insert_with(|| Ending::asked_at(Instant::now()));
    }

    /// Asks its run to stop, once, if it is to: the run may be there only later.
    pub(crate) fn ask(&mut self, run: &RunReader, why: &str) {
        if self.ending.is_some() && !self.is_request_sent {
            // One that has ended in between needs none.
            self.is_request_sent = StopRequest::now().why(why).send(run).is_ok();
        }
    }

    /// Does what is to be done about one that was asked to stop and goes on; `listens` says whether it looks.
    pub(crate) fn push(&mut self, listens: bool) -> Push {
        let Some(ending) = self.ending.as_mut().filter(|_| self.ended.is_none()) else {
            return Push::Wait;
        };
        let push = ending.push(Instant::now(), listens);
        self.obey(push)
    }

    /// Sends the signal at which it can end by itself, if none was sent.
    pub(crate) fn end(&mut self) {
        if self.ended.is_none() {
            let now = Instant::now();
            let push = self.ending.get_or_insert_with(|| Ending::asked_at(now)).signal(now);
            self.obey(push);
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        self.is_asked_to_stop();
        if self.ended.is_none() {
            platform::kill_family(&mut self.child);
        }
    }

    fn obey(&mut self, push: Push) -> Push {
        match push {
            Push::Wait => {}
            Push::Signal => platform::ask_to_end(&mut self.child),
            Push::Kill => platform::kill_family(&mut self.child),
        }
        push
    }
}
