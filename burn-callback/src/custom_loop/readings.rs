//! Brings numbers from a device to the host, as rarely as possible.
//!
//! Nothing here holds a graph: what waits is kept without autodiff.

use std::{
    mem,
    time::{Duration, Instant},
};

use burn::{prelude::*, tensor::Transaction};
use tracker_core::adapter::recorder::{LateReading, Lost, ReadBack, Reading};

/// When values on a device are read.
const EVERY: Duration = Duration::from_secs(1);

/// How many values wait at most.
const MOST_WAITING: usize = 512;

/// A single number on a device.
#[derive(Debug, Clone)]
pub enum Value {
    /// Of floats.
    Float(Tensor<1>),
    /// A count.
    Int(Tensor<1, Int>),
}

/// Values that may still be on a device.
#[derive(Debug)]
pub struct Readings {
    waiting: Vec<(Value, LateReading)>,
    read_at: Instant,
    /// Reads at once what is on the CPU, where nothing has to be waited for.
    at_once: bool,
}

impl Default for Readings {
    fn default() -> Self {
        Self { waiting: Vec::new(), read_at: Instant::now(), at_once: true }
    }
}

impl Value {
    fn is_on_cpu(&self) -> bool {
        let device = match self {
            Self::Float(tensor) => tensor.device(),
            Self::Int(tensor) => tensor.device(),
        };
        device.without_autodiff() == Device::flex()
    }

    fn register(self, transaction: Transaction) -> Transaction {
        match self {
            Self::Float(tensor) => transaction.register(tensor),
            Self::Int(tensor) => transaction.register(tensor),
        }
    }
}

/// Reads all of them together.
fn read(values: impl IntoIterator<Item = Value>) -> Result<Vec<f64>, String> {
    let all = values.into_iter();
    let transaction = all.fold(Transaction::default(), |all, value| value.register(all));
    let data = transaction.try_execute().map_err(|error| error.to_string())?;
    Ok(data.iter().map(|data| data.iter::<f64>().next().unwrap_or(f64::NAN)).collect())
}

impl ReadBack for Readings {
    type Value = Value;

    fn take(&mut self, value: &Value) -> Result<Reading, String> {
        if self.at_once && value.is_on_cpu() {
            let number = read([value.clone()])?;
            return Ok(Reading::Now(number.first().copied().unwrap_or(f64::NAN)));
        }
        if self.waiting.is_empty() {
            self.read_at = Instant::now();
        }
        let late = LateReading::default();
        self.waiting.push((value.clone(), late.clone()));
        Ok(Reading::Later(late))
    }

    fn is_due(&self) -> bool {
        self.waiting.len() >= MOST_WAITING
            || !self.waiting.is_empty() && self.read_at.elapsed() >= EVERY
    }

    fn read(&mut self) -> Result<(), Lost> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.read_at = Instant::now();
        let (values, late): (Vec<_>, Vec<_>) = mem::take(&mut self.waiting).into_iter().unzip();
        let read = read(values);
        let numbers = read.as_deref().unwrap_or_default();
        for (place, late) in late.iter().enumerate() {
            late.arrive(numbers.get(place).copied());
        }
        read.map(|_| ()).map_err(|error| Lost { count: late.len(), error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(value: f32) -> Value {
        Value::Float(Tensor::from_floats([value], &Device::flex()))
    }

    #[test]
    fn what_is_on_a_device_waits_and_comes_in_order() {
        let mut readings = Readings { at_once: false, ..Readings::default() };
        let mut taken = Vec::new();
        for number in 0..3_i32 {
            taken.push(readings.take(&float(number as f32)).unwrap());
            let count = Value::Int(Tensor::from_ints([number + 5], &Device::flex()));
            taken.push(readings.take(&count).unwrap());
            assert!(!readings.is_due() && !taken[0].is_ready());
        }
        readings.read().unwrap();
        let numbers: Vec<_> = taken.iter().map(Reading::value).collect();
        assert_eq!(numbers, [0.0, 5.0, 1.0, 6.0, 2.0, 7.0].map(Some));
        assert!(!readings.is_due());
    }

    #[test]
    fn what_is_on_the_cpu_is_read_at_once_and_many_are_due() {
        let mut readings = Readings::default();
        assert_eq!(readings.take(&float(1.0)).unwrap().value(), Some(1.0));
        let mut readings = Readings { at_once: false, ..Readings::default() };
        for _ in 0..MOST_WAITING {
            readings.take(&float(1.0)).unwrap();
        }
        assert!(readings.is_due());
    }
}
