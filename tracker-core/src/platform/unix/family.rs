//! A child and what it has started: a filter of git's that goes on would hold our thread.

use std::{
    io::{self, Read},
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Child, Command},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group, setpriority_process};

/// What a child says.
#[derive(Debug)]
pub(crate) struct Stdout(UnixStream);

impl Stdout {
    /// Waits for the next bytes, so long at most; none at the end.
    pub(crate) fn read(&mut self, bytes: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.0.set_read_timeout(Some(patience))?;
        self.0.read(bytes)
    }
}

/// Starts a program whose standard output we read, with a family of its own.
pub(crate) fn spawn(mut command: Command) -> io::Result<(Child, Stdout)> {
    // A socket in the place of a pipe, because it can be read with a time limit.
    let (ours, theirs) = UnixStream::pair()?;
    let child = command.stdout(OwnedFd::from(theirs)).process_group(0).spawn()?;
    // The command holds the child's end, which closes here: the output ends with the child.
    Ok((child, Stdout(ours)))
}

/// How much less a program counts that runs beside ours, see `nice(1)`.
const NICE: i32 = 10;

/// Starts a program that goes on by itself: what a terminal sends to our family does not come to it, and whoever else
/// computes goes first.
pub(crate) fn spawn_apart(mut command: Command) -> io::Result<Child> {
    let child = command.process_group(0).spawn()?;
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // One that counts for as much as we do is no trouble either.
        let _ = setpriority_process(Some(pid), NICE);
    }
    Ok(child)
}

/// Lets whoever else computes go before this thread. Elsewhere than on Linux that would be said of the whole process.
pub(crate) fn step_back() {
    if cfg!(target_os = "linux") {
        // One that counts for as much as all others is no trouble either.
        let _ = setpriority_process(None, NICE);
    }
}

/// Kills the whole family.
pub(crate) fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Instant};

    use super::*;
    use crate::platform::child;

    #[test]
    fn a_program_that_takes_too_long_is_killed_with_what_it_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("pid");
        let script = format!("sleep 3600 & echo $! > '{}'; wait", note.display());
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        let until = Instant::now() + Duration::from_millis(500);
        assert!(child::read(command, 9, until).is_none());
        let pid: i32 = std::fs::read_to_string(note).unwrap().trim().parse().unwrap();
        let pid = Pid::from_raw(pid).unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        let runs = || {
            let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
            status.is_ok_and(|text| !text.contains(") Z"))
        };
        while runs() {
            assert!(Instant::now() < until, "the grandchild goes on");
            thread::sleep(Duration::from_millis(5));
        }
    }
}
