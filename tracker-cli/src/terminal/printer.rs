//! The only place that prints. Errors of standard output are returned, those of standard error
//! have nowhere to go.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use serde::Serialize;
use tracker_core::read::RunReader;

use crate::{
    platform::terminal_width,
    terminal::{
        text::{bounded, clean, harmless, shorten},
        unseen::Spelling,
    },
};

/// The width of output that goes to no terminal.
const PLAIN_WIDTH: u16 = 80;

/// Less than this is taken for a terminal that does not know its size.
const MIN_WIDTH: u16 = 40;

/// More than this makes no table easier to read.
const MAX_WIDTH: u16 = 500;

/// The columns that text may fill: those of [`room`], else 80.
pub(crate) fn width() -> u16 {
    room().unwrap_or(PLAIN_WIDTH)
}

/// The columns that there are: `COLUMNS`, else the terminal's width. `None` of a pipe or a file, for
/// which nothing needs to be cut.
pub(crate) fn room() -> Option<u16> {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<u16>().ok());
    let known = said.filter(|width| *width > 0).or_else(terminal_width).filter(|width| *width > 0);
    let known = known.or_else(|| is_terminal().then_some(PLAIN_WIDTH));
    known.map(|width| width.clamp(MIN_WIDTH, MAX_WIDTH))
}

/// Prints text for people. Its styles are kept where standard output shows them, and nothing else
/// of it steers a terminal.
pub(crate) fn text(page: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(harmless(page).as_bytes())?;
    out.flush()
}

/// Prints a JSON document. Characters that nobody sees are escaped, so that no terminal obeys them
/// and every reader gets them back.
pub(crate) fn json(document: &impl Serialize) -> io::Result<()> {
    let mut out = Spelling::for_json(data());
    serde_json::to_writer_pretty(&mut out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Whether people read standard output as it comes.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Where data goes.
pub(crate) type Data = BufWriter<Box<dyn Write + Send>>;

/// Standard output for data, which passes through unchanged; but what would steer a terminal is
/// spelled out there.
pub(crate) fn data() -> Data {
    let out: Box<dyn Write + Send> = if is_terminal() {
        Box::new(Spelling::for_terminal(io::stdout()))
    } else {
        Box::new(io::stdout())
    };
    BufWriter::with_capacity(1 << 16, out)
}

/// Says something beside the data.
pub(crate) fn note(text: &str) {
    to_stderr("", text);
}

/// Asks something, on the line on which the answer will stand.
pub(crate) fn ask(question: &str) {
    let mut err = anstream::stderr().lock();
    let _ = write!(err, "{}", clean(question)).and_then(|()| err.flush());
}

/// Shows how far something is, in the place of what was shown so before; nothing where nobody watches. A text that is
/// empty takes it away, as must be done before anything else is printed.
pub(crate) fn progress(text: &str) {
    let mut err = anstream::stderr().lock();
    if io::stderr().is_terminal() {
        let columns = usize::from(terminal_width().unwrap_or(PLAIN_WIDTH)).saturating_sub(1);
        let _ =
            write!(err, "\r\x1b[2K{}", shorten(&clean(text), columns)).and_then(|()| err.flush());
    }
}

/// Whether something was left out of what was printed.
static LEFT_OUT: AtomicBool = AtomicBool::new(false);

/// The exit code of a command that left something out.
const LEFT_OUT_CODE: u8 = 2;

/// Says what is left out because it could not be read, while the rest was. The command then ends
/// with [`exit_code`].
pub(crate) fn left_out(text: &impl ToString) {
    LEFT_OUT.store(true, Ordering::Relaxed);
    warning(text);
}

/// Says all that a reader had to leave out of what it was asked for.
pub(crate) fn left_out_by(run: &RunReader) {
    run.warnings().iter().for_each(left_out);
}

/// How a command ends that did what it was asked to: a program that reads its output can tell
/// whether it has all.
pub(crate) fn exit_code() -> ExitCode {
    if LEFT_OUT.load(Ordering::Relaxed) { LEFT_OUT_CODE.into() } else { ExitCode::SUCCESS }
}

/// Says what people should know about the output, which is whole.
pub(crate) fn warning(text: &impl ToString) {
    to_stderr("\x1b[33mwarning\x1b[0m: ", &text.to_string());
}

/// Says why the command failed. A bare I/O error is one of standard output: those of files come
/// with their paths.
pub(crate) fn error(error: &anyhow::Error) {
    let text = match error.downcast_ref::<io::Error>() {
        // What is written elsewhere says where; what says nothing is from here.
        Some(failure) if error.chain().len() == 1 => format!(
            "failed to write to standard output: {failure}\nhint: check where the output goes to"
        ),
        Some(failure) => with_cause(&error.to_string(), &failure.to_string()),
        None => error.to_string(),
    };
    to_stderr("\x1b[31merror\x1b[0m: ", &text);
}

/// The cause stands behind what failed, before any hint.
fn with_cause(text: &str, cause: &str) -> String {
    let (failed, rest) =
        text.split_once('\n').map_or((text, None), |(one, rest)| (one, Some(rest)));
    let hint = rest.map(|rest| format!("\n{rest}")).unwrap_or_default();
    format!("{failed}: {cause}{hint}")
}

fn to_stderr(label: &str, text: &str) {
    let lines: Vec<String> = text.lines().map(|line| bounded(clean(line))).collect();
    let _ = writeln!(anstream::stderr().lock(), "{label}{}", lines.join("\n"));
}

/// Whether a command ended because nobody reads its output any more.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let is_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.downcast_ref::<io::Error>().is_some_and(is_pipe)
}
