//! Lines out of what a program writes to a terminal, where bars are drawn over and over.
//!
//! A carriage return, an erased line and a cursor that moves up change what was written before: what
//! counts is how a line looked when it was left for good. Invariant: `rows` are the lines that may
//! still change, from the first one down, and the cursor is in one of them.
//!
//! | what | when a line is left for good |
//! |---|---|
//! | no cursor has moved up for ten seconds | at its end |
//! | else | when something is drawn below it after the cursor moved up, as the next round of several bars is; when it is far from the cursor; when ten seconds have passed |

use std::{
    collections::VecDeque,
    mem,
    time::{Duration, Instant},
};

use vte::{Params, Parser, Perform};

/// For how long lines may change after the cursor has moved up.
const CHANGES: Duration = Duration::from_secs(10);

/// How many lines may still change.
const MOST_ROWS: usize = 64;

/// How many characters of a line are kept.
const LONGEST: usize = 16 << 10;

/// What one of the standard streams shows.
#[derive(Default)]
pub(super) struct Screen {
    parser: Parser,
    drawn: Drawn,
}

/// The lines that may still change, and those that are left for good.
#[derive(Default)]
struct Drawn {
    rows: VecDeque<Vec<char>>,
    row: usize,
    column: usize,
    /// When the cursor moved up for the last time.
    moved_up: Option<Instant>,
    /// Whether it did so, and nothing was drawn since.
    is_above: bool,
    /// Whether a program has the whole terminal: nothing of its picture is a line.
    is_alternate: bool,
    now: Option<Instant>,
    left: Vec<String>,
}

impl Screen {
    /// Takes what was written, and gives the lines that were left for good.
    pub(super) fn write(&mut self, bytes: &[u8], now: Instant) -> Vec<String> {
        self.drawn.now = Some(now);
        self.parser.advance(&mut self.drawn, bytes);
        mem::take(&mut self.drawn.left)
    }

    /// Gives the lines that nothing has changed for long.
    pub(super) fn look(&mut self, now: Instant) -> Vec<String> {
        self.drawn.now = Some(now);
        self.drawn.leave_settled();
        mem::take(&mut self.drawn.left)
    }

    /// Gives all that is there, also a line without an end.
    pub(super) fn end(&mut self) -> Vec<String> {
        self.drawn.leave_all();
        mem::take(&mut self.drawn.left)
    }
}

impl Drawn {
    fn row(&mut self) -> &mut Vec<char> {
        while self.rows.len() <= self.row {
            self.rows.push_back(Vec::new());
        }
        &mut self.rows[self.row]
    }

    /// Leaves the first lines for good, those above a row.
    fn leave_above(&mut self, row: usize) {
        for chars in self.rows.drain(..row.min(self.rows.len())) {
            let line: String = chars.into_iter().collect();
            let line = line.trim_end();
            if !line.is_empty() {
                self.left.push(line.to_owned());
            }
        }
        self.row -= row.min(self.row);
    }

    fn leave_all(&mut self) {
        self.leave_above(self.rows.len());
        (self.row, self.column) = (0, 0);
    }

    fn leave_settled(&mut self) {
        let changes = self.moved_up.zip(self.now).is_some_and(|(up, now)| now - up < CHANGES);
        if !changes {
            self.moved_up = None;
            self.leave_above(self.row);
        }
    }

    fn next_line(&mut self) {
        self.row();
        (self.row, self.column) = (self.row + 1, 0);
        self.row();
        self.leave_settled();
        if self.row > MOST_ROWS {
            self.leave_above(self.row - MOST_ROWS);
        }
    }

    fn up(&mut self, rows: usize) {
        self.row -= rows.min(self.row);
        self.moved_up = self.now;
        self.is_above = true;
    }

    fn down(&mut self, rows: usize) {
        self.row = (self.row + rows).min(self.rows.len().saturating_sub(1));
    }

    /// Erases a part of the cursor's line: 0 what is behind the cursor, 1 what is before it, 2 all.
    fn erase_line(&mut self, part: u16) {
        let column = self.column;
        let row = self.row();
        match part {
            0 => row.truncate(column),
            1 => row.iter_mut().take(column + 1).for_each(|char| *char = ' '),
            _ => row.clear(),
        }
    }

    /// Erases a part of the screen. What stood on all of it was shown, and is left for good.
    fn erase_screen(&mut self, part: u16) {
        match part {
            0 => {
                self.erase_line(0);
                self.rows.truncate(self.row + 1);
            }
            1 => {
                let row = self.row;
                self.rows.iter_mut().take(row).for_each(Vec::clear);
                self.erase_line(1);
            }
            _ => self.leave_all(),
        }
    }
}

impl Perform for Drawn {
    fn print(&mut self, char: char) {
        if self.is_alternate || self.column >= LONGEST {
            return;
        }
        if mem::take(&mut self.is_above) {
            self.leave_above(self.row);
        }
        let column = self.column;
        let row = self.row();
        if row.len() <= column {
            row.resize(column + 1, ' ');
        }
        row[column] = char;
        self.column += 1;
    }

