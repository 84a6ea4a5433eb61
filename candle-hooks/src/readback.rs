//! Brings numbers from a device to the host, as rarely as possible.
//!
//! On a CPU a scalar is read at once, which is free. On other devices a read waits for all work
//! before it, so a scalar is copied into a slot of a small tensor on the device, a *ring*, and the
//! whole ring is read at once: after 256 values, after two seconds, and when somebody asks. The
//! copy into the slot also lets go of the graph and of the storage that a view would hold.
//!
//! Short vectors of numbers wait beside the ring. They are joined to it on the device when it is
//! read, so that a device is waited for once, however much it has to tell.

use std::{
    fmt,
    hash::{Hash as _, Hasher},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use candle_core::{DType, Device, DeviceLocation, Result, Tensor, bail};
use tracker_core::adapter::recorder::{LateReading, Lost, ReadBack, Reading, Unit};

use crate::items;

/// How many values a ring holds before it is read.
pub(crate) const SLOTS: usize = 256;

/// How many numbers of vectors wait on a device before they are read: 64 kB in f32.
pub(crate) const MOST_ELEMENTS: usize = 16_384;

/// How long a value waits in a ring, as long as training goes on.
const PATIENCE: Duration = Duration::from_secs(2);

/// Numbers that are known together, or will be after the next read.
#[derive(Debug)]
pub(crate) enum ManyReading {
    /// Read when they were taken.
    Now(Vec<f64>),
    /// On the device; `None` within if the read failed.
    Later(Arc<OnceLock<Option<Vec<f64>>>>),
}

impl ManyReading {
    /// Whether the wait is over.
    pub(crate) fn is_ready(&self) -> bool {
        match self {
            Self::Now(_) => true,
            Self::Later(cell) => cell.get().is_some(),
        }
    }

    /// The numbers; `None` while they wait, and for ever if they were lost.
    pub(crate) fn values(&self) -> Option<&[f64]> {
        match self {
            Self::Now(values) => Some(values),
            Self::Later(cell) => cell.get()?.as_deref(),
        }
    }
}

/// How values leave a device. Tests put another one in the place of [`Devices`].
pub(crate) trait Source: fmt::Debug + Send {
    /// Whether a single scalar may be read at once.
    fn is_free(&self, device: &Device) -> bool;

    /// Waits for the device and reads all elements of a tensor of one dimension.
    fn read(&mut self, ring: &Tensor) -> Result<Vec<f64>>;
}

/// Reads as the devices need it.
#[derive(Debug)]
pub(crate) struct Devices;

impl Source for Devices {
    fn is_free(&self, device: &Device) -> bool {
        device.is_cpu()
    }

    fn read(&mut self, ring: &Tensor) -> Result<Vec<f64>> {
        match ring.dtype() {
            DType::F64 => ring.to_vec1(),
            _ => Ok(ring.to_vec1::<f32>()?.into_iter().map(f64::from).collect()),
        }
    }
}

/// Takes scalars and vectors and hands out readings of them.
#[derive(Debug)]
pub struct Readings {
    source: Box<dyn Source>,
    patience: Duration,
    rings: Vec<Ring>,
    read: Instant,
}

/// The slots of one device and one type.
#[derive(Debug)]
struct Ring {
    location: DeviceLocation,
    slots: Tensor,
    waiting: Vec<LateReading>,
    vectors: Vec<WaitingVector>,
    /// The elements of all vectors.
    elements: usize,
}

/// A tensor of one dimension, and where its numbers go.
#[derive(Debug)]
struct WaitingVector {
    tensor: Tensor,
    cell: Arc<OnceLock<Option<Vec<f64>>>>,
}

impl Default for Readings {
    fn default() -> Self {
        Self::new(Box::new(Devices), PATIENCE)
    }
}

impl Readings {
    pub(crate) fn new(source: Box<dyn Source>, patience: Duration) -> Self {
        Self { source, patience, rings: Vec::new(), read: Instant::now() }
    }

    /// Takes all elements of an f32 or f64 tensor of one dimension. On a device the tensor itself
    /// waits for the next read: it must be detached, and no view of something larger.
    ///
    /// Any number may wait; whoever takes vectors reads when it [is due](Self::is_due).
    ///
    /// # Errors
    /// If the tensor has another shape or type, or the device fails.
    pub(crate) fn take_many(&mut self, tensor: &Tensor) -> Result<ManyReading> {
        if tensor.rank() != 1 || !matches!(tensor.dtype(), DType::F32 | DType::F64) {
            bail!("a tensor of {:?} {:?} is no vector of floats", tensor.dtype(), tensor.shape())
        }
        if self.source.is_free(tensor.device()) {
            return Devices.read(tensor).map(ManyReading::Now);
        }
        self.begin_wait();
        let ring = self.ring(tensor.device(), tensor.dtype())?;
        let cell = Arc::new(OnceLock::new());
        ring.elements += tensor.elem_count();
        ring.vectors.push(WaitingVector { tensor: tensor.clone(), cell: Arc::clone(&cell) });
        Ok(ManyReading::Later(cell))
    }

    fn is_waiting(&self) -> bool {
        self.rings.iter().any(Ring::is_waiting)
    }

    /// The wait begins with the first value.
    fn begin_wait(&mut self) {
        if !self.is_waiting() {
            self.read = Instant::now();
        }
    }

    fn take_scalar(&mut self, tensor: &Tensor) -> Result<Reading> {
        if tensor.elem_count() != 1 {
            bail!("a tensor of shape {:?} is no single value", tensor.shape())
        }
        let tensor = tensor.detach();
        if self.source.is_free(tensor.device()) {
            return scalar(&tensor).map(Reading::Now);
        }
        self.store(&tensor).map(Reading::Later)
    }

    /// Copies a value into the next slot of its ring, after a read if there is none left.
    fn store(&mut self, tensor: &Tensor) -> Result<LateReading> {
        let device = tensor.device();
        let dtype = match (tensor.dtype(), device.is_metal()) {
            (DType::F64, false) => DType::F64,
            _ => DType::F32,
        };
        if self.ring(device, dtype)?.is_full() {
            self.read().map_err(|lost| candle_core::Error::msg(lost.error))?;
        }
        self.begin_wait();
        let ring = self.ring(device, dtype)?;
        let value = tensor.to_dtype(dtype)?.reshape(1)?;
        ring.slots.slice_set(&value, 0, ring.waiting.len())?;
        let late = LateReading::default();
        ring.waiting.push(late.clone());
        Ok(late)
    }

    fn ring(&mut self, device: &Device, dtype: DType) -> Result<&mut Ring> {
        let location = device.location();
        let fits = |ring: &Ring| ring.location == location && ring.slots.dtype() == dtype;
        let found = self.rings.iter().position(fits);
        if found.is_none() {
            let slots = Tensor::zeros(SLOTS, dtype, device)?;
            self.rings.push(Ring::new(location, slots));
        }
        let index = found.unwrap_or(self.rings.len() - 1);
        self.rings.get_mut(index).ok_or_else(|| candle_core::Error::msg("no ring"))
    }
}

impl ReadBack for Readings {
    type Value = Tensor;

    /// Takes the single element of `tensor`, of any shape and type. Nothing of the tensor is held
    /// afterwards.
    fn take(&mut self, tensor: &Tensor) -> std::result::Result<Reading, String> {
        self.take_scalar(tensor).map_err(|error| error.to_string())
    }

    /// Whether a ring is full, many numbers wait beside it, or something has waited long enough.
    fn is_due(&self) -> bool {
        self.rings.iter().any(Ring::is_full)
            || self.is_waiting() && self.read.elapsed() >= self.patience
    }

    /// Reads what waits in the rings and beside them, each ring at one go. The others are read where
    /// one cannot be.
    fn read(&mut self) -> std::result::Result<(), Lost> {
        let mut failed = None;
        let mut count = 0;
        for ring in self.rings.iter_mut().filter(|ring| ring.is_waiting()) {
            let values = ring.joined().and_then(|joined| self.source.read(&joined));
            match values {
                Ok(values) => ring.fill(&values),
                Err(error) => {
                    count += ring.waiting.len() + ring.vectors.len();
                    ring.fill(&[]);
                    failed = Some(error.to_string());
                }
            }
        }
        self.read = Instant::now();
        failed.map_or(Ok(()), |error| Err(Lost { count, error }))
    }

    fn identity(tensor: &Tensor) -> Option<u64> {
        let mut number = IdNumber::default();
        tensor.id().hash(&mut number);
        Some(number.0)
    }

    fn items(loss: &Tensor, unit: Unit) -> Option<u64> {
        items::of_loss(loss, unit)
    }
}

/// Candle keeps the number of a tensor to itself, but hashes it as it is.
#[derive(Default)]
struct IdNumber(u64);

impl Hasher for IdNumber {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = number as u64;
    }
}

