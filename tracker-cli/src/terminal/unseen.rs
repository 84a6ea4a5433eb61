//! What goes to programs, with characters that nobody sees spelled out.

use std::{
    io::{self, Write},
    str,
};

use serde::Serialize;
use tracker_core::text::is_unseen;

/// Writes text on, and spells out each character that nobody sees but line ends and tabs.
#[derive(Debug)]
pub(crate) struct Spelling<W> {
    out: W,
    spell: fn(char) -> String,
    /// The beginning of a character whose other bytes have not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Spelling<W> {
    /// As escapes that every reader of JSON turns back into the character. Raw ones stand in no other
    /// place of JSON than in strings.
    pub(crate) fn for_json(out: W) -> Self {
        Self { out, spell: json_escape, begun: Vec::new() }
    }

    /// For people at a terminal, such as `\\u{1b}`.
    pub(crate) fn for_terminal(out: W) -> Self {
        Self { out, spell: |c| c.escape_unicode().to_string(), begun: Vec::new() }
    }

    fn write_text(&mut self, text: &str) -> io::Result<()> {
        let is_spelled = |c: char| is_unseen(c) && c != '\n' && c != '\t';
        let mut rest = text;
        while let Some(place) = rest.find(is_spelled) {
            let (plain, after) = rest.split_at(place);
            self.out.write_all(plain.as_bytes())?;
            let mut chars = after.chars();
            for c in chars.by_ref().take(1) {
                self.out.write_all((self.spell)(c).as_bytes())?;
            }
            rest = chars.as_str();
        }
        self.out.write_all(rest.as_bytes())
    }
}

impl<W: Write> Write for Spelling<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let joined = [std::mem::take(&mut self.begun).as_slice(), bytes].concat();
        let mut chunks = joined.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.write_text(chunk.valid())?;
            let is_begun = chunks.peek().is_none() && is_beginning(chunk.invalid());
            if is_begun {
                self.begun.extend(chunk.invalid());
            } else if !chunk.invalid().is_empty() {
                self.out.write_all("\u{fffd}".as_bytes())?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.begun).is_empty() {
            self.out.write_all("\u{fffd}".as_bytes())?;
        }
        self.out.flush()
    }
}

/// Whether bytes that are no text could be the beginning of a character.
fn is_beginning(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

fn json_escape(c: char) -> String {
    let mut units = [0; 2];
    let escapes = c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"));
    escapes.collect::<Vec<_>>().concat()
}

/// JSON on one line.
pub(crate) fn json_text(value: &impl Serialize) -> String {
    let mut text = Spelling::for_json(Vec::new());
    // Memory takes everything.
    let _ = serde_json::to_writer(&mut text, value);
    let _ = text.flush();
    String::from_utf8(text.out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const EVIL: &str =
        "a\u{9b}31m\u{7f}\u{202e}é\u{2028}\u{2029}\u{feff}\u{e0041}\u{1b}]0;x\u{7}日";

    #[test]
    fn json_has_only_what_is_seen_and_reads_back_as_it_was() {
        let value = json!({ EVIL: [EVIL, 1.5, null] });
        let text = json_text(&value);
        assert!(!text.contains(is_unseen), "{text:?}");
        assert!(text.contains("\\udb40\\udc41") && text.contains("é") && text.contains("日"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn text_is_spelled_alike_however_it_is_cut_into_writes() {
        let spelled = |size: usize, bytes: &[u8]| {
            let mut out = Spelling::for_terminal(Vec::new());
            bytes.chunks(size).for_each(|chunk| out.write_all(chunk).unwrap());
            out.flush().unwrap();
            String::from_utf8(out.out).unwrap()
        };
        let bytes = [EVIL.as_bytes(), b"\xff\n\tb\xe6\x97"].concat();
        let whole = spelled(bytes.len(), &bytes);
        assert!(whole.contains("\\u{1b}]0;x\\u{7}日\u{fffd}\n\tb\u{fffd}"), "{whole:?}");
        for size in 1..8 {
            assert_eq!(spelled(size, &bytes), whole);
        }
    }
}
