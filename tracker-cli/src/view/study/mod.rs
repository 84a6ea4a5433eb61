//! What commands tell of a study.

mod best;
mod domain_words;
mod values;

pub(crate) use best::{front, ordered};
pub(crate) use domain_words::{conditions, domain};
pub(crate) use values::{elapsed, result, results, shown_values, state_word};
