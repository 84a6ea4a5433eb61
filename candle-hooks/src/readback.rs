//! Brings scalars from a device to the host, as rarely as possible.
//!
//! On a CPU a scalar is read at once, which is free. On other devices a read waits for all work
//! before it, so a scalar is copied into a slot of a small tensor on the device, a *ring*, and the
//! whole ring is read at once: after 256 values, after two seconds, and when somebody asks. The
//! copy into the slot also lets go of the graph and of the storage that a view would hold.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use candle_core::{DType, Device, DeviceLocation, Result, Tensor, bail};

/// How many values a ring holds before it is read.
pub(crate) const SLOTS: usize = 256;

/// How long a value waits in a ring, as long as training goes on.
const PATIENCE: Duration = Duration::from_secs(2);

/// A value that is known, or will be after the next read.
#[derive(Debug, Clone)]
pub(crate) enum Reading {
    /// Read when it was taken.
    Now(f64),
    /// In a ring; `None` within if the read failed.
    Later(Arc<OnceLock<Option<f64>>>),
}

impl Reading {
    /// Whether the wait is over.
    pub(crate) fn is_ready(&self) -> bool {
        match self {
            Self::Now(_) => true,
            Self::Later(cell) => cell.get().is_some(),
        }
    }

    /// The value; `None` while it waits, and for ever if it was lost.
    pub(crate) fn value(&self) -> Option<f64> {
        match self {
            Self::Now(value) => Some(*value),
            Self::Later(cell) => cell.get().copied().flatten(),
        }
    }
}

/// How values leave a device. Tests put another one in the place of [`Devices`].
pub(crate) trait ReadBack: fmt::Debug + Send {
    /// Whether a single scalar may be read at once.
    fn is_free(&self, device: &Device) -> bool;

    /// Waits for the device and reads all elements of a tensor of one dimension.
    fn read(&mut self, ring: &Tensor) -> Result<Vec<f64>>;
}

/// Reads as the devices need it.
#[derive(Debug)]
pub(crate) struct Devices;

impl ReadBack for Devices {
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

/// Values that no read brought.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) count: usize,
    /// What the last ring that failed said.
    pub(crate) error: candle_core::Error,
}

/// Takes scalars and hands out readings of them.
#[derive(Debug)]
pub(crate) struct Readings {
    source: Box<dyn ReadBack>,
    patience: Duration,
    rings: Vec<Ring>,
    read: Instant,
}

/// The slots of one device and one type.
#[derive(Debug)]
struct Ring {
    location: DeviceLocation,
    slots: Tensor,
    waiting: Vec<Arc<OnceLock<Option<f64>>>>,
}

impl Default for Readings {
    fn default() -> Self {
        Self::new(Box::new(Devices), PATIENCE)
    }
}

impl Readings {
    pub(crate) fn new(source: Box<dyn ReadBack>, patience: Duration) -> Self {
        Self { source, patience, rings: Vec::new(), read: Instant::now() }
    }

    /// Takes the single element of `tensor`, of any shape and type. Nothing of the tensor is held
    /// afterwards.
    ///
    /// # Errors
    /// If there is not exactly one element, or the device fails.
    pub(crate) fn take(&mut self, tensor: &Tensor) -> Result<Reading> {
        if tensor.elem_count() != 1 {
            bail!("a tensor of shape {:?} is no single value", tensor.shape())
        }
        let tensor = tensor.detach();
        if self.source.is_free(tensor.device()) {
            return scalar(&tensor).map(Reading::Now);
        }
        self.store(&tensor).map(Reading::Later)
    }

    /// Whether it is time to read: a ring is full, or values have waited long enough.
    pub(crate) fn is_due(&self) -> bool {
        self.rings.iter().any(|ring| ring.waiting.len() >= SLOTS)
            || self.is_waiting() && self.read.elapsed() >= self.patience
    }

    /// Reads what waits in the rings.
    ///
    /// # Errors
    /// If a ring cannot be read; the others are.
    pub(crate) fn read(&mut self) -> std::result::Result<(), Lost> {
        let mut failed = None;
        let mut count = 0;
        for ring in &mut self.rings {
            if ring.waiting.is_empty() {
                continue;
            }
            match self.source.read(&ring.slots) {
                Ok(values) => fill(&mut ring.waiting, values),
                Err(error) => {
                    count += ring.waiting.len();
                    fill(&mut ring.waiting, Vec::new());
                    failed = Some(error);
                }
            }
        }
        self.read = Instant::now();
        failed.map_or(Ok(()), |error| Err(Lost { count, error }))
    }

    fn is_waiting(&self) -> bool {
        self.rings.iter().any(|ring| !ring.waiting.is_empty())
    }

    /// Copies a value into the next slot of its ring.
    fn store(&mut self, tensor: &Tensor) -> Result<Arc<OnceLock<Option<f64>>>> {
        if !self.is_waiting() {
            // The wait begins with the first value.
            self.read = Instant::now();
        }
        let device = tensor.device();
        let dtype = match (tensor.dtype(), device.is_metal()) {
            (DType::F64, false) => DType::F64,
            _ => DType::F32,
        };
        let ring = self.ring(device, dtype)?;
        if ring.waiting.len() >= SLOTS {
            bail!("the ring is full")
        }
        let value = tensor.to_dtype(dtype)?.reshape(1)?;
        ring.slots.slice_set(&value, 0, ring.waiting.len())?;
        let cell = Arc::new(OnceLock::new());
        ring.waiting.push(Arc::clone(&cell));
        Ok(cell)
    }

    fn ring(&mut self, device: &Device, dtype: DType) -> Result<&mut Ring> {
        let location = device.location();
        let fits = |ring: &Ring| ring.location == location && ring.slots.dtype() == dtype;
        let found = self.rings.iter().position(fits);
        if found.is_none() {
            let slots = Tensor::zeros(SLOTS, dtype, device)?;
            self.rings.push(Ring { location, slots, waiting: Vec::new() });
        }
        let index = found.unwrap_or(self.rings.len() - 1);
        self.rings.get_mut(index).ok_or_else(|| candle_core::Error::msg("no ring"))
    }
}

/// Ends the wait of all; those without a value are lost.
fn fill(waiting: &mut Vec<Arc<OnceLock<Option<f64>>>>, values: Vec<f64>) {
    let mut values = values.into_iter();
    for cell in waiting.drain(..) {
        // A cell is filled once, as it leaves `waiting` here.
        let _ = cell.set(values.next());
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
