//! The SHA-256 of what files hold.

use std::{
    fmt::Write,
    io::{self, Read},
};

use sha2::{Digest, Sha256};

/// How many bytes are read and hashed at a time.
pub(crate) const CHUNK: usize = 1 << 16;

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of something, and their hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hashed {
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
}

impl Hashed {
    /// The hash in lower-case hexadecimal, as `sha256sum` prints it.
    pub(crate) fn hexadecimal(&self) -> String {
        hexadecimal(&self.sha256)
    }

    /// Reads to the end. `each` is given every chunk before the next one is read, and may end it.
    pub(crate) fn of(
        mut reader: impl Read,
        each: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<Self> {
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let read = chunk.get(..count).unwrap_or_default();
            hash.update(read);
            bytes += count as u64;
            each(read)?;
        }
        Ok(Self { bytes, sha256: hash.finalize().into() })
    }
}
