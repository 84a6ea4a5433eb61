//! All that is logged beside scalars, and what did not work.

pub(crate) mod alert;
pub(crate) mod artifact;
pub(crate) mod event;
pub(crate) mod flight_record;
pub(crate) mod knob_change;
pub(crate) mod problem;
pub(crate) mod problems;
pub(crate) mod sent;
pub(crate) mod used;
