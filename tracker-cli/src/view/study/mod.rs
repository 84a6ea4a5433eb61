//! What commands, the page and agents are told of a study.

mod best;
mod domain_words;
mod values;

pub(crate) use best::{front, ordered};
pub(crate) use domain_words::{conditions, domain};
pub(crate) use values::{
    elapsed, goal_word, result, results, shown_values, state_word, which_word,
};
