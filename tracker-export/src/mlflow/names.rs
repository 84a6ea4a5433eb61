//! Names of metrics, settings and files in the characters that MLflow takes, and back.

/// The most characters of a name there.
pub(super) const LONGEST: usize = 250;

/// Stands before the hash of a name that was cut.
const CUT: &str = ":cut-";

/// A name in MLflow's characters, and whether it was cut to its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    /// The hash that its end says, if it was too long. Whoever writes it keeps the whole name under this hash.
    pub(super) cut: Option<String>,
}

/// Writes the name of a metric or a setting. What MLflow forbids becomes a colon and two hexadecimal digits for each
/// byte; a colon before two such digits is written so too, so that each name can be read back.
pub(super) fn write(name: &str) -> Written {
    shorten(escape(name, ':', is_taken), name, LONGEST)
}

/// Reads what [`write`] wrote and did not cut.
pub(super) fn read(text: &str) -> String {
    unescape(text, ':')
}

/// The hash at the end of a name that was cut.
pub(super) fn cut_hash(text: &str) -> Option<&str> {
    let (_, hash) = text.rsplit_once(CUT)?;
    (hash.len() == 16 && hash.bytes().all(is_digit)).then_some(hash)
}

/// The same for a part of a file's name, in which `=` stands for the colon and no `/` is left.
pub(super) fn write_for_file(name: &str) -> Written {
    let taken = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/');
    let escaped = escape(name, '=', taken).replace('/', "~");
    let written = shorten(escaped, name, 120);
    Written { text: written.text.replace(':', "="), ..written }
}

/// Reads what [`write_for_file`] wrote, or the key of a picture as MLflow's own client writes it.
pub(super) fn read_from_file(text: &str) -> String {
    unescape(&text.replace(['~', '#'], "/"), '=')
}

/// The hash at the end of a part of a file's name that was cut.
pub(super) fn cut_hash_of_file(text: &str) -> Option<&str> {
    let (_, hash) = text.rsplit_once("=cut-")?;
    (hash.len() == 16 && hash.bytes().all(is_digit)).then_some(hash)
}

fn shorten(text: String, name: &str, longest: usize) -> Written {
    if text.chars().count() <= longest {
        return Written { text, cut: None };
    }
    let hash = format!("{:016x}", fnv1a(name.as_bytes()));
    let kept: String = text.chars().take(longest - CUT.len() - hash.len() - 3).collect();
    // Neither half an escape nor an empty part of a path stays at the cut.
    let kept = kept.trim_end_matches(['/', '.']);
    Written { text: format!("{kept}{CUT}{hash}"), cut: Some(hash) }
}

fn escape(name: &str, mark: char, taken: impl Fn(char) -> bool) -> String {
    let mut text = String::with_capacity(name.len());
    let mut before = None;
    for (at, c) in name.char_indices() {
        let rest = name.get(at + c.len_utf8()..).unwrap_or_default();
        let is_empty_part = c == '/' && (matches!(before, None | Some('/')) || rest.is_empty());
        let is_dots = c == '.' && is_within_dots(name, at);
        let is_mark = c == mark && starts_with_digits(rest);
        if taken(c) && !is_empty_part && !is_dots && !is_mark {
            text.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                text.push(mark);
                for digit in [byte >> 4, byte & 15] {
                    text.extend(char::from_digit(digit.into(), 16));
                }
            }
        }
        before = Some(c);
    }
    text
}

fn unescape(text: &str, mark: char) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let escaped = behind.get(..2).filter(|_| c == mark && starts_with_digits(behind));
        rest = behind;
        if let Some(byte) = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Letters of scripts in which Python and Rust agree what a letter is; MLflow asks Python.
fn is_taken(c: char) -> bool {
    let is_letter = || {
        let scripts = ['\u{c0}'..='\u{24f}', '\u{391}'..='\u{3ce}', '\u{400}'..='\u{481}'];
        let asian = ['\u{3041}'..='\u{3096}', '\u{4e00}'..='\u{9fff}', '\u{ac00}'..='\u{d7a3}'];
        c.is_alphabetic() && scripts.iter().chain(&asian).any(|script| script.contains(&c))
    };
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/' | ':') || is_letter()
}

/// Whether the part of the path around this place is `.` or `..`, which lead elsewhere.
fn is_within_dots(name: &str, at: usize) -> bool {
    let before = name.get(..at).unwrap_or_default();
    let start = before.rfind('/').map_or(0, |slash| slash + 1);
    let part = name.get(start..).unwrap_or_default().split('/').next();
    matches!(part, Some("." | ".."))
}

fn starts_with_digits(text: &str) -> bool {
    text.as_bytes().get(..2).is_some_and(|two| two.iter().copied().all(is_digit))
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The same for the same bytes, on any machine and in any version.
fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 22] = [
        "train/loss",
        "a:b",
        "a:3a",
        "a:",
        ":",
        "::",
        "50%",
        "größe/χ²",
        "a//b",
        "/a",
        "a/",
        "//",
        ".",
        "..",
        "a/../b",
        "a/./b",
        "...",
        "#1 (best)",
        "tab\u{1f600}",
        "損失",
        "a:%",
        "=2f~+",
    ];

    #[test]
    fn each_name_is_read_back_as_it_was() {
        for name in NAMES {
            let written = write(name);
            assert_eq!(read(&written.text), name, "{}", written.text);
            let written = write_for_file(name);
            assert_eq!(read_from_file(&written.text), name, "{}", written.text);
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-. ~=".contains(c);
            assert!(written.text.chars().all(is_plain), "{}", written.text);
        }
    }

    #[test]
    fn names_that_mlflow_takes_stay_as_they_are() {
        for name in ["train/loss", "a:b", "größe", "損失", "rank.1/batch/train/loss", "a b-c_d.e"]
        {
            assert_eq!(write(name).text, name);
        }
        assert_eq!(write("50%").text, "50:25");
        assert_eq!(write("a/../b").text, "a/:2e:2e/b");
    }

    #[test]
    fn what_is_written_leads_nowhere_else_as_a_path() {
        for name in NAMES {
            for part in write(name).text.split('/') {
                assert!(!matches!(part, "" | "." | ".."), "{name}");
            }
        }
    }

    #[test]
    fn a_long_name_is_cut_and_ends_in_its_hash() {
        for name in ["x".repeat(300), "%".repeat(200), "/a".repeat(200), "./".repeat(150)] {
            let written = write(&name);
            assert!(written.text.chars().count() <= LONGEST);
            assert_eq!(cut_hash(&written.text), written.cut.as_deref());
            assert!(written.cut.is_some());
            let of_file = write_for_file(&name);
            assert_eq!(cut_hash_of_file(&of_file.text), written.cut.as_deref());
        }
        assert_ne!(write(&"x".repeat(300)), write(&"x".repeat(301)));
        assert_eq!(cut_hash("a:cut-short"), None);
    }
}
