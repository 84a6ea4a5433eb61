//! Another program: one whose output is read for a bounded time and up to a bounded size, or one that goes on by itself.

use std::{
    io::{self, Write},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::family;

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
/// by then: it is killed, where the system can with all that it has started.
pub(crate) fn read(mut command: Command, most: usize, until: Instant) -> Option<Output> {
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let (child, mut stdout) = family::spawn(command).ok()?;
    let mut family = Family { child, is_over: false };
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match stdout.read(&mut chunk, left(until)?) {
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

/// Starts a program, gives it a little to read, and waits for its end. What it prints goes nowhere.
///
/// # Errors
/// What became of it, as words that go on after its name: it could not be started, failed, or was not done by
/// then and was killed.
pub(crate) fn tell(mut command: Command, input: &[u8], until: Instant) -> Result<(), String> {
    command.stdin(Stdio::piped()).stderr(Stdio::null());
    let (mut child, mut stdout) =
        family::spawn(command).map_err(|error| format!("could not be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that reads nothing is as good.
        let _ = stdin.write_all(input);
    }
    let mut family = Family { child, is_over: false };
    let mut chunk = vec![0; 1 << 14];
    while let Some(left) = left(until) {
        match stdout.read(&mut chunk, left) {
            Ok(0) => break,
            Err(error) if error.kind() != io::ErrorKind::Interrupted => break,
            Ok(_) | Err(_) => {}
        }
    }
    if family.succeeds(until) {
        Ok(())
    } else if family.is_over {
        Err("ended with an error".to_owned())
    } else {
        Err("took too long and was killed".to_owned())
    }
}

/// Starts a program that goes on by itself and may outlive ours. Whoever has it is to wait for its end, or a trace of it
/// stays in the system.
pub(crate) fn start_apart(mut command: Command) -> io::Result<Child> {
    command.stdin(Stdio::null());
    family::spawn_apart(command)
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
        family::kill(&mut self.child);
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
    fn a_program_reads_what_it_is_told_and_its_end_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let heard = folder.path().join("heard");
        let tell = |script: &str, patience| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            super::tell(command, b"word\n", Instant::now() + patience)
        };
        let hour = Duration::from_hours(1);
        assert_eq!(tell(&format!("cat > '{}'; echo done", heard.display()), hour), Ok(()));
        assert_eq!(std::fs::read_to_string(heard).unwrap(), "word\n");
        assert_eq!(tell("exit 0", hour), Ok(()), "one that reads nothing");
        assert!(tell("exit 1", hour).unwrap_err().contains("with an error"));
        let short = Duration::from_millis(100);
        assert!(tell("exec sleep 3600", short).unwrap_err().contains("too long"));
    }

    #[test]
    fn a_program_that_takes_too_long_is_not_waited_for() {
        assert!(shell("exec sleep 3600", 9, Duration::from_millis(100)).is_none());
        assert!(shell("exec 1>&-; exec sleep 3600", 9, Duration::from_millis(100)).is_none());
    }
}
