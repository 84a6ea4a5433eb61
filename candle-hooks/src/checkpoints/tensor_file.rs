//! A file of tensors in the safetensors format, which candle's `VarMap::load` and Python read.
//!
//! Tensors are written and read one by one, so that a copy of the whole file is never in memory.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
};

use candle_core::{DType, Device, Error, Result, Tensor, bail};
use safetensors::{
    Dtype,
    tensor::{Metadata, TensorInfo},
};

use tracker_core::adapter::checkpoints::{self, Progress, WatchedFile};

/// The length of the header stands in the first bytes.
const LENGTH_BYTES: usize = 8;
/// The longest header that other programs read.
const MAX_HEADER: u64 = 100_000_000;
/// How many bytes are given to the disk at a time.
const BUFFER: usize = 1 << 20;

/// Writes tensors with the `strings` that describe them, and waits until they are on the disk.
///
/// # Errors
/// If a tensor cannot be read from its device, or the disk does not take the file.
pub(crate) fn write(
    path: &Path,
    tensors: Vec<(&str, &Tensor)>,
    strings: HashMap<String, String>,
    progress: &Progress,
) -> Result<()> {
    write_to(checkpoints::create(path)?, tensors, strings, progress)
}

fn write_to(
    file: File,
    mut tensors: Vec<(&str, &Tensor)>,
    strings: HashMap<String, String>,
    progress: &Progress,
) -> Result<()> {
    // The widest types first, so that each tensor begins at a multiple of its type's size.
    let width = |tensor: &Tensor| Dtype::from(tensor.dtype());
    tensors.sort_by(|(name, one), (other_name, other)| {
        width(other).cmp(&width(one)).then(name.cmp(other_name))
    });
    let header = header(&tensors, strings)?;
    let sizes = tensors.iter().map(|(_, tensor)| size(tensor) as u64);
    let expected = (LENGTH_BYTES + header.len()) as u64 + sizes.sum::<u64>();
    let file = WatchedFile::new(file, progress);
    let mut out = BufWriter::with_capacity(BUFFER, file);
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(&header)?;
    for (_, tensor) in &tensors {
        tensor.write_bytes(&mut out)?;
        progress.note();
    }
    let written = out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    if written != expected {
        bail!("{written} bytes were written, where {expected} were due")
    }
    Ok(())
}

/// The header with spaces behind it, up to a multiple of 8 bytes.
fn header(tensors: &[(&str, &Tensor)], strings: HashMap<String, String>) -> Result<Vec<u8>> {
    let mut offset = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let end = offset + size(tensor);
        let (dtype, shape) = (Dtype::from(tensor.dtype()), tensor.dims().to_vec());
        infos.push(((*name).to_owned(), TensorInfo { dtype, shape, data_offsets: (offset, end) }));
        offset = end;
    }
    let metadata = Metadata::new(Some(strings), infos)?;
    let mut header = serde_json::to_vec(&metadata).map_err(Error::wrap)?;
    header.resize(header.len().next_multiple_of(LENGTH_BYTES), b' ');
    if header.len() as u64 > MAX_HEADER {
        bail!("the names and shapes of {} tensors are too long for one file", tensors.len())
    }
    Ok(header)
}

fn size(tensor: &Tensor) -> usize {
    tensor.elem_count() * tensor.dtype().size_in_bytes()
}

/// A file whose header was read and whose length is right.
#[derive(Debug)]
pub(crate) struct TensorFile {
    file: File,
    metadata: Metadata,
    data: u64,
}

