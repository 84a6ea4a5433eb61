//! Which files the user keeps in a run's folder, and where their contents are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, packed};

/// The most bytes of a manifest before it is packed: 100,000 files with long names.
const MOST: u64 = 64 << 20;

/// The files of a run that are kept by the hashes of their contents: the user's own below `files/`, and those that
/// are too long for a tail, such as `code.patch`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// By path in the run's folder.
    pub files: BTreeMap<String, Blob>,
}

/// The contents of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Their SHA-256, in 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// How many bytes they are.
    pub length: u64,
}

impl Manifest {
    /// As it is stored.
    pub fn pack(&self) -> Vec<u8> {
        packed::pack(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// A manifest from the bytes of the object of this name. What no hash is is left out.
    ///
    /// # Errors
    /// If it is too long, or no manifest.
    pub fn unpack(object: &str, bytes: &[u8]) -> Result<Self> {
        let text = packed::unpack(object, bytes, MOST)?;
        let mut manifest: Self = serde_json::from_slice(&text)
            .map_err(|error| Error::damaged(object, format!("it is no manifest: {error}")))?;
        manifest.files.retain(|_, blob| is_hash(&blob.sha256));
        Ok(manifest)
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_without_what_is_no_hash() {
        let blob = |sha256: &str| Blob { sha256: sha256.into(), length: 3 };
        let mut manifest = Manifest::default();
        manifest.files.insert("files/a".into(), blob(&"0a".repeat(32)));
        let whole = Manifest::unpack("m", &manifest.pack()).unwrap();
        assert_eq!(whole, manifest);
        manifest.files.insert("files/b".into(), blob("../../heads/x"));
        assert_eq!(Manifest::unpack("m", &manifest.pack()).unwrap(), whole);
        assert!(Manifest::unpack("m", b"noise").is_err());
    }
}
