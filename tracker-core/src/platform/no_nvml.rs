//! No library that tells of NVIDIA's graphics cards.

use std::convert::Infallible;

/// There is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Card(Infallible);

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(dead_code, reason = "nobody is there who refuses")]
pub(crate) enum Refusal {
    Unsupported,
    Failed(String),
}

/// There is none.
#[derive(Debug)]
pub(crate) struct Nvml(Infallible);

impl Nvml {
    #[expect(clippy::unnecessary_wraps, reason = "as where there is one")]
    pub(crate) fn load() -> Result<Option<Self>, String> {
        Ok(None)
    }

    pub(crate) fn count(&self) -> Result<u32, Refusal> {
        match self.0 {}
    }

    pub(crate) fn card(&self, _: u32) -> Result<Card, Refusal> {
        match self.0 {}
    }

    pub(crate) fn parts(&self, _: Card) -> Vec<Card> {
        match self.0 {}
    }

    pub(crate) fn uuid(&self, _: Card) -> Result<String, Refusal> {
        match self.0 {}
    }

    pub(crate) fn utilization(&self, _: Card) -> Result<f64, Refusal> {
        match self.0 {}
    }

    pub(crate) fn memory(&self, _: Card) -> Result<f64, Refusal> {
        match self.0 {}
    }

    pub(crate) fn power(&self, _: Card) -> Result<f64, Refusal> {
        match self.0 {}
    }

    pub(crate) fn temperature(&self, _: Card) -> Result<f64, Refusal> {
        match self.0 {}
    }

    pub(crate) fn is_throttled(&self, _: Card) -> Result<bool, Refusal> {
        match self.0 {}
    }
}
