//! Files that belong to a run: checkpoints, models, data sets.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::{Result, Step, error::IoContext, value::number};

/// How many bytes are read and hashed at a time.
const CHUNK: usize = 1 << 16;

/// One version of a file that belongs to a run. The file stays where it is; the run knows its
/// place, its size and its hash.
///
/// ```
/// use tracker_core::Artifact;
///
/// # fn main() -> tracker_core::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("model.safetensors");
/// std::fs::write(&file, "weights").unwrap();
/// let checkpoint = Artifact::of_file("checkpoint/model", "epoch-3", &file)?
///     .kind("model")
///     .epoch(3)
///     .metrics([("valid/loss", 0.21)])
///     .alias("latest");
/// assert_eq!(checkpoint.bytes, Some(7));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Artifact {
    /// What it is in all its versions, such as `checkpoint/model`.
    pub name: String,
    /// Which version of it, such as `epoch-3`.
    pub version: String,
    /// What kind of thing it is, such as `model`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the file is: relative to the run's folder if it lies within. `None` if it is no file
    /// on this machine. Bytes that are no text are stored as `\u{fffd}`: JSON holds no others.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub path: Option<PathBuf>,
    /// How many bytes it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The SHA-256 of its bytes in lower-case hexadecimal, as `sha256sum` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The optimizer step after which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The epoch after which it was made, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// What was measured when it was made, by metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "number::by_name")]
    pub metrics: BTreeMap<String, f64>,
    /// Names that move from version to version, such as `latest` and `best`: each belongs to the
    /// last version that was given it and is not deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl Artifact {
    /// A version of an artifact of which nothing else is known yet.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            kind: "file".to_owned(),
            path: None,
            bytes: None,
            sha256: None,
            step: None,
            epoch: None,
            metrics: BTreeMap::new(),
            aliases: Vec::new(),
        }
    }

    /// A version of an artifact that is a file, with its place, its size and its SHA-256. Reads the
    /// whole file: for large ones, call it where no training step waits, such as on the thread that
    /// has written the file.
    ///
    /// # Errors
    /// If the file cannot be read, or is none.
    pub fn of_file(
        name: impl Into<String>,
        version: impl Into<String>,
        path: impl AsRef<Path>,
    ) -> Result<Self> {
        let path = path.as_ref();
        let hint = "record an artifact after its file is written, and name the file itself";
        let path = std::path::absolute(path).io_context("find", path, hint)?;
        let (bytes, sha256) = hashed(&path).io_context("read", &path, hint)?;
        let unread = Self::new(name, version);
        Ok(Self { path: Some(path), bytes: Some(bytes), sha256: Some(sha256), ..unread })
    }

    /// Says what kind of thing it is, such as `model`.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// Says after which optimizer step it was made.
    #[must_use]
    pub fn step(mut self, step: impl Into<Step>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// Says after which epoch it was made, from 1.
    #[must_use]
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// Adds what was measured when it was made.
    #[must_use]
    pub fn metrics<N: Into<String>>(mut self, values: impl IntoIterator<Item = (N, f64)>) -> Self {
        self.metrics.extend(values.into_iter().map(|(name, value)| (name.into(), value)));
        self
    }

    /// Gives it a name that moves from version to version, such as `latest`.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// Keeps the file's place relative to the run's folder, if it lies within, so that a run can be
    /// moved with its files.
    #[must_use]
    pub fn relative_to(mut self, run_folder: impl AsRef<Path>) -> Self {
        let folder = run_folder.as_ref();
        if let Some(inside) = self.path.as_ref().and_then(|path| within(path, folder)) {
            self.path = Some(inside);
        }
        self
    }
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn as_text<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| path.to_string_lossy()).serialize(serializer)
}

/// The rest of a path behind a folder, also where a link leads to either of them.
#[expect(clippy::disallowed_methods, reason = "compares a person's paths, and opens nothing")]
fn within(path: &Path, folder: &Path) -> Option<PathBuf> {
    let inside = |path: &Path, folder: &Path| path.strip_prefix(folder).ok().map(Path::to_owned);
    let seen = || inside(&path.canonicalize().ok()?, &folder.canonicalize().ok()?);
    inside(path, folder).or_else(seen)
}

/// How many bytes a file has, and their SHA-256 in hexadecimal.
#[expect(clippy::disallowed_methods, reason = "a file that the program names")]
fn hashed(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&chunk[..count]);
        bytes += count as u64;
    }
    Ok((bytes, hexadecimal(&hash.finalize())))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;
    use crate::Error;

    #[test]
    fn a_file_has_the_hash_that_sha256sum_prints() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("weights");
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 77] {
            let bytes: Vec<u8> = (0..size).map(|n| (n * 7 % 251) as u8).collect();
            fs::write(&file, bytes).unwrap();
            let artifact = Artifact::of_file("model", "1", &file).unwrap();
            let output = Command::new("sha256sum").arg(&file).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(artifact.sha256.as_deref(), printed.split_whitespace().next());
            assert_eq!(artifact.bytes, Some(size as u64));
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_with_a_hint() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("missing")] {
            let error = Artifact::of_file("model", "1", &path).unwrap_err();
            assert!(matches!(error, Error::Io { .. }), "{error}");
            assert!(error.to_string().contains("hint: "), "{error}");
        }
    }

    #[test]
    fn a_file_in_the_runs_folder_has_a_relative_place() {
        let run = tempfile::tempdir().unwrap();
        let file = run.path().join("files/model");
        fs::create_dir(run.path().join("files")).unwrap();
        fs::write(&file, "weights").unwrap();
        let link = run.path().join("link");
        std::os::unix::fs::symlink(run.path(), &link).unwrap();
        let artifact = Artifact::of_file("model", "1", &file).unwrap();
        for folder in [run.path(), &link] {
            let inside = artifact.clone().relative_to(folder);
            assert_eq!(inside.path, Some("files/model".into()));
        }
        let outside = artifact.clone().relative_to(run.path().join("other"));
        assert_eq!(outside.path, artifact.path);
    }

    #[test]
    fn an_artifact_whose_path_is_no_text_is_stored_all_the_same() {
        use std::os::unix::ffi::OsStringExt;
        let path = std::ffi::OsString::from_vec(b"caf\xe9".to_vec());
        let artifact = Artifact { path: Some(path.into()), ..Artifact::new("model", "1") };
        let stored: serde_json::Value = serde_json::to_value(&artifact).unwrap();
        assert_eq!(stored["path"], "caf\u{fffd}");
    }
}
