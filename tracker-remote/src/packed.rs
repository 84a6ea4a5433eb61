//! What of a place's objects is compressed, with a limit of what it may become.

use std::io::Read;

use crate::{Error, Result};

/// Quick enough for a machine that trains, and a log becomes a sixth.
const LEVEL: i32 = 3;

/// Compresses.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    // It fails where memory does, and then everything has failed.
    zstd::bulk::compress(bytes, LEVEL).unwrap_or_default()
}

/// Takes back what [`pack`] did to the object of this name, which may come from a stranger: at most `most` bytes.
pub(crate) fn unpack(object: &str, packed: &[u8], most: u64) -> Result<Vec<u8>> {
    let damaged = |error: &dyn std::fmt::Display| Error::damaged(object, error.to_string());
    let mut decoder =
        zstd::stream::read::Decoder::with_buffer(packed).map_err(|error| damaged(&error))?;
    decoder.window_log_max(27).map_err(|error| damaged(&error))?;
    let mut bytes = Vec::new();
    decoder.take(most + 1).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    if bytes.len() as u64 > most {
        return Err(damaged(&format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_up_to_the_limit() {
        let bytes = vec![7; 100_000];
        let packed = pack(&bytes);
        assert!(packed.len() < 1_000);
        assert_eq!(unpack("x", &packed, 100_000).unwrap(), bytes);
        assert!(unpack("x", &packed, 99_999).unwrap_err().to_string().contains("99999"));
        assert!(unpack("x", &packed[..20], 100_000).is_err());
    }
}
