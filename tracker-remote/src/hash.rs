//! SHA-256 as names have it.

use std::{
    fmt::Write,
    fs::File,
    io::{self, Read, Seek},
    ops::Range,
};

use sha2::{Digest, Sha256};
use tracker_core::replica::OpenedFile;

use crate::Result;

/// How much of a file is hashed at a time.
const CHUNK: u64 = 1 << 20;

/// The SHA-256 of some bytes, in 64 hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// That of a file of a run.
pub(crate) fn of_opened(opened: &OpenedFile) -> Result<String> {
    let mut hash = Sha256::new();
    for chunk in chunks(opened.stamp()?.length()) {
        hash.update(opened.read(chunk)?);
    }
    Ok(hexadecimal(&hash.finalize()))
}

/// That of the first bytes of a file; others have their turn meanwhile.
pub(crate) async fn of_beginning(opened: &OpenedFile, length: u64) -> Result<String> {
    let mut hash = Sha256::new();
    for chunk in chunks(length) {
        hash.update(opened.read(chunk)?);
        tokio::task::yield_now().await;
    }
    Ok(hexadecimal(&hash.finalize()))
}

/// That of a file that was just written.
pub(crate) fn of_written(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let (mut hash, mut bytes) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            count => hash.update(&bytes[..count]),
        }
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn chunks(length: u64) -> impl Iterator<Item = Range<u64>> {
    (0..length).step_by(CHUNK as usize).map(move |from| from..(from + CHUNK).min(length))
}