impl Ring {
    fn new(location: DeviceLocation, slots: Tensor) -> Self {
        Self { location, slots, waiting: Vec::new(), vectors: Vec::new(), elements: 0 }
    }

    fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() || !self.vectors.is_empty()
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= SLOTS || self.elements >= MOST_ELEMENTS
    }

    /// All that waits, the slots first, as one tensor on the device.
    fn joined(&self) -> Result<Tensor> {
        if self.vectors.is_empty() {
            return Ok(self.slots.clone());
        }
        let mut parts: Vec<_> = self.vectors.iter().map(|vector| vector.tensor.clone()).collect();
        if !self.waiting.is_empty() {
            parts.insert(0, self.slots.narrow(0, 0, self.waiting.len())?);
        }
        match &parts[..] {
            [only] => Ok(only.clone()),
            several => Tensor::cat(several, 0),
        }
    }

    /// Ends the wait of all; those without a value are lost.
    fn fill(&mut self, values: &[f64]) {
        let scalars = self.waiting.len().min(values.len());
        let (scalars, mut rest) = values.split_at(scalars);
        let mut scalars = scalars.iter();
        for late in self.waiting.drain(..) {
            late.arrive(scalars.next().copied());
        }
        for WaitingVector { tensor, cell } in self.vectors.drain(..) {
            let split = rest.split_at_checked(tensor.elem_count());
            rest = split.map_or(&[], |(_, others)| others);
            let _ = cell.set(split.map(|(own, _)| own.to_vec()));
        }
        self.elements = 0;
    }
}

/// Reads a single element on the CPU.
fn scalar(tensor: &Tensor) -> Result<f64> {
    let tensor = if tensor.rank() == 0 { tensor } else { &tensor.reshape(())? };
    // By type, not by trying: a candle error captures a backtrace.
    match tensor.dtype() {
        DType::F32 => Ok(f64::from(tensor.to_scalar::<f32>()?)),
        DType::F64 => tensor.to_scalar::<f64>(),
        DType::U32 => Ok(f64::from(tensor.to_scalar::<u32>()?)),
        _ => tensor.to_dtype(DType::F64)?.to_scalar::<f64>(),
    }
}