    fn execute(&mut self, byte: u8) {
        if self.is_alternate {
            return;
        }
        match byte {
            b'\n' => self.next_line(),
            b'\r' => self.column = 0,
            b'\t' => self.print('\t'),
            0x08 => self.column = self.column.saturating_sub(1),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], _: bool, action: char) {
        let first = params.iter().next().and_then(|param| param.first()).copied();
        let whole_terminal = |param: &[u16]| matches!(param.first(), Some(47 | 1047 | 1049));
        if marks == b"?" && params.iter().any(whole_terminal) {
            self.is_alternate = action == 'h';
        }
        if self.is_alternate || !marks.is_empty() {
            return;
        }
        let count = usize::from(first.unwrap_or(1).max(1));
        match action {
            'A' => self.up(count),
            'B' => self.down(count),
            'C' => self.column = (self.column + count).min(LONGEST),
            'D' => self.column = self.column.saturating_sub(count),
            'E' => {
                self.down(count);
                self.column = 0;
            }
            'F' => {
                self.up(count);
                self.column = 0;
            }
            'G' => self.column = (count - 1).min(LONGEST),
            'J' => self.erase_screen(first.unwrap_or(0)),
            'K' => self.erase_line(first.unwrap_or(0)),
            // A place of the whole screen: nobody knows which line that is.
            'H' | 'f' => self.leave_all(),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, marks: &[u8], _: bool, byte: u8) {
        if marks.is_empty() && byte == b'M' && !self.is_alternate {
            self.up(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of something that is written at once, up to its end.
    fn lines(written: &str) -> Vec<String> {
        let mut screen = Screen::default();
        let mut lines = screen.write(written.as_bytes(), Instant::now());
        lines.extend(screen.end());
        lines
    }

    #[test]
    fn lines_are_told_at_their_end_and_the_last_one_without_an_end_last() {
        let (mut screen, now) = (Screen::default(), Instant::now());
        assert_eq!(screen.write(b"one\r\ntw", now), ["one"]);
        assert_eq!(screen.write(b"o\n\n  three  \nfo", now), ["two", "  three"]);
        assert_eq!(screen.end(), ["fo"]);
        assert_eq!(screen.end(), [""; 0]);
    }

    #[test]
    fn characters_that_arrive_in_pieces_are_whole_and_those_that_are_none_are_told_as_such() {
        let (mut screen, now) = (Screen::default(), Instant::now());
        let bytes = "größe ▕█▏\n".as_bytes();
        let told: Vec<_> = bytes.iter().flat_map(|byte| screen.write(&[*byte], now)).collect();
        assert_eq!(told, ["größe ▕█▏"]);
        assert_eq!(screen.write(b"\xff!\n", now), ["\u{fffd}!"]);
    }

    #[test]
    fn of_a_bar_its_last_state_counts() {
        assert_eq!(lines("10 %\r100 %\rdone\n"), ["done%"]);
        assert_eq!(lines("10 %\r\x1b[K100 %\r\x1b[2Kdone\n"), ["done"]);
        assert_eq!(lines("12\x08\x08\x08345\n"), ["345"]);
        let suspended = "bar 1\r\x1b[2Ka line\nbar 2\r\x1b[2Kanother\nbar 3\r\x1b[2K";
        assert_eq!(lines(suspended), ["a line", "another"]);
    }

    #[test]
    fn of_several_bars_the_last_state_of_each_counts() {
        let draw = |a: u32, b: u32| format!("\x1b[1A\r\x1b[2Ka {a}\n\r\x1b[2Kb {b}");
        let drawn: String = (2..50).map(|step| draw(step, step * 2)).collect();
        assert_eq!(lines(&format!("first\na 1\nb 2{drawn}\n")), ["first", "a 1", "a 49", "b 98"]);
    }

    #[test]
    fn a_line_above_bars_is_told_when_they_are_drawn_again() {
        let (mut screen, now) = (Screen::default(), Instant::now());
        screen.write(b"a 1\nb 1\x1b[1A\r\x1b[2Ka 2\n\x1b[2K\rb 2", now);
        let said = screen.write(b"\x1b[1A\r\x1b[J said\na 3\nb 3", now);
        assert_eq!(said, [""; 0]);
        assert_eq!(screen.write(b"\x1b[1A\r\x1b[2Ka 4\nb 4", now), [" said"]);
        assert_eq!(screen.look(now + Duration::from_secs(9)), [""; 0]);
        assert_eq!(screen.look(now + Duration::from_secs(11)), ["a 4"]);
        assert_eq!(screen.write(b"\nplain\n", now + Duration::from_secs(12)), ["b 4", "plain"]);
    }

    #[test]
    fn colours_titles_and_what_has_the_whole_terminal_are_no_text() {
        assert_eq!(
            lines("\x1b[1;31merror\x1b[0m: it\x1b]0;title\x07 broke\n"),
            ["error: it broke"]
        );
        assert_eq!(
            lines("before\n\x1b[?1049h\x1b[3;4Hpicture\n\x1b[?1049lafter\n"),
            ["before", "after"]
        );
        assert_eq!(lines("old\nlast\x1b[2J\x1b[Hnew\n"), ["old", "last", "new"]);
    }

    #[test]
    fn nothing_that_is_written_takes_more_than_some_room() {
        let mut screen = Screen::default();
        let now = Instant::now();
        screen.write(b"\x1b]0;", now);
        for _ in 0..1_000 {
            screen.write(&[b'x'; 4_096], now);
        }
        screen.write(b"\x07", now);
        for _ in 0..1_000 {
            screen.write(&[b'y'; 4_096], now);
        }
        let told = screen.write(b"\x1b[65535C\x1b[65535Bz\x1b[65535A\n", now);
        assert_eq!(told, [""; 0]);
        let lengths: Vec<_> = screen.end().iter().map(String::len).collect();
        assert_eq!(lengths, [LONGEST]);
        let many: Vec<_> =
            (0..1_000).flat_map(|_| screen.write(b"line\x1b[A\x1b[B\n", now)).collect();
        assert_eq!(many.len() + screen.end().len(), 1_000);
        assert!(screen.drawn.rows.len() <= MOST_ROWS + 1);
    }
}
