//! Lines of what a program printed: W&B stores them as they came, in pieces.

use super::record::OutputRecord;

/// The most bytes of a line; what is longer comes as several.
const MOST: usize = 1 << 16;

/// Puts pieces of standard output and of standard error together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Of standard error, and of standard output.
    begun: [(String, i64); 2],
}

impl Lines {
    /// Takes a piece. Gives each line that it ends, with the time at which the line began.
    pub(super) fn take(&mut self, piece: &OutputRecord, mut each: impl FnMut(i64, String)) {
        let time = piece.timestamp.map_or(0, super::record::Time::micros);
        let [error, output] = &mut self.begun;
        let (begun, since) = if piece.output_type == 0 { error } else { output };
        for part in piece.line.split_inclusive('\n') {
            if begun.is_empty() {
                *since = time;
            }
            begun.push_str(part);
            if part.ends_with('\n') || begun.len() > MOST {
                finish(begun, *since, &mut each);
            }
        }
    }

    /// Gives the lines that never ended.
    pub(super) fn end(&mut self, mut each: impl FnMut(i64, String)) {
        for (begun, since) in &mut self.begun {
            finish(begun, *since, &mut each);
        }
    }
}

/// A bar that was drawn over and over is what was seen last.
fn finish(begun: &mut String, since: i64, each: &mut impl FnMut(i64, String)) {
    let line = begun.trim_end_matches(['\r', '\n']);
    let seen = line.rsplit('\r').next().unwrap_or_default();
    if !seen.is_empty() {
        each(since, seen.to_owned());
    }
    begun.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_lines_each_stream_for_itself() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for (output_type, line) in
            [(1, "a"), (0, "E\n"), (1, "b\nc\n10%\r20%"), (1, "\n"), (1, "tail")]
        {
            let piece = OutputRecord { output_type, timestamp: None, line: line.to_owned() };
            lines.take(&piece, |_, line| seen.push(line));
        }
        lines.end(|_, line| seen.push(line));
        assert_eq!(seen, ["E", "ab", "c", "20%", "tail"]);
    }
}
