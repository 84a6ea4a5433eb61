//! The process's standard output and error, led through a pipe or a terminal of our own.
//!
//! What the program writes then comes to us, and we pass it on to where it went before. Where that is a
//! terminal, so is what stands in its place, of the same size: bars stay bars. The two go through one
//! pipe if they went to one place, so that their lines keep their order.

use std::{
    fs::File,
    io::{self, PipeReader, Read, Write},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags, fstat, open},
    io::{Errno, ioctl_fionbio},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    stdio::{dup2_stderr, dup2_stdout, stderr, stdout},
    termios::{
        LocalModes, OptionalActions, OutputModes, isatty, tcgetattr, tcgetwinsize, tcsetattr,
        tcsetwinsize,
    },
};

use super::LockedFile;

/// One of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    Output,
    Error,
}

/// What comes from the program.
#[derive(Debug)]
pub(crate) struct Source {
    /// The end that we read. A forked child must not hold it: what it writes once we are gone would wait
    /// for ever.
    ours: LockedFile,
    place: Arc<Place>,
    /// Whether the place takes nothing any more.
    is_broken: bool,
}

/// What stands in the place of a stream, until it is given back.
#[derive(Debug)]
pub(crate) struct Led {
    streams: Vec<Standard>,
    place: Arc<Place>,
    /// By what to know that nobody else has put something in its place.
    identity: Identity,
}

/// Where a stream went before.
#[derive(Debug)]
struct Place {
    file: File,
    is_terminal: bool,
}

/// Two descriptors of one file have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64, u64);

/// What there is to do.
#[derive(Debug)]
pub(crate) struct Ready {
    /// For each source, whether there is something to read, or an end.
    pub(crate) sources: Vec<bool>,
    pub(crate) is_woken: bool,
}

/// Leads what the program writes to us.
///
/// # Errors
/// If the system gives no pipe or no terminal. Then nothing has changed.
pub(crate) fn lead() -> io::Result<Vec<(Source, Led)>> {
    let mut led: Vec<(Source, Led)> = Vec::new();
    for streams in by_place() {
        match lead_streams(streams) {
            Ok(more) => led.push(more),
            Err(error) => {
                for (_, led) in &led {
                    led.give_back();
                }
                return Err(error);
            }
        }
    }
    Ok(led)
}

/// The streams that are open, those together that go to the same place.
fn by_place() -> Vec<Vec<Standard>> {
    match (Standard::Output.identity(), Standard::Error.identity()) {
        (Ok(output), Ok(error)) if output == error => {
            vec![vec![Standard::Output, Standard::Error]]
        }
        (Ok(_), Ok(_)) => vec![vec![Standard::Output], vec![Standard::Error]],
        (Ok(_), Err(_)) => vec![vec![Standard::Output]],
        (Err(_), Ok(_)) => vec![vec![Standard::Error]],
        (Err(_), Err(_)) => Vec::new(),
    }
}

fn lead_streams(streams: Vec<Standard>) -> io::Result<(Source, Led)> {
    let file = File::from(streams[0].descriptor().try_clone_to_owned()?);
    let place = Arc::new(Place { is_terminal: isatty(&file), file });
    let (ours, theirs) = if place.is_terminal { terminal(&place.file)? } else { pipe()? };
    ioctl_fionbio(&ours, true)?;
    let identity = Identity::of(&theirs)?;
    let source =
        Source { ours: LockedFile::new(ours.into()), place: Arc::clone(&place), is_broken: false };
    let led = Led { streams, place, identity };
    for stream in &led.streams {
        if let Err(error) = stream.put(&theirs) {
            led.give_back();
            return Err(error.into());
        }
    }
    Ok((source, led))
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) = io::pipe()?;
    Ok((ours.into(), theirs.into()))
}

