//! What one step makes on each device, to be read as one.

use candle_core::{DType, DeviceLocation, Result, Tensor};
use tracker_core::adapter::Reduced;

use crate::{
    device::{self, computed_type},
    readback::{ManyReading, Readings},
    watch::reduce::Reducer,
};

/// Rows of numbers on devices.
#[derive(Debug)]
pub(super) struct Rows {
    layout: Reduced,
    devices: Vec<OfDevice>,
}

/// What is computed on one device in one type.
#[derive(Debug)]
struct OfDevice {
    location: DeviceLocation,
    dtype: DType,
    reducer: Reducer,
    parts: Vec<Tensor>,
    len: usize,
}

/// Where some numbers will be, when the rows have been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    reading: usize,
    start: usize,
    len: usize,
}

impl Span {
    /// The numbers; `None` before the reading is there, or if it was lost.
    pub(super) fn of(self, readings: &[ManyReading]) -> Option<&[f64]> {
        readings.get(self.reading)?.values()?.get(self.start..self.start + self.len)
    }
}

impl Rows {
    pub(super) fn new(layout: Reduced) -> Self {
        Self { layout, devices: Vec::new() }
    }

    /// Computes the statistics of a tensor that is not empty.
    pub(super) fn add_statistics(&mut self, tensor: &Tensor) -> Result<Span> {
        let vector = vector(tensor)?;
        let (reading, of_device) = self.of_device(&vector)?;
        let parts = of_device.reducer.reduce(&vector)?;
        let len = of_device.reducer.row_len(vector.elem_count());
        Ok(of_device.add(reading, parts, len))
    }

    /// Computes the norm of the change from one tensor to another.
    pub(super) fn add_norm_of_change(&mut self, before: &Tensor, after: &Tensor) -> Result<Span> {
        let change = vector(after)?.sub(&vector(before)?)?;
        let (reading, of_device) = self.of_device(&change)?;
        let norm = device::norm(&change)?.reshape(1)?;
        Ok(of_device.add(reading, vec![norm], 1))
    }

    /// Hands one vector of each device and type to the readings.
    pub(super) fn hand_over(self, readings: &mut Readings) -> Result<Vec<ManyReading>> {
        let joined = |of_device: &OfDevice| readings.take_many(&Tensor::cat(&of_device.parts, 0)?);
        self.devices.iter().map(joined).collect()
    }

    fn of_device(&mut self, tensor: &Tensor) -> Result<(usize, &mut OfDevice)> {
        let (location, dtype) = (tensor.device().location(), tensor.dtype());
        let fits = |of: &OfDevice| of.location == location && of.dtype == dtype;
        let known = self.devices.iter().position(fits);
        if known.is_none() {
            let reducer = Reducer::new(self.layout, dtype, tensor.device())?;
            self.devices.push(OfDevice { location, dtype, reducer, parts: Vec::new(), len: 0 });
        }
        let index = known.unwrap_or(self.devices.len() - 1);
        let of_device = self.devices.get_mut(index);
        of_device
            .map(|of_device| (index, of_device))
            .ok_or_else(|| candle_core::Error::msg("no device"))
    }
}

impl OfDevice {
    fn add(&mut self, reading: usize, parts: Vec<Tensor>, len: usize) -> Span {
        let span = Span { reading, start: self.len, len };
        self.parts.extend(parts);
        self.len += len;
        span
    }
}

/// The elements as f32 or f64, in one dimension and outside any graph.
fn vector(tensor: &Tensor) -> Result<Tensor> {
    tensor.detach().to_dtype(computed_type(tensor.dtype()))?.flatten_all()?.contiguous()
}
