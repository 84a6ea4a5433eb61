//! A child alone: what it has started goes on when it is killed.

use std::{
    io::{self, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

/// What a child says, read by a thread, because the standard library's pipes know no time limit. The
/// thread ends with the output, or with the first piece that nobody wants any more.
#[derive(Debug)]
pub(crate) struct Stdout(Receiver<io::Result<Vec<u8>>>);

impl Stdout {
    /// Waits for the next bytes, so long at most; none at the end. `bytes` must have room for
    /// [`PIECE`].
    pub(crate) fn read(&mut self, bytes: &mut [u8], patience: Duration) -> io::Result<usize> {
        let piece = match self.0.recv_timeout(patience) {
            Ok(piece) => piece?,
            Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => return Ok(0),
        };
        (&piece[..]).read(bytes)
    }
}

/// How much of the output one piece takes at most.
const PIECE: usize = 1 << 14;

/// Starts a program whose standard output we read.
pub(crate) fn spawn(mut command: Command) -> io::Result<(Child, Stdout)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (tell, told) = mpsc::sync_channel(1);
    let read = move || {
        let mut piece = vec![0; PIECE];
        loop {
            let count = match output.read(&mut piece) {
                Ok(0) => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                count => count,
            };
            let is_over = count.is_err();
            let told = tell.send(count.map(|count| piece[..count].to_vec()));
            if is_over || told.is_err() {
                return;
            }
        }
    };
    match thread::Builder::new().name("tracker-child".into()).spawn(read) {
        Ok(_) => Ok((child, Stdout(told))),
        Err(error) => {
            kill(&mut child);
            let _ = child.wait();
            Err(error)
        }
    }
}

/// Starts a program that goes on by itself. It is of our family: what ends that may end it too.
pub(crate) fn spawn_apart(mut command: Command) -> io::Result<Child> {
    command.spawn()
}

/// The standard library knows no priorities.
pub(crate) fn step_back() {}

/// Kills the child.
pub(crate) fn kill(child: &mut Child) {
    let _ = child.kill();
}
