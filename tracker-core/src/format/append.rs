//! Adds lines to files that several processes write to.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
};

use serde::Serialize;

/// Adds a line of JSON in one write, so that lines of several processes never mix. Makes the file
/// if there is none.
pub(crate) fn append_line(path: &Path, line: &impl Serialize) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    if ends_within_a_line(&file)? {
        text.insert(0, b'\n');
    }
    match file.write(&text)? {
        written if written == text.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

/// Whether a full disk has cut the last line short.
fn ends_within_a_line(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    Ok(last != [b'\n'])
}
