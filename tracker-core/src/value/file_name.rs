//! What a file or folder may be named that people name.

/// The longest such name, in bytes: with an ending and that of the file that is being written, it fits every file
/// system.
const LONGEST: usize = 100;

/// What may stand in a name beside letters and digits.
pub(crate) const SIGNS: &str = " -_.,+=()@#";

/// What Windows takes for a device, whatever ending stands behind it.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Why a name is no file's on some system, or leads to another folder; `None` if it can be used.
pub(crate) fn unusable(name: &str) -> Option<String> {
    let is_known = |c: char| c.is_alphabetic() || c.is_ascii_digit() || SIGNS.contains(c);
    if name.is_empty() {
        Some("it is empty".to_owned())
    } else if name.len() > LONGEST {
        Some(format!("it has {} bytes, {LONGEST} are allowed", name.len()))
    } else if let Some(other) = name.chars().find(|&c| !is_known(c)) {
        Some(format!("it has a `{}`", other.escape_debug()))
    } else if name.starts_with(['.', ' ']) || name.ends_with(['.', ' ']) {
        Some("it begins or ends with a dot or a space".to_owned())
    } else if is_device(name) {
        Some("Windows knows a device of this name".to_owned())
    } else {
        None
    }
}

/// Whether two names would be one file where capitals make no difference.
pub(crate) fn clash(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_port = port.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']));
    is_port || DEVICES.contains(&&*stem)
}
