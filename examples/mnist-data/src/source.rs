//! Where the files come from: a folder, or the part that is compiled in.

use std::{
    fs, io,
    io::Read as _,
    path::{Path, PathBuf},
};

use crate::{
    Error, Images,
    idx::{self, Pixels},
};

const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";
const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";
const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";

/// Both parts of MNIST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mnist {
    /// The part to train on.
    pub train: Images,
    /// The part to measure on, named `t10k` in the files.
    pub test: Images,
}

/// Reads MNIST from a folder, or its bundled part without one.
///
/// The folder holds the four files under their usual names, such as `train-images-idx3-ubyte`,
/// with `.gz` if they are gzipped; `train-images.idx3-ubyte` is fine too. The bundled part has
/// 6,000 training and 1,000 test images.
///
/// # Errors
/// If a file is missing, cannot be read, or is not in the IDX format.
pub fn load(folder: Option<&Path>) -> Result<Mnist, Error> {
    Ok(Mnist {
        train: part(folder, TRAIN_IMAGES, TRAIN_LABELS)?,
        test: part(folder, TEST_IMAGES, TEST_LABELS)?,
    })
}

/// The images of one part with their labels.
fn part(
    folder: Option<&Path>,
    images: &'static str,
    labels: &'static str,
) -> Result<Images, Error> {
    let (path, file) = unpacked(folder, images)?;
    let Pixels { count, width, height, bytes } =
        idx::images(&file).map_err(|reason| Error::Format { path, reason })?;
    let (path, file) = unpacked(folder, labels)?;
    let labels =
        idx::labels(&file).map_err(|reason| Error::Format { path: path.clone(), reason })?;
    if labels.len() != count {
        let reason = format!("it holds {} labels for {count} images", labels.len());
        return Err(Error::Format { path, reason });
    }
    Ok(Images { width, height, pixels: bytes, labels })
}

/// A file's path, for messages, and its bytes, unpacked if they were gzipped.
fn unpacked(folder: Option<&Path>, name: &'static str) -> Result<(PathBuf, Vec<u8>), Error> {
    let (path, bytes) = match folder {
        Some(folder) => from_folder(folder, name)?,
        None => (PathBuf::from(format!("<bundled {name}.gz>")), bundled(name).to_vec()),
    };
    // The first bytes tell, whatever the name says: browsers unpack a file and keep its `.gz`.
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok((path, bytes));
    }
    let mut file = Vec::new();
    match flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut file) {
        Ok(_) => Ok((path, file)),
        Err(source) => Err(Error::Io { path, source }),
    }
}

fn from_folder(folder: &Path, name: &'static str) -> Result<(PathBuf, Vec<u8>), Error> {
    let dotted = name.replace("-idx", ".idx");
    for candidate in [name, &format!("{name}.gz"), &dotted, &format!("{dotted}.gz")] {
        let path = folder.join(candidate);
        match fs::read(&path) {
            Ok(bytes) => return Ok((path, bytes)),
            Err(source) if is_missing(&source) => {}
            Err(source) => return Err(Error::Io { path, source }),
        }
    }
    Err(Error::Missing { name, folder: folder.to_owned() })
}

/// Whether there is no such file, or the folder is itself a file.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn bundled(name: &str) -> &'static [u8] {
    match name {
        TRAIN_IMAGES => include_bytes!("../../data/train-images-idx3-ubyte.gz"),
        TRAIN_LABELS => include_bytes!("../../data/train-labels-idx1-ubyte.gz"),
        TEST_IMAGES => include_bytes!("../../data/t10k-images-idx3-ubyte.gz"),
        _ => include_bytes!("../../data/t10k-labels-idx1-ubyte.gz"),
    }
}
