//! What a study varies: parameters, their values, their conditions.

pub(crate) mod domain;
pub(crate) mod parameter;
pub(crate) mod params;
pub(crate) mod space;