impl TensorFile {
    /// # Errors
    /// If the file cannot be read, its header is none, or a byte of it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut file = checkpoints::open(path)?;
        let length = file.metadata()?.len();
        let mut header = [0; LENGTH_BYTES];
        file.read_exact(&mut header)?;
        let header = u64::from_le_bytes(header);
        let data = header.saturating_add(LENGTH_BYTES as u64);
        if header > MAX_HEADER || data > length {
            bail!("its header is cut short")
        }
        let mut text = vec![0; header as usize];
        file.read_exact(&mut text)?;
        let metadata: Metadata = serde_json::from_slice(&text).map_err(Error::wrap)?;
        let expected = data.saturating_add(metadata.data_len() as u64);
        if length != expected {
            bail!("it has {length} bytes, where its header tells of {expected}")
        }
        Ok(Self { file, metadata, data })
    }

    /// What the file says of itself.
    pub(crate) fn strings(&self) -> HashMap<String, String> {
        self.metadata.metadata().clone().unwrap_or_default()
    }

    /// The shape and the type of a tensor; `None` if it is not there.
    pub(crate) fn info(&self, name: &str) -> Option<&TensorInfo> {
        self.metadata.info(name)
    }

    /// Reads a tensor into the memory of the CPU.
    ///
    /// # Errors
    /// If it is not there, or cannot be read.
    pub(crate) fn tensor(&mut self, name: &str) -> Result<Tensor> {
        let Some(info) = self.metadata.info(name) else { bail!("it has no tensor `{name}`") };
        let (start, end) = info.data_offsets;
        let mut bytes = vec![0; end - start];
        self.file.seek(SeekFrom::Start(self.data + start as u64))?;
        self.file.read_exact(&mut bytes)?;
        Tensor::from_raw_buffer(&bytes, DType::try_from(info.dtype)?, &info.shape, &Device::Cpu)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;
    use candle_nn::VarMap;

    use super::*;

    const TYPES: [DType; 9] = [
        DType::U8,
        DType::U32,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::BF16,
        DType::F16,
        DType::F32,
        DType::F64,
    ];

    /// One tensor of each type, with an odd number of elements, a scalar and an empty one.
    fn tensors() -> Vec<(String, Tensor)> {
        let of = |dtype: DType| {
            let values = Tensor::arange(0_u32, 15, &Device::Cpu).unwrap().reshape((3, 5)).unwrap();
            (format!("of.{}", dtype.as_str()), values.to_dtype(dtype).unwrap())
        };
        let mut tensors: Vec<_> = TYPES.into_iter().map(of).collect();
        tensors.push(("scalar".to_owned(), Tensor::new(-1.5_f32, &Device::Cpu).unwrap()));
        tensors
            .push(("empty".to_owned(), Tensor::zeros((0, 4), DType::F32, &Device::Cpu).unwrap()));
        tensors
    }

    fn borrowed(tensors: &[(String, Tensor)]) -> Vec<(&str, &Tensor)> {
        tensors.iter().map(|(name, tensor)| (&**name, tensor)).collect()
    }

    fn strings() -> HashMap<String, String> {
        [("note".to_owned(), "a \"quoted\" one, ü".to_owned())].into()
    }

    fn values(tensor: &Tensor) -> Vec<f64> {
        let wide = tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
        wide.to_vec1().unwrap()
    }

    fn written() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        write(&path, borrowed(&tensors()), strings(), &Progress::default()).unwrap();
        (folder, path)
    }

    #[test]
    fn each_type_is_read_as_it_was_written() {
        let (_folder, path) = written();
        let mut file = TensorFile::open(&path).unwrap();
        assert_eq!(file.strings(), strings());
        for (name, tensor) in tensors() {
            let read = file.tensor(&name).unwrap();
            assert_eq!((read.dtype(), read.dims()), (tensor.dtype(), tensor.dims()), "{name}");
            assert_eq!(values(&read), values(&tensor), "{name}");
        }
        assert!(file.tensor("other").is_err());
    }

    #[test]
    fn candles_var_map_loads_it() {
        let (_folder, path) = written();
        let mut weights = VarMap::new();
        for (name, tensor) in tensors() {
            let zeros = tensor.zeros_like().unwrap();
            let variable = Var::from_tensor(&zeros).unwrap();
            weights.data().lock().unwrap().insert(name, variable);
        }
        weights.load(&path).unwrap();
        for (name, tensor) in tensors() {
            let loaded = weights.data().lock().unwrap()[&name].clone();
            assert_eq!(values(&loaded), values(&tensor), "{name}");
        }
    }

    #[test]
    fn others_readers_take_it_and_find_each_tensor_aligned() {
        let (_folder, path) = written();
        let bytes = std::fs::read(&path).unwrap();
        let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(read.len(), tensors().len());
        let (header, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        for (name, tensor) in tensors() {
            let begin = LENGTH_BYTES + header + metadata.info(&name).unwrap().data_offsets.0;
            assert!(begin.is_multiple_of(tensor.dtype().size_in_bytes()), "{name} at {begin}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let error = write_to(full, borrowed(&tensors()), strings(), &Progress::default());
        let told = error.unwrap_err().to_string();
        assert!(told.contains("No space left"), "{told}");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_or_read_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("model"), folder.path().join("other"));
        std::fs::write(&other, "another's").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        write(&path, borrowed(&tensors()), strings(), &Progress::default()).unwrap();
        assert_eq!(std::fs::read(&other).unwrap(), b"another's");
        assert!(TensorFile::open(&path).is_ok());
        std::fs::rename(&path, &other).unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        let told = TensorFile::open(&path).unwrap_err().to_string();
        assert!(told.contains("no plain file"), "{told}");
    }

    #[test]
    fn a_file_that_is_cut_short_anywhere_is_not_opened() {
        let (_folder, path) = written();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(TensorFile::open(&path).is_err(), "{length} of {} bytes", whole.len());
        }
        std::fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        assert!(TensorFile::open(&path).is_err(), "a byte too many");
    }
}
