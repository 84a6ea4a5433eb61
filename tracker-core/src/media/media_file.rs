//! A file that is kept as it is: a film, a sound, a page.

use std::{
    fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use crate::{
    Error, Result,
    error::IoContext,
    media::{extension::MediaExtension, image::short, limits::MAX_FILE_BYTES, wav},
};

/// A file that is kept as it is: a film, a sound, a page. Cheap to clone.
///
/// It is copied into the run on a thread of its own, a moment after it was logged. Until then it must
/// stay as it is: give each step's file a name of its own.
///
/// ```no_run
/// use tracker_core::MediaFile;
///
/// # fn main() -> tracker_core::Result<()> {
/// # let run = tracker_core::init("cart-pole").start()?;
/// run.log_media("episode", 400_u64, MediaFile::of("episode-400.mp4")?.caption("it falls"));
///
/// let tone: Vec<f32> = (0..8_000).map(|n| (n as f32 * 0.345).sin()).collect();
/// run.log_media("sample", 400_u64, MediaFile::wav(8_000, 1, &tone)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MediaFile {
    content: Content,
    extension: MediaExtension,
    bytes: u64,
    caption: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Content {
    /// A file, and when it was last changed as far as that is known.
    Path(PathBuf, Option<SystemTime>),
    Bytes(Arc<Vec<u8>>),
}

const HINT: &str =
    "log a file after it is written, and leave it as it is until `finish` or `flush`";

impl MediaFile {
    /// The file at a path, which is looked at now and copied a moment after it was logged. What it is
    /// is told by its ending: png, jpg, gif, webp, svg, mp4, webm, wav, mp3, ogg, html or txt.
    ///
    /// # Errors
    /// If it has another ending, is no file that can be read, or has no bytes or more than 32 MiB.
    #[expect(clippy::disallowed_methods, reason = "a file that the program names")]
    pub fn of(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let Some(extension) = MediaExtension::of_path(path) else {
            let reason = format!("{} has an ending that is not known", path.display());
            let hint = format!("name it by what it is: {}", MediaExtension::listed());
            return Err(Error::Media { what: "file", reason, hint });
        };
        let path = std::path::absolute(path).io_context("find", path, HINT)?;
        let known = path.metadata().io_context("read", &path, HINT)?;
        if !known.is_file() {
            let reason = format!("{} is no file", path.display());
            return Err(Error::Media { what: "file", reason, hint: HINT.to_owned() });
        }
        let bytes = known.len();
        check_length(bytes)?;
        let content = Content::Path(path, known.modified().ok());
        Ok(Self { content, extension, bytes, caption: None })
    }

    /// A file that is in memory, as another tool has written it.
    ///
    /// # Errors
    /// If it is a table's, or has no bytes or more than 32 MiB.
    pub fn of_bytes(extension: MediaExtension, bytes: Vec<u8>) -> Result<Self> {
        if extension == MediaExtension::PARQUET {
            let reason = "it is called a table, and tables are written by tracker alone".to_owned();
            let hint = "log a `Table`".to_owned();
            return Err(Error::Media { what: "file", reason, hint });
        }
        let length = bytes.len() as u64;
        check_length(length)?;
        let content = Content::Bytes(Arc::new(bytes));
        Ok(Self { content, extension, bytes: length, caption: None })
    }

    /// Sound: samples from -1 to 1, those of all channels together for each moment, `rate` moments a
    /// second. Kept with 16 bits a sample; what is no number is silence.
    ///
    /// # Errors
    /// If there are no samples, no channels, or more than 32 MiB of them.
    pub fn wav(rate: u32, channels: u16, samples: &[f32]) -> Result<Self> {
        let reason = if rate == 0 || channels == 0 || samples.is_empty() {
            "it has no samples, no channels or no rate".to_owned()
        } else if !samples.len().is_multiple_of(usize::from(channels)) {
            format!("{} samples are not the same number for {channels} channels", samples.len())
        } else {
            check_length(samples.len() as u64 * 2 + 44)?;
            let bytes = wav::encode(rate, channels, samples);
            let length = bytes.len() as u64;
            let content = Content::Bytes(Arc::new(bytes));
            return Ok(Self {
                content,
                extension: MediaExtension::WAV,
                bytes: length,
                caption: None,
            });
        };
        let hint = "give the samples of all channels together for each moment".to_owned();
        Err(Error::Media { what: "sound", reason, hint })
    }

    /// Says what it shows, for people.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(short(caption.into()));
        self
    }

    /// What it shows, if that was said.
    pub fn caption_text(&self) -> Option<&str> {
        self.caption.as_deref()
    }

    /// What kind of file it is.
    pub fn extension(&self) -> MediaExtension {
        self.extension
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many of them are in memory.
    pub(crate) fn bytes_in_memory(&self) -> usize {
        match &self.content {
            Content::Path(..) => 0,
            Content::Bytes(bytes) => bytes.len(),
        }
    }

    /// Its bytes. Reads a file, which must be the one that was named.
    ///
    /// # Errors
    /// If it is gone, or was changed since.
    #[expect(clippy::disallowed_methods, reason = "a file that the program names")]
    pub(crate) fn read(&self) -> Result<Arc<Vec<u8>>> {
        let (path, changed) = match &self.content {
            Content::Bytes(bytes) => return Ok(Arc::clone(bytes)),
            Content::Path(path, changed) => (path, changed),
        };
        let file = File::open(path).io_context("read", path, HINT)?;
        let mut bytes = Vec::with_capacity(self.bytes as usize + 1);
        (&file).take(self.bytes + 1).read_to_end(&mut bytes).io_context("read", path, HINT)?;
        // After reading: what changed meanwhile is neither the one nor the other.
        let is_same = file.metadata().is_ok_and(|now| now.modified().ok() == *changed);
        if is_same && bytes.len() as u64 == self.bytes {
            return Ok(Arc::new(bytes));
        }
        let reason = format!("{} was changed after it was logged", path.display());
        Err(Error::Media { what: "file", reason, hint: HINT.to_owned() })
    }
}

fn check_length(bytes: u64) -> Result<()> {
    let reason = match bytes {
        0 => "it has no bytes".to_owned(),
        1..=MAX_FILE_BYTES => return Ok(()),
        _ => format!("it has {bytes} bytes, and {MAX_FILE_BYTES} is the most"),
    };
    let hint = "log a shorter or smaller one, or name it with `Artifact::of_file`".to_owned();
    Err(Error::Media { what: "file", reason, hint })
}

impl fmt::Debug for MediaFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, extension) = (self.bytes, self.extension.as_str());
        match &self.content {
            Content::Path(path, _) => write!(f, "MediaFile({path:?}, {bytes} bytes)"),
            Content::Bytes(_) => write!(f, "MediaFile({extension}, {bytes} bytes)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_looked_at_when_it_is_named_and_read_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.HTML");
        fs::write(&path, "<p>hello").unwrap();
        let file = MediaFile::of(&path).unwrap();
        assert_eq!((file.bytes(), file.extension().as_str()), (8, "html"));
        assert_eq!(*file.read().unwrap(), b"<p>hello");
    }

    #[test]
    fn a_file_in_memory_is_kept_as_it_is() {
        let file = MediaFile::of_bytes(MediaExtension::PNG, vec![1, 2, 3]).unwrap();
        assert_eq!((file.bytes(), file.extension().as_str()), (3, "png"));
        assert_eq!(*file.read().unwrap(), [1, 2, 3]);
        for (extension, bytes) in [(MediaExtension::PNG, 0), (MediaExtension::PARQUET, 3)] {
            MediaFile::of_bytes(extension, vec![0; bytes]).unwrap_err();
        }
    }

    #[test]
    fn a_file_that_changes_or_goes_before_it_is_copied_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.txt");
        fs::write(&path, "one").unwrap();
        let file = MediaFile::of(&path).unwrap();
        fs::write(&path, "longer").unwrap();
        let error = file.read().unwrap_err().to_string();
        assert!(error.contains("was changed after it was logged"), "{error}");
        fs::remove_file(&path).unwrap();
        assert!(matches!(file.read().unwrap_err(), Error::Io { .. }));
    }

    #[test]
    fn what_is_no_file_of_media_is_refused_with_a_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.exe"), "x").unwrap();
        fs::write(at("empty.txt"), "").unwrap();
        fs::create_dir(at("folder.png")).unwrap();
        fs::File::create(at("large.mp4")).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        for name in ["a.exe", "empty.txt", "folder.png", "large.mp4", "missing.png"] {
            let error = MediaFile::of(at(name)).unwrap_err().to_string();
            assert!(error.contains("hint: "), "{error}");
        }
        for sound in [(0, 1, 4), (8_000, 0, 4), (8_000, 1, 0), (8_000, 2, 3), (1, 1, 17 << 20)] {
            MediaFile::wav(sound.0, sound.1, &vec![0.0; sound.2]).unwrap_err();
        }
    }
}