/// A terminal like another one. Nothing is changed on the way through it: ends of lines are the other
/// one's affair.
fn terminal(like: &File) -> io::Result<(OwnedFd, OwnedFd)> {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let name = ptsname(&ours, Vec::new())?;
    let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    let mut modes = tcgetattr(like)?;
    modes.output_modes.remove(OutputModes::OPOST);
    modes.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
    tcsetattr(&theirs, OptionalActions::Now, &modes)?;
    tcsetwinsize(&ours, tcgetwinsize(like)?)?;
    Ok((ours, theirs))
}

impl Standard {
    fn descriptor(self) -> BorrowedFd<'static> {
        match self {
            Self::Output => stdout(),
            Self::Error => stderr(),
        }
    }

    fn identity(self) -> io::Result<Identity> {
        Identity::of(self.descriptor())
    }

    fn put(self, file: impl AsFd) -> Result<(), Errno> {
        match self {
            Self::Output => dup2_stdout(file),
            Self::Error => dup2_stderr(file),
        }
    }
}

impl Identity {
    #[allow(clippy::unnecessary_cast, reason = "the numbers have other types on other systems")]
    fn of(file: impl AsFd) -> io::Result<Self> {
        let stat = fstat(file)?;
        Ok(Self(stat.st_dev as u64, stat.st_ino as u64, stat.st_rdev as u64))
    }
}

impl Led {
    /// Which streams it is, of those that stand for two the first.
    pub(crate) fn streams(&self) -> &[Standard] {
        &self.streams
    }

    /// Puts back what was there before. What the program has put there itself stays.
    pub(crate) fn give_back(&self) {
        for stream in &self.streams {
            if stream.identity().is_ok_and(|identity| identity == self.identity) {
                // Without it, what is written still goes through us.
                let _ = stream.put(&self.place.file);
            }
        }
    }
}

impl Source {
    /// Whether it takes a moment until what was written can be read.
    pub(crate) fn is_late(&self) -> bool {
        self.place.is_terminal
    }

    /// Reads what is there: `Ok(0)` at the end, [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing.
    pub(crate) fn read(&self, bytes: &mut [u8]) -> io::Result<usize> {
        match self.ours.file().read(bytes) {
            // So tells a terminal that nobody has it open any more.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::IO) => Ok(0),
            read => read,
        }
    }

    /// Writes to where the stream went before, and waits as the program would. A place that takes nothing
    /// any more, such as a reader that is gone, is left alone.
    pub(crate) fn pass_on(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_broken {
            match (&self.place.file).write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut ready = [PollFd::new(&self.place.file, PollFlags::OUT)];
                    self.is_broken =
                        poll(&mut ready, None).is_err_and(|error| error != Errno::INTR);
                }
                Err(_) => self.is_broken = true,
            }
        }
    }

    /// Gives the terminal that stands in the place of another one its size.
    pub(crate) fn follow_size(&self) {
        if !self.place.is_terminal {
            return;
        }
        let sizes = (tcgetwinsize(&self.place.file), tcgetwinsize(self.ours.file()));
        let (Ok(wanted), Ok(known)) = sizes else { return };
        if (wanted.ws_row, wanted.ws_col) != (known.ws_row, known.ws_col) {
            // A bar of the wrong length harms nobody.
            let _ = tcsetwinsize(self.ours.file(), wanted);
        }
    }
}

/// Waits until there is something to do, for so long at most.
pub(crate) fn wait(sources: &[Source], woken_by: Option<&PipeReader>, patience: Duration) -> Ready {
    let ends = sources.iter().map(|source| PollFd::new(source.ours.file(), PollFlags::IN));
    let bell = woken_by.map(|bell| PollFd::new(bell, PollFlags::IN));
    let mut ends: Vec<_> = ends.chain(bell).collect();
    let patience = Timespec::try_from(patience).ok();
    // Interrupted or not: what is ready says so.
    let _ = poll(&mut ends, patience.as_ref());
    let mut ready: Vec<_> = ends.iter().map(|end| !end.revents().is_empty()).collect();
    let is_woken = woken_by.is_some() && ready.pop().unwrap_or_default();
    Ready { sources: ready, is_woken }
}
