//! The last lines that a training has printed.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use crate::terminal::text::{bounded, clean};

/// How much of an output is looked at, from its end.
const MOST_READ: u64 = 1 << 16;

/// The last lines of an output, each as a terminal may show it. A progress bar that was drawn over itself is its
/// last state.
pub(crate) fn last_lines(mut file: File, most: usize) -> io::Result<Vec<String>> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(MOST_READ);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(MOST_READ).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line of a long output is a part of one.
    let whole = if start == 0 { &*text } else { text.split_once('\n').map_or(&*text, |cut| cut.1) };
    let lines: Vec<String> = whole
        .lines()
        .filter_map(|line| line.trim_end_matches('\r').rsplit('\r').next())
        .map(|line| bounded(clean(line)))
        .filter(|line| !line.trim().is_empty())
        .collect();
    Ok(lines.get(lines.len().saturating_sub(most)..).unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn shown(bytes: &[u8], most: usize) -> Vec<String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        last_lines(file, most).unwrap()
    }

    #[test]
    fn the_last_lines_are_shown_without_what_would_steer_a_terminal() {
        let printed = b"first\n\x1b[2Jsecond\n\nstep 1\rstep 2\r\n\xfflast";
        assert_eq!(shown(printed, 3), ["second", "step 2", "\u{fffd}last"]);
        assert_eq!(shown(b"", 3), [""; 0]);
    }

    #[test]
    fn an_output_without_end_costs_no_more_than_a_short_one() {
        let line = [b"x".repeat(1_000), b"\n".to_vec()].concat();
        let lines = shown(&line.repeat(1_000), usize::MAX);
        assert_eq!(lines.len(), 65);
        assert!(shown(&b"y".repeat(1 << 20), 9)[0].ends_with("more characters"));
    }
}
