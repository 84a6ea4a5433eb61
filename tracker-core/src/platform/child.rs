//! A program whose output is read for a bounded time and up to a bounded size.

use std::{
    io::{self, Read},
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long a child may take from its last word to its end before it is looked at again.
const MOMENT: Duration = Duration::from_micros(200);

/// What a program said on its standard output.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) bytes: Vec<u8>,
    /// Whether it would have said more. It was killed then.
    pub(crate) is_cut: bool,
}

/// What the program says, up to `most` bytes. `None` if it cannot be started, fails, or is not done
/// by then: it is killed, with all that it has started.
pub(crate) fn read(mut command: Command, most: usize, until: Instant) -> Option<Output> {
    // A socket in the place of a pipe, because it can be read with a time limit.
    let (mut stdout, theirs) = UnixStream::pair().ok()?;
    command
        .stdin(Stdio::null())
        .stdout(OwnedFd::from(theirs))
        .stderr(Stdio::null())
        .process_group(0);
    let mut family = Family { child: command.spawn().ok()?, is_over: false };
    // It holds the child's end, which must close for the output to end.
    drop(command);
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match stdout.set_read_timeout(Some(left(until)?)).and_then(|()| stdout.read(&mut chunk)) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(chunk.get(..count)?),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
        if bytes.len() > most {
            bytes.truncate(most);
            return Some(Output { bytes, is_cut: true });
        }
    }
    family.succeeds(until).then_some(Output { bytes, is_cut: false })
}

fn left(until: Instant) -> Option<Duration> {
    until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}

/// A child and what it has started: a filter of git's that goes on would hold our thread.
struct Family {
    child: Child,
    is_over: bool,
}

impl Family {
    fn succeeds(&mut self, until: Instant) -> bool {
        while left(until).is_some() {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(MOMENT),
                Ok(Some(status)) => {
                    self.is_over = true;
                    return status.success();
                }
                // The program around us has waited for it.
                Err(_) => {
                    self.is_over = true;
                    return false;
                }
            }
        }
        false
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if self.is_over {
            // Its number may be another's by now.
            return;
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, most: usize, patience: Duration) -> Option<Output> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        read(command, most, Instant::now() + patience)
    }

    #[test]
    fn output_is_read_to_its_end_or_its_bound() {
        let hour = Duration::from_hours(1);
        let whole = shell("printf abc", 3, hour).unwrap();
        assert_eq!((whole.bytes.as_slice(), whole.is_cut), (&b"abc"[..], false));
        let cut = shell("printf abcd; exec sleep 3600", 3, hour).unwrap();
        assert_eq!((cut.bytes.as_slice(), cut.is_cut), (&b"abc"[..], true));
    }

    #[test]
    fn a_program_that_fails_or_is_not_there_says_nothing() {
        let hour = Duration::from_hours(1);
        assert!(shell("printf abc; exit 1", 9, hour).is_none());
        assert!(read(Command::new("/no/such/program"), 9, Instant::now() + hour).is_none());
    }

    #[test]
    fn a_program_that_takes_too_long_is_killed_with_what_it_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("pid");
        let script = format!("sleep 3600 & echo $! > '{}'; wait", note.display());
        assert!(shell(&script, 9, Duration::from_millis(500)).is_none());
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
