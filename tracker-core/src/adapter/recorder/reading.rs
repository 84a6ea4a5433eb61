//! Numbers that are here, or on their way from a device.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use crate::adapter::recorder::naming::Unit;

/// A number that is known, or will be after the next read.
#[derive(Debug, Clone)]
pub enum Reading {
    /// Read when it was taken.
    Now(f64),
    /// On a device still.
    Later(LateReading),
}

impl Reading {
    /// Whether the wait is over.
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Now(_) => true,
            Self::Later(late) => late.0.get().is_some(),
        }
    }

    /// The number; `None` while it waits, and for ever if it was lost.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Now(value) => Some(*value),
            Self::Later(late) => late.0.get().copied().flatten(),
        }
    }
}

/// The place of a number that is not here yet. Clones are the same place.
#[derive(Debug, Clone, Default)]
pub struct LateReading(Arc<OnceLock<Option<f64>>>);

impl LateReading {
    /// Ends the wait, once: with the number, or `None` if it was lost.
    pub fn arrive(&self, value: Option<f64>) {
        // Whoever reads takes a place off its list first, so nobody sets it twice.
        let _ = self.0.set(value);
    }
}

/// Brings the numbers of one framework to the host.
///
/// [`Recorder`](super::Recorder) hands over what training measured and says when to look for what
/// has arrived. Where the host has a number anyway, it is a [`Reading::Now`]; else it waits on its
/// device until [`is_due`](Self::is_due), so that a device is waited for as rarely as possible.
pub trait ReadBack: fmt::Debug + Send {
    /// A single number where the framework has it, such as a tensor with one element.
    type Value;

    /// Takes a number, without waiting for a device.
    ///
    /// # Errors
    /// What the framework says if it is no single number, or cannot be had.
    fn take(&mut self, value: &Self::Value) -> Result<Reading, String>;

    /// Whether it is time to read what waits.
    fn is_due(&self) -> bool;

    /// Reads all that waits. After it every reading that was given out is ready.
    ///
    /// # Errors
    /// If a part of it is lost.
    fn read(&mut self) -> Result<(), Lost>;

    /// What tells a value from others as long as it lives, for a loss that is handed over twice.
    /// `None` where nothing does.
    fn identity(_value: &Self::Value) -> Option<u64> {
        None
    }

    /// Over how many items a loss was taken, as far as it tells itself.
    fn items(_loss: &Self::Value, _unit: Unit) -> Option<u64> {
        None
    }
}

/// Numbers that no read brought.
#[derive(Debug)]
pub struct Lost {
    /// How many.
    pub count: usize,
    /// Why, in the framework's words.
    pub error: String,
}

/// A number on the host, or a value of the framework.
#[derive(Debug)]
pub enum Measured<'a, V> {
    /// On the host.
    Number(f64),
    /// Where the framework has it.
    Value(&'a V),
}

// By hand, because the value need not be `Clone` for that.
impl<V> Clone for Measured<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Measured<'_, V> {}

/// Right answers among those that count, and what else a batch tells.
#[derive(Debug)]
pub struct Count<V> {
    /// The number of right answers.
    pub correct: Amount<V>,
    /// The number of answers that count.
    pub total: Amount<V>,
    /// How many items the batch has; 0 where nobody knows.
    pub items: u64,
    /// How many labels that count are no class, such as -1 or 10 of 10. They are never right.
    /// 0 where looking would wait for a device.
    pub out_of_range: u64,
}

/// A count that is known, or that a device still works on.
#[derive(Debug)]
pub enum Amount<V> {
    /// On the host.
    Known(u64),
    /// On a device.
    OnDevice(V),
}
