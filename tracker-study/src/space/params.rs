//! The values of one trial.

use std::collections::BTreeMap;

/// The values that a trial was given, by parameter, each in its internal form (see [`Domain`](crate::Domain)). Parameters
/// whose condition does not hold are not there.
pub type Params = BTreeMap<String, f64>;
