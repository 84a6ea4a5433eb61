//! Paths as git writes them in a patch.

use tracker_core::read::Patch;

/// The path of a line of a patch, such as `a/src/main.rs`, with the prefix taken off if it has one; lines
/// of renames have none. `None` of `/dev/null`, which stands for no file.
pub(super) fn path(text: &str, prefix: &str) -> Option<String> {
    // A tab ends a path with spaces.
    let path = unquoted(text.trim_end_matches('\t'));
    let path = path.strip_prefix(prefix).map(str::to_owned).unwrap_or(path);
    (path != "/dev/null").then_some(path)
}

/// The path of `diff --git a/x b/x`, where no other line has it: then both are the same.
pub(super) fn of_head(line: &str) -> String {
    let both = line.strip_prefix("diff --git ").unwrap_or(line);
    let half = both.get(both.len() / 2..).and_then(|half| half.strip_prefix(' '));
    path(half.unwrap_or(both), "b/").unwrap_or_default()
}

/// Undoes the quotes that git puts around paths with special characters.
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut bytes = Vec::new();
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                // Git writes three digits; what follows belongs to the name.
                for _ in 1..3 {
                    if let Some(next) = rest.next_if(|next| (b'0'..=b'7').contains(next)) {
                        value = value * 8 + u32::from(next - b'0');
                    }
                }
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
            }
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'a') => bytes.push(7),
            Some(b'b') => bytes.push(8),
            Some(b'v') => bytes.push(11),
            Some(b'f') => bytes.push(12),
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    Patch::legible(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_prefixes_are_taken_off() {
        for (text, wanted) in [
            ("b/src/main.rs", Some("src/main.rs")),
            ("b/a file.rs\t", Some("a file.rs")),
            ("\"b/tab\\there \\\"x\\\" \\351\"", Some("tab\there \"x\" \\xe9")),
            ("\"b/q\\0011234567012345670\"", Some("q\u{1}1234567012345670")),
            ("/dev/null", None),
        ] {
            assert_eq!(path(text, "b/").as_deref(), wanted, "{text}");
        }
        assert_eq!(of_head("diff --git a/a b/c b/a b/c"), "a b/c");
    }
}
