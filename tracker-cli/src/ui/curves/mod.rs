//! Curves: what is asked of them, how they are read and kept, and their bytes.

pub(crate) mod alerts;
pub(crate) mod answer;
pub(crate) mod bytes;
pub(crate) mod cache;
pub(crate) mod curve;
pub(crate) mod not_finite;
pub(crate) mod smooth;
pub(crate) mod step_windows;
